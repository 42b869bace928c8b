// What a window may ask of the store behind it, and which store answers: the app's own, or the in-browser shop.
// Nothing outside this folder knows about Tauri.
import type * as c from "./bindings";

export type * from "./bindings";

/** What a till's window may ask. Every method rejects with a {@link Refused} or {@link StorageFailed}. */
export interface TillBackend extends News {
  startup(): Promise<c.Startup>;
  firstStart(input: c.FirstStart): Promise<c.Startup>;
  signIn(staffId: string, pin: string): Promise<c.Session>;
  signOut(): Promise<void>;
  /** Tells the store that somebody is at the till, so that it doesn't lock. */
  touch(): Promise<void>;
  search(query: string): Promise<c.SearchResult>;
  memberCard(memberId: string): Promise<c.Card>;
  enrol(input: c.Enrol): Promise<c.Card>;
  /** What a member shows to friends. */
  memberLink(memberId: string): Promise<c.MemberLink>;
  memberEdit(input: c.MemberEdit): Promise<c.Card>;
  preview(memberId: string, amount: string, bought: c.Bought[]): Promise<c.Preview>;
  credit(input: c.Credit): Promise<c.Credited>;
  redeem(input: c.Redeem): Promise<c.Redeemed>;
  reverse(input: c.Reverse): Promise<c.Reversed>;
  /** What giving money back would do. */
  refundPreview(ask: c.RefundAsk): Promise<c.RefundPreview>;
  refund(input: c.Refund): Promise<c.Refunded>;
  adjust(input: c.Adjust): Promise<c.Card>;
  /** Today's lines, newest first. */
  activity(): Promise<c.Line[]>;
  status(): Promise<c.Status>;
  /** Held sales that wait, oldest first. */
  held(): Promise<c.HeldSale[]>;
  decide(input: c.Decide): Promise<c.DecidedNow>;
  staffList(): Promise<c.StaffTile[]>;
  staffEdit(input: c.StaffEdit): Promise<c.StaffTile[]>;
  /** Opens the owner's window; refused unless an owner has this PIN. */
  openOwner(pin: string): Promise<void>;
}

/** A first start that joins a shop which runs already. */
export interface JoinBackend {
  joinShop(input: c.JoinShop): Promise<c.Startup>;
  /** Tries to reach the relay now. */
  joinRetry(): Promise<void>;
  joinLeave(): Promise<c.Startup>;
  /** Sets an owner's PIN where the shop's PINs did not come with the code. */
  ownerPin(input: c.OwnerPin): Promise<c.Startup>;
}

/** How sales come in by themselves: what is set, and what came lately. */
export interface SalesInBackend {
  salesIn(): Promise<c.SalesIn>;
  salesInSet(edit: c.SalesInEdit): Promise<c.SalesIn>;
  /** Makes the secret, or a new one; it is shown this once. */
  salesInSecret(): Promise<c.NewSecret>;
  salesInSender(edit: c.SenderEdit): Promise<c.SalesIn>;
  salesInForget(name: string): Promise<c.SalesIn>;
  /** An empty folder: none is watched. */
  salesInWatch(folder: string, source: string): Promise<c.SalesIn>;
}

/** The shop's tills and their relay. */
export interface TillsBackend {
  tills(): Promise<c.Tills>;
  tillsConnect(address: string, code: string): Promise<c.Tills>;
  tillsStartOver(): Promise<null>;
  /** A code for a new till: it works once, for ten minutes. */
  tillsAdd(): Promise<c.AddedTill>;
  tillsRename(tillId: string, name: string): Promise<c.Tills>;
  tillsRevoke(tillId: string): Promise<c.Tills>;
  /** Gives a till up: what it held waits, for nobody to spend. */
  tillsLose(tillId: string): Promise<c.Tills>;
  /** A till that was given up is back. */
  tillsFind(tillId: string): Promise<c.Tills>;
  /** What a till that was given up held may be spent again. */
  tillsRelease(tillId: string): Promise<c.Tills>;
  /** Tries to reach the relay now. */
  tillsTry(): Promise<void>;
}

