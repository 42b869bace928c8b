// The in-browser shop's documents elsewhere: `?documents=none` (a relay, nothing set), `kept`, `hand` (changed by hand since),
// `problem` (of the rules' text), `google` (with a service account; the document is not shared), `nokey` (a relay that keeps
// no keys), `away`; without it there is no relay. Addresses that end in `bad`, `missing` or `same` are so.
import type { DocumentElsewhere, DocumentProblem, Documents, DocumentTried } from "../bindings";
import { Refused, type DocumentsBackend } from "../index";

const MINUTE_MS = 60_000;
const ACCOUNT = "reader@harbour-coffee.iam.gserviceaccount.com";
const TEXT: Record<string, string> = {
  rules: "Earn 2 points per $1\nSkip sales under $2\nReward 100 points: Free coffee, costs $1.20\n",
  voice: "[welcome]\nSubject: Welcome\n\nGood to have you.\n",
};

function problemAt(ms: number, code: string, of: Partial<DocumentProblem> = {}): DocumentProblem {
  return { code, since: new Date(ms).toISOString(), line: 0, column: 0, words: "", suggestion: null, said: "", ...of };
}

const bad = (ms: number): DocumentProblem => problemAt(ms, "document_bad", { line: 2, column: 18, words: "Expected a day, such as Tuesday or 24 December.", suggestion: "Tuesday" });

/** Documents over a made-up relay; `rules` says which are in force, `publish` puts others in force. */
export function documentsOf(params: URLSearchParams, rules: () => Promise<string>, publish: (text: string) => Promise<unknown>): DocumentsBackend {
  const how = params.get("documents");
  let state: Documents | undefined;
  const now = (): Documents => {
    if (how === null) throw new Refused("not_paired");
    if (how === "away") throw new Refused("offline");
    return (state ??= madeUp(how, Date.now()));
  };
  const one = (document: string): DocumentElsewhere => {
    const found = now().documents.find((each) => each.document === document);
    if (!found) throw new Refused("document_not_set", "document");
    return found;
  };
  const addressed = (address: string): string => {
    if (/docs\.google\.com\/document\/d\//.test(address)) {
      if (!now().google) throw new Refused("document_needs_key", "key");
    } else if (!/^https:\/\/\S+$/.test(address)) throw new Refused("document_bad_address", "address");
    return address;
  };
  const found = async (document: string, address: string): Promise<DocumentTried> => {
    if (address.endsWith("bad")) return { text: null, in_force: false, problem: bad(Date.now()) };
    if (address.endsWith("missing")) return { text: null, in_force: false, problem: problemAt(Date.now(), "document_not_found") };
    const same = address.endsWith("same");
    return { text: same ? await rules() : (TEXT[document] ?? ""), in_force: same, problem: null };
  };
  const shown = (): Documents => structuredClone(now());
  return {
    documents: async () => shown(),
    documentTry: async (document, address) => found(document, addressed(address)),
    documentSet: async (document, address) => {
      const { text, problem } = await found(document, addressed(address));
      if (problem) throw new Refused(problem.code, "", problem.words);
      if (document === "rules" && text !== null && text !== (await rules())) await publish(text);
      const all = now();
      const set = { ...kept(document, Date.now()), address, google: address.includes("docs.google.com") };
      all.documents = [...all.documents.filter((each) => each.document !== document), set];
      return shown();
    },
    documentLook: async (document) => {
      Object.assign(one(document), { looked_at: new Date(Date.now()).toISOString(), problem: null });
      return shown();
    },
    documentStop: async (document) => {
      one(document);
      now().documents = now().documents.filter((each) => each.document !== document);
      return shown();
    },
    documentKey: async (key) => {
      if (key !== null && !key.includes("service_account")) throw new Refused("document_bad_key", "key");
      now().google = key === null ? null : ACCOUNT;
      return shown();
    },
  };
}

function kept(document: string, ms: number): DocumentElsewhere {
  const at = (minutes: number): string => new Date(ms + minutes * MINUTE_MS).toISOString();
  const address = `https://harbour.example.com/${document === "rules" ? "rules.txt" : "words.md"}`;
  return { document, address, google: false, looked_at: at(-4), next_at: at(11), published_at: at(-3000), version: 4, by_hand: false, problem: null };
}

function madeUp(how: string, ms: number): Documents {
  const documents = how === "none" || how === "nokey" ? [] : ["rules", "voice"].map((document) => kept(document, ms));
  const since = ms - 34 * MINUTE_MS;
  for (const one of documents) {
    if (how === "hand") one.by_hand = true;
    if (how === "problem") one.problem = bad(since);
    if (how === "google") {
      Object.assign(one, { google: true, address: "https://docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ-0123456789/edit" });
      one.problem = problemAt(since, "document_not_shared", { said: ACCOUNT });
    }
  }
  return { documents, google: how === "google" ? ACCOUNT : null, keeps_keys: how !== "nokey", mails_owner: how !== "google" };
}
