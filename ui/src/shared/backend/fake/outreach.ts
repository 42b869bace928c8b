// The in-browser shop's mails to other shops: `?outreach=3` (so many wait; 0: none, but there are vendors), `none` (no
// vendors), `old` (a relay that can't do it). Their words are filled in, no more; what the relay does about them is
// tested with the relay.
import type { MailSaid, Outreach, OutreachMail, OutreachVendor, VoiceError } from "../bindings";
import { Refused, type OutreachBackend } from "../index";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const NAMES = ["shop", "partner", "partner_link"];
const SAMPLES = import.meta.glob<string>("../../../../tests/pages/relay/mail-reward.html", { query: "?raw", import: "default" });
const WORDS = `Subject: {{ shop }} and {{ partner }}
Preheader: A link that brings our customers to each other.

Hello,

we are {{ shop }}, close to you. Some of our customers would like {{ partner }}, and some of yours may like us.

This link is yours: [{{ partner }} at {{ shop }}]({{ partner_link }}).
`;
const SHOPS = [
  ["solare", "Solare Bakery", "hello@solare.example"],
  ["books", "Pier Books", "read@books.example"],
  ["flowers", "Flowers & Sons", "rosa@flowers.example"],
] as const;

/** The mails to other shops over a made-up relay. */
export function outreachOf(params: URLSearchParams, changed: () => boolean): OutreachBackend {
  const how = params.get("outreach");
  const relay = params.get("mail");
  let state: Outreach | undefined;
  const now = (): Outreach => {
    if (relay === null) throw new Refused("not_paired");
    if (how === "old" || relay === "old") throw new Refused("relay_too_old");
    if (relay === "offline") throw new Refused("offline");
    state ??= madeUp(how ?? "0", relay !== "unset", Date.now());
    return state;
  };
  const answer = async (change?: (at: Outreach) => void): Promise<Outreach> => {
    const at = now();
    at.passed = [];
    change?.(at);
    at.waiting = at.mails.filter((mail) => mail.state === "drafted").length;
    for (const vendor of at.vendors) vendor.waits = at.mails.some((mail) => mail.code === vendor.code && mail.state === "drafted");
    const html = await sample();
    return structuredClone({ ...at, mails: at.mails.map((mail) => ({ ...mail, said: mail.state === "drafted" ? said(mail, mail.words ?? "", html) : null })) });
  };
  const one = (mail: string): OutreachMail => {
    const found = now().mails.find((each) => each.mail === mail);
    if (!found) throw new Refused("outreach_gone");
    return found;
  };
  const waiting = (mail: string): OutreachMail => {
    const found = one(mail);
    if (found.state !== "drafted") throw new Refused("outreach_gone");
    return found;
  };
  const time = (): string => new Date(Date.now()).toISOString();
  return {
    outreach: async () => answer(),
    outreachCount: async () => now().mails.filter((mail) => mail.state === "drafted").length,
    outreachDraft: async (to) =>
      answer((at) => {
        const bad = to.find((each) => !/^\S+@\S+\.\S+$/.test(each.address));
        if (bad) throw new Refused("mail_bad_address", bad.code);
        const nameless = to.find((each) => !each.name.trim());
        if (nameless) throw new Refused("mail_missing", nameless.code);
        for (const { code, name, address } of to) {
          Object.assign(at.vendors.find((vendor) => vendor.code === code) ?? {}, { name, address, last_at: time() });
          at.mails.push(drafted({ code, name, address }, Date.now()));
        }
      }),
    outreachTry: async (mail, words) => {
      const errors = wrongIn(words);
      return { said: errors.length ? null : said(one(mail), words, await sample()), errors };
    },
    outreachEdit: async (mail, words) =>
      answer(() => {
        const found = waiting(mail);
        Object.assign(found, { words, seen: crypto.randomUUID(), edited_by: "Ana", edited_at: time(), subject: filled(found, words.split("\n", 1).join("").replace("Subject: ", "")) });
      }),
    outreachDecide: async (mails, approve) =>
      answer(() => {
        // As if another owner had been there between.
        if (changed()) for (const { mail } of mails) one(mail).seen = crypto.randomUUID();
        const found = mails.map(({ mail, seen }) => ({ mail: waiting(mail), seen }));
        if (approve && found.some(({ mail, seen }) => mail.seen !== seen)) throw new Refused("outreach_changed");
        for (const { mail } of found) Object.assign(mail, { state: approve ? "queued" : "rejected", at: time(), undo: true, decided_by: "Ana", decided_at: time() });
      }),
    outreachUndo: async (mails) =>
      answer(() => {
        for (const mail of mails.map(one)) {
          if (!mail.undo) throw new Refused("outreach_gone");
          Object.assign(mail, { state: "drafted", undo: false, decided_by: null, decided_at: null });
        }
      }),
    outreachShow: async (mail) => said(one(mail), one(mail).words ?? WORDS, await sample()),
  };
}

