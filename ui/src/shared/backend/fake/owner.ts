// The owner's half of the in-browser shop: real statements on a made-up year, opened when first asked,
// so that the till's page doesn't load a database.
import type { Decide, LedgerFilter, MemberEdit, OwnerContext } from "../bindings";
import { Refused, type OwnerBackend } from "../index";
import { readDetails } from "./details";
import { backupsOf } from "./backups";
import { filesOf } from "./files";
import { lockable } from "./owner-lock";
import { documentsOf } from "./documents";
import { mailOf } from "./mail";
import { outreachOf } from "./outreach";
import { onFakeArrival, salesInOf } from "./sales-in";
import type { ReportsDatabase } from "./reports";
import { decideHeld, emptyQueue, heldSale, takeBackHeld, type Person, type Queue } from "./review";
import { rightsOf } from "./rights";
import { checkRules, completeRules } from "./rules";
import { tillsOf } from "./tills";
import { backtestOn, tryOn } from "./trial";
import { winBackOf } from "./win-back";

const MIGRATIONS = import.meta.glob<string>("../../../../../migrations/till/*.sql", { query: "?raw", import: "default" });

/** The migrations' text, in order. */
export async function migrations(): Promise<string[]> {
  const files = Object.entries(MIGRATIONS).sort(([a], [b]) => a.localeCompare(b));
  return Promise.all(files.map(([, load]) => load()));
}

const LOCK_AFTER_S = 300;

/** A shop for the owner's window. `?shop=empty`: opened today, nobody in it; `?members=N`: that many; `?lock=N`: locks
 * after so many idle seconds; `?export=slow`: an export goes on until it is stopped. */
