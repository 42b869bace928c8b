// Times on the shop's wall clock, as the locale writes them. The clock is handed in.
import { dateFormat } from "./formatters";

const DAY_MS = 86_400_000;

/** Days since 1970, counted on the wall clock of `zone`. */
function dayNumber(at: number, zone: string): number {
  // By its parts: which order and marks a locale writes a date with differs from engine to engine.
  const format = dateFormat("en-US-u-ca-gregory-nu-latn", { timeZone: zone, year: "numeric", month: "numeric", day: "numeric" });
  const parts = format.formatToParts(at);
  const part = (type: string): number => Number(parts.find((one) => one.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day")) / DAY_MS;
}

/** How the locale writes hours and minutes: `09:05`, or `9:05 AM`. */
function clockOptions(locale: string): Intl.DateTimeFormatOptions {
  const halfDays = dateFormat(locale, { hour: "numeric" }).resolvedOptions().hour12 === true;
  return { hour: halfDays ? "numeric" : "2-digit", minute: "2-digit" };
}

/** Hours and minutes: `10:42`, or `10:42 AM` where people write it so. */
export function clockTime(at: number, zone: string, locale: string): string {
  return dateFormat(locale, { timeZone: zone, ...clockOptions(locale) }).format(at);
}

/** The whole date and time, for a title or a detail. */
export function fullTime(at: number, zone: string, locale: string): string {
  return dateFormat(locale, { timeZone: zone, dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** A date: `Nov 3, 2026`. */
export function fullDate(at: number, zone: string, locale: string): string {
  return dateFormat(locale, { timeZone: zone, dateStyle: "medium" }).format(at);
}

/** The shortest that is clear: the time today, weekday and time this week, then day and month, then with the year. */
export function shortTime(at: number, now: number, zone: string, locale: string): string {
  const days = dayNumber(now, zone) - dayNumber(at, zone);
  const clock = clockOptions(locale);
  const options: Intl.DateTimeFormatOptions =
    days === 0
      ? clock
      : days > 0 && days < 7
        ? { weekday: "short", ...clock }
        : days < 300
          ? { day: "numeric", month: "short" }
          : { day: "numeric", month: "short", year: "numeric" };
  return dateFormat(locale, { timeZone: zone, ...options }).format(at);
}

/** How many days ago in words: `today`, `2 days ago`, `3 weeks ago`. */
export function ago(at: number, now: number, zone: string, locale: string): string {
  const days = Math.max(0, dayNumber(now, zone) - dayNumber(at, zone));
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (days < 14) return words.format(-days, "day");
  if (days < 60) return words.format(-Math.floor(days / 7), "week");
  if (days < 730) return words.format(-Math.floor(days / 30.44), "month");
  return words.format(-Math.floor(days / 365.25), "year");
}

/** How long so many minutes are, in the largest unit that fits: `26 min`, `3 hr`, `2 days`. */
export function span(minutes: number, locale: string): string {
  const [count, unit] = minutes < 60 ? [minutes, "minute"] : minutes < 1_440 ? [Math.floor(minutes / 60), "hour"] : [Math.floor(minutes / 1_440), "day"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short" }).format(count);
}
