// What changes between two rules documents, line by line.

/** A line that stays, goes or comes. */
export type Change = { kind: "same" | "gone" | "new"; text: string };

/** The shortest way from one document to the other (longest common subsequence of lines). */
export function diff(before: string, after: string): Change[] {
  const a = before.trimEnd().split("\n");
  const b = after.trimEnd().split("\n");
  const common = table(a, b);
  const changes: Change[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      changes.push({ kind: "same", text: a[i] ?? "" });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && (common[i + 1]?.[j] ?? 0) >= (common[i]?.[j + 1] ?? 0))) {
      changes.push({ kind: "gone", text: a[i] ?? "" });
      i += 1;
    } else {
      changes.push({ kind: "new", text: b[j] ?? "" });
      j += 1;
    }
  }
  return changes;
}

/** `table[i][j]`: how many lines the rests from `a[i]` and `b[j]` have in common, in order. */
function table(a: string[], b: string[]): number[][] {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const row = rows[i] as number[];
      row[j] = a[i] === b[j] ? (rows[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(rows[i + 1]?.[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}
