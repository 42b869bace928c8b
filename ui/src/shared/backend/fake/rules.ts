// A small stand-in for the rules' parser: enough of the language for the window to be seen at work.
import type { RuleError, RulesCheck } from "../bindings";

const RULES: [RegExp, (found: RegExpExecArray) => string][] = [
  [/^Earn (\d+) points? per \$(\d+(?:\.\d\d)?)$/, ([, points, money]) => `Every $${money} paid earns ${points} ${points === "1" ? "point" : "points"}.`],
  [/^Reward (\d+) points?: ([^,]+?)(?:, costs \$(\d+(?:\.\d\d)?))?$/, ([, points, name, cost]) => `${points} points buy “${name}”${cost ? `, which costs you $${cost}` : ""}.`],
  [/^Hold sales over \$(\d+(?:\.\d\d)?)$/, ([, money]) => `Sales over $${money} wait for somebody to decide.`],
  [/^Tier (\w+) at (\d+) points a year: earn x(\d(?:\.\d+)?)$/, ([, name, points, times]) => `Who earns ${points} points in a year is in ${name} and earns ${times} times as much.`],
  [/^Buy (\d+) "([^"]+)", get (\d+) free(?:, costs \$(\d+(?:\.\d\d)?))?$/, ([, bought, item, free, cost]) => `Who buys ${bought} “${item}” gets ${free} free${cost ? `, which costs you $${cost}` : ""}.`],
  [/^Skip sales under \$(\d+(?:\.\d\d)?)$/, ([, money]) => `Sales under $${money} earn nothing.`],
];

const tidy = (text: string): string => text.split("\n").map((line) => line.trimEnd().replace(/ {2,}(?!#)/g, " ")).join("\n").replace(/\n*$/, "\n");

const BEGINNINGS = ["Earn 1 point per $1", "Reward 100 points: ", "Skip sales under $2", "Hold sales over $500", "Tier Gold at 1000 points a year: earn x1.5"];
const WORDS: [RegExp, string[]][] = [
  [/^Earn \d+ $/, ["point", "points"]],
  [/^Earn \d+ points? $/, ["per"]],
  [/^(Skip|Hold) $/, ["sales"]],
  [/^(Skip|Hold) sales $/, ["under", "over"]],
  [/^Reward \d+ $/, ["point", "points"]],
];

/** What can stand at a place: `column` characters into a line, from 1. */
export function completeRules(text: string, line: number, column: number): string[] {
  const before = [...(text.split("\n")[line - 1] ?? "")].slice(0, column - 1).join("");
  const stem = before.replace(/[\p{L}\p{N}]*$/u, "");
  const typed = before.slice(stem.length).toLowerCase();
  const offers = stem === "" ? BEGINNINGS : (WORDS.find(([place]) => place.test(stem))?.[1] ?? []);
  return offers.filter((offer) => offer.toLowerCase().startsWith(typed) && offer.toLowerCase() !== typed);
}

/** Says what is wrong with a document, or what it does. */
export function checkRules(text: string): RulesCheck {
  const errors: RuleError[] = [];
  const summary: string[] = [];
  text.split("\n").forEach((written, index) => {
    const line = written.replace(/#.*/, "").trimEnd();
    if (!line) return;
    const found = RULES.map(([rule, say]) => [rule.exec(line.replace(/ {2,}/g, " ")), say] as const).find(([match]) => match);
    if (found?.[0]) summary.push(found[1](found[0]));
    else errors.push(wrong(line, index + 1));
  });
  const tiers = [...text.matchAll(/^Tier (\w+) at/gm)].map((found) => found[1] ?? "");
  return errors.length ? { errors, summary: [], formatted: null, tiers: [] } : { errors, summary, formatted: tidy(text), tiers };
}

function wrong(line: string, number: number): RuleError {
  const typo = /\b(pionts?|poitns?|ponts?)\b/.exec(line);
  if (typo) return { line: number, column: typo.index + 1, length: typo[0].length, expected: "point or points", suggestion: "points" };
  const word = /^\S+/.exec(line)?.[0] ?? line;
  return { line: number, column: 1, length: [...word].length, expected: "a rule that begins with Earn, Reward, Skip, Hold or Tier", suggestion: null };
}
