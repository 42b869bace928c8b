// The sentences of the bar at the bottom: what was just done, to whom, and what follows from it.
import { m } from "../../paraglide/messages";
import { getLocale } from "../../paraglide/runtime";
import type { Card, Credited, HeldSale, Redeemed, Refunded, Reversed, Verdict } from "../../shared/backend";
import { whyHeld } from "../../shared/format/reasons";
import { clockTime } from "../../shared/format/time";
import { tillsIn, type Rest } from "../logic/elsewhere";

export type Tone = "earn" | "reward" | "redeem" | "held" | "wrong" | "plain";
export type Notice = { tone: Tone; text: string; detail: string };

/** A member's name, or the end of their number where they gave none. */
export function nameOf(member: { name: string; phone_last4: string }): string {
  return member.name || maskedPhone(member.phone_last4);
}

/** All of a phone number that stands on the screen: `··· 0123`. */
export function maskedPhone(last4: string): string {
  return `··· ${last4}`;
}

/** `12 points`, as the language counts them. */
function counted(points: number): string {
  return m.points({ count: Math.abs(points), shown: new Intl.NumberFormat(getLocale()).format(Math.abs(points)) });
}

/** `decides`: whether the person here may decide held sales. */
export function credited(done: Credited, zone: string, locale: string, decides: boolean): Notice {
  const points = counted(done.points);
  const detail = done.reasons[0] ?? "";
  if (done.credited_before_at !== null) {
    const time = clockTime(Date.parse(done.credited_before_at), zone, locale);
    const text = done.taken_back_since ? m.notice_repeated_reversed({ time, points }) : m.notice_repeated({ time, points });
    return { tone: "held", text, detail: "" };
  }
  if (done.move === "hold") {
    const words = { name: nameOf(done.card) };
    const next = decides ? m.notice_held_decides(words) : m.notice_held_next(words);
    return { tone: "held", text: m.review_why({ why: whyHeld(done.reasons).join(" · ") }), detail: next };
  }
  if (done.move === "skip") return { tone: "plain", text: m.notice_skipped(), detail };
  const birthday = done.birthday_bonus > 0 ? m.notice_birthday({ points: counted(done.birthday_bonus) }) : "";
  if (done.announces) return { tone: "reward", text: m.notice_reward({ reward: done.announces, name: nameOf(done.card) }), detail: [m.notice_reward_how({ points }), birthday].filter(Boolean).join(" ") };
  return { tone: "earn", text: m.notice_credited({ points, name: nameOf(done.card) }), detail: birthday };
}

/** A held sale was decided. */
export function decided(sale: HeldSale, verdict: Verdict): Notice {
  const name = nameOf({ name: sale.member_name, phone_last4: sale.member_last4 });
  if (verdict.what === "reject") return { tone: "plain", text: m.review_done_rejected({ name }), detail: "" };
  const points = counted(verdict.what === "approve" ? sale.points : verdict.points);
  return { tone: "earn", text: m.review_done({ points, name }), detail: "" };
}

export function redeemed(done: Redeemed, lots: number): Notice {
  const reward = lots > 1 ? m.lots_of({ lots, reward: done.reward }) : done.reward;
  const detail = m.notice_left({ points: counted(done.card.balance) });
  return { tone: "redeem", text: m.notice_redeemed({ reward, name: nameOf(done.card) }), detail };
}

/** Points that were asked for and are not here; what can be done stands on the card. */
export function notHere(rest: Rest): Notice {
  const tills = tillsIn(rest.held, getLocale());
  const shown = new Intl.NumberFormat(getLocale()).format(rest.points);
  return { tone: "held", text: tills === "" ? m.rest_not_fetched_relay({ rest: shown }) : m.rest_not_fetched({ rest: shown, tills }), detail: "" };
}

export function reversed(done: Reversed): Notice {
  const words = { points: counted(done.points), name: nameOf(done.card) };
  // A stamp card, or a sale without points.
  if (done.points === 0) return { tone: "plain", text: m.notice_reversed({ name: nameOf(done.card) }), detail: "" };
  const text = done.points > 0 ? m.notice_gave_back(words) : m.notice_took_back(words);
  return { tone: "plain", text, detail: "" };
}

export function refunded(done: Refunded): Notice {
  const words = { points: counted(done.points), name: nameOf(done.card) };
  const detail = done.restored.map((reward) => m.refund_restored({ reward })).join(" ");
  return { tone: "plain", text: m.notice_took_back(words), detail };
}

export function adjusted(points: number, card: Card): Notice {
  const words = { points: counted(points), name: nameOf(card) };
  return { tone: "plain", text: points > 0 ? m.notice_added(words) : m.notice_taken(words), detail: "" };
}

export function enrolled(card: Card): Notice {
  const name = nameOf(card);
  if (card.not_brought === "own_email") return { tone: "plain", text: m.notice_enrolled_own_email({ name }), detail: "" };
  return { tone: "earn", text: m.notice_enrolled({ name }), detail: "" };
}

export function alreadyThere(card: Card): Notice {
  const name = nameOf(card);
  return { tone: "plain", text: card.not_brought ? m.notice_already_member_sent({ name }) : m.notice_already_member({ name }), detail: "" };
}

export function saved(): Notice {
  return { tone: "plain", text: m.notice_saved(), detail: "" };
}
