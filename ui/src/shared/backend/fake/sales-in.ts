// Sales that come in by themselves, as the made-up shop has them. `?trouble=port_taken` shows what is wrong with the
// port; `?in=0` starts with nothing set up. A page test lets a sale come by the window's event `fake-arrival`.
import type { Arrived, SalesIn, SalesInCode, Sender } from "../bindings";
import { Refused, type SalesInBackend } from "../index";

const HOUR_MS = 3_600_000;

function arrived(at: number, part: Partial<Arrived> & Pick<Arrived, "page" | "outcome">): Arrived {
  return { at: new Date(at).toISOString(), name: "", points: 0, code: "", words: "", fields: [], ...part };
}

function lately(now: number): Arrived[] {
  return [
    arrived(now - 4 * 60_000, { page: "sale", name: "A-1042", outcome: "sale", points: 12 }),
    arrived(now - 9 * 60_000, { page: "sale", outcome: "refused", code: "bad_fields", words: "Some fields are missing or wrong. Correct them and send it again.", fields: ["/phone", "/items/0/price"] }),
    arrived(now - 26 * 60_000, { page: "square", name: "sq0-9f2", outcome: "walk_in" }),
    arrived(now - HOUR_MS, { page: "file", name: "monday.csv", outcome: "to_fix", points: 310, words: "Rows refused: 2." }),
    arrived(now - 2 * HOUR_MS, { page: "refund", name: "A-1031", outcome: "refund", points: -4 }),
    arrived(now - 3 * HOUR_MS, { page: "sale", outcome: "refused", code: "signature_wrong", words: "The signature does not fit. Check the secret, and that the body is signed as it is sent." }),
  ];
}

/** The part of the owner's backend that is about it. */
export function salesInOf(params: URLSearchParams, now: number): SalesInBackend {
  const some = params.get("in") !== "0";
  const code = params.get("trouble") as SalesInCode | null;
  let made = some ? 1 : 0;
  const state: SalesIn = {
    on: some,
    port: 4180,
    network: false,
    enrol_unknown: true,
    listening: null,
    trouble: null,
    addresses: [],
    secret: some,
    older_until: null,
    senders: some ? [{ kind: "square", keys: 1, url: "https://shop.example/hooks/square" }] : [],
    watch: some ? { folder: "/home/ana/Exports", source: "pos", trouble: null } : null,
    taken: some ? 4 : 0,
    refused: some ? 2 : 0,
    recent: some ? lately(now) : [],
  };
  const settle = (): SalesIn => {
    const wrong: SalesInCode | null = !state.on ? null : !state.secret ? "no_secret" : code;
    state.trouble = wrong ? { code: wrong, detail: "127.0.0.1:4180 can’t be listened on" } : null;
    state.listening = state.on && !wrong ? `${state.network ? "0.0.0.0" : "127.0.0.1"}:${state.port}` : null;
    state.addresses = [`http://127.0.0.1:${state.port}/pos/sale`, ...(state.network ? [`http://192.168.1.20:${state.port}/pos/sale`] : [])];
    return structuredClone(state);
  };
  const nameOf = (sender: Sender): string => (sender.kind === "mapped" ? sender.name : sender.kind);
  return {
    salesIn: async () => settle(),
    salesInSet: async (edit) => {
      if (edit.port < 1 || edit.port > 65_535) throw new Refused("missing", "port", String(edit.port));
      Object.assign(state, edit);
      return settle();
    },
    salesInSecret: async () => {
      made += 1;
      state.older_until = state.secret ? new Date(now + 24 * HOUR_MS).toISOString() : null;
      state.secret = true;
      return { secret: `whsec_MADEUPsecretNUMBER${made}forTHEpagesTESTS0000=`, sales_in: settle() };
    },
    salesInSender: async (edit) => {
      if (edit.kind === "square" && !/^https?:\/\//.test(edit.url)) throw new Refused("missing", "url", edit.url);
      if (edit.kind !== "mapped" && edit.key.trim() === "") throw new Refused("missing", "key");
      if (edit.kind === "mapped" && !/^[a-z0-9-]{1,20}$/.test(edit.name)) throw new Refused("bad_name", "name", edit.name);
      if (edit.kind === "mapped" && !edit.pointers.total.startsWith("/")) throw new Refused("bad_row", "total", edit.pointers.total);
      const sender: Sender = edit.kind === "mapped" ? edit : edit.kind === "square" ? { kind: "square", keys: 1, url: edit.url } : { kind: edit.kind, keys: 1 };
      state.senders = [...state.senders.filter((other) => nameOf(other) !== nameOf(sender)), sender];
      return settle();
    },
    salesInForget: async (name) => {
      state.senders = state.senders.filter((sender) => nameOf(sender) !== name);
      return settle();
    },
    salesInWatch: async (folder, source) => {
      if (folder && !folder.startsWith("/")) throw new Refused("missing", "folder", folder);
      state.watch = folder ? { folder, source, trouble: null } : null;
      return settle();
    },
  };
}

/** Calls `call` whenever the page's test lets a sale come; answers how to stop. */
export function onFakeArrival(call: () => void): () => void {
  addEventListener("fake-arrival", call);
  return () => removeEventListener("fake-arrival", call);
}
