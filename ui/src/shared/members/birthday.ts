// A birthday in three fields and as the store has it: `02-29`, or `1984-02-29`.

export type BirthdayParts = { year: string; month: string; day: string };

export function partsOf(birthday: string): BirthdayParts {
  const [, year = "", month = "", day = ""] = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/.exec(birthday) ?? [];
  return { year, month, day: day.replace(/^0/, "") };
}

/** As people say it: `29 February`, with the year where it is known. Empty where nothing is said. */
export function birthdayWords(birthday: string, locale: string): string {
  const { year, month, day } = partsOf(birthday);
  if (!month) return "";
  const at = Date.UTC(Number(year || 2000), Number(month) - 1, Number(day));
  return new Intl.DateTimeFormat(locale, { month: "long", day: "numeric", ...(year && { year: "numeric" }), timeZone: "UTC" }).format(at);
}

/** As the store has it; empty where nothing is said. What is only half said stays so, and is refused there. */
export function birthdayOf({ year, month, day }: BirthdayParts): string {
  if (month === "" && day.trim() === "" && year.trim() === "") return "";
  const begin = year.trim() === "" ? "" : `${year.trim()}-`;
  return `${begin}${month || "?"}-${day.trim().padStart(2, "0")}`;
}
