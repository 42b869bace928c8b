// The words for what comes next for somebody who stays away, and for what can be chosen.
import { m } from "../../paraglide/messages";
import type { Away, WinBackChoice, WinBackUsual } from "../../shared/backend";
import type { Direction, WinBackSort } from "../address";
import type { Format } from "../format";

/** Whether something is going to be written to them: now or later. */
export function isNext(away: Pick<Away, "next" | "gets_mail">): boolean {
  return away.gets_mail && (away.next === "nudge" || away.next === "bonus" || away.next === "wait");
}

/** In the order of a column; where it says the same of two, the one who was here last comes first. */
export function byColumn(away: readonly Away[], sort: WinBackSort, dir: Direction): Away[] {
  const by: Record<WinBackSort, (a: Away, b: Away) => number> = {
    weeks: (a, b) => Date.parse(b.last_visit_at) - Date.parse(a.last_visit_at),
    // Who has no name stands by the end of the phone number, after all names.
    name: (a, b) => Number(a.name === "") - Number(b.name === "") || a.name.localeCompare(b.name),
    mails: (a, b) => a.nudges - b.nudges,
  };
  const sign = dir === "asc" ? 1 : -1;
  return [...away].sort((a, b) => sign * by[sort](a, b) || by.weeks(a, b));
}

/** Points, as text. */
export function pointsOf(count: number, format: Pick<Format, "number">): string {
  return m.points({ count, shown: format.number(count) });
}

/** What a choice does. */
export function choiceWords(choice: WinBackChoice, bonus: number, format: Pick<Format, "number">): string {
  if (choice === "nudge") return m.winback_choice_nudge();
  if (choice === "rest") return m.winback_choice_rest();
  return bonus > 0 ? m.winback_choice_bonus({ points: pointsOf(bonus, format) }) : m.winback_choice_bonus_none();
}

const CHOICES: readonly WinBackChoice[] = ["nudge", "bonus", "rest"];

/** What can be chosen, as a list of choices says it. There is no bonus to choose until its points are set. */
export function choiceOptions(bonus: number, format: Pick<Format, "number">): { choice: WinBackChoice; words: string; disabled: boolean }[] {
  return CHOICES.map((choice) => ({ choice, words: capital(choiceWords(choice, bonus, format)), disabled: choice === "bonus" && bonus === 0 }));
}

/** As it begins a line: `A mail`. */
export function capital(words: string): string {
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}

/** What is done where nothing was chosen. */
export function usualWords(usual: WinBackUsual, format: Pick<Format, "number">): string {
  return m.winback_choice_usual({ what: choiceWords(usual.choice, usual.bonus, format) });
}

/** What comes next: the thing, and where it needs one, why. */
export function nextWords(away: Pick<Away, "next" | "next_at" | "next_points" | "gets_mail" | "nudges">, relay: boolean, format: Pick<Format, "number" | "date">): { what: string; why: string } {
  switch (away.next) {
    case "enough":
      return { what: m.winback_next_rest(), why: away.nudges === 0 ? m.winback_why_none() : m.winback_why_enough() };
    case "rest_chosen":
      return { what: m.winback_next_rest(), why: m.winback_why_chosen() };
    case "rest_usual":
      return { what: m.winback_next_rest(), why: m.winback_why_usual() };
  }
  if (!away.gets_mail) return { what: m.winback_next_none(), why: m.winback_why_no_mail() };
  if (away.next === "wait") return { what: m.winback_next_wait({ day: away.next_at === null ? "" : format.date(Date.parse(away.next_at)) }), why: m.winback_why_wait() };
  const what = away.next === "bonus" ? m.winback_next_bonus({ points: pointsOf(away.next_points, format) }) : m.winback_next_nudge();
  return { what, why: relay ? m.winback_why_look() : m.winback_why_alone() };
}
