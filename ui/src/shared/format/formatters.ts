// Intl's formatters, made once each: making one costs far more than using it, and a list uses the same few on every
// line and every key.

const dates = new Map<string, Intl.DateTimeFormat>();
const numbers = new Map<string, Intl.NumberFormat>();

function kept<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const found = cache.get(key);
  if (found) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

/** The formatter of dates for `locale` and `options`. */
export function dateFormat(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return kept(dates, locale + JSON.stringify(options), () => new Intl.DateTimeFormat(locale, options));
}

/** The formatter of numbers for `locale` and `options`. */
export function numberFormat(locale: string, options: Intl.NumberFormatOptions = {}): Intl.NumberFormat {
  return kept(numbers, locale + JSON.stringify(options), () => new Intl.NumberFormat(locale, options));
}
