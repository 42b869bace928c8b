// What a typed query looks like, and which part of a name it found. Nothing here decides what a phone number is: the
// store does.

/** Whether `text` looks like somebody is typing a phone number: digits and what people put between them. */
export function looksLikePhone(text: string): boolean {
  return /^\s*\+?[\d\s().\-/\u00a0]+$/.test(text) && text.replace(/\D/g, "").length >= 3;
}

/** `R` and a digit: the reward's place (from 0) to redeem; null for anything else. */
export function rewardChord(text: string): number | null {
  const chord = /^[rR]([1-9])$/.exec(text);
  return chord ? Number(chord[1]) - 1 : null;
}

/** A piece of a name, and whether the query found it. */
export type Piece = { text: string; found: boolean };

/** One character without case and accents. */
function plain(character: string): string {
  return character.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Cuts `name` where `query` stands at the start of a word, without regard to case and accents. */
export function pieces(name: string, query: string): Piece[] {
  const sought = [...query.trim()].map(plain).join("");
  const letters = [...name];
  if (sought === "") return [{ text: name, found: false }];
  for (let start = 0; start < letters.length; start += 1) {
    if (start > 0 && /[\p{L}\p{N}]/u.test(letters[start - 1] ?? "")) continue;
    let seen = "";
    let end = start;
    while (end < letters.length && seen.length < sought.length) {
      seen += plain(letters[end] ?? "");
      end += 1;
    }
    if (seen !== sought) continue;
    const cut = [
      { text: letters.slice(0, start).join(""), found: false },
      { text: letters.slice(start, end).join(""), found: true },
      { text: letters.slice(end).join(""), found: false },
    ];
    return cut.filter((piece) => piece.text !== "");
  }
  return [{ text: name, found: false }];
}
