// Finding members in the in-browser shop: any part of a number, a name, an email, a code; best first.
import type { Hit, SearchResult } from "../bindings";
import { balanceOf, displayPhone, lastVisitOf, type Member, type World } from "./world";

const HITS_MAX = 8;

/** The number as stored, where `text` is a whole phone number for the US or has `+` and a country. */
export function readPhone(text: string): string | null {
  if (!/^[\d\s().+\-\u00a0]+$/.test(text)) return null;
  const digits = text.replace(/\D/g, "");
  if (text.trim().startsWith("+")) return digits.length >= 8 && digits.length <= 15 ? `+${digits}` : null;
  const local = digits.length === 11 && digits.startsWith("1") ? digits.slice(1) : digits;
  return /^[2-9]\d{9}$/.test(local) ? `+1${local}` : null;
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase();
}

/** How well `member` answers; 0 for not at all. */
function score(member: Member, words: string, digits: string, code: string): number {
  if (code.length >= 3 && member.code === code) return 100;
  if (digits.length >= 3 && words.replace(/[\d\s().+-]/g, "") === "") return member.phone.includes(digits) ? 50 : 0;
  const name = plain(member.name);
  if (name.startsWith(words)) return 40;
  if (name.split(" ").some((part) => part.startsWith(words))) return 30;
  return member.email.startsWith(words) ? 20 : 0;
}

export function find(world: World, query: string): SearchResult {
  const words = plain(query.trim());
  const none: SearchResult = { query, hits: [], exact: null, enrol: null };
  if (words === "") return none;
  const digits = words.replace(/\D/g, "");
  const code = words.toUpperCase().replace(/[\s-]/g, "");
  const found = [...world.members.values()]
    .map((member) => ({ member, score: score(member, words, digits, code) }))
    .filter((hit) => hit.score > 0)
    .sort((a, b) => b.score - a.score || (lastVisitOf(world, b.member.id) ?? 0) - (lastVisitOf(world, a.member.id) ?? 0));
  const phone = readPhone(query);
  const owner = found.find((hit) => hit.member.phone === phone || hit.member.code === code)?.member;
  return {
    query,
    hits: found.slice(0, HITS_MAX).map((hit) => hitOf(world, hit.member)),
    exact: owner?.id ?? null,
    enrol: phone && !owner ? { phone, display: displayPhone(phone) } : null,
  };
}

function hitOf(world: World, member: Member): Hit {
  const last = lastVisitOf(world, member.id);
  return {
    member_id: member.id,
    name: member.name,
    phone_last4: member.phone.slice(-4),
    email_hint: member.email ? `${member.email.slice(0, 1)}…@${member.email.split("@")[1] ?? ""}` : null,
    balance: balanceOf(world, member.id),
    last_visit_at: last === null ? null : new Date(last).toISOString(),
  };
}
