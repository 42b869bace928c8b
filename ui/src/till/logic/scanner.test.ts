// The detector by its keys and times, and the guard on a page with fields.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fc from "fast-check";
import { CODE_MIN, GAP_MAX_MS, GAP_MEAN_MAX_MS, ScanDetector } from "./scanner";
import { guardScans } from "./scanner-guard";

/** The last thing heard of `keys`, `gap` ms apart. */
function hearAll(keys: string[], gap: number): ReturnType<ScanDetector["hear"]> {
  const detector = new ScanDetector();
  return keys.map((key, n) => detector.hear(key, 1_000 + n * gap)).at(-1) ?? { what: "other" };
}

describe("ScanDetector", () => {
  it("takes fast keys and Enter as a scan", () => {
    expect(hearAll([..."7KQ2M9XRA", "Enter"], 8)).toEqual({ what: "scan", code: "7KQ2M9XRA" });
  });

  it("leaves a person's typing alone, however long", () => {
    expect(hearAll([..."6195550123", "Enter"], 90)).toEqual({ what: "other" });
  });

  it("needs six characters", () => {
    expect(hearAll([..."12345", "Enter"], 5)).toEqual({ what: "other" });
    expect(hearAll([..."123456", "Enter"], 5)).toEqual({ what: "scan", code: "123456" });
  });

  it("hears Shift as part of the scan", () => {
    const keys = ["Shift", "A", "Shift", "B", "1", "2", "3", "4", "Enter"];
    expect(hearAll(keys, 10)).toEqual({ what: "scan", code: "AB1234" });
  });

  it("forgets what was typed by hand before the scan", () => {
    const detector = new ScanDetector();
    detector.hear("9", 0);
    const heard = [..."ABC123", "Enter"].map((key, n) => detector.hear(key, 500 + n * 5));
    expect(heard[0]).toEqual({ what: "start" });
    expect(heard.at(-1)).toEqual({ what: "scan", code: "ABC123" });
  });

  it("takes no Enter that comes late, and ends a scan at any other key", () => {
    const detector = new ScanDetector();
    [..."ABC123"].forEach((key, n) => detector.hear(key, n * 5));
    expect(detector.hear("Enter", 25 + GAP_MAX_MS)).toEqual({ what: "other" });
    expect(hearAll([..."ABC123", "Backspace", "Enter"], 5)).toEqual({ what: "other" });
  });

  it("forgives a gap that a busy machine stretched", () => {
    const detector = new ScanDetector();
    const gaps = [0, 12, 44, 10, 13, 8, 70, 25, 32];
    let at = 0;
    [..."7KQ2M9XRA"].forEach((key, n) => detector.hear(key, (at += gaps[n] ?? 0)));
    expect(detector.hear("Enter", at + 11)).toEqual({ what: "scan", code: "7KQ2M9XRA" });
  });

  it("takes a scan exactly where no gap is long, the mean is short and the code is long enough", () => {
    const key = fc.constantFrom(..."0123456789ABCDEFGHJKMNPQRSTVWXY");
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.integer({ min: 1, max: 100 })), { maxLength: 20 }), fc.integer({ min: 1, max: 100 }), (keys, last) => {
        const detector = new ScanDetector();
        let at = 0;
        let first = 0;
        let code = "";
        for (const [character, gap] of keys) {
          at += gap;
          const goesOn = code !== "" && gap < GAP_MAX_MS;
          code = goesOn ? code + character : character;
          if (!goesOn) first = at;
          detector.hear(character, at);
        }
        const heard = detector.hear("Enter", at + last);
        expect(heard.what === "scan").toBe(last < GAP_MAX_MS && code.length >= CODE_MIN && (at + last - first) / code.length < GAP_MEAN_MAX_MS);
        if (heard.what === "scan") expect(heard.code).toBe(code);
      }),
    );
  });
});

describe("guardScans", () => {
  let stop: () => void;
  const scans: string[] = [];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance", "Date"] });
    document.body.innerHTML = `<input id="amount" value="12.5"><input id="name"><button id="button">Credit</button>`;
    scans.length = 0;
    stop = guardScans(window, (code) => scans.push(code));
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
  });

  /** Presses keys as a browser would: keydown, then the character goes into the focused field. */
  function press(keys: string[], gap: number): KeyboardEvent[] {
    return keys.map((key) => {
      vi.advanceTimersByTime(gap);
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, "timeStamp", { value: performance.now() });
      const field = document.activeElement ?? document.body;
      field.dispatchEvent(event);
      if (!event.defaultPrevented && field instanceof HTMLInputElement && key.length === 1) {
        field.value += key;
        field.dispatchEvent(new Event("input", { bubbles: true }));
      }
      return event;
    });
  }

  function byId(id: string): HTMLInputElement {
    return document.getElementById(id) as HTMLInputElement;
  }

  it("puts the field back and keeps Enter to itself", () => {
    const amount = byId("amount");
    const heard: string[] = [];
    amount.addEventListener("input", () => heard.push(amount.value));
    amount.addEventListener("keydown", (event) => event.key === "Enter" && heard.push("credited"));
    amount.focus();
    const events = press([..."7KQ2M9XRA", "Enter"], 10);
    expect(scans).toEqual(["7KQ2M9XRA"]);
    expect(amount.value).toBe("12.5");
    expect(heard.at(-1)).toBe("12.5");
    expect(heard).not.toContain("credited");
    expect(events.at(-1)?.defaultPrevented).toBe(true);
  });

  it("hears a scan on a button and presses nothing", () => {
    const pressed = vi.fn();
    byId("button").addEventListener("click", pressed);
    byId("button").focus();
    press([..."123456", "Enter"], 10);
    expect(scans).toEqual(["123456"]);
    expect(pressed).not.toHaveBeenCalled();
  });

  it("puts back a field that the keys moved to", () => {
    byId("button").focus();
    document.addEventListener("keydown", () => byId("name").focus(), { once: true });
    press([..."ABC123", "Enter"], 10);
    expect(byId("name").value).toBe("");
  });

  it("leaves what a person types", () => {
    byId("name").focus();
    const events = press([..."Rosa Diaz", "Enter"], 120);
    expect(byId("name").value).toBe("Rosa Diaz");
    expect(scans).toEqual([]);
    expect(events.at(-1)?.defaultPrevented).toBe(false);
  });
});
