// The till's own backups, as the made-up shop has them. `?backups=off` has none set up, `?backups=CODE` is in that
// trouble since two nights, `&storage=1` goes to storage; a run takes as long as the page's clock is held.
import type { BackupCode, BackupRun, Backups, BackupStorage } from "../bindings";
import { Refused, type BackupsBackend } from "../index";

const DAY_MS = 86_400_000;
const PASSPHRASE_MIN = 8;
const STEP_MS = 200;

const STORAGE: BackupStorage = { endpoint: "https://s3.eu-central-1.amazonaws.com", region: "eu-central-1", bucket: "harbour", prefix: "shops/harbour", key_id: "AKIDHARBOUR", path_style: false, ca_file: "" };

/** Nights of `?backups=CODE` that failed. */
const FAILED = 2;

function run(at: number, place: string, code: BackupCode | null): BackupRun {
  const made = code === null;
  const stamp = `${new Date(at).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
  return { at: new Date(at).toISOString(), made, by_hand: false, file: made ? `harbour-coffee-till-1-3f9a2c-${stamp}.sqlite.sealed` : "", place, kb: made ? 4_812 : 0, code, why: made ? "" : "os error" };
}

/** The part of the owner's backend that is about them. */
export function backupsOf(params: URLSearchParams, now: number): BackupsBackend {
  const asked = params.get("backups") ?? "on";
  const trouble = asked === "on" || asked === "off" ? null : (asked as BackupCode);
  const folder = params.has("storage") ? "s3://harbour/shops/harbour/" : "/media/usb/Regulars";
  const night = (ago: number): number => Math.floor(now / DAY_MS) * DAY_MS + 5 * 3_600_000 - ago * DAY_MS;
  const state: Backups = {
    folder: asked === "off" || params.has("storage") ? "" : folder,
    storage: params.has("storage") ? STORAGE : null,
    same_disk: false,
    at: "21:00",
    passphrase: asked !== "off" && trouble !== "passphrase",
    running: null,
    last: null,
    next: null,
    trouble: null,
    runs: asked === "off" ? [] : Array.from({ length: 8 }, (_, ago) => run(night(ago), folder, ago < FAILED ? trouble : null)),
  };
  const settle = (): Backups => {
    const newest = state.runs[0];
    state.last = state.runs.find((one) => one.made)?.at ?? null;
    const on = state.folder !== "" || state.storage !== null;
    state.next = on && state.passphrase ? new Date(night(-1)).toISOString() : null;
    state.same_disk = state.folder.startsWith("/home");
    state.trouble = !on ? null : !state.passphrase ? { code: "passphrase", place: "", detail: "" } : newest && !newest.made ? { code: newest.code ?? "io", place: newest.place, detail: newest.why } : null;
    return structuredClone(state);
  };
  return {
    backups: async () => settle(),
    backupsSet: async (chosen, at) => {
      if (!/^\d\d:\d\d$/.test(at)) throw new Refused("bad_time", "at", at);
      if (chosen && !chosen.startsWith("/")) throw new Refused("missing", "folder", chosen);
      if (chosen.startsWith("/home/ana/.local/share/Regulars")) throw new Refused("bad_name", "folder", chosen);
      Object.assign(state, { folder: chosen, at, storage: null });
      return settle();
    },
    backupsStorage: async (storage, secret, at) => {
      if (!storage.endpoint.startsWith("https://")) throw new Refused("bad_name", "endpoint");
      if (!/^[a-z0-9.-]{3,63}$/.test(storage.bucket)) throw new Refused("bad_name", "bucket");
      if (storage.key_id === "") throw new Refused("bad_name", "key_id");
      if (secret === null && state.storage?.key_id !== storage.key_id) throw new Refused("missing", "secret");
      Object.assign(state, { folder: "", at, storage });
      return settle();
    },
    backupsPassphrase: async (passphrase, again) => {
      if (passphrase.trim() !== passphrase || passphrase.length < PASSPHRASE_MIN) throw new Refused("missing", "passphrase");
      if (passphrase !== again) throw new Refused("missing", "again");
      state.passphrase = true;
      return settle();
    },
    backupsRun: async () => {
      for (let percent = 0; percent < 100; percent += 20) {
        state.running = percent;
        await new Promise((go) => setTimeout(go, STEP_MS));
      }
      state.running = null;
      state.runs = [{ ...run(Date.now(), state.storage ? `s3://${state.storage.bucket}/${state.storage.prefix}` : state.folder, trouble), by_hand: true }, ...state.runs].slice(0, 20);
      return settle();
    },
  };
}