export function ownerOf(params: URLSearchParams, closePage: () => void): OwnerBackend {
  let opened: Promise<ReportsDatabase> | undefined;
  const reports = (): Promise<ReportsDatabase> => (opened ??= open(params));
  let queued: Promise<Queue> | undefined;
  const queue = (): Promise<Queue> => (queued ??= reports().then((shop) => waiting(shop, Number(params.get("held") ?? 3))));
  const answered = new Map<string, unknown>();
  let stopTest = (): void => undefined;
  let stopExport = (): void => undefined;
  const lockAfterS = Number(params.get("lock") ?? LOCK_AFTER_S);
  const stopped = (): Promise<boolean> => (params.get("export") === "slow" ? new Promise((stop) => (stopExport = () => stop(true))) : Promise.resolve(false));
  const publishNow = async (text: string): Promise<OwnerContext> => {
    const shop = await reports();
    const [row] = shop.select<{ next: number }>("SELECT max(version) + 1 AS next FROM report_rules", []);
    const [owner] = shop.select<{ by: string }>("SELECT by FROM rules ORDER BY version LIMIT 1", []);
    const { publish } = await import("./reports-seed");
    publish(shop.db, row?.next ?? 1, text, Date.now(), owner?.by ?? "", crypto.getRandomValues(new Uint8Array(16)));
    return context(shop, lockAfterS);
  };
  return lockable({
    ownerContext: async () => context(await reports(), lockAfterS),
    memberChange: async (input) => {
      readDetails(input);
      changeMember(await reports(), input);
    },
    rulesCheck: (text) => Promise.resolve(checkRules(text)),
    rulesPublish: async (_opId, text) => {
      if (checkRules(text).errors.length) throw new Refused("bad_rules");
      return publishNow(text);
    },
    rulesComplete: (text, line, column) => Promise.resolve(completeRules(text, line, column)),
    rulesRollBack: async (_opId, version) => {
      const shop = await reports();
      const [row] = shop.select<{ text: string }>("SELECT text FROM report_rules WHERE version = $1", [version]);
      if (!row) throw new Refused("missing", "version", String(version));
      return publishNow(row.text);
    },
    rulesTry: async (draft, sale) => {
      const shop = await reports();
      const [member] = shop.select<{ points: number }>("SELECT points FROM report_members WHERE member_id = $1", [sale.member_id]);
      const of = (text: string): ReturnType<typeof tryOn> => tryOn(text, sale, member?.points ?? 0);
      return { draft: checkRules(draft).errors.length ? null : of(draft), in_force: of(context(shop, lockAfterS).rules_text) };
    },
    rulesBacktest: async (draft, hear) => {
      if (checkRules(draft).errors.length) throw new Refused("bad_rules");
      let stopped = false;
      stopTest = () => (stopped = true);
      return backtestOn(await reports(), draft, hear, () => stopped);
    },
    rulesBacktestStop: async () => stopTest(),
    reviewHeld: async () => (await queue()).held,
    reviewDecided: async () => (await queue()).decided,
    reviewDecide: async (input: Decide) => {
      const before = answered.get(input.op_id) as { entry_id: string | null; balance: number } | undefined;
      if (before) return before;
      const { entry_id, points } = decideHeld(await queue(), input, "Ana", Date.now(), () => crypto.randomUUID());
      const answer = { entry_id, balance: points };
      answered.set(input.op_id, answer);
      return answer;
    },
    reviewTakeBack: async (input) => void takeBackHeld(await queue(), input.entry_id),
    ...salesInOf(params, Date.now()),
    ...tillsOf(params, Date.now()),
    ...mailOf(params, reports),
    ...documentsOf(params, async () => context(await reports(), lockAfterS).rules_text, publishNow),
    ...outreachOf(params, () => params.get("outreach_changed") === "yes"),
    ...rightsOf(params, Date.now()),
    ...winBackOf(params, reports),
    ...backupsOf(params, Date.now()),
    ...filesOf(),
    onArrival: onFakeArrival,
    rewardDecide: async ({ reward, allowed }) => {
      const { db } = await reports();
      const row = [uuidOf(reward), allowed ? 1 : 0, uuidOf(reward)];
      db.exec({ sql: "INSERT INTO referral_looks (reward, allowed, clock, op_id) VALUES (?, ?, 1, ?)", bind: row });
    },
    clicksLook: () => Promise.resolve(false),
    linkAdd: async ({ code, campaign }) => {
      const { db, select } = await reports();
      const name = code.toLowerCase();
      if (!/^[a-z0-9][a-z0-9-]{0,38}[a-z0-9]$/.test(name)) return { code, why: "bad_code", free: [] };
      const taken = await select("SELECT 1 FROM links WHERE code = $1", [name]);
      if (taken.length) return { code: name, why: "code_taken", free: [`${name}-corner`, `${name}-2026`] };
      db.exec({ sql: "INSERT INTO links (code, kind, campaign, created_at) VALUES (?, 'vendor', ?, ?)", bind: [name, campaign, Date.now()] });
      return { code: name, why: null, free: [] };
    },
    linkShow: async (code) => {
      const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="240"><rect width="240" height="240" fill="#fff"/><rect x="40" y="40" width="60" height="60"/></svg>';
      return { code, url: `https://relay.example.com/ref/${code}`, picture };
    },
    exportLedger: async (filter) => ((await stopped()) ? null : { path: "/home/ana/Downloads/ledger.csv", rows: lines(await reports(), filter) }),
    saveList: async (name) => ((await stopped()) ? null : `/home/ana/Downloads/${name}.csv`),
    exportStop: async () => stopExport(),
    close: async () => closePage(),
    select: async <Row>(sql: string, values: readonly unknown[]) => (await reports()).select<Row>(sql, values),
  }, lockAfterS);
}

function changeMember({ db }: ReportsDatabase, { member_id, name, email, email_consent, birthday }: MemberEdit): void {
  const row = [name.trim(), email.trim(), email_consent && email.trim() ? 1 : 0, birthday, member_id];
  db.exec({ sql: "UPDATE members SET name = ?, email = ?, email_consent = ?, birthday = ? WHERE lower(hex(member_id)) = ?", bind: row });
}

