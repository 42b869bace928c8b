// Times on the shop's wall clock, as the locale writes them. The clock is handed in.

const DAY_MS = 86_400_000;

/** Days since some fixed day, counted on the wall clock of `zone`. */
function dayNumber(at: number, zone: string): number {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
  return Date.parse(`${parts.format(at)}T00:00:00Z`) / DAY_MS;
}

/** How the locale writes hours and minutes: `09:05`, or `9:05 AM`. */
function clockOptions(locale: string): Intl.DateTimeFormatOptions {
  const halfDays = new Intl.DateTimeFormat(locale, { hour: "numeric" }).resolvedOptions().hour12 === true;
  return { hour: halfDays ? "numeric" : "2-digit", minute: "2-digit" };
}

/** Hours and minutes: `10:42`, or `10:42 AM` where people write it so. */
export function clockTime(at: number, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, ...clockOptions(locale) }).format(at);
}

/** The whole date and time, for a title or a detail. */
export function fullTime(at: number, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: "medium", timeStyle: "short" }).format(at);
}

/** A date: `Nov 3, 2026`. */
export function fullDate(at: number, zone: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { timeZone: zone, dateStyle: "medium" }).format(at);
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
  return new Intl.DateTimeFormat(locale, { timeZone: zone, ...options }).format(at);
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
