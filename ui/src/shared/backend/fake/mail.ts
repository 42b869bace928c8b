// The in-browser shop's mail: `?mail=on` (or `paused`, `stuck`, `unset`, `old`, `offline`, `quiet`: nothing waits). Its words are
// checked for names that nobody knows, no more; a preview is a real mail, kept by the tests of crates/mail.
import type { Mail, MailFinding, MailLine, MailSettings, VoiceError } from "../bindings";
import { Refused, type MailBackend } from "../index";
import type { ReportsDatabase } from "./reports";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NAMES = ["name", "shop", "balance", "points_to_next", "reward", "code", "referral_link", "confirm_link", "weeks"];
const KINDS = ["confirm", "welcome", "reward_earned", "balance", "we_miss_you", "referral_joined", "monthly_summary", "partner_outreach", "document_problem"];
const SAMPLES = import.meta.glob<string>("../../../../tests/pages/relay/mail-reward.html", { query: "?raw", import: "default" });

const BUILT_IN = `Language: en

[reward earned]
Subject: You have earned: {{ reward }}
Preheader: It is waiting for you at {{ shop }}.

Hello {{ name }},

you have {{ balance }} points. That is enough for **{{ reward }}**.

[balance]
Subject: {{ balance }} points at {{ shop }}

Hello {{ name }},

you have {{ balance }} points. {{ points_to_next }} more and {{ reward }} is yours.
`;

/** The shop's mail over a made-up relay. */
export function mailOf(params: URLSearchParams, reports: () => Promise<ReportsDatabase>): MailBackend {
  const how = params.get("mail");
  let state: Promise<Mail> | undefined;
  let asked = -Infinity;
  const mail = (): Promise<Mail> => {
    if (how === null) throw new Refused("not_paired");
    if (how === "old") throw new Refused("relay_too_old");
    if (how === "offline") throw new Refused("offline");
    return (state ??= reports().then((shop) => madeUp(shop, how, Date.now())));
  };
  const shown = async (change?: (now: Mail) => void): Promise<Mail> => {
    const now = await mail();
    change?.(now);
    now.kinds = counted(now.waiting);
    return structuredClone(now);
  };
  const move = (mails: string[], kind: string | null, from: string[], to: (line: MailLine) => string): Promise<Mail> =>
    shown((now) => {
      const lines = now.waiting.filter((line) => from.includes(line.state) && (mails.includes(line.id) || line.kind === kind));
      if (!lines.length) throw new Refused("mail_gone");
      for (const line of lines) line.state = to(line);
    });
  const publish = (text: string): Promise<Mail> => {
    if (wrongIn(text).length) throw new Refused("mail_bad_voice", "voice");
    return shown((now) => now.voices.unshift({ version: (now.voices[0]?.version ?? 0) + 1, at: new Date(Date.now()).toISOString(), text, by: "" }));
  };
  return {
    mail: async () => shown(),
    mailStop: async (mails, kind) => move(mails, kind, ["queued", "planned"], () => "stopped"),
    mailUndo: async (mails, kind) => move(mails, kind, ["stopped"], (line) => (line.id.includes(":") ? "planned" : "queued")),
    mailSet: async (settings, password) => shown((now) => (now.settings = checked(settings, password, now.settings))),
    mailTest: async () =>
      shown((now) => {
        if (!now.settings?.owner) throw new Refused("mail_no_owner", "owner");
        if (now.stuck.problem) throw new Refused("mail_not_taken", "", now.stuck.problem);
      }),
    mailArrives: async () => {
      const { settings } = await mail();
      if (!settings) throw new Refused("mail_not_set");
      const now = Date.now();
      if (now - asked < 10_000) throw new Refused("mail_asked_too_soon");
      asked = now;
      return found(settings, how === "stuck");
    },
    mailJob: async (job, calendar) =>
      shown((now) => {
        const one = now.jobs.find((each) => each.job === job);
        if (!one) throw new Refused("mail_unknown_job", "job");
        if (calendar !== null && calendar.split(" ").length !== 5) throw new Refused("mail_bad_calendar", "calendar");
        Object.assign(one, { calendar, next_at: calendar && new Date(Date.now() + 5 * HOUR_MS).toISOString() });
      }),
    mailRun: async (job) =>
      shown((now) => {
        const backup = job === "backup";
        if (backup && now.runs.find((run) => run.job === job)?.outcome === "asked") throw new Refused("mail_backup_soon", "job");
        const at = new Date(Date.now()).toISOString();
        now.runs.unshift({ job, planned_at: at, ran_at: at, outcome: backup ? "asked" : "done", made: backup ? 0 : 12 });
      }),
    mailVoiceCheck: async (voice) => wrongIn(voice),
    mailVoicePublish: async (voice) => publish(voice),
    mailVoiceRollBack: async (version) => publish((await mail()).voices.find((one) => one.version === version)?.text ?? ""),
    mailPreview: async (kind, voice, memberId) => {
      if (voice !== null && wrongIn(voice).length) throw new Refused("mail_bad_voice", "voice");
      const [row] = memberId ? (await reports()).select<{ name: string }>("SELECT name FROM report_members WHERE member_id = $1", [memberId]) : [];
      const [load] = Object.values(SAMPLES);
      const html = ((await load?.()) ?? "").replace(/Hello Nadia[^,]*/, `Hello ${(row?.name ?? "Nadia").split(" ", 1).join("").replaceAll("<", "&lt;")}`);
      const text = voice ?? (await mail()).voices[0]?.text ?? BUILT_IN;
      const subject = new RegExp(`\\[${kind.replaceAll("_", " ")}\\]\\s*Subject: (.*)`).exec(text)?.[1] ?? kind;
      return { subject: subject.replace("{{ reward }}", "Free coffee").replace("{{ balance }}", "120").replace("{{ shop }}", "Harbour Coffee"), text: "", html };
    },
  };
}

