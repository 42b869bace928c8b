// The shop's calendar: today on its wall clock, days as `2026-11-20` text, and the periods that are compared.
// Not here: how a day is written for a reader (format.ts).

/** A calendar day of the shop, `2026-11-20`; compares as text. */
export type Day = string;

/** How much the first page looks at. */
export type Range = "day" | "month" | "year";

/** A period, both ends included, and the one before it of the same length. */
export type Period = { range: Range; days: number; from: Day; to: Day; beforeFrom: Day; beforeTo: Day };

const DAY_MS = 86_400_000;
const LENGTH: Record<Range, number> = { day: 1, month: 30, year: 365 };

/** The shop's day at an instant (ms UTC). */
export function dayOf(ms: number, timezone: string): Day {
  // The Swedish locale writes ISO days; the parts would say the same at more length.
  return new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short" }).format(ms);
}

/** Noon UTC of a day: an instant whose UTC date is that day, whatever the shop's zone. */
export function noonOf(day: Day): Date {
  return new Date(`${day}T12:00:00Z`);
}

/** `count` days later; earlier where negative. */
export function addDays(day: Day, count: number): Day {
  return new Date(noonOf(day).getTime() + count * DAY_MS).toISOString().slice(0, 10);
}

/** Every day from one to the other, both included. */
export function daysBetween(from: Day, to: Day): Day[] {
  const days: Day[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

/** The period of `range` that ends today, and the one before. */
export function periodOf(range: Range, today: Day): Period {
  const days = LENGTH[range];
  const from = addDays(today, 1 - days);
  return { range, days, from, to: today, beforeFrom: addDays(from, -days), beforeTo: addDays(from, -1) };
}

/** Whether the text is a day that exists. */
export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(noonOf(text).getTime()) && addDays(text, 0) === text;
}

/** A bar of a chart: one day, or a week of them. */
export type Bucket = { from: Day; to: Day };

/** What a chart's bars stand for: days, or for a year weeks that end today, so that the last one is whole. */
export function bucketsOf(from: Day, to: Day, weekly: boolean): Bucket[] {
  if (!weekly) return daysBetween(from, to).map((day) => ({ from: day, to: day }));
  const buckets: Bucket[] = [];
  for (let end = to; end >= from; end = addDays(end, -7)) buckets.unshift({ from: addDays(end, -6), to: end });
  return buckets;
}

/** Sums `value` of the rows that fall into each bucket. Rows outside all of them are left out. */
export function sumInto<Row extends { day: Day }>(buckets: Bucket[], rows: Row[], value: (row: Row) => number): number[] {
  const sums = buckets.map(() => 0);
  for (const row of rows) {
    const at = buckets.findIndex((bucket) => row.day >= bucket.from && row.day <= bucket.to);
    if (at >= 0) sums[at] = (sums[at] ?? 0) + value(row);
  }
  return sums;
}
