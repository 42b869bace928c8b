// The app's own store, reached through Tauri's commands and, for reports, its read-only SQL.
import { Channel } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import Database from "@tauri-apps/plugin-sql";
import { commands, type Failure } from "./bindings";
import { failed, StorageFailed, type Backend } from "./index";

/** What a command answers; its failure becomes the error the windows know. */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw asError(error);
  }
}

/** The same where there is nothing to answer. */
async function done(answer: Promise<null>): Promise<void> {
  await told(answer);
}

function asError(error: unknown): Error {
  if (typeof error === "object" && error !== null && "kind" in error) return failed(error as Failure);
  return new StorageFailed({ code: "io", path: "", detail: String(error) });
}

/** A backend over Tauri. */
export function tauriBackend(): Backend {
  let reports: Promise<string> | undefined;
  return {
    startup: () => told(commands.startup()),
    firstStart: (input) => told(commands.firstStart(input)),
    joinShop: (input) => told(commands.joinShop(input)),
    joinRetry: () => done(commands.joinRetry()),
    joinLeave: () => told(commands.joinLeave()),
    ownerPin: (input) => told(commands.ownerPin(input)),
    signIn: (staffId, pin) => told(commands.signIn(staffId, pin)),
    signOut: () => done(commands.signOut()),
    touch: () => done(commands.touch()),
    search: (query) => told(commands.search(query)),
    memberCard: (memberId) => told(commands.memberCard(memberId)),
    enrol: (input) => told(commands.enrol(input)),
    memberLink: (memberId) => told(commands.memberLink(memberId)),
    memberEdit: (input) => told(commands.memberEdit(input)),
    preview: (memberId, amount, bought) => told(commands.preview(memberId, amount, bought)),
    credit: (input) => told(commands.credit(input)),
    redeem: (input) => told(commands.redeem(input)),
    reverse: (input) => told(commands.reverse(input)),
    refundPreview: (ask) => told(commands.refundPreview(ask)),
    refund: (input) => told(commands.refund(input)),
    adjust: (input) => told(commands.adjust(input)),
    activity: () => told(commands.activity()),
    held: () => told(commands.held()),
    decide: (input) => told(commands.decide(input)),
    status: () => told(commands.status()),
    staffList: () => told(commands.staffList()),
    staffEdit: (input) => told(commands.staffEdit(input)),
    openOwner: (pin) => done(commands.openOwner(pin)),
    ownerTouch: () => done(commands.ownerTouch()),
    ownerLock: () => done(commands.ownerLock()),
    ownerUnlock: (pin) => done(commands.ownerUnlock(pin)),
    ownerContext: () => told(commands.ownerContext()),
    memberChange: (input) => done(commands.memberChange(input)),
    rulesCheck: (text) => told(commands.rulesCheck(text)),
    rulesPublish: (opId, text) => told(commands.rulesPublish(opId, text)),
    rulesComplete: (text, line, column) => told(commands.rulesComplete(text, line, column)),
    rulesRollBack: (opId, version) => told(commands.rulesRollBack(opId, version)),
    rulesTry: (draft, sale) => told(commands.rulesTry(draft, sale)),
    rulesBacktest: (draft, hear) => told(commands.rulesBacktest(draft, new Channel(hear))),
    rulesBacktestStop: () => done(commands.rulesBacktestStop()),
    reviewHeld: () => told(commands.reviewHeld()),
    reviewDecided: () => told(commands.reviewDecided()),
    reviewDecide: (input) => told(commands.reviewDecide(input)),
    reviewTakeBack: (input) => done(commands.reviewTakeBack(input)),
    rewardDecide: (input) => done(commands.rewardDecide(input)),
    clicksLook: () => told(commands.clicksLook()),
    linkAdd: (input) => told(commands.linkAdd(input)),
    linkShow: (code) => told(commands.linkShow(code)),
    exportLedger: (filter) => told(commands.exportLedger(filter)),
    saveList: (name, csv) => told(commands.saveList(name, csv)),
    exportStop: () => done(commands.exportStop()),
    salesIn: () => told(commands.salesIn()),
    salesInSet: (edit) => told(commands.salesInSet(edit)),
    salesInSecret: () => told(commands.salesInSecret()),
    salesInSender: (edit) => told(commands.salesInSender(edit)),
    salesInForget: (name) => told(commands.salesInForget(name)),
    salesInWatch: (folder, source) => told(commands.salesInWatch(folder, source)),
    tills: () => told(commands.tills()),
    tillsConnect: (address, code) => told(commands.tillsConnect(address, code)),
    tillsStartOver: () => told(commands.tillsStartOver()),
    tillsAdd: () => told(commands.tillsAdd()),
    tillsRename: (tillId, name) => told(commands.tillsRename(tillId, name)),
    tillsRevoke: (tillId) => told(commands.tillsRevoke(tillId)),
    tillsLose: (tillId) => told(commands.tillsLose(tillId)),
    tillsFind: (tillId) => told(commands.tillsFind(tillId)),
    tillsRelease: (tillId) => told(commands.tillsRelease(tillId)),
    tillsTry: () => done(commands.tillsTry()),
    mail: () => told(commands.mail()),
    mailStop: (mails, kind) => told(commands.mailStop(mails, kind)),
    mailUndo: (mails, kind) => told(commands.mailUndo(mails, kind)),
    mailSet: (settings, password) => told(commands.mailSet(settings, password)),
    mailTest: () => told(commands.mailTest()),
    mailArrives: () => told(commands.mailArrives()),
    mailJob: (job, calendar) => told(commands.mailJob(job, calendar)),
    mailRun: (job) => told(commands.mailRun(job)),
    mailVoiceCheck: (voice) => told(commands.mailVoiceCheck(voice)),
    mailVoicePublish: (voice) => told(commands.mailVoicePublish(voice)),
    mailVoiceRollBack: (version) => told(commands.mailVoiceRollBack(version)),
    mailPreview: (kind, voice, memberId) => told(commands.mailPreview(kind, voice, memberId)),
    documents: () => told(commands.documents()),
    documentTry: (document, address) => told(commands.documentTry(document, address)),
    documentSet: (document, address) => told(commands.documentSet(document, address)),
    documentLook: (document) => told(commands.documentLook(document)),
    documentStop: (document) => told(commands.documentStop(document)),
    documentKey: (key) => told(commands.documentKey(key)),
    outreach: () => told(commands.outreach()),
    outreachCount: () => told(commands.outreachCount()),
    outreachDraft: (to) => told(commands.outreachDraft(to)),
    outreachTry: (mail, words) => told(commands.outreachTry(mail, words)),
    outreachEdit: (mail, words) => told(commands.outreachEdit(mail, words)),
    outreachDecide: (mails, approve) => told(commands.outreachDecide(mails, approve)),
    outreachUndo: (mails) => told(commands.outreachUndo(mails)),
    outreachShow: (mail) => told(commands.outreachShow(mail)),
    awayLimits: () => told(commands.awayLimits()),
    awayLimitsSet: (opId, limits) => done(commands.awayLimitsSet(opId, limits)),
    conflicts: () => told(commands.conflicts()),
    conflictSettle: (input) => told(commands.conflictSettle(input)),
    conflictUndo: (opId, key) => told(commands.conflictUndo(opId, key)),
    winBack: () => told(commands.winBack()),
    winBackChoose: (members, choice) => told(commands.winBackChoose(members, choice)),
    winBackUsual: (opId, usual) => told(commands.winBackUsual(opId, usual)),
    backups: () => told(commands.backups()),
    backupsSet: (folder, at) => told(commands.backupsSet(folder, at)),
    backupsStorage: (storage, secret, at) => told(commands.backupsStorage(storage, secret, at)),
    backupsPassphrase: (passphrase, again) => told(commands.backupsPassphrase(passphrase, again)),
    backupsRun: () => told(commands.backupsRun()),
    fileBegin: (name) => told(commands.fileBegin(name)),
    fileBytes: (fileId, piece) => done(commands.fileBytes(fileId, piece)),
    fileLook: (ask) => told(commands.fileLook(ask)),
    fileRun: (run) => told(commands.fileRun(run)),
    fileProgress: (fileId) => told(commands.fileProgress(fileId)),
    fileStop: (fileId) => done(commands.fileStop(fileId)),
    onArrival: (call) => {
      const listening = listen("arrived", call);
      return () => void listening.then((stop) => stop());
    },
    close: () => done(commands.close()),
    select: async (sql, params) => {
      // A refusal is not kept: after the PIN it is asked again.
      reports ??= told(commands.ownerContext()).then((context) => context.reports, (error: unknown) => {
        reports = undefined;
        throw error;
      });
      // `get`, not `load`: the app opened the file read-only before this window existed.
      return told(Database.get(await reports).select(sql, [...params]));
    },
  };
}
