// A birthday in three fields and as the store has it: `02-29`, or `1984-02-29`.

export type BirthdayParts = { year: string; month: string; day: string };

export function partsOf(birthday: string): BirthdayParts {
  const [, year = "", month = "", day = ""] = /^(?:(\d{4})-)?(\d{2})-(\d{2})$/.exec(birthday) ?? [];
  return { year, month, day: day.replace(/^0/, "") };
}

/** As the store has it; empty where nothing is said. What is only half said stays so, and is refused there. */
export function birthdayOf({ year, month, day }: BirthdayParts): string {
  if (month === "" && day.trim() === "" && year.trim() === "") return "";
  const begin = year.trim() === "" ? "" : `${year.trim()}-`;
  return `${begin}${month || "?"}-${day.trim().padStart(2, "0")}`;
}
