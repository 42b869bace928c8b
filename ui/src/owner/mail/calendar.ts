// Calendars of five fields (minute, hour, day, month, weekday), in words and as a choice. Whether the relay takes one is
// the relay's to say.
import { m } from "../../paraglide/messages";

export type Often = "daily" | "weekly" | "monthly" | "own";

/** A calendar as it is chosen: the weekday from 0 (Sunday), the time as `HH:MM`, and the fields for those of one's own. */
export type Choice = { often: Often; weekday: number; time: string; fields: string };

const DAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/** The calendar of a job that was never on: seven in the evening. */
export const USUAL = "0 19 * * *";

/** Reads a calendar as a choice; what is none of ours is its own. */
export function choiceOf(calendar: string): Choice {
  const fields = calendar.trim().replace(/\s+/g, " ");
  const own: Choice = { often: "own", weekday: 1, time: "19:00", fields };
  const found = /^(\d{1,2}) (\d{1,2}) \* \* (\*|[A-Z]{3}|[0-7])(#1)?$/i.exec(fields);
  if (!found) return own;
  const [, minute = "", hour = "", day = "", first] = found;
  if (Number(minute) > 59 || Number(hour) > 23) return own;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (day === "*") return first ? own : { often: "daily", weekday: 1, time, fields };
  const weekday = /\d/.test(day) ? Number(day) % 7 : DAYS.indexOf(day.toUpperCase());
  return weekday < 0 ? own : { often: first ? "monthly" : "weekly", weekday, time, fields };
}

/** The calendar of a choice. */
export function calendarOf({ often, weekday, time, fields }: Choice): string {
  if (often === "own") return fields.trim();
  const [hour = "19", minute = "0"] = time.split(":");
  const at = `${Number(minute)} ${Number(hour)} * *`;
  if (often === "daily") return `${at} *`;
  return `${at} ${DAYS[weekday] ?? "MON"}${often === "monthly" ? "#1" : ""}`;
}

/** A day of the week in the reader's language, from 0 (Sunday). */
export function weekdayName(weekday: number, locale: string): string {
  // The first of these is a Sunday.
  return new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }).format(Date.UTC(2026, 1, 1 + weekday));
}

/** A calendar in words. */
export function calendarWords(calendar: string, locale: string): string {
  const choice = choiceOf(calendar);
  if (choice.often === "own") return m.mail_cal_own({ fields: choice.fields });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short", timeZone: "UTC" });
  const time = clock.format(Date.parse(`2026-02-01T${choice.time}:00Z`));
  const day = weekdayName(choice.weekday, locale);
  if (choice.often === "daily") return m.mail_cal_daily({ time });
  return choice.often === "weekly" ? m.mail_cal_weekly({ day, time }) : m.mail_cal_monthly({ day, time });
}
