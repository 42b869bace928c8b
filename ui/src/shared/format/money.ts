// Money as people type and read it. Amounts typed become plain decimal text (`12.50`); amounts shown go through Intl.
// Nothing here adds or multiplies.
import { numberFormat } from "./formatters";

/** The largest amount one sale can have in a window, in minor units (`i32`). */
const MINOR_MAX = 2_147_483_647;

/** How a locale writes numbers. */
type Marks = { decimal: string; group: string };

function marksOf(locale: string): Marks {
  const parts = numberFormat(locale, { useGrouping: true }).formatToParts(1_234_567.8);
  const find = (type: string): string | undefined => parts.find((p) => p.type === type)?.value;
  return { decimal: find("decimal") ?? ".", group: find("group") ?? "," };
}

/** Splits at the decimal mark: the whole part with its grouping gone, and the fraction. Null where it reads two ways. */
function split(text: string, marks: Marks): [string, string] | null {
  const used = [...new Set(text.replace(/\d/g, ""))];
  const last = Math.max(text.lastIndexOf("."), text.lastIndexOf(","));
  if (last < 0) return [text, ""];
  const mark = text.charAt(last);
  const whole = text.slice(0, last);
  const fraction = text.slice(last + 1);
  const grouped = (s: string, by: string): boolean => s.split(by).every((g, i) => (i === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(g));
  if (used.length === 2) {
    const other = mark === "." ? "," : ".";
    return grouped(whole, other) && !whole.includes(mark) ? [whole.replaceAll(other, ""), fraction] : null;
  }
  if (whole.includes(mark)) return grouped(text, mark) ? [text.replaceAll(mark, ""), ""] : null;
  // One mark, once: grouping only where the locale groups by it and three digits follow.
  if (mark === marks.group && mark !== marks.decimal && grouped(text, mark)) return [text.replace(mark, ""), ""];
  return [whole, fraction];
}

/**
 * Reads an amount as typed, with comma or point, and answers plain decimal text for the store, such as `12.50`.
 * Null where it is not one amount of a currency with `digits` decimals.
 */
export function readAmount(typed: string, digits: number, locale: string): string | null {
  const text = typed.replace(/[\s\u00a0\u202f'’]/g, "").replace(/^\p{Sc}|\p{Sc}$/gu, "");
  if (!/\d/.test(text) || /[^\d.,]/.test(text)) return null;
  const parts = split(text, marksOf(locale));
  if (!parts) return null;
  const [whole, fraction] = parts;
  const kept = fraction.replace(/0+$/, "");
  if (!/^\d*$/.test(whole) || !/^\d*$/.test(fraction) || kept.length > digits) return null;
  const units = whole.replace(/^0+(?=\d)/, "") || "0";
  if (Number(units + kept.padEnd(digits, "0")) > MINOR_MAX) return null;
  return digits === 0 ? units : fraction === "" ? units : `${units}.${kept.padEnd(digits, "0")}`;
}

/** Minor units as the locale writes them, with the currency's sign: `$12.50`. */
export function showMoney(minor: number, currency: string, digits: number, locale: string): string {
  const format = numberFormat(locale, { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits });
  return format.format(minor / 10 ** digits);
}

/** Minor units as somebody here would type them: `12.50`, without a sign or grouping. */
export function typedMoney(minor: number, digits: number, locale: string): string {
  return numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false }).format(minor / 10 ** digits);
}

/** The currency's sign as the locale writes it, such as `$` or `€`. */
export function moneySign(currency: string, locale: string): string {
  const parts = numberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" }).formatToParts(0);
  return parts.find((p) => p.type === "currency")?.value ?? currency;
}

/** How an empty amount field shows what to type: `0.00`, `0,00`, `0`. */
export function amountHint(digits: number, locale: string): string {
  return numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(0);
}

/** An amount as people here would type it, for a sentence that says how: `12.50`. */
export function amountExample(digits: number, locale: string): string {
  return numberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(digits === 0 ? 12 : 12.5);
}

/** Signed points: `+12`, `−100` (a real minus), `0`. */
export function showPoints(points: number, locale: string): string {
  return numberFormat(locale, { signDisplay: "exceptZero" }).format(points).replace("-", "−");
}

/** A count as the locale writes it: `1,204`. */
export function showCount(count: number, locale: string): string {
  return numberFormat(locale).format(count).replace("-", "−");
}
