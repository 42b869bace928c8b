// The sentence for everything that can be refused or fail: what happened, then what to do.
import { m } from "../../paraglide/messages";
import { getLocale } from "../../paraglide/runtime";
import { Refused, StorageFailed, type SalesInCode, type StorageCode } from "../backend";

/** A sentence for every code of `loyalty::Code`; the test beside this file compares them. */
export const REFUSALS: Record<string, () => string> = {
  bad_phone: m.refused_bad_phone,
  bad_amount: m.refused_bad_amount,
  bad_email: m.refused_bad_email,
  bad_birthday: m.refused_bad_birthday,
  bad_lots: m.refused_bad_lots,
  bad_name: m.refused_bad_name,
  bad_pin: m.refused_bad_pin,
  bad_points: m.refused_bad_points,
  bad_sale_id: m.refused_bad_sale_id,
  bad_rules: m.refused_bad_rules,
  bad_row: m.refused_bad_row,
  bad_items: m.refused_bad_items,
  bad_currency: m.refused_bad_currency,
  bad_region: m.refused_bad_region,
  bad_timezone: m.refused_bad_timezone,
  bad_time: m.refused_bad_time,
  bad_consent: m.refused_bad_consent,
  missing: m.refused_missing,
  unknown_member: m.refused_unknown_member,
  unknown_referrer: m.refused_unknown_referrer,
  self_referral: m.refused_self_referral,
  unknown_referral_reward: m.refused_unknown_referral_reward,
  unknown_entry: m.refused_unknown_entry,
  unknown_reward: m.refused_unknown_reward,
  unknown_staff: m.refused_unknown_staff,
  not_enough_points: m.refused_not_enough_points,
  not_enough_stamps: m.refused_not_enough_stamps,
  away_too_long: m.refused_away_too_long,
  away_cap: m.refused_away_cap,
  needs_manager: m.refused_needs_manager,
  needs_relay: m.refused_needs_relay,
  already_granted: m.refused_already_granted,
  already_reversed: m.refused_already_reversed,
  not_reversible: m.refused_not_reversible,
  sale_differs: m.refused_sale_differs,
  phone_taken: m.refused_phone_taken,
  unknown_sale: m.refused_unknown_sale,
  already_decided: m.refused_already_decided,
  sale_held: m.refused_sale_held,
  refund_too_large: m.refused_refund_too_large,
  not_allowed: m.refused_not_allowed,
  wrong_pin: m.refused_wrong_pin,
  locked: m.refused_locked,
  last_owner: m.refused_last_owner,
  reason_missing: m.refused_reason_missing,
  already_initialised: m.refused_already_initialised,
  not_initialised: m.refused_not_initialised,
};

const STORAGE: Record<StorageCode, { title: () => string; advice: () => string }> = {
  disk_full: { title: m.storage_disk_full_title, advice: m.storage_disk_full_advice },
  read_only: { title: m.storage_read_only_title, advice: m.storage_read_only_advice },
  in_use: { title: m.storage_in_use_title, advice: m.storage_in_use_advice },
  busy: { title: m.storage_busy_title, advice: m.storage_busy_advice },
  damaged: { title: m.storage_damaged_title, advice: m.storage_damaged_advice },
  too_new: { title: m.storage_too_new_title, advice: m.storage_too_new_advice },
  secrets: { title: m.storage_secrets_title, advice: m.storage_secrets_advice },
  io: { title: m.storage_io_title, advice: m.storage_io_advice },
};

const SALES_IN: Record<SalesInCode, { title: () => string; advice: () => string }> = {
  port_taken: { title: m.sales_in_port_taken_title, advice: m.sales_in_port_taken_advice },
  no_secret: { title: m.sales_in_no_secret_title, advice: m.sales_in_no_secret_advice },
  secrets: { title: m.sales_in_secrets_title, advice: m.sales_in_secrets_advice },
  machine: { title: m.sales_in_machine_title, advice: m.sales_in_machine_advice },
};

/** What a relay or the line to it says no with. */
const RELAY: Record<string, () => string> = {
  offline: m.relay_code_offline,
  unavailable: m.relay_code_slow_down,
  slow_down: m.relay_code_slow_down,
  bad_code: m.relay_code_bad_code,
  bad_address: m.relay_code_bad_address,
  wrong_shop: m.relay_code_wrong_shop,
  already_paired: m.relay_code_already_paired,
  not_paired: m.relay_code_not_paired,
  revoked: m.relay_code_revoked,
  closed: m.relay_code_closed,
  unfit: m.relay_code_unfit,
  unknown_device: m.relay_code_unknown_device,
  suspended: m.relay_code_suspended,
  relay_too_old: m.relay_code_too_new,
  protocol_too_old: m.relay_code_too_old,
  protocol_too_new: m.relay_code_too_new,
};

/** Why this till is not in sync with the others, and what to do. */
export function relayWords(code: string): string {
  return (RELAY[code] ?? m.relay_code_other)();
}

/** Why sales don't come in by themselves though they should, and what to do. */
export function salesInWords(code: SalesInCode): { title: string; advice: string } {
  const words = SALES_IN[code];
  return { title: words.title(), advice: words.advice() };
}

/** The sentence for one of the store's closed codes of refusal. */
export function refusalWords(code: string): string {
  return (REFUSALS[code] ?? m.refused_other)();
}

/** What happened and what to do about a problem of the machine. */
export function storageWords(code: StorageCode): { title: string; advice: string } {
  const words = STORAGE[code];
  return { title: words.title(), advice: words.advice() };
}

/** What the owner's limits for a till that is offline say, with their number. */
function awayWords({ code, number }: Refused): string | null {
  if (number === null) return null;
  const shown = new Intl.NumberFormat(getLocale()).format(number);
  if (code === "away_too_long") return m.away_too_long_days({ count: number, days: shown });
  if (code === "away_cap") return number > 0 ? m.away_cap_left({ count: number, left: shown }) : m.away_cap_none();
  return null;
}

/** The sentence for an error of the backend. */
export function failureWords(error: unknown): string {
  const exact = error instanceof Refused ? awayWords(error) : null;
  if (exact !== null) return exact;
  if (error instanceof Refused) return (REFUSALS[error.code] ?? RELAY[error.code] ?? m.refused_other)();
  if (error instanceof StorageFailed) {
    const { title, advice } = storageWords(error.problem.code);
    return `${title} ${m.nothing_changed()} ${advice}`;
  }
  return m.refused_other();
}
