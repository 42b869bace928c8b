// Places in a document that is checked (the rules, the words of the mails), counted as the parser counts them: lines and columns from 1, columns in characters.
/** A place in a document, and what can stand there instead. */
export type Mendable = { line: number; column: number; length: number; suggestion: string | null };
type Place = Omit<Mendable, "suggestion">;

/** Where a place is in the text: offsets as a text area counts them (UTF-16). */
export function offsetsOf(text: string, { line, column, length }: Place): { start: number; end: number } {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  const characters = [...(lines[line - 1] ?? "")];
  const start = before + characters.slice(0, column - 1).join("").length;
  return { start, end: start + characters.slice(column - 1, column - 1 + length).join("").length };
}

/** The text with an error's suggestion in place of what it is about. */
export function applySuggestion(text: string, error: Mendable): string {
  if (error.suggestion === null) return text;
  const { start, end } = offsetsOf(text, error);
  return text.slice(0, start) + error.suggestion + text.slice(end);
}

/**
 * Puts `by` in place of a part of the text, in the text area itself where the browser can, so that Ctrl+Z takes it
 * back; answers the text afterwards. While it does, the area has `data-rewritten`: nobody is typing.
 */
export function replaceIn(area: HTMLTextAreaElement, text: string, { start, end, by }: { start: number; end: number; by: string }): string {
  area.focus();
  area.setSelectionRange(start, end);
  // Deprecated, and the only way that keeps the browser's own undo. Where it is missing the caller's text is set.
  area.dataset["rewritten"] = "";
  const done = typeof document.execCommand === "function" && document.execCommand("insertText", false, by);
  delete area.dataset["rewritten"];
  const next = text.slice(0, start) + by + text.slice(end);
  if (!done) {
    area.value = next;
    area.setSelectionRange(start + by.length, start + by.length);
  }
  return next;
}
