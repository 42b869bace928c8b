// Which locale numbers, money and times are written in.

/** The first of the machine's languages that can be written in; English where there is none (`C`, `POSIX`). */
export function machineLocale(languages: readonly string[] = navigator.languages): string {
  for (const language of languages) {
    try {
      const [known] = Intl.NumberFormat.supportedLocalesOf(language);
      if (known) return known;
    } catch {
      // Not a language tag: an environment's `C` or `POSIX`.
      continue;
    }
  }
  return "en-US";
}
