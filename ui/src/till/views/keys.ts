// What a key event is about, for the counter's keys.

/** Whether typing goes into `target` itself. */
export function isTextField(target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "radio";
}

/** Whether the event types a character that can start a search: not a space, which presses buttons, and no shortcut. */
export function typedCharacter(event: KeyboardEvent): boolean {
  return [...event.key].length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
}