/** A domain that lacks some records; or where the server lets nobody in, all that can be wrong with it. */
function found({ sender, owner, host }: MailSettings, broken: boolean): MailFinding[] {
  const domain = sender.split("@")[1] ?? "";
  const one = (code: string, good: boolean, values: string[], text?: [string, string]): MailFinding => ({
    what: code.split("_")[0] ?? "", code, values, good, said: "In English.", record: text ? { name: text[0], kind: "TXT", text: text[1] } : null,
  });
  const dmarc: [string, string] = [`_dmarc.${domain}`, `v=DMARC1; p=none; rua=mailto:${owner}`];
  if (!broken) return [one("server_good", true, [host, sender]), one("spf_not_named", false, [host], [domain, `v=spf1 include:_spf.google.com a:${host} ~all`]), one("dkim_service", true, [`s1._domainkey.${domain}`]), one("dmarc_none", false, [], dmarc), one("mx_good", true, [`mx.${domain}`, domain])];
  return [one("server_no", false, ["The server refused the name or the password (535)."]), one("spf_too_many", false, []), one("dkim_unknown", false, []), one("dmarc_many", false, [`_dmarc.${domain}`], dmarc), { ...one("mx_none", false, [domain]), code: "mx_something_new" }];
}

function counted(waiting: MailLine[]): Mail["kinds"] {
  return [...new Set(waiting.map((line) => line.kind))].map((kind) => {
    const lines = waiting.filter((line) => line.kind === kind);
    const stopped = lines.filter((line) => line.state === "stopped").length;
    return { kind, waiting: lines.length - stopped, stopped };
  });
}

function checked(settings: MailSettings, password: string | null, before: MailSettings | null): MailSettings {
  for (const field of ["sender", "postal", "host"] as const) if (!settings[field].trim()) throw new Refused("mail_missing", field);
  if (!settings.sender.includes("@")) throw new Refused("mail_bad_address", "sender");
  if (/^(localhost|10\.|127\.|192\.168\.)/.test(settings.host)) throw new Refused("mail_private_host", "host");
  const kept = before?.has_password === true && before.host === settings.host && before.username === settings.username;
  if (settings.username && !password && !kept) throw new Refused("mail_password_needed", "password");
  return { ...settings, has_password: settings.username !== "" };
}

/** Names that nobody knows, at their places, with the one that is most like it. */
function wrongIn(text: string): VoiceError[] {
  return text.split("\n").flatMap((line, at) =>
    [...line.matchAll(/\{\{\s*(\w+)\s*\}\}/g)]
      .filter(([, name = ""]) => !NAMES.includes(name))
      .map((found) => {
        const name = found[1] ?? "";
        const suggestion = NAMES.find((one) => [...one].sort().join("") === [...name].sort().join("") || one.startsWith(name.slice(0, 4))) ?? null;
        const words = suggestion ? `Nothing is called \`${name}\`. Did you mean \`${suggestion}\`?` : `Nothing is called \`${name}\`.`;
        const told = suggestion ? { code: "unknown_name_like", values: [name, suggestion] } : { code: "unknown_name", values: [name, "[reward earned]", NAMES.join(", ")] };
        return { line: at + 1, column: line.indexOf(name, found.index) + 1, length: name.length, words, suggestion, ...told };
      }),
  );
}

