// The words for what became of a mail to another shop, and for why one got none.
import { m } from "../../paraglide/messages";
import { stateWords } from "../mail/words";

const STATES: Record<string, () => string> = {
  drafted: m.outreach_state_drafted,
  rejected: m.outreach_state_rejected,
  queued: m.outreach_state_queued,
  sending: m.mail_sending,
  stopped: m.mail_stopped,
};

/** What became of it, in a word. */
export function becameWords(state: string): string {
  return STATES[state]?.() ?? stateWords(state);
}

const PASSED: Record<string, () => string> = {
  unknown_code: m.outreach_passed_unknown_code,
  waits: m.outreach_passed_waits,
  not_wanted: m.outreach_passed_not_wanted,
  suppressed: m.outreach_passed_suppressed,
};

/** Why a vendor gets none: a sentence. */
export function passedWords(why: string): string {
  return PASSED[why]?.() ?? why.replaceAll("_", " ");
}
