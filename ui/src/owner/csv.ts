// A list as CSV (RFC 4180) that a spreadsheet opens without running anything in it.

/** Rows of cells as text; the first row is the heading. */
export function toCsv(rows: readonly (readonly (string | number | null)[])[]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // A name that begins like a formula would be one: the apostrophe keeps it text.
  const safe = /^[=+\-@\t\r]/.test(value) && !/^\+\d+$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Minor units as plain decimal text, for a machine: `12.50`. */
export function plainMoney(minor: number, digits: number): string {
  return (minor / 10 ** digits).toFixed(digits);
}
