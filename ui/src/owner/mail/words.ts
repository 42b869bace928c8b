// The words for what the relay names in codes: mails, why they wait, how they ended, jobs, refusals.
import { m } from "../../paraglide/messages";
import { Refused, type MailLine } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";

const KINDS: Record<string, () => string> = {
  confirm: m.mail_kind_confirm,
  welcome: m.mail_kind_welcome,
  reward_earned: m.mail_kind_reward_earned,
  balance: m.mail_kind_balance,
  we_miss_you: m.mail_kind_we_miss_you,
  referral_joined: m.mail_kind_referral_joined,
  monthly_summary: m.mail_kind_monthly_summary,
  document_problem: m.mail_kind_document_problem,
  partner_outreach: m.mail_kind_partner_outreach,
  sign_in: m.mail_kind_sign_in,
};

/** What a code says where no words for it are known: those of a newer relay. */
const plain = (code: string): string => code.replaceAll("_", " ");

/** A mail as the owner reads it. */
export function kindWords(kind: string): string {
  return KINDS[kind]?.() ?? plain(kind);
}

const BECAUSE: Record<string, () => string> = {
  confirm: m.mail_because_confirm,
  welcome: m.mail_because_welcome,
  reward_earned: m.mail_because_reward,
  balance: m.mail_because_balance,
  we_miss_you: m.mail_because_we_miss_you,
  referral_joined: m.mail_because_referral_joined,
  monthly_summary: m.mail_because_monthly_summary,
  document_problem: m.mail_because_document_problem,
  partner_outreach: m.mail_because_partner_outreach,
  sign_in: m.mail_because_sign_in,
};

const OFF: Record<string, () => string> = { quiet: m.mail_off_quiet, rate: m.mail_off_rate, line: m.mail_off_line, key: m.mail_off_key };

/** Why a mail is wanted, and where it was put off, why. */
export function waitingWords(line: Pick<MailLine, "kind" | "state" | "why" | "reward">): { because: string; off: string } {
  const because = line.reward ? m.mail_because_reward_earned({ reward: line.reward }) : (BECAUSE[line.kind]?.() ?? "");
  if (line.why === null || line.state !== "queued") return { because, off: "" };
  return { because, off: OFF[line.why]?.() ?? m.mail_off_digits({ digits: line.why }) };
}

const STATES: Record<string, () => string> = {
  sent: m.mail_state_sent,
  failed: m.mail_state_failed,
  unknown: m.mail_state_unknown,
  cancelled: m.mail_state_cancelled,
  bounced: m.mail_state_bounced,
  bounced_softly: m.mail_state_bounced_softly,
  complained: m.mail_state_complained,
};

/** How mail ends, in the order in which it is shown. */
export const ENDED = Object.keys(STATES);

/** How a mail ended, in a word. */
export function stateWords(state: string): string {
  return STATES[state]?.() ?? plain(state);
}

const ENDS: Record<string, () => string> = {
  no_consent: m.mail_end_no_consent,
  not_wanted: m.mail_end_not_wanted,
  not_confirmed: m.mail_end_not_confirmed,
  confirmed_already: m.mail_end_confirmed_already,
  suppressed: m.mail_end_suppressed,
  erased: m.mail_end_erased,
  no_address: m.mail_end_no_address,
  bad_address: m.mail_end_bad_address,
  not_enough_any_more: m.mail_end_not_enough,
  enough_this_week: m.mail_end_enough_this_week,
  came_back: m.mail_end_came_back,
  too_late: m.mail_end_too_late,
  no_recipient: m.mail_end_no_recipient,
  not_approved: m.mail_end_not_approved,
  stopped: m.mail_end_stopped,
};