/** The shop's mail, which the relay sends. */
export interface MailBackend {
  mail(): Promise<c.Mail>;
  /** These do not go out, and all of a kind. */
  mailStop(mails: string[], kind: string | null): Promise<c.Mail>;
  /** These do go out after all. */
  mailUndo(mails: string[], kind: string | null): Promise<c.Mail>;
  /** Null keeps the password there is, as long as server and name stay. */
  mailSet(settings: c.MailSettings, password: string | null): Promise<c.Mail>;
  mailTest(): Promise<c.Mail>;
  mailArrives(): Promise<c.MailFinding[]>;
  /** When a job runs; null: never. */
  mailJob(job: string, calendar: string | null): Promise<c.Mail>;
  mailRun(job: string): Promise<c.Mail>;
  mailVoiceCheck(voice: string): Promise<c.VoiceError[]>;
  mailVoicePublish(voice: string): Promise<c.Mail>;
  mailVoiceRollBack(version: number): Promise<c.Mail>;
  /** In the voice in force where there is none; to somebody made up where there is no member. */
  mailPreview(kind: string, voice: string | null, memberId: string | null): Promise<c.MailSaid>;
}

/** Rules and words in documents elsewhere, which the relay reads. `document` is `rules` or `voice`. */
export interface DocumentsBackend {
  documents(): Promise<c.Documents>;
  /** What is at an address, as it would be published. Changes nothing. */
  documentTry(document: string, address: string): Promise<c.DocumentTried>;
  /** This document from now on, and at once what it says. */
  documentSet(document: string, address: string): Promise<c.Documents>;
  documentLook(document: string): Promise<c.Documents>;
  documentStop(document: string): Promise<c.Documents>;
  /** The service account's key by which Google Docs are read; null forgets it. */
  documentKey(key: string | null): Promise<c.Documents>;
}

/** Mails to other shops, which wait for the owner's yes. */
export interface OutreachBackend {
  outreach(): Promise<c.Outreach>;
  /** How many wait. */
  outreachCount(): Promise<number>;
  /** Drafts only: nothing goes out. */
  outreachDraft(to: c.OutreachTo[]): Promise<c.Outreach>;
  /** How other words would read, and what is wrong with them. */
  outreachTry(mail: string, words: string): Promise<c.OutreachTried>;
  outreachEdit(mail: string, words: string): Promise<c.Outreach>;
  /** To all of these, as they were seen, or to none. */
  outreachDecide(mails: c.OutreachSeen[], approve: boolean): Promise<c.Outreach>;
  outreachUndo(mails: string[]): Promise<c.Outreach>;
  outreachShow(mail: string): Promise<c.MailSaid>;
}

/** Points that several tills hold: the owner's limits, and what is left to settle after tills were apart. */
export interface RightsBackend {
  /** Null for a shop without a relay. */
  awayLimits(): Promise<c.AwayLimits | null>;
  awayLimitsSet(opId: string, limits: c.AwayLimits): Promise<void>;
  conflicts(): Promise<c.Conflicts>;
  conflictSettle(input: c.ConflictSettle): Promise<c.Conflicts>;
  conflictUndo(opId: string, key: string): Promise<c.Conflicts>;
}

/** Members who stay away, and what is done about them. */
export interface WinBackBackend {
  winBack(): Promise<c.WinBack>;
  /** Null: as usual again. */
  winBackChoose(members: string[], choice: c.WinBackChoice | null): Promise<c.WinBack>;
  winBackUsual(opId: string, usual: c.WinBackUsual): Promise<c.WinBack>;
}

/** The till's own backups. */
export interface BackupsBackend {
  backups(): Promise<c.Backups>;
  /** `at` is `HH:MM`; an empty folder: none are made. */
  backupsSet(folder: string, at: string): Promise<c.Backups>;
  /** Null keeps the key's secret there is. */
  backupsStorage(storage: c.BackupStorage, secret: string | null, at: string): Promise<c.Backups>;
  backupsPassphrase(passphrase: string, again: string): Promise<c.Backups>;
  /** Answers when it is made, or could not be: then `trouble` says why. */
  backupsRun(): Promise<c.Backups>;
}

/** Bringing in a file of sales, one at a time. */
export interface FilesBackend {
  /** Makes room for a file; answers its id. */
  fileBegin(name: string): Promise<string>;
  /** Adds a piece of it, in base64. */
  fileBytes(fileId: string, piece: string): Promise<void>;
  fileLook(ask: c.FileAsk): Promise<c.FileLook>;
  fileRun(run: c.FileRun): Promise<c.FileProgress>;
  fileProgress(fileId: string): Promise<c.FileProgress>;
  fileStop(fileId: string): Promise<void>;
}

