// Putting a SELECT together: conditions with their values, numbered as the database wants them. No values in the text.

/** A statement and the values of `$1`, `$2`, … */
export type Query = { sql: string; params: unknown[] };

/** Conditions that must all hold, and the values they name. */
export class Where {
  readonly params: unknown[] = [];
  #conditions: string[] = [];

  /** Adds a condition; each `?` in it stands for the next of `values`. */
  and(condition: string, ...values: unknown[]): this {
    let at = 0;
    this.#conditions.push(condition.replaceAll("?", () => this.value(values[at++])));
    return this;
  }

  /** Adds a value and says how the statement names it. */
  value(value: unknown): string {
    this.params.push(value);
    return `$${this.params.length}`;
  }

  /** `WHERE …`, or nothing. */
  toString(): string {
    return this.#conditions.length ? `WHERE ${this.#conditions.join(" AND ")}` : "";
  }
}

/** Rows on a page of a list. */
export const PAGE_ROWS = 50;
