// The words for what is wrong with a document elsewhere, and for what the relay refuses about it.
import { m } from "../../paraglide/messages";
import { Refused, type DocumentProblem } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";

type Blanks = { said: string };

/** A sentence for every code of `sync::documents::DocumentProblem`; the test beside this file compares them. */
export const PROBLEMS: Record<string, (blanks: Blanks) => string> = {
  document_unreachable: m.doc_unreachable,
  document_slow: m.doc_slow,
  document_private: m.doc_private,
  document_redirects: m.doc_redirects,
  document_not_found: m.doc_not_found,
  document_forbidden: m.doc_forbidden,
  document_busy: m.doc_busy,
  document_server: m.doc_server,
  document_answer: m.doc_answer,
  document_too_large: m.doc_too_large,
  document_html: m.doc_html,
  document_not_text: m.doc_not_text,
  document_not_utf8: m.doc_not_utf8,
  document_empty: m.doc_empty,
  // Said at its place: see `problemWords`.
  document_bad: ({ said }) => said,
  document_no_key: m.doc_no_key,
  document_google_key: m.doc_google_key,
  document_google_off: m.doc_google_off,
  document_not_shared: m.doc_not_shared,
};

/** The same for `sync::documents::DocumentRefusal`. */
export const REFUSALS: Record<string, () => string> = {
  document_unknown: m.doc_no_unknown,
  document_bad_address: m.doc_no_bad_address,
  document_not_set: m.doc_no_not_set,
  document_needs_key: m.doc_no_needs_key,
  document_no_till: m.doc_no_no_till,
  document_bad_key: m.doc_no_bad_key,
  document_keeps_no_keys: m.doc_no_keeps_no_keys,
};

/** What is wrong and what to do. What is wrong within the text is told in English, as its reader says it. */
export function problemWords(problem: DocumentProblem): string {
  if (problem.line > 0) {
    const place = m.doc_place({ line: problem.line, column: problem.column, words: problem.words });
    return problem.suggestion === null ? place : `${place} ${m.doc_meant({ text: problem.suggestion.trim() })}`;
  }
  return PROBLEMS[problem.code]?.({ said: problem.said }) ?? problem.words;
}

/** The sentence for anything that was refused. */
export function documentFailure(error: unknown): string {
  if (!(error instanceof Refused)) return failureWords(error);
  const words = REFUSALS[error.code]?.();
  // A document that broke between looking at it and keeping it there: the relay's own words.
  return words ?? (error.code in PROBLEMS && error.value ? error.value : failureWords(error));
}
