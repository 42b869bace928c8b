// The till's own backups, as the settings know them: what is set, one change at a time, and how far the one under way is.
import { Refused, type BackupCode, type Backups, type OwnerBackend } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";
import { m } from "../../paraglide/messages";
import { Changed } from "../changed.svelte";
import type { Wrong } from "./sales-in.svelte";

/** How often the progress is read while one is under way. */
const LOOK_MS = 500;

const CODES: Record<BackupCode, { title: () => string; advice: () => string }> = {
  missing: { title: m.backup_code_missing, advice: m.backup_code_missing_do },
  not_allowed: { title: m.backup_code_not_allowed, advice: m.backup_code_not_allowed_do },
  full: { title: m.backup_code_full, advice: m.backup_code_full_do },
  gone: { title: m.backup_code_gone, advice: m.backup_code_gone_do },
  changed: { title: m.backup_code_changed, advice: m.backup_code_changed_do },
  not_whole: { title: m.backup_code_not_whole, advice: m.backup_code_not_whole_do },
  passphrase: { title: m.backup_code_passphrase, advice: m.backup_code_passphrase_do },
  secrets: { title: m.backup_code_secrets, advice: m.backup_code_secrets_do },
  damaged: { title: m.backup_code_damaged, advice: m.backup_code_damaged_do },
  bad_address: { title: m.backup_code_bad_address, advice: m.backup_code_bad_address_do },
  unreachable: { title: m.backup_code_unreachable, advice: m.backup_code_unreachable_do },
  certificate: { title: m.backup_code_certificate, advice: m.backup_code_certificate_do },
  wrong_key: { title: m.backup_code_wrong_key, advice: m.backup_code_wrong_key_do },
  clock: { title: m.backup_code_clock, advice: m.backup_code_clock_do },
  no_bucket: { title: m.backup_code_no_bucket, advice: m.backup_code_no_bucket_do },
  region: { title: m.backup_code_region, advice: m.backup_code_region_do },
  too_big: { title: m.backup_code_too_big, advice: m.backup_code_too_big_do },
  busy: { title: m.backup_code_busy, advice: m.backup_code_busy_do },
  io: { title: m.backup_code_io, advice: m.backup_code_io_do },
};

/** What keeps backups from being made, and what to do. */
export function backupWords(code: BackupCode): { title: string; advice: string } {
  return { title: CODES[code].title(), advice: CODES[code].advice() };
}

/** What a refused field says. */
function wordsOf(error: unknown): Wrong {
  if (!(error instanceof Refused)) return { field: "", words: failureWords(error) };
  const own: Record<string, () => string> = {
    "folder missing": m.backup_folder_wrong,
    "folder bad_name": m.backup_folder_own,
    "at bad_time": m.backup_at_wrong,
    "endpoint bad_name": m.backup_endpoint_wrong,
    "region bad_name": m.backup_region_wrong,
    "bucket bad_name": m.backup_bucket_wrong,
    "prefix bad_name": m.backup_prefix_wrong,
    "key_id bad_name": m.backup_key_id_wrong,
    "secret missing": m.backup_secret_missing,
    "ca_file missing": m.backup_ca_file_wrong,
    "passphrase missing": m.backup_pass_short,
    "again missing": m.backup_pass_differs,
  };
  return { field: error.field, words: (own[`${error.field} ${error.code}`] ?? (() => failureWords(error)))() };
}

export class BackupSettings extends Changed<Backups, Wrong> {
  /** How far the one is that was begun here, in percent. */
  percent: number | null = $state(null);

  protected read(): Promise<Backups> {
    return this.backend.backups();
  }

  protected refused(error: unknown): Wrong {
    return wordsOf(error);
  }

  /** Changes where they go, and makes the first one there: whether it works is seen at once, not tonight. */
  async move(work: (backend: OwnerBackend) => Promise<Backups>): Promise<Wrong | null> {
    const wrong = await this.change(work);
    const now = this.seen.value;
    const first = now?.passphrase === true && (now.folder !== "" || now.storage !== null);
    return wrong ?? (first ? this.run() : null);
  }

  /** Makes one now, and shows how far it is. */
  async run(): Promise<Wrong | null> {
    if (this.busy) return null;
    this.percent = 0;
    const timer = setInterval(() => {
      // What can't be read now is read half a second later.
      void this.backend.backups().then((now) => (this.percent = this.percent === null ? null : (now.running ?? this.percent)), () => undefined);
    }, LOOK_MS);
    try {
      return await this.change((backend) => backend.backupsRun());
    } finally {
      clearInterval(timer);
      this.percent = null;
    }
  }
}
