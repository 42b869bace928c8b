// How numbers, money and times are written for this shop: its currency and time zone, the reader's locale.
// Not here: words (the message catalogue), and the formats both windows share (shared/format).
import type { Shop } from "../shared/backend";
import { showCount, showMoney, showPoints } from "../shared/format/money";
import { ago, fullDate, fullTime } from "../shared/format/time";
import { noonOf, type Bucket, type Day } from "./days";

/** The ways to write a value of this shop. Money is whole minor units; times are ms UTC. */
export type Format = {
  number(value: number): string;
  /** With its sign: `+12`, `−100`. */
  signed(value: number): string;
  /** A share as a signed percentage: 0.09 is `+9%`. */
  change(share: number): string;
  percent(share: number): string;
  money(minor: number): string;
  /** For a glance: without decimals where they are nought or the amount is large. */
  moneyShort(minor: number): string;
  /** `Fri, Nov 20`, with the year where it is not this one. */
  day(day: Day): string;
  /** `Friday, November 20`. */
  dayLong(day: Day): string;
  /** One day, or `Nov 14 – 20`. */
  bucket(bucket: Bucket): string;
  /** For an axis: `Nov 20`, or `Nov 2025` where the axis spans a year. */
  tick(day: Day, yearly: boolean): string;
  dateTime(ms: number): string;
  date(ms: number): string;
  ago(ms: number): string;
  phone(e164: string): string;
};

/** The locale to write in: the reader's own where it is of the catalogue's language, else the catalogue's. */
export function localeFor(catalogue: string, preferred: readonly string[]): string {
  return preferred.find((locale) => locale.split("-")[0] === catalogue) ?? catalogue;
}

/** The format of a shop for a locale at `now` (ms UTC), `today` being the shop's day then. */
export function formatOf(
  shop: Pick<Shop, "currency" | "currency_digits" | "timezone">,
  locale: string,
  now: number,
  today: Day,
): Format {
  const { currency, currency_digits: digits, timezone } = shop;
  const days = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  const weekday = days({ weekday: "short", day: "numeric", month: "short" });
  const weekdayYear = days({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const long = days({ weekday: "long", day: "numeric", month: "long" });
  const short = days({ day: "numeric", month: "short" });
  const month = days({ month: "short", year: "numeric" });
  const share = (options: Intl.NumberFormatOptions): Intl.NumberFormat =>
    new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0, ...options });
  const percent = share({});
  const fine = share({ maximumFractionDigits: 1 });
  const change = share({ signDisplay: "exceptZero" });
  const unit = 10 ** digits;
  return {
    number: (value) => showCount(value, locale),
    signed: (value) => showPoints(value, locale),
    change: (value) => change.format(value).replace("-", "−"),
    percent: (value) => (value < 0.1 ? fine : percent).format(value),
    money: (minor) => showMoney(minor, currency, digits, locale),
    moneyShort: (minor) => (minor % unit === 0 || Math.abs(minor) >= 1000 * unit ? showMoney(minor / unit, currency, 0, locale) : showMoney(minor, currency, digits, locale)),
    day: (day) => (day.slice(0, 4) === today.slice(0, 4) ? weekday : weekdayYear).format(noonOf(day)),
    dayLong: (day) => long.format(noonOf(day)),
    bucket: ({ from, to }) => (from === to ? weekday.format(noonOf(from)) : short.formatRange(noonOf(from), noonOf(to))),
    tick: (day, yearly) => (yearly ? month : short).format(noonOf(day)),
    dateTime: (ms) => fullTime(ms, timezone, locale),
    date: (ms) => fullDate(ms, timezone, locale),
    ago: (ms) => ago(ms, now, timezone, locale),
    phone: spaced,
  };
}

/** `+16195550123` in groups that can be read out: `+1 619 555 0123`. Other countries: groups of three from the end. */
function spaced(e164: string): string {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  if (american) return `+1 ${american[1]} ${american[2]} ${american[3]}`;
  return e164.replace(/(\d)(?=(\d{3})+$)/g, "$1 ");
}

/** How a number moved from the period before: not at all, by a share, or by a plain difference. */
export type Delta = { kind: "same" } | { kind: "share"; share: number } | { kind: "count"; count: number };

/** Compares two periods. A share needs something to be a share of: from nought only the difference is said. */
export function deltaOf(now: number, before: number): Delta {
  if (now === before) return { kind: "same" };
  return before > 0 ? { kind: "share", share: (now - before) / before } : { kind: "count", count: now - before };
}
