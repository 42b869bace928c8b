// Everything a window writes about a shop's numbers and times, in the shop's currency and zone and the reader's locale.
import { getContext, setContext } from "svelte";
import { getLocale } from "../../paraglide/runtime";
import * as money from "./money";
import * as time from "./time";

/** The part of a shop that decides how things are written. */
export type Manner = { currency: string; currency_digits: number; timezone: string };

/** Times are RFC 3339 text, as the store sends them. */
export interface Show {
  readonly locale: string;
  money(minor: number): string;
  /** Signed: `+12`. */
  points(points: number): string;
  count(count: number): string;
  clock(at: string): string;
  short(at: string): string;
  full(at: string): string;
  date(at: string): string;
  ago(at: string): string;
  /** How long so many minutes are: `26 min`, `3 hr`, `2 days`. */
  span(minutes: number): string;
  /** The currency's sign. */
  readonly sign: string;
  /** What an empty amount field shows. */
  readonly amountHint: string;
  /** How an amount is typed, for a sentence: `12.50`. */
  readonly amountExample: string;
}

/** Makes the writer for `shop`; `now` is asked at each use, so that words age. */
export function makeShow(shop: Manner, locale: string, now: () => number): Show {
  const { currency, currency_digits: digits, timezone: zone } = shop;
  return {
    locale,
    money: (minor) => money.showMoney(minor, currency, digits, locale),
    points: (points) => money.showPoints(points, locale),
    count: (count) => money.showCount(count, locale),
    clock: (at) => time.clockTime(Date.parse(at), zone, locale),
    short: (at) => time.shortTime(Date.parse(at), now(), zone, locale),
    full: (at) => time.fullTime(Date.parse(at), zone, locale),
    date: (at) => time.fullDate(Date.parse(at), zone, locale),
    ago: (at) => time.ago(Date.parse(at), now(), zone, getLocale()),
    span: (minutes) => time.span(minutes, getLocale()),
    sign: money.moneySign(currency, locale),
    amountHint: money.amountHint(digits, locale),
    amountExample: money.amountExample(digits, locale),
  };
}

const KEY = Symbol("show");

/** Hands `show` to every component below. */
export function provideShow(show: Show): void {
  setContext(KEY, show);
}

/** The writer that the window provided. */
export function useShow(): Show {
  return getContext<Show>(KEY);
}
