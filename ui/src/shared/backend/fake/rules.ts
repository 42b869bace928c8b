// A small stand-in for the rules' parser: enough of the language for the window to be seen at work.
import type { RuleError, RulesCheck } from "../bindings";

const RULES: [RegExp, (found: RegExpExecArray) => string][] = [
  [/^Earn (\d+) points? per \$(\d+(?:\.\d\d)?)$/, ([, points, money]) => `Every $${money} paid earns ${points} ${points === "1" ? "point" : "points"}.`],
  [/^Reward (\d+) points?: ([^,]+?)(?:, costs \$(\d+(?:\.\d\d)?))?$/, ([, points, name, cost]) => `${points} points buy “${name}”${cost ? `, which costs you $${cost}` : ""}.`],
  [/^Skip sales under \$(\d+(?:\.\d\d)?)$/, ([, money]) => `Sales under $${money} earn nothing.`],
];

/** Says what is wrong with a document, or what it does. */
export function checkRules(text: string): RulesCheck {
  const errors: RuleError[] = [];
  const summary: string[] = [];
  text.split("\n").forEach((written, index) => {
    const line = written.replace(/#.*/, "").trimEnd();
    if (!line) return;
    const found = RULES.map(([rule, say]) => [rule.exec(line), say] as const).find(([match]) => match);
    if (found?.[0]) summary.push(found[1](found[0]));
    else errors.push(wrong(line, index + 1));
  });
  return { errors, summary: errors.length ? [] : summary };
}

function wrong(line: string, number: number): RuleError {
  const typo = /\b(pionts?|poitns?|ponts?)\b/.exec(line);
  if (typo) return { line: number, column: typo.index + 1, length: typo[0].length, expected: "point or points", suggestion: "points" };
  const word = /^\S+/.exec(line)?.[0] ?? line;
  return { line: number, column: 1, length: [...word].length, expected: "a rule that begins with Earn, Reward or Skip", suggestion: null };
}
