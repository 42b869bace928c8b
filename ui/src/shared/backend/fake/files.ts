// The import screen's half of the made-up shop: enough of a reader to show what a file looks like, to correct it, and
// to bring it in with progress. The real one is in Rust; here every row with eleven digits or more has a sound number.
import type { CellError, FileAsk, FileLook, FileMapping, FileProgress, FileRow, FileRun } from "../bindings";
import { Refused, type FilesBackend } from "../index";

const FIELDS = ["sale_id", "occurred_at", "phone", "total", "time_of_day", "items", "currency"];
const NAMES: Record<string, RegExp> = { sale_id: /^(sale.?id|receipt.*|transaction id)$/i, occurred_at: /^(occurred.?at|date)$/i, phone: /phone/i, total: /^total.*$/i, items: /^items$/i };
/** How long a made-up import takes, so that it can be watched and stopped. */
const STEPS = 4;

type State = { id: string; bytes: string; progress: FileProgress; steps: number; run: FileRun | null };

const idle = (): FileProgress => ({
  state: "idle", dry_run: false, percent: 0, rows: 0, recorded: 0, duplicates: 0, members_created: 0, points: 0,
  rejected_rows: 0, rejected: [], rejects_file: null, failure: null,
});

function table(text: string, delimiter: string): string[][] {
  return text.split(/\r?\n/).filter((line) => line.trim()).map((line) => line.split(delimiter).map((cell) => cell.trim()));
}

function guess(text: string): FileMapping {
  const first = text.split("\n", 1)[0] ?? "";
  const delimiter = first.includes(";") ? ";" : ",";
  const header = table(first, delimiter)[0] ?? [];
  const columns = Object.fromEntries(FIELDS.flatMap((field) => {
    const found = header.find((name) => NAMES[field]?.test(name));
    return found ? [[field, found]] : [];
  }));
  return { columns, delimiter, encoding: "utf8", decimal: delimiter === ";" ? "comma" : "plain", dates: "year_first", items: "list", only: [], lines: null };
}

function rowOf(cells: string[], line: number, header: string[], mapping: FileMapping): FileRow {
  const cell = (field: string): string => cells[header.indexOf(mapping.columns[field] ?? "")] ?? "";
  const errors: CellError[] = [];
  const wrong = (field: string, code: string): number => errors.push({ line, column: mapping.columns[field] ?? "", code, value: cell(field) });
  const phone = cell("phone").replace(/\D/g, "");
  if (phone && phone.length < 10) wrong("phone", "bad_phone");
  const amount = mapping.decimal === "comma" ? cell("total").replace(".", "").replace(",", ".") : cell("total");
  const lacks = mapping.columns["total"] === "";
  if (!lacks && !/^\d+(\.\d{1,2})?$/.test(amount)) wrong("total", "bad_amount");
  const parts = /^(\d{1,4})[/.-](\d{1,2})[/.-](\d{1,4})(.*)$/.exec(cell("occurred_at"));
  const [, a = "", b = "", c = "", time = ""] = parts ?? [];
  const day = mapping.dates === "day_first" ? `${c}-${b}-${a}` : mapping.dates === "month_first" ? `${c}-${a}-${b}` : `${a}-${b}-${c}`;
  const at = new Date(`${day}T${time.replace(/^[ T]/, "") || "00:00"}Z`);
  if (Number.isNaN(at.valueOf())) wrong("occurred_at", "bad_time");
  return {
    line, sale_id: cell("sale_id"), at: errors.length ? "" : at.toISOString(), last4: phone.slice(-4),
    total_minor: lacks ? 0 : Math.round(Number(amount) * 100) || 0, items: cell("items"), errors,
  };
}

/** The commands of the import screen. */
export function filesOf(): FilesBackend {
  let file: State | null = null;
  const remembered = new Map<string, FileMapping>();
  const of = (id: string): State => {
    if (file?.id !== id) throw new Refused("missing", "file", id);
    return file;
  };
  const rows = (text: string, mapping: FileMapping): FileRow[] => {
    const [header = [], ...cells] = table(text, mapping.delimiter);
    return cells.map((row, at) => rowOf(row, at + 2, header, mapping));
  };
  const look = (text: string, ask: FileAsk): FileLook => {
    const seen = guess(text);
    const source = ask.source ?? (text.includes("Total Collected") ? "square" : "pos");
    const kept = ask.mapping ? undefined : remembered.get(source);
    const mapping = ask.mapping ?? kept ?? seen;
    const header = table(text, mapping.delimiter)[0] ?? [];
    const missing = FIELDS.slice(0, 4).filter((field) => mapping.columns[field] !== "" && !header.includes(mapping.columns[field] ?? " "));
    const dates = /(^|[;,])\d{2}\/\d{2}\/\d{4}/m.test(text);
    return {
      source, preset: source === "square" ? "Square" : null, remembered: kept !== undefined, mapping, header, missing,
      fields: FIELDS.map((name, at) => ({ name, needed: at < 4 })),
      dates_sure: !dates || kept !== undefined || mapping.dates !== "year_first", decimal_sure: true,
      rows: missing.length ? [] : rows(text, mapping).slice(0, 8),
    };
  };
  const go = (state: State): void => {
    const { run } = state;
    if (!run || state.progress.state !== "running") return;
    state.steps += 1;
    const all = rows(state.bytes, run.mapping);
    const read = all.slice(0, Math.ceil((all.length * state.steps) / STEPS));
    const bad = read.filter((row) => row.errors.length);
    const points = read.filter((row) => !row.errors.length && row.last4).reduce((sum, row) => sum + Math.floor(row.total_minor / 100), 0);
    const done = state.steps >= STEPS;
    state.progress = {
      ...state.progress, percent: Math.round((100 * state.steps) / STEPS), rows: read.length, recorded: read.length - bad.length, points,
      rejected_rows: bad.length, rejected: done ? bad.flatMap((row) => row.errors) : [], state: done ? "done" : "running",
      rejects_file: done && bad.length && !run.dry_run ? "/home/ana/Downloads/monday.rejected.csv" : null,
    };
  };
  return {
    fileBegin: async () => {
      file = { id: crypto.randomUUID(), bytes: "", progress: idle(), steps: 0, run: null };
      return file.id;
    },
    fileBytes: async (id, piece) => void (of(id).bytes += new TextDecoder().decode(Uint8Array.from(atob(piece), (c) => c.charCodeAt(0)))),
    fileLook: async (ask) => look(of(ask.file_id).bytes, ask),
    fileRun: async (run) => {
      const state = of(run.file_id);
      if (!run.dry_run) remembered.set(run.source, run.mapping);
      state.run = run;
      state.steps = 0;
      state.progress = { ...idle(), state: "running", dry_run: run.dry_run };
      return state.progress;
    },
    fileProgress: async (id) => {
      go(of(id));
      return of(id).progress;
    },
    fileStop: async (id) => {
      const state = of(id);
      if (state.progress.state === "running") state.progress = { ...state.progress, state: "stopped" };
    },
  };
}
