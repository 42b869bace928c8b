// The address: which page is shown and in which state, kept in the part after `#`, so that back, forward and a
// bookmark work. Reading never fails: what is not understood is its default. Not here: following links (route.svelte.ts).
import { isDay, type Day, type Range } from "./days";
import type { Kind } from "../shared/backend";

/** Which members are listed. `day`, `month` and `year`: who came in that period. */
export const SHOWS = ["all", "day", "month", "year", "slipping", "email"] as const;
export type Show = (typeof SHOWS)[number];
export const MEMBER_SORTS = ["name", "visits", "last_visit", "spent", "points", "enrolled"] as const;
export type MemberSort = (typeof MEMBER_SORTS)[number];
export type Direction = "asc" | "desc";

/** The state of the list of members. */
export type MembersState = { q: string; show: Show; sort: MemberSort; dir: Direction; page: number };

/** Lines of one kind, or one side of the points: all that counts as issued, all that counts as redeemed. */
export const LINE_KINDS = ["all", "issued", "redeemed", "earn", "bonus", "redeem", "refund", "expire", "adjust", "opening", "reverse"] as const;
export type LineKind = (typeof LINE_KINDS)[number];
export const LEDGER_SORTS = ["at", "points", "total"] as const;
export type LedgerSort = (typeof LEDGER_SORTS)[number];
export const TAKEN_BACK = ["all", "yes", "no"] as const;
export type TakenBack = (typeof TAKEN_BACK)[number];

/** The state of the ledger browser. Empty text: no filter. `member` is a code, `staff` what `by_id` holds. */
export type LedgerState = {
  kind: LineKind;
  member: string;
  staff: string;
  reward: string;
  from: Day;
  to: Day;
  reversed: TakenBack;
  sort: LedgerSort;
  dir: Direction;
  page: number;
};

/** What of the mail is shown. */
export const MAIL_PARTS = ["tonight", "outreach", "jobs", "voice", "settings"] as const;
export type MailPart = (typeof MAIL_PARTS)[number];

/** Which of those who stay away are listed: all, whom something is going to be written to, who is left in peace. */
export const WIN_BACK_SHOWS = ["all", "next", "rest"] as const;
export type WinBackShow = (typeof WIN_BACK_SHOWS)[number];
/** What those who stay away can be sorted by: weeks away, name, mails so far. */
export const WIN_BACK_SORTS = ["weeks", "name", "mails"] as const;
export type WinBackSort = (typeof WIN_BACK_SORTS)[number];
export type WinBackState = { show: WinBackShow; sort: WinBackSort; dir: Direction; page: number };

/** A page and its state. */
export type Address =
  | { page: "today"; range: Range }
  | { page: "members"; state: MembersState }
  | { page: "member"; code: string; number: number }
  | { page: "ledger"; state: LedgerState }
  | { page: "referrals"; range: Range; code: string; number: number }
  | { page: "winback"; state: WinBackState }
  | { page: "review" }
  | { page: "settle" }
  | { page: "rules"; version: number | null; against: number | null }
  | { page: "mail"; part: MailPart; version: number | null; against: number | null; to: string }
  | { page: "tills" }
  | { page: "import" }
  | { page: "settings" };

export const WIN_BACK: WinBackState = { show: "all", sort: "weeks", dir: "asc", page: 1 };
export const MEMBERS: MembersState = { q: "", show: "all", sort: "last_visit", dir: "desc", page: 1 };
export const LEDGER: LedgerState = {
  kind: "all", member: "", staff: "", reward: "", from: "", to: "", reversed: "all", sort: "at", dir: "desc", page: 1,
};

/** Reads what follows the `#`. */
export function readAddress(hash: string): Address {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const params = new URLSearchParams(query);
  const [page, part] = path.split("/");
  if (page === "members" && part) return { page: "member", code: part, number: whole(params.get("page")) };
  if (page === "members") return { page: "members", state: readMembers(params) };
  if (page === "ledger") return { page: "ledger", state: readLedger(params) };
  const range = (): Range => one(["day", "month", "year"], params.get("range"), "month");
  if (page === "referrals") return { page, range: range(), code: params.get("code") ?? "", number: whole(params.get("page")) };
  if (page === "winback") return { page, state: readWinBack(params) };
  if (page === "review" || page === "settle") return { page };
  const version = (name: string): number | null => (params.has(name) ? whole(params.get(name)) : null);
  if (page === "rules") return { page: "rules", version: version("version"), against: version("against") };
  if (page === "mail") return { page, part: one(MAIL_PARTS, params.get("part"), "tonight"), version: version("version"), against: version("against"), to: params.get("to") ?? "" };
  if (page === "tills" || page === "import" || page === "settings") return { page };
  return { page: "today", range: range() };
}

