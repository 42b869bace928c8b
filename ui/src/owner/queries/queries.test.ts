// The owner's statements against the shop's real migrations: each number is computed again from the lines.
import { beforeAll, describe, expect, it } from "vitest";
import { LEDGER, LINE_KINDS, LEDGER_SORTS, MEMBERS, MEMBER_SORTS, SHOWS } from "../address";
import { migrations } from "../../shared/backend/fake/owner";
import { openReports, type ReportsDatabase } from "../../shared/backend/fake/reports";
import { seedShop } from "../../shared/backend/fake/reports-seed";
import { addDays, bucketsOf, dayOf, periodOf } from "../days";
import { ledgerMakers, ledgerPage, ledgerTotals, type LedgerRow, type LedgerTotals } from "./ledger";
import { memberByCode, membersAll, membersCount, membersLike, membersPage, stampsOf, type MemberRow, type StampsRow } from "./members";
import type { Query } from "./sql";
import * as todayQueries from "./today";

const NOW = Date.parse("2026-11-20T22:00:00Z");
const TODAY = dayOf(NOW, "America/Los_Angeles");
let shop: ReportsDatabase;
let all: LedgerRow[];
const ask = <Row>({ sql, params }: Query): Row[] => shop.select<Row>(sql, params);
const isRedeemed = (row: LedgerRow): boolean => row.kind === "redeem" || row.reverses_kind === "redeem";

beforeAll(async () => {
  shop = await openReports(await migrations());
  seedShop(shop.db, NOW, { members: 150, days: 120 });
  all = shop.select<LedgerRow>("SELECT * FROM report_ledger", []);
  // A busy machine takes its time over the sales of a year.
}, 120_000);

describe("the ledger's statements", () => {
  it("page through every line once, newest first", () => {
    const seen: number[] = [];
    for (let page = 1; ; page += 1) {
      const rows = ask<LedgerRow>(ledgerPage({ ...LEDGER, page }));
      if (!rows.length) break;
      seen.push(...rows.map((row) => row.line));
    }
    expect(new Set(seen).size).toBe(all.length);
    const byTime = [...all].sort((a, b) => b.day.localeCompare(a.day) || b.at_ms - a.at_ms || b.line - a.line);
    expect(seen).toEqual(byTime.map((row) => row.line));
  });

  it.each(LINE_KINDS)("adds up the lines of kind %s", (kind) => {
    const mine = all.filter((row) =>
      kind === "all" ? true : kind === "issued" ? !isRedeemed(row) : kind === "redeemed" ? isRedeemed(row) : row.kind === kind,
    );
    const [sum] = ask<LedgerTotals>(ledgerTotals({ ...LEDGER, kind }));
    const total = (rows: LedgerRow[]): number => rows.reduce((points, row) => points + row.points, 0);
    expect(sum).toEqual({
      lines: mine.length,
      issued: total(mine.filter((row) => !isRedeemed(row))),
      redeemed: 0 - total(mine.filter(isRedeemed)),
    });
    // The made-up shop has no lines of some kinds.
    expect(mine.length).toBeGreaterThan(["opening", "bonus", "refund", "expire"].includes(kind) ? -1 : 0);
  });

  it("filters by member, maker, days and whether a line was taken back", () => {
    const some = all.find((row) => row.reversed);
    if (!some) throw new Error("the made-up shop took nothing back");
    const rows = ask<LedgerRow>(
      ledgerPage({ ...LEDGER, member: some.member_code, staff: some.by_id, from: some.day, to: some.day, reversed: "yes" }),
    );
    expect(rows.map((row) => row.line)).toContain(some.line);
    expect(rows.every((row) => row.member_code === some.member_code && row.day === some.day && row.reversed)).toBe(true);
    expect(ask<LedgerRow>(ledgerPage({ ...LEDGER, from: addDays(TODAY, 1) }))).toEqual([]);
  });

  it.each(LEDGER_SORTS)("sort by %s both ways", (sort) => {
    const up = ask<LedgerRow>(ledgerPage({ ...LEDGER, sort, dir: "asc" }));
    const down = ask<LedgerRow>(ledgerPage({ ...LEDGER, sort, dir: "desc" }));
    const key = (row: LedgerRow): number => (sort === "at" ? row.at_ms : sort === "points" ? row.points : (row.total_minor ?? Infinity));
    expect(up.map(key)).toEqual([...up.map(key)].sort((a, b) => a - b));
    expect(key(down[0] as LedgerRow)).toBeGreaterThanOrEqual(key(down[49] as LedgerRow));
  });

  it("name everybody who made a line, once", () => {
    const makers = ask<{ by_id: string }>(ledgerMakers()).map((maker) => maker.by_id);
    expect(new Set(makers)).toEqual(new Set(all.map((row) => row.by_id)));
    expect(makers.length).toBe(new Set(makers).size);
  });

  it("find one member's lines, and the newest lines, through an index", () => {
    const plan = ({ sql, params }: Query): string =>
      JSON.stringify(shop.db.exec({ sql: `EXPLAIN QUERY PLAN ${sql}`, bind: params as string[], returnValue: "resultRows" }));
    expect(plan(ledgerPage({ ...LEDGER, member: "X" }))).toContain("ledger_by_member");
    expect(plan(ledgerPage(LEDGER))).toContain("ledger_by_day");
    expect(plan(ledgerPage({ ...LEDGER, kind: "redeem", from: "2026-11-01" }))).toContain("ledger_by_day");
  });
});

