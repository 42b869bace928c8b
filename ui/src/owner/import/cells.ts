// What is wrong with a cell of a file, in words: which column, what stands there, and what to do.
import { m } from "../../paraglide/messages";
import type { CellError } from "../../shared/backend";
import { refusalWords } from "../../shared/format/failures";

/** `Phone "12": this is not a phone number…` */
export function cellWords(error: CellError): string {
  const what = refusalWords(error.code);
  if (!error.column) return what;
  return error.value ? m.file_cell({ column: error.column, value: error.value, what }) : m.file_cell_empty({ column: error.column, what });
}
