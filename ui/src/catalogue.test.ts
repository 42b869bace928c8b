// Every sentence is there in every language, with the same blanks.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const LOCALES = ["en", "es"];
const FOLDERS = ["messages", "messages/owner", "messages/mail", "messages/winback", "messages/documents"];

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
});