describe("the members' statements", () => {
  it.each(SHOWS)("count what they list for %s", (show) => {
    const state = { ...MEMBERS, show };
    const [count] = ask<{ members: number }>(membersCount(state, TODAY));
    expect(ask<MemberRow>(membersAll(state, TODAY)).length).toBe(count?.members);
    expect(ask<MemberRow>(membersPage(state, TODAY)).length).toBe(Math.min(50, count?.members ?? 0));
    if (show !== "day") expect(count?.members).toBeGreaterThan(0);
  });

  it.each(MEMBER_SORTS)("give the page that %s order gives", (sort) => {
    for (const dir of ["asc", "desc"] as const) {
      const state = { ...MEMBERS, sort, dir };
      const whole = ask<MemberRow>(membersAll(state, TODAY)).map((row) => row.code);
      const paged = [1, 2, 3].flatMap((page) => ask<MemberRow>(membersPage({ ...state, page }, TODAY)).map((row) => row.code));
      expect(paged).toEqual(whole);
    }
  });

  it("find by a word's beginning without accents, by digits, by email and by code", () => {
    const rows = shop.select<MemberRow>("SELECT * FROM report_members", []);
    const zoe = rows.find((row) => row.name.startsWith("Zoë"));
    const mail = rows.find((row) => row.email);
    if (!zoe || !mail) throw new Error("the made-up shop lacks a Zoë or a mail");
    const found = (q: string): string[] => ask<MemberRow>(membersAll({ ...MEMBERS, q }, TODAY)).map((row) => row.code);
    expect(found("zoe")).toContain(zoe.code);
    expect(found(zoe.phone ?? "").length).toBe(1);
    expect(found(zoe.last4 ?? "")).toContain(zoe.code);
    expect(found(mail.email)).toEqual([mail.code]);
    expect(found(zoe.code.toLowerCase())).toEqual([zoe.code]);
    expect(found(`"' OR 1=1 --`)).toEqual([]);
    expect(ask<MemberRow>(membersLike("zoe")).length).toBeLessThanOrEqual(8);
    expect(ask<MemberRow>(memberByCode(zoe.code))[0]?.name).toBe(zoe.name);
    expect(ask(memberByCode("nobody"))).toEqual([]);
  });
});

