// Every sentence is there in every language, with the same blanks.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

type Settings = { locales: string[]; "plugin.inlang.messageFormat": { pathPattern: string[] } };
const settings = JSON.parse(readFileSync("project.inlang/settings.json", "utf8")) as Settings;
const LOCALES = settings.locales;
const FOLDERS = settings["plugin.inlang.messageFormat"].pathPattern.map((path) => path.replace("./", "").replace("/{locale}.json", ""));
/** Whom Spanish speaks to: it says "usted" everywhere. These are forms of "tú" that no third person shares. */
const FAMILIAR = /(^|[^\p{L}])(tus?|tú|te|ti|contigo|puedes|tienes|quieres|debes|sabes|eres|has|haces|dices|ves|digas|elige otr[ao]|elegiste|dilo|déjal[oa]|añade una)(?!\p{L})/iu;

function blanks(message: unknown): string[] {
  return [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();
}

describe.each(FOLDERS)("%s", (folder) => {
  const read = (locale: string): Record<string, unknown> => JSON.parse(readFileSync(`${folder}/${locale}.json`, "utf8")) as Record<string, unknown>;
  const base = read("en");

  it.each(LOCALES)("%s has every message", (locale) => {
    expect(Object.keys(read(locale)).sort()).toEqual(Object.keys(base).sort());
  });

  it.each(LOCALES)("%s fills the same blanks", (locale) => {
    const other = read(locale);
    for (const [key, message] of Object.entries(base)) expect(blanks(other[key]), key).toEqual(blanks(message));
  });

  it("es speaks to everybody alike", () => {
    for (const [key, message] of Object.entries(read("es"))) expect(JSON.stringify(message), key).not.toMatch(FAMILIAR);
  });
});
