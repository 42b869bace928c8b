// The words for what the store names in codes: kinds of lines, who made them (shared/format/makers.ts), members without a name.
import { m } from "../paraglide/messages";
import type { Kind } from "../shared/backend";

export { makerName } from "../shared/format/makers";

/** The kind of a line as the owner reads it. */
export function kindName(kind: Kind): string {
  const names = {
    opening: m.owner_kind_opening,
    earn: m.owner_kind_earn,
    bonus: m.kind_bonus,
    adjust: m.owner_kind_adjust,
    redeem: m.owner_kind_redeem,
    refund: m.kind_refund,
    expire: m.kind_expire,
    reverse: m.owner_kind_reverse,
  };
  return names[kind]();
}

/** A member by name, else by the end of the phone number, else as nobody in particular. */
export function memberName(member: { name: string; last4: string | null }): string {
  if (member.name) return member.name;
  return member.last4 ? m.owner_nameless_phone({ last4: member.last4 }) : m.owner_nameless();
}