/** What both windows hear. */
export interface News {
  /** Calls `call` whenever a sale or a file came in by itself or another till's work arrived; answers how to stop. */
  onArrival(call: () => void): () => void;
}

/** What the owner's window may ask. */
export interface OwnerBackend extends SalesInBackend, TillsBackend, MailBackend, DocumentsBackend, OutreachBackend, RightsBackend, WinBackBackend, BackupsBackend, FilesBackend, News {
  /** Tells the shell that somebody is at the owner's window, so that it doesn't lock. */
  ownerTouch(): Promise<void>;
  ownerLock(): Promise<void>;
  /** Rejects with `wrong_pin` and the time to wait. */
  ownerUnlock(pin: string): Promise<void>;
  ownerContext(): Promise<c.OwnerContext>;
  /** Changes a member's name, email, consent and birthday. */
  memberChange(input: c.MemberEdit): Promise<void>;
  rulesCheck(text: string): Promise<c.RulesCheck>;
  rulesPublish(opId: string, text: string): Promise<c.OwnerContext>;
  /** What can be written at a place of a text; line and column from 1, the column in characters. */
  rulesComplete(text: string, line: number, column: number): Promise<string[]>;
  rulesRollBack(opId: string, version: number): Promise<c.OwnerContext>;
  rulesTry(draft: string, sale: c.TrySale): Promise<c.Tried>;
  /** Null where it was stopped. */
  rulesBacktest(draft: string, hear: (progress: c.BacktestProgress) => void): Promise<c.BacktestReport | null>;
  rulesBacktestStop(): Promise<void>;
  reviewHeld(): Promise<c.HeldSale[]>;
  /** The latest decisions, newest first. */
  reviewDecided(): Promise<c.DecidedSale[]>;
  reviewDecide(input: c.Decide): Promise<c.DecidedNow>;
  /** Takes the line of an approved sale back. */
  reviewTakeBack(input: c.Reverse): Promise<void>;
  /** Decides about a referral's reward that seemed odd. */
  rewardDecide(input: c.RewardDecide): Promise<void>;
  /** Asks the relay for the clicks of the shop's links; whether there is news. */
  clicksLook(): Promise<boolean>;
  /** Makes a link of a vendor's or a campaign's; that its name is taken is an answer. */
  linkAdd(input: c.LinkAdd): Promise<c.LinkAdded>;
  /** Such a link as a picture. */
  linkShow(code: string): Promise<c.MemberLink>;
  /** Null where it was stopped: then there is no file. */
  exportLedger(filter: c.LedgerFilter): Promise<c.Exported | null>;
  /** Writes a list that the window made, as CSV, where exports go; answers the path, or null where it was stopped. */
  saveList(name: string, csv: string): Promise<string | null>;
  exportStop(): Promise<void>;
  /** Closes the owner's window. */
  close(): Promise<void>;
  /** One read-only SELECT on the report views; `params` fill `$1`, `$2`, … */
  select<Row>(sql: string, params: readonly unknown[]): Promise<Row[]>;
}

/** Both halves: each window uses its own, and may call no other. */
export interface Backend extends TillBackend, JoinBackend, OwnerBackend {}

/** A rule of the programme said no. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly code: string,
    readonly field = "",
    readonly value = "",
    readonly number: number | null = null,
  ) {
    super(code);
  }
}

/** The machine said no. */
export class StorageFailed extends Error {
  override readonly name = "StorageFailed";
  constructor(readonly problem: c.StorageProblem) {
    super(problem.code);
  }
}

/** The error of a failure as it came over the wire. */
export function failed(failure: c.Failure): Refused | StorageFailed {
  return failure.kind === "refused"
    ? new Refused(failure.code, failure.field, failure.value, failure.number)
    : new StorageFailed(failure.problem);
}

/** The store this window stands on. */
export async function openBackend(): Promise<Backend> {
  if (__FAKE_BACKEND__) {
    const { openFake } = await import("./fake");
    return openFake(new URLSearchParams(location.search));
  }
  const { tauriBackend } = await import("./tauri");
  return tauriBackend();
}
