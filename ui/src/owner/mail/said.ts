// The words for what the relay found, in codes with what they name: whether mail arrives, what is wrong with a voice. A code
// that is not known here is a newer relay's, and its own English is shown.
import { m } from "../../paraglide/messages";
import type { MailFinding, VoiceError } from "../../shared/backend";

type Values = { a: string; b: string; c: string };
const named = ([a = "", b = "", c = ""]: string[]): Values => ({ a, b, c });

/** A sentence for every finding of the relay's check; the test beside this file compares them. */
export const FOUND: Record<string, (values: Values) => string> = {
  server_good: m.mail_found_server_good,
  server_address: m.mail_found_server_address,
  server_no: m.mail_found_server_no,
  spf_good: m.mail_found_spf_good,
  spf_none: m.mail_found_spf_none,
  spf_many: m.mail_found_spf_many,
  spf_everybody: m.mail_found_spf_everybody,
  spf_not_named: m.mail_found_spf_not_named,
  spf_too_many: m.mail_found_spf_too_many,
  spf_void: m.mail_found_spf_void,
  spf_word: m.mail_found_spf_word,
  spf_no_record: m.mail_found_spf_no_record,
  spf_several: m.mail_found_spf_several,
  spf_away: m.mail_found_away,
  dkim_good: m.mail_found_dkim_good,
  dkim_unused: m.mail_found_dkim_unused,
  dkim_other: m.mail_found_dkim_other,
  dkim_missing: m.mail_found_dkim_missing,
  dkim_service: m.mail_found_dkim_service,
  dkim_not_there: m.mail_found_dkim_not_there,
  dkim_unknown: m.mail_found_dkim_unknown,
  dkim_away: m.mail_found_away,
  dmarc_good: m.mail_found_dmarc_good,
  dmarc_none: m.mail_found_dmarc_none,
  dmarc_no_policy: m.mail_found_dmarc_no_policy,
  dmarc_many: m.mail_found_dmarc_many,
  dmarc_away: m.mail_found_away,
  mx_good: m.mail_found_mx_good,
  mx_own: m.mail_found_mx_own,
  mx_refuses: m.mail_found_mx_refuses,
  mx_none: m.mail_found_mx_none,
  mx_away: m.mail_found_away,
};

/** A finding as a sentence. */
export function foundWords({ code, values, said }: Pick<MailFinding, "code" | "values" | "said">): string {
  return FOUND[code]?.(named(values)) ?? said;
}

const WHAT: Record<string, () => string> = {
  server: m.mail_arrives_server,
  spf: m.mail_arrives_spf,
  dkim: m.mail_arrives_dkim,
  dmarc: m.mail_arrives_dmarc,
  mx: m.mail_arrives_mx,
};

/** What a finding is about. */
export function whatWords(what: string): string {
  return WHAT[what]?.() ?? what.toUpperCase();
}

/** A sentence for everything that can be wrong with a voice; the test beside this file compares them. */
export const WRONG: Record<string, (values: Values) => string> = {
  unknown_mail: m.mail_wrong_unknown_mail,
  unknown_mail_like: m.mail_wrong_unknown_mail_like,
  unknown_language: m.mail_wrong_unknown_language,
  twice: m.mail_wrong_twice,
  homeless: m.mail_wrong_homeless,
  no_subject: m.mail_wrong_no_subject,
  no_text: m.mail_wrong_no_text,
  too_long: m.mail_wrong_too_long,
  unclosed: m.mail_wrong_unclosed,
  unknown_name: m.mail_wrong_unknown_name,
  unknown_name_like: m.mail_wrong_unknown_name_like,
  not_here: m.mail_wrong_not_here,
  link_in_subject: m.mail_wrong_link_in_subject,
  bad_link: m.mail_wrong_bad_link,
  html: m.mail_wrong_html,
  picture: m.mail_wrong_picture,
  character: m.mail_wrong_character,
  no_confirm_link: m.mail_wrong_no_confirm_link,
  no_sign_in_link: m.mail_wrong_no_sign_in_link,
};

/** What is wrong at a place of the voice: a sentence. */
export function wrongWords({ code, values, words }: Pick<VoiceError, "code" | "values" | "words">): string {
  return WRONG[code]?.(named(values)) ?? words;
}