describe("the first page's statements", () => {
  const period = periodOf("month", TODAY);

  it("agree with the lists they link to", () => {
    const [came] = ask<todayQueries.Came>(todayQueries.cameBack(period));
    const [listed] = ask<{ members: number }>(membersCount({ ...MEMBERS, show: "month" }, TODAY));
    expect(came?.came).toBe(listed?.members);
    const days = ask<todayQueries.PointsDay>(todayQueries.pointsByDay(period.from, period.to));
    const [issued] = ask<LedgerTotals>(ledgerTotals({ ...LEDGER, from: period.from, to: period.to, kind: "issued" }));
    const [redeemed] = ask<LedgerTotals>(ledgerTotals({ ...LEDGER, from: period.from, to: period.to, kind: "redeemed" }));
    expect(days.reduce((sum, day) => sum + day.issued, 0)).toBe(issued?.issued);
    expect(days.reduce((sum, day) => sum + day.redeemed, 0)).toBe(redeemed?.redeemed);
  });

  it("count what was outstanding back from now", () => {
    const [totals] = ask<todayQueries.Totals>(todayQueries.totals());
    const days = ask<todayQueries.PointsDay>(todayQueries.pointsByDay("2000-01-01", "9999-12-31"));
    const buckets = bucketsOf(addDays(TODAY, -29), TODAY, false);
    const left = todayQueries.outstandingBy(buckets, days, totals?.points_outstanding ?? 0);
    expect(left.at(-1)).toBe(totals?.points_outstanding);
    const tenDaysAgo = all.filter((row) => row.day <= addDays(TODAY, -10)).reduce((sum, row) => sum + row.points, 0);
    expect(left.at(-11)).toBe(tenDaysAgo);
  });

  it("name those who spent most, and the rewards taken with their cost", () => {
    const top = ask<todayQueries.TopMember>(todayQueries.topMembers(period));
    const spent = all.filter((row) => row.kind === "earn" && !row.reversed && row.day >= period.from && row.member_code === top[0]?.code);
    expect(top[0]?.spent_minor).toBe(spent.reduce((sum, row) => sum + (row.total_minor ?? 0), 0));
    expect(top.length).toBe(6);
    const [taken] = ask<todayQueries.Taken>(todayQueries.rewardsTaken(period));
    const redeemed = all.filter((row) => row.kind === "redeem" && !row.reversed && row.day >= period.from);
    expect(taken?.rewards).toBe(redeemed.length);
    expect(taken?.cost_minor).toBe(redeemed.reduce((sum, row) => sum + (row.reward === "$5 off" ? 500 : row.reward === "Free coffee" ? 120 : 0), 0));
    expect(ask<todayQueries.RewardRow>(todayQueries.rewards()).map((row) => row.name)).toEqual(["Cookie", "Free coffee", "$5 off", "1 Flat white free"]);
    expect(ask(todayQueries.visitsByDay(period.from, period.to)).length).toBeGreaterThan(20);
  });

  it("say how far somebody is on a stamp card, and what all stamps cost at most", () => {
    const { liability_minor, liability_stamps_minor, points_outstanding } = ask<todayQueries.Totals>(todayQueries.totals())[0] as todayQueries.Totals;
    const codes = ask<{ code: string }>({ sql: "SELECT code FROM report_members", params: [] }).map((row) => row.code);
    const cards = codes.flatMap((code) => ask<StampsRow>(stampsOf(code)));
    expect(cards.length).toBeGreaterThan(5);
    expect(new Set(cards.map((card) => `${card.name} ${card.needed}`))).toEqual(new Set(["1 Flat white free 9"]));
    const stamps = cards.reduce((sum, card) => sum + card.stamps, 0);
    expect(liability_stamps_minor).toBe(Math.ceil((stamps * 80) / 9));
    // $5 for 250 points is the dearest way to spend a point.
    expect(liability_minor).toBe(Math.ceil((points_outstanding * 500) / 250) + (liability_stamps_minor ?? 0));
  });
});
