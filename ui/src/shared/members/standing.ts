// How it stands with a member's mail, in words: for the cashier's card and the owner's page.
import { m } from "../../paraglide/messages";

const WORDS: Record<string, () => string> = {
  no: m.mail_standing_no,
  stopped: m.mail_standing_stopped,
  unconfirmed: m.mail_standing_unconfirmed,
  confirmed: m.mail_standing_confirmed,
  yes: m.mail_standing_yes,
};

/** In words; empty where there is no address to speak of. */
export function standingWords(standing: string): string {
  return WORDS[standing]?.() ?? "";
}
