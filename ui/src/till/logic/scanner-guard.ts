// Listens for a scanner on a whole window, and puts back what its keys changed in the field that had the focus.
import { ScanDetector } from "./scanner";

type Field = HTMLInputElement | HTMLTextAreaElement;

function isField(element: Element | null): element is Field {
  return element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement;
}

/** The focused element and every field's text as they were before a burst of keys. */
class Snapshot {
  readonly #focus = document.activeElement;
  readonly #texts = [...document.querySelectorAll<Field>("input:not([type=checkbox]):not([type=radio]), textarea")].map(
    (field) => ({ field, value: field.value }),
  );

  restore(): void {
    for (const { field, value } of this.#texts) {
      if (!field.isConnected || field.value === value) continue;
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (this.#focus instanceof HTMLElement && this.#focus.isConnected && isField(this.#focus)) this.#focus.focus();
  }
}

/**
 * Watches `target` for scans and hands each to `onScan`, with the fields as they were before it. Its Enter reaches
 * nobody else. Answers how to stop.
 */
export function guardScans(target: Window, onScan: (code: string) => void): () => void {
  const detector = new ScanDetector();
  let before: Snapshot | undefined;

  function listen(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    // `timeStamp` is when the key went down, also where the page was busy and hears of it late.
    const heard = detector.hear(event.key, event.timeStamp);
    if (heard.what === "start") before = new Snapshot();
    if (heard.what !== "scan") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    before?.restore();
    before = undefined;
    onScan(heard.code);
  }

  target.addEventListener("keydown", listen, { capture: true });
  return () => target.removeEventListener("keydown", listen, { capture: true });
}