/** How a mail ended and why: a sentence. */
export function endWords({ state, why }: Pick<MailLine, "state" | "why">): string {
  if (state === "sent") return m.mail_end_sent();
  if (state === "unknown") return m.mail_end_unknown();
  if (state === "complained") return m.mail_end_complained();
  const code = why ?? "";
  // The digits are those of the reader's server; some providers tell none.
  if (state === "bounced") return code ? m.mail_end_bounced_digits({ digits: code }) : m.mail_end_bounced();
  if (state === "bounced_softly") return code ? m.mail_end_bounced_softly_digits({ digits: code }) : m.mail_end_bounced_softly();
  if (state === "failed" && code === "line") return m.mail_end_line();
  if (state === "failed" && code === "key") return m.mail_end_key();
  if (state === "failed" && /^\d/.test(code)) {
    // As the relay reads it: the finer digits say whose fault it is, without them the usual ones do.
    const none = / 5\.1\./.test(code) || /^55[013]$/.test(code);
    return none ? m.mail_end_no_mailbox({ digits: code }) : m.mail_end_digits({ digits: code });
  }
  return ENDS[code]?.() ?? m.mail_end_other({ why: plain(code) });
}

const JOBS: Record<string, { name: () => string; does: () => string }> = {
  balance: { name: m.mail_job_balance, does: m.mail_job_balance_does },
  lapsing: { name: m.mail_job_lapsing, does: m.mail_job_lapsing_does },
  summary: { name: m.mail_job_summary, does: m.mail_job_summary_does },
  backup: { name: m.mail_job_backup, does: m.mail_job_backup_does },
};

/** What a job is called. */
export function jobName(job: string): string {
  return JOBS[job]?.name() ?? plain(job);
}

/** What a job does. */
export function jobDoes(job: string): string {
  return (JOBS[job]?.does ?? m.mail_job_other_does)();
}

const SKIPPED: Record<string, () => string> = { balance: m.mail_run_skipped, lapsing: m.mail_run_skipped_lapsing, summary: m.mail_run_skipped_summary };

/** Why a job was skipped: each is done late up to a time of its own. */
export function skippedWords(job: string): string {
  return (SKIPPED[job] ?? m.mail_run_skipped_other)();
}

/** A sentence for every code of `sync::mail::MailRefusal`; the test beside this file compares them. */
export const MAIL_REFUSALS: Record<string, (said: { said: string }) => string> = {
  mail_not_set: m.mail_no_mail_not_set,
  mail_no_key: m.mail_no_mail_no_key,
  mail_password_needed: m.mail_no_mail_password_needed,
  mail_bad_address: m.mail_no_mail_bad_address,
  mail_missing: m.mail_no_mail_missing,
  mail_bad_host: m.mail_no_mail_bad_host,
  mail_private_host: m.mail_no_mail_private_host,
  mail_bad_number: m.mail_no_mail_bad_number,
  mail_bad_quiet: m.mail_no_mail_bad_quiet,
  mail_no_owner: m.mail_no_mail_no_owner,
  mail_not_taken: m.mail_no_mail_not_taken,
  mail_bad_calendar: m.mail_no_mail_bad_calendar,
  mail_unknown_job: m.mail_no_mail_unknown_job,
  mail_unknown: m.mail_no_mail_unknown,
  mail_bad_voice: m.mail_no_mail_bad_voice,
  mail_no_version: m.mail_no_mail_no_version,
  mail_gone: m.mail_no_mail_gone,
  mail_asked_too_soon: m.mail_no_mail_asked_too_soon,
  mail_no_name_server: m.mail_no_mail_no_name_server,
  outreach_gone: m.mail_no_outreach_gone,
  outreach_changed: m.mail_no_outreach_changed,
  outreach_waits: m.mail_no_outreach_waits,
  mail_backup_soon: m.mail_no_backup_soon,
  mail_no_backups: m.mail_no_backups,
};

/** The sentence for anything that mail is refused with. The value of a refusal is what the server said. */
export function mailFailure(error: unknown): string {
  const words = error instanceof Refused ? MAIL_REFUSALS[error.code] : undefined;
  return words && error instanceof Refused ? words({ said: error.value }) : failureWords(error);
}
