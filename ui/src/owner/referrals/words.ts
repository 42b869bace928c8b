// What has come of a referral, and why it did not count, in words.
import { m } from "../../paraglide/messages";
import type { Format } from "../format";
import type { ReferralRow } from "../queries/referrals";

export function stateWords(row: ReferralRow, format: Format): string {
  switch (row.state) {
    case "refused": return m.referrals_state_refused();
    case "review": return m.referrals_state_review();
    case "rewarded": return m.referrals_state_rewarded();
    case "pending": return m.referrals_state_pending({ day: format.date(row.due_at ?? row.at_ms) });
    case "reversed": return m.referrals_state_reversed();
    case "bought": return m.referrals_state_bought();
    case "joined": return m.referrals_state_joined();
  }
}

const WHY: Record<string, () => string> = {
  self: m.referrals_why_self,
  merged: m.referrals_why_merged,
  member_already: m.referrals_why_member_already,
  erased: m.referrals_why_erased,
};

/** Why not, where there is something to say: the store's own words for a limit of the rules. */
export function whyWords(row: ReferralRow): string {
  if (row.refused !== null) return WHY[row.refused]?.() ?? row.refused;
  if (row.state === "reversed") return m.referrals_why_reversed();
  if (row.limited !== null) return row.limited;
  return row.rejected > 0 ? m.referrals_why_rejected() : "";
}

const UNBROUGHT: Record<string, () => string> = {
  member_already: m.referrals_refused_member_already,
  own_email: m.referrals_refused_own_email,
  own_browser: m.referrals_refused_own_browser,
};

/** Why somebody who came through a link on the web did not count. */
export const unbroughtWords = (why: string): string => UNBROUGHT[why]?.() ?? why;

const NOT: Record<string, () => string> = { ...WHY, limit: m.why_limit, reversed: m.referrals_why_reversed, rejected: m.referrals_why_rejected };

/** Why referrals or rewards do not count, where they are counted. */
export const whyNotWords = (why: string): string => NOT[why]?.() ?? why;

const LINK: Record<string, () => string> = {
  code_taken: m.links_taken,
  bad_code: m.links_bad_code,
  bad_landing: m.links_bad_landing,
  no_landing: m.links_no_landing,
  bad_campaign: m.links_bad_campaign,
};

/** Why there is no such link. */
export const linkWords = (why: string): string => LINK[why]?.() ?? why;