function madeUp({ select }: ReportsDatabase, how: string, now: number): Mail {
  const people = select<{ member_id: string }>("SELECT member_id FROM report_members WHERE name <> '' ORDER BY member LIMIT 24", []).map((row) => row.member_id);
  const at = (ms: number): string => new Date(now + ms).toISOString();
  let id = 0;
  const line = (kind: string, state: string, ms: number, more: Partial<MailLine> = {}): MailLine => {
    id += 1;
    const member_id = people[id % Math.max(1, people.length)] ?? null;
    return { id: `mail-${id}`, kind, member_id, state, at: at(ms), why: null, partner: null, reward: kind === "reward_earned" ? "Free coffee" : null, ...more };
  };
  const evening = 5 * HOUR_MS;
  const waiting = [
    line("reward_earned", "queued", how === "stuck" ? -3 * HOUR_MS : 11 * HOUR_MS, { why: how === "stuck" ? "line" : "quiet" }),
    line("referral_joined", "queued", 11 * HOUR_MS, { why: "quiet" }),
    ...Array.from({ length: 9 }, () => line("balance", "planned", evening)).map((one) => ({ ...one, id: `balance:${one.id}` })),
  ];
  const gone = [
    line("reward_earned", "sent", -20 * MINUTE_MS),
    line("confirm", "sent", -2 * HOUR_MS),
    line("welcome", "failed", -3 * HOUR_MS, { why: "550 5.1.1" }),
    line("balance", "unknown", -21 * HOUR_MS),
    line("balance", "cancelled", -21 * HOUR_MS, { why: "no_consent" }),
    line("balance", "cancelled", -21 * HOUR_MS, { why: "not_wanted" }),
    line("balance", "bounced", -21 * HOUR_MS, { why: "5.1.1" }),
    line("balance", "bounced_softly", -21 * HOUR_MS, { why: "4.2.2" }),
    line("referral_joined", "complained", -22 * HOUR_MS),
    line("reward_earned", "cancelled", -25 * HOUR_MS, { why: "not_enough_any_more" }),
    ...Array.from({ length: 6 }, (_, n) => line("balance", "sent", -21 * HOUR_MS - n * 400)),
  ];
  const problem = how === "stuck" ? "The server refused the name or the password (535)." : null;
  const settings: MailSettings = {
    sender: "hello@harbour.example", reply_to: "", owner: "ana@harbour.example", postal: "1 Pier Road, San Diego CA 92101", host: "smtp.example.com", port: 465, security: "tls", username: "harbour", has_password: true, per_hour: 500, per_week: 2, quiet: "21:00-09:00", paused: how === "paused",
  };
  const none = how === "unset" || how === "quiet";
  const lines = none ? [] : waiting;
  return {
    settings: how === "unset" ? null : settings,
    keeps_passwords: how !== "unset",
    waiting: lines,
    kinds: counted(lines),
    gone: none ? [] : gone,
    ends: none ? [] : [{ state: "bounced", mails: 2 }, { state: "bounced_softly", mails: 1 }, { state: "cancelled", mails: 14 }, { state: "complained", mails: 1 }, { state: "failed", mails: 3 }, { state: "sent", mails: 1_284 }, { state: "unknown", mails: 1 }],
    stuck: { mails: problem ? 1 : 0, since: problem && at(-3 * HOUR_MS), problem, problem_at: problem && at(-4 * MINUTE_MS) },
    jobs: [
      { job: "balance", calendar: how === "unset" ? null : "0 19 * * *", next_at: how === "unset" ? null : at(evening) },
      { job: "lapsing", calendar: "0 9 * * MON", next_at: at(59 * HOUR_MS) },
      { job: "summary", calendar: "0 9 * * MON#1", next_at: at(395 * HOUR_MS) },
    ],
    runs: none ? [] : [
      ...[9, 33, 57].map((hours, n) => ({ job: "backup", planned_at: at(-hours * HOUR_MS), ran_at: at(-hours * HOUR_MS), outcome: n === 1 ? "full" : "done", made: 0 })),
      { job: "balance", planned_at: at(-19 * HOUR_MS), ran_at: at(-19 * HOUR_MS), outcome: "done", made: 61 },
      { job: "balance", planned_at: at(-43 * HOUR_MS), ran_at: at(-38 * HOUR_MS), outcome: "skipped", made: 0 },
      // A day late, as the relay was off; and one that was more than two weeks late.
      { job: "lapsing", planned_at: at(-109 * HOUR_MS), ran_at: at(-85 * HOUR_MS), outcome: "done", made: 7 },
      { job: "summary", planned_at: at(-445 * HOUR_MS), ran_at: at(-90 * HOUR_MS), outcome: "skipped", made: 0 },
    ],
    voices: none ? [] : [
      { version: 2, at: at(-50 * HOUR_MS), text: BUILT_IN.replace("you have {{ balance }} points. That", "you have **{{ balance }}** points. That"), by: "" },
      { version: 1, at: at(-300 * HOUR_MS), text: BUILT_IN, by: "" },
    ],
    built_in: BUILT_IN,
    mails: KINDS,
  };
}
