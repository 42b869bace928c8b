// The statement behind the versions of the rules.
import type { Query } from "./sql";

/** A version of the rules: its text, and who put it in force when (ms UTC). */
export type RulesVersion = { version: number; text: string; at_ms: number; by_name: string };

export const rulesVersions = (): Query => ({ sql: "SELECT version, text, at_ms, by_name FROM report_rules ORDER BY version DESC", params: [] });