async function open(params: URLSearchParams): Promise<ReportsDatabase> {
  const [{ openReports }, { seedShop }, { seedReferrals }] = await Promise.all([import("./reports"), import("./reports-seed"), import("./referrals-seed")]);
  const shop = await openReports(await migrations());
  const members = params.get("shop") === "empty" ? 0 : Number(params.get("members") ?? 400);
  seedShop(shop.db, Date.now(), { members, days: members ? 400 : 0 });
  seedReferrals(shop.db, Date.now());
  // `?standing=unconfirmed`, `confirmed`, `stopped`: how it stands with everybody's mail.
  const standing = params.get("standing");
  if (standing === "stopped") shop.db.exec("UPDATE members SET email_consent = 0, consent_given = 1");
  else if (standing) {
    shop.db.exec("UPDATE members SET email_consent = 1, consent_given = 1 WHERE email <> ''");
    shop.db.exec("INSERT INTO mail_sends (one, sends, asked_at) VALUES (1, 1, 1)");
    shop.db.exec({ sql: "INSERT INTO mail_standing (member_id, confirmed, asked_at) SELECT member_id, ?, 1 FROM members", bind: [standing === "confirmed" ? 1 : 0] });
  }
  return shop;
}

/** The first members' large sales, and two that were decided before. */
function waiting({ select }: ReportsDatabase, count: number): Queue {
  const people = select<Person>("SELECT member_id, code AS member_code, name AS member_name, coalesce(last4, '') AS member_last4 FROM report_members ORDER BY member LIMIT $1", [count && count + 2]);
  const hour = 3_600_000;
  const queue = { ...emptyQueue(), held: people.map((who, n) => heldSale(who, 41_200 + n, 61_200 + n * 9_050, Date.now() - (people.length - n) * 5 * hour, n === 1 ? "webhook:square" : "Chris")) };
  const verdicts: Decide["verdict"][] = [{ what: "approve" }, { what: "reject", reason: "A catering order, paid by invoice" }];
  for (const verdict of people.length ? verdicts : []) {
    const [sale] = queue.held;
    if (sale) decideHeld(queue, { op_id: "", source: sale.source, sale_id: sale.sale_id, verdict }, "Ben", Date.now() - 20 * hour, () => crypto.randomUUID());
  }
  return queue;
}

function context({ select }: ReportsDatabase, lockAfterS: number): OwnerContext {
  const [shop] = select<{ name: string; till_name: string; currency: string; region: string; timezone: string }>("SELECT * FROM shop", []);
  const [rules] = select<{ version: number; text: string }>("SELECT * FROM report_rules ORDER BY version DESC LIMIT 1", []);
  const rewards = select<{ name: string; points: number; cost_minor: number | null }>("SELECT name, points, cost_minor FROM report_rewards WHERE stamps IS NULL", []);
  if (!shop || !rules) throw new Error("the made-up shop is incomplete");
  return {
    shop: { ...shop, currency_digits: 2, currency_symbol: "$", lock_after_s: lockAfterS, rewards, rules_version: rules.version },
    reports: "fake",
    rules_text: rules.text,
  };
}

function lines({ select }: ReportsDatabase, filter: LedgerFilter): number {
  const back = filter.reversed === null ? null : filter.reversed ? 1 : 0;
  const [row] = select<{ rows: number }>(
    `SELECT count(*) AS rows FROM report_ledger
     WHERE day >= coalesce($1, '') AND day <= coalesce($2, '9') AND kind = coalesce($3, kind)
       AND member_id = coalesce($4, member_id) AND by_id = coalesce($5, by_id)
       AND ($6 IS NULL OR reward = $6) AND ($7 IS NULL OR reversed = $7)
       AND ($8 IS NULL OR ($8 = 'redeemed') = (coalesce(reverses_kind, kind) = 'redeem'))`,
    [filter.from_day, filter.to_day, filter.kind, filter.member_id, filter.staff_id, filter.reward, back, filter.side],
  );
  return row?.rows ?? 0;
}

/** The bytes of an id in hex. */
function uuidOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
}
