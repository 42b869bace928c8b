// A small shop with believable people and a few months of sales, the same every time but for today's date.
import type { Shop } from "../bindings";
import { heldSale } from "./review";
import { personOf, type Entry, type Member, type World } from "./world";

const FIRST = ["Mario", "Marisol", "Omar", "Ana", "Chen", "Priya", "Tom", "Grace", "Yusuf", "Lena", "Diego", "Hannah"];
const LAST = ["Bianchi", "Pereira", "Martinez", "Wei", "Nair", "Baker", "Okafor", "Demir", "Vogel", "Ramos", "Cole"];
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const RULES = `# Harbour Coffee
Earn 1 point per $1
Skip sales under $2
Hold sales over $500
Reward 100 points: Free coffee, costs $1.20
Reward 250 points: $5 off
`;

export const SHOP: Shop = {
  name: "Harbour Coffee",
  till_name: "Till 1",
  currency: "USD",
  currency_digits: 2,
  currency_symbol: "$",
  region: "US",
  timezone: "America/Los_Angeles",
  lock_after_s: 180,
  rewards: [
    { name: "Free coffee", points: 100, cost_minor: 120 },
    { name: "$5 off", points: 250, cost_minor: 500 },
  ],
  rules_version: 3,
};

/** Numbers that look random and are the same each time (a linear congruence). */
function dice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

/** Fills `world` with staff, members and their history up to `now`. */
export function seed(world: World, now: number): void {
  world.shop = { ...SHOP, rewards: [...SHOP.rewards] };
  world.rulesText = RULES;
  const nobody = { active: true, wrong: 0, until: 0 };
  world.staff = [
    { id: "staff-ana", name: "Ana", role: "cashier", pin: "1111", ...nobody },
    { id: "staff-ben", name: "Ben", role: "manager", pin: "2222", ...nobody },
    { id: "staff-olga", name: "Olga", role: "owner", pin: "4321", ...nobody },
  ];
  const roll = dice(7);
  addMaria(world, now);
  for (let i = 0; i < 60; i += 1) {
    const first = FIRST[i % FIRST.length] ?? "";
    const last = LAST[(i * 7 + Math.floor(i / FIRST.length)) % LAST.length] ?? "";
    const named = i % 9 !== 8;
    const member = addMember(world, i + 2, named ? `${first} ${last}` : "", now - (40 + roll(300)) * DAY);
    const sales = 1 + roll(14);
    for (let n = 0; n < sales; n += 1) {
      const at = Math.max(member.enrolledAt, now - roll(60) * DAY - roll(9 * 60) * MINUTE - DAY);
      addSale(world, member.id, 250 + roll(1_800), at, roll(2) ? "Ana" : "Ben");
    }
  }
  world.entries.sort((a, b) => a.at - b.at);
}

/** Lets the sales of the first `count` members wait for a decision. */
export function holdSome(world: World, count: number, now: number): void {
  const people = [...world.members.values()].slice(0, count);
  world.queue.held = people.map((member, n) => heldSale(personOf(member), 4_101 + n, 61_200 + n * 9_050, now - (count - n) * 95 * MINUTE, n % 2 ? "Ben" : "Ana"));
}

/** A stamp card, points that become money, and what the first member has of both. */
export function addExtras(world: World): void {
  const shop = world.shop;
  const maria = world.members.get("member-1");
  if (!shop || !maria) return;
  shop.rewards.push({ name: "$1 off", points: 20, cost_minor: 100 });
  world.extras = { cards: [{ card: "name:flat white", name: "Flat white", gives: "1 Flat white free", buy: 9 }], lots: { "$1 off": 100 } };
  Object.assign(maria, { birthday: "1984-02-29", stamps: { "name:flat white": 11 } });
}

/** The member of the page tests: 120 points, one reward within reach. */
function addMaria(world: World, now: number): void {
  const maria = addMember(world, 1, "Maria Lopez", now - 400 * DAY);
  maria.phone = "+16195550123";
  maria.email = "maria@example.com";
  maria.consent = true;
  maria.code = "7KQ2M9XRA";
  for (let n = 0; n < 19; n += 1) addSale(world, maria.id, 1_040, now - (50 - n) * DAY, n % 3 ? "Ana" : "Ben");
  addSale(world, maria.id, 1_820, now - 6 * DAY, "Ana");
  addEntry(world, { memberId: maria.id, kind: "redeem", points: -100, at: now - 5 * DAY, by: "Ben", reward: "Free coffee" });
  addSale(world, maria.id, 1_240, now - 2 * DAY - 90 * MINUTE, "Ana");
}

function addMember(world: World, n: number, name: string, enrolledAt: number): Member {
  const phone = `+1619555${String(1000 + ((n * 37) % 9000)).padStart(4, "0")}`;
  const email = n % 3 === 0 && name ? `${name.split(" ")[0]?.toLowerCase()}${n}@example.com` : "";
  const code = `K${String(n).padStart(3, "0")}A${String((n * 7919) % 10_000).padStart(4, "0")}`;
  const member = { id: `member-${n}`, code, name, phone, email, consent: email !== "", birthday: "", stamps: {}, enrolledAt };
  world.members.set(member.id, member);
  return member;
}

function addSale(world: World, memberId: string, totalMinor: number, at: number, by: string): void {
  const points = Math.floor(totalMinor / 100);
  addEntry(world, { memberId, kind: "earn", points, at, by, totalMinor, reasons: [`${points} = 1 per $1`] });
}

function addEntry(world: World, entry: Partial<Entry> & Pick<Entry, "memberId" | "kind" | "points" | "at" | "by">): void {
  world.entries.push({
    id: `entry-${world.entries.length + 1}`,
    totalMinor: null,
    saleId: null,
    reward: null,
    reasons: [],
    reverses: null,
    reversedBy: null,
    ...entry,
  });
}