/** The address as a link: `#/members?q=ana`. Defaults are left out. */
export function writeAddress(address: Address): string {
  switch (address.page) {
    case "today":
      return link("today", { range: address.range }, { range: "month" });
    case "members":
      return link("members", address.state, MEMBERS);
    case "member":
      return link(`members/${address.code}`, { page: address.number }, { page: 1 });
    case "ledger":
      return link("ledger", address.state, LEDGER);
    case "referrals":
      return link("referrals", { range: address.range, code: address.code, page: address.number }, { range: "month", code: "", page: 1 });
    case "winback":
      return link("winback", address.state, WIN_BACK);
    case "review":
      return "#/review";
    case "settle":
      return "#/settle";
    case "rules":
      return link("rules", { version: address.version ?? "", against: address.against ?? "" }, { version: "", against: "" });
    case "mail":
      return link("mail", { part: address.part, version: address.version ?? "", against: address.against ?? "", to: address.to }, { part: "tonight", version: "", against: "", to: "" });
    case "tills":
    case "import":
    case "settings":
      return `#/${address.page}`;
  }
}

/** A link into the members. */
export const toMembers = (state: Partial<MembersState> = {}): string =>
  writeAddress({ page: "members", state: { ...MEMBERS, ...state } });
/** A link to one member. */
export const toMember = (code: string): string => writeAddress({ page: "member", code, number: 1 });
/** A link into the ledger. */
export const toLedger = (state: Partial<LedgerState> = {}): string =>
  writeAddress({ page: "ledger", state: { ...LEDGER, ...state } });
/** A link to those who stay away. */
export const toWinBack = (state: Partial<WinBackState> = {}): string =>
  writeAddress({ page: "winback", state: { ...WIN_BACK, ...state } });
/** A link to the held sales. */
export const toReview = (): string => writeAddress({ page: "review" });
/** A link to what tills that were apart left to settle. */
export const toSettle = (): string => writeAddress({ page: "settle" });
/** A link to the rules, or to one version of them, held against the one before it or another one. */
export const toRules = (version: number | null = null, against: number | null = null): string => writeAddress({ page: "rules", version, against });

/** A link to the import screen. */
export const toImport = (): string => writeAddress({ page: "import" });
/** A link to a part of the mail, or to one version of its words. */
export const toMail = (part: MailPart = "tonight", version: number | null = null, against: number | null = null): string => writeAddress({ page: "mail", part, version, against, to: "" });
/** A link to writing to a vendor, by its code. */
export const toOutreach = (to: string): string => writeAddress({ page: "mail", part: "outreach", version: null, against: null, to });
/** A link to the tills. */
export const toTills = (): string => writeAddress({ page: "tills" });
/** A link to the settings. */
export const toSettings = (): string => writeAddress({ page: "settings" });

/** The kinds of the store that a choice lets through, where that can be said in kinds. */
export function kindOf(kind: LineKind): Kind | null {
  return kind === "all" || kind === "issued" || kind === "redeemed" ? null : kind;
}

function readMembers(params: URLSearchParams): MembersState {
  return {
    q: params.get("q") ?? "",
    show: one(SHOWS, params.get("show"), MEMBERS.show),
    sort: one(MEMBER_SORTS, params.get("sort"), MEMBERS.sort),
    dir: one(["asc", "desc"], params.get("dir"), MEMBERS.dir),
    page: whole(params.get("page")),
  };
}

function readWinBack(params: URLSearchParams): WinBackState {
  return {
    show: one(WIN_BACK_SHOWS, params.get("show"), WIN_BACK.show),
    sort: one(WIN_BACK_SORTS, params.get("sort"), WIN_BACK.sort),
    dir: one(["asc", "desc"], params.get("dir"), WIN_BACK.dir),
    page: whole(params.get("page")),
  };
}

function readLedger(params: URLSearchParams): LedgerState {
  return {
    kind: one(LINE_KINDS, params.get("kind"), LEDGER.kind),
    member: params.get("member") ?? "",
    staff: params.get("staff") ?? "",
    reward: params.get("reward") ?? "",
    from: day(params.get("from")),
    to: day(params.get("to")),
    reversed: one(TAKEN_BACK, params.get("reversed"), LEDGER.reversed),
    sort: one(LEDGER_SORTS, params.get("sort"), LEDGER.sort),
    dir: one(["asc", "desc"], params.get("dir"), LEDGER.dir),
    page: whole(params.get("page")),
  };
}

function link(path: string, state: Record<string, string | number>, defaults: Record<string, string | number>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(state)) if (value !== defaults[name]) params.set(name, String(value));
  const query = params.toString();
  return query ? `#/${path}?${query}` : `#/${path}`;
}

function one<T extends string>(known: readonly T[], text: string | null, fallback: NoInfer<T>): T {
  return known.find((value) => value === text) ?? fallback;
}

function whole(text: string | null): number {
  return text && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : 1;
}

function day(text: string | null): Day {
  return text && isDay(text) ? text : "";
}
/** A link to who came through whom, of one code or of all. */
export const toReferrals = (code = "", range: Range = "month"): string => writeAddress({ page: "referrals", range, code, number: 1 });