async function sample(): Promise<string> {
  const [load] = Object.values(SAMPLES);
  return (await load?.()) ?? "";
}

const filled = (mail: Pick<OutreachMail, "name" | "code">, text: string): string =>
  text.replaceAll("{{ shop }}", "Harbour Coffee").replaceAll("{{ partner }}", mail.name).replaceAll("{{ partner_link }}", `https://relay.example.com/ref/${mail.code}`);

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** The words in the dress of a mail that was really made. */
function said(mail: OutreachMail, words: string, html: string): MailSaid {
  const [head = "", ...rest] = words.split("\n\n");
  const subject = filled(mail, /^Subject: (.*)$/m.exec(head)?.[1] ?? "");
  const text = filled(mail, rest.join("\n\n"));
  const paragraphs = text.split("\n\n").map((paragraph) => `<p style="margin:0 0 16px;font-family:sans-serif;color:#1d1d1b">${escaped(paragraph.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1"))}</p>`);
  const body = `<h1 style="font-family:sans-serif;color:#1d1d1b">${escaped(subject)}</h1>${paragraphs.join("")}`;
  return { subject, text, html: html.replace(/You get this because[^<]*/, "Harbour Coffee wrote to you as one shop to another.").replace(/<main>[\s\S]*<\/main>/, `<main>${body}</main>`) };
}

/** Names that nobody knows, at their places. */
function wrongIn(words: string): VoiceError[] {
  return words.split("\n").flatMap((line, at) =>
    [...line.matchAll(/\{\{\s*(\w+)\s*\}\}/g)]
      .filter(([, name = ""]) => !NAMES.includes(name))
      .map((found) => {
        const name = found[1] ?? "";
        const suggestion = NAMES.find((known) => known.startsWith(name.slice(0, 4))) ?? null;
        return { line: at + 1, column: line.indexOf(name, found.index) + 1, length: name.length, words: suggestion ? `Nothing is called \`${name}\`. Did you mean \`${suggestion}\`?` : `Nothing is called \`${name}\`.`, suggestion, code: suggestion ? "unknown_name_like" : "unknown_name", values: [name, suggestion ?? "[partner outreach]", NAMES.join(", ")] };
      }),
  );
}

function drafted(to: { code: string; name: string; address: string }, at: number): OutreachMail {
  const mail = { ...to, mail: crypto.randomUUID(), state: "drafted", at: new Date(at).toISOString(), why: null, undo: false, seen: crypto.randomUUID(), words: WORDS, said: null, drafted_by: "Ana", drafted_at: new Date(at).toISOString(), edited_by: null, edited_at: null, decided_by: null, decided_at: null, subject: "" };
  return { ...mail, subject: filled(mail, "{{ shop }} and {{ partner }}") };
}

function madeUp(how: string, sends: boolean, at: number): Outreach {
  const date = (ms: number): string => new Date(at + ms).toISOString();
  const vendor = (code: string, more: Partial<OutreachVendor> = {}): OutreachVendor => ({ code, campaign: "autumn", name: null, address: null, last_at: null, waits: false, closed: null, ...more });
  const waits = Number(how) || 0;
  const mails = SHOPS.slice(0, waits).map(([code, name, address]) => drafted({ code, name, address }, at - 30 * MINUTE_MS));
  const past = (code: string, name: string, state: string, more: Partial<OutreachMail> = {}): OutreachMail => ({
    ...drafted({ code, name, address: `hello@${code}.example` }, at - 3 * DAY_MS), words: null, state, at: date(-2 * DAY_MS), decided_by: "Ana", decided_at: date(-2 * DAY_MS), ...more,
  });
  const gone = [
    past("bakery", "The Bakery", "sent"),
    past("cinema", "Cinema Paradiso", "bounced", { why: "5.1.1" }),
    past("tailor", "Tailor Tom", "cancelled", { why: "not_wanted" }),
    past("books", "Pier Books", "rejected", { decided_by: "Ben" }),
    past("flowers", "Flowers & Sons", "queued", { why: "quiet", undo: true, at: date(11 * 60 * MINUTE_MS) }),
  ];
  const known = how === "none" ? [] : [
    ...SHOPS.map(([code, name, address], n) => vendor(code, n < waits ? { name, address, last_at: date(-30 * MINUTE_MS) } : {})),
    vendor("bakery", { name: "The Bakery", address: "hello@bakery.example", last_at: date(-3 * DAY_MS) }),
    vendor("cinema", { name: "Cinema Paradiso", address: "hello@cinema.example", last_at: date(-3 * DAY_MS), closed: "suppressed" }),
    vendor("tailor", { name: "Tailor Tom", address: "hello@tailor.example", last_at: date(-3 * DAY_MS), closed: "not_wanted" }),
  ];
  return { sends, vendors: known, mails: how === "none" ? [] : [...mails, ...gone], waiting: waits, passed: [] };
}
