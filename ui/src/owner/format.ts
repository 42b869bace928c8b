// How numbers, money and times are written: as the reader's locale does, in the shop's currency and time zone.
// Not here: words (the message catalogue).
import type { Shop } from "../shared/backend";
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
  /** Without its decimals where they are nought or the amount is large: for tiles. */
  moneyShort(minor: number): string;
  /** `Fri, Nov 20`, with the year where it is not this one. */
  day(day: Day): string;
  /** `November 20, 2026` and its weekday. */
  dayLong(day: Day): string;
  /** One day, or `Nov 14 – 20`. */
  bucket(bucket: Bucket): string;
  /** For an axis: `Nov 20`, or `Nov 2025` for a year's. */
  tick(day: Day, monthly: boolean): string;
  dateTime(ms: number): string;
  date(ms: number): string;
  phone(e164: string): string;
};

/** The locale to write in: the reader's own where it is of the catalogue's language, else the catalogue's. */
export function localeFor(catalogue: string, preferred: readonly string[]): string {
  return preferred.find((locale) => locale.split("-")[0] === catalogue) ?? catalogue;
}

/** The format of a shop for a locale, `today` being the shop's day now. */
export function formatOf(shop: Pick<Shop, "currency" | "currency_digits" | "timezone">, locale: string, today: Day): Format {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const sign = new Intl.NumberFormat(locale, { maximumFractionDigits: 0, signDisplay: "exceptZero" });
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 });
  const share = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 });
  const change = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
  const digits = shop.currency_digits;
  const currency = { style: "currency", currency: shop.currency, currencyDisplay: "narrowSymbol" } as const;
  const exact = new Intl.NumberFormat(locale, { ...currency, minimumFractionDigits: digits, maximumFractionDigits: digits });
  const rounded = new Intl.NumberFormat(locale, { ...currency, minimumFractionDigits: 0, maximumFractionDigits: 0 });
  const utc = { timeZone: "UTC" } as const;
  const weekday = new Intl.DateTimeFormat(locale, { ...utc, weekday: "short", day: "numeric", month: "short" });
  const weekdayYear = new Intl.DateTimeFormat(locale, { ...utc, weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const long = new Intl.DateTimeFormat(locale, { ...utc, weekday: "long", day: "numeric", month: "long", year: "numeric" });
  const short = new Intl.DateTimeFormat(locale, { ...utc, day: "numeric", month: "short" });
  const month = new Intl.DateTimeFormat(locale, { ...utc, month: "short", year: "numeric" });
  const zone = { timeZone: shop.timezone } as const;
  const dateTime = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: "medium", timeStyle: "short" });
  const date = new Intl.DateTimeFormat(locale, { ...zone, dateStyle: "medium" });
  const unit = 10 ** digits;
  return {
    number: (value) => whole.format(value),
    signed: (value) => sign.format(value).replace("-", "−"),
    change: (value) => change.format(value).replace("-", "−"),
    percent: (value) => (value < 0.1 ? share : percent).format(value),
    money: (minor) => exact.format(minor / unit),
    moneyShort: (minor) => (minor % unit === 0 || Math.abs(minor) >= 1000 * unit ? rounded : exact).format(minor / unit),
    day: (day) => (day.slice(0, 4) === today.slice(0, 4) ? weekday : weekdayYear).format(noonOf(day)),
    dayLong: (day) => long.format(noonOf(day)),
    bucket: ({ from, to }) => (from === to ? weekday.format(noonOf(from)) : short.formatRange(noonOf(from), noonOf(to))),
    tick: (day, monthly) => (monthly ? month : short).format(noonOf(day)),
    dateTime: (ms) => dateTime.format(ms),
    date: (ms) => date.format(ms),
    phone: spaced,
  };
}

/** `+16195550123` in groups that can be read out: `+1 619 555 0123`. Other countries: groups of three from the end. */
function spaced(e164: string): string {
  const american = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164);
  if (american) return `+1 ${american[1]} ${american[2]} ${american[3]}`;
  return e164.replace(/(\d)(?=(\d{3})+$)/g, "$1 ");
}

/** How a number moved from the period before: none to compare with, a share, or a plain difference. */
export type Delta = { kind: "same" } | { kind: "share"; share: number } | { kind: "count"; count: number };

/** Compares two periods. A share needs something to be a share of: from nought only the difference is said. */
export function deltaOf(now: number, before: number): Delta {
  if (now === before) return { kind: "same" };
  return before > 0 ? { kind: "share", share: (now - before) / before } : { kind: "count", count: now - before };
}
