// A year of a small coffee shop for the owner's window in a browser: the same shop for the same seed and day.
import type { Database, PreparedStatement, SqlValue } from "@sqlite.org/sqlite-wasm";
import { dayOf } from "../../../owner/days";

/** How large a shop. */
export type SeedSize = { members: number; days: number };

/** The rules of the made-up shop. */
export const SEED_RULES = `# What a visit earns
Earn 1 point per $1
Skip sales under $2

# What points are good for
Reward 100 points: Free coffee, costs $1.20
Reward 250 points: $5 off, costs $5
Reward 60 points: Cookie
Buy 9 "Flat white", get 1 free, costs $0.80
`;

const TIMEZONE = "America/Los_Angeles";
const DAY_MS = 86_400_000;
const FIRST = ["Maria", "Marisol", "Mario", "Dev", "Ana", "Ben", "Chloé", "Zoë", "Noah", "Liam", "Olivia", "Emma", "Ava", "Sofía", "Mateo", "Lucía", "Hiro", "Yuki", "Ngozi", "Kwame", "Aoife", "Síle", "Jürgen", "Greta", "Ines", "Tariq", "Leila", "Priya", "Arjun", "Mei", "Wei", "Sam", "Alex", "Robin", "Jo", "Grace", "Theo", "Ivy", "Max", "Nora"];
const LAST = ["Lopez", "Pereira", "Bianchi", "Anand", "Nguyen", "O’Brien", "Smith", "Johnson", "Garcia", "Müller", "Kowalski", "Tanaka", "Okafor", "Mensah", "Murphy", "Haddad", "Patel", "Chen", "Wang", "Rossi", "Silva", "Kim", "Park", "Novak", "Larsen", "Dubois", "Moreau", "Fischer", "Costa", "Ortiz"];
const STAFF = [["Ana", "owner"], ["Ben", "manager"], ["Chris", "cashier"]] as const;

type Seeded = { member: number; id: Uint8Array; joined: number; weekly: number; until: number; taste: number };

/** Fills an empty database with a shop, its staff, members, sales and points. `now` is ms UTC. */
export function seedShop(db: Database, now: number, size: SeedSize, seed = 7): void {
  const random = mulberry(seed);
  const id = (): Uint8Array => Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256));
  db.exec("BEGIN");
  const till = id();
  run(db, "INSERT INTO shop (one, shop_id, till_id, till_name, name, currency, digits, region, timezone) VALUES (1, ?, ?, 'Till 1', 'Harbour Coffee', 'USD', 2, 'US', ?)", [id(), till, TIMEZONE]);
  const staff = STAFF.map(([name, role]) => {
    const staffId = id();
    run(db, "INSERT INTO staff (staff_id, name, role, pin_hash, active) VALUES (?, ?, ?, 'none', 1)", [staffId, name, role]);
    return uuid(staffId);
  });
  const owner = staff[0] ?? "";
  publish(db, 1, "Earn 1 point per $1\nReward 100 points: Free coffee\n", now - size.days * DAY_MS, owner, id());
  publish(db, 2, SEED_RULES, now - Math.floor(size.days / 2) * DAY_MS, owner, id());
  const shop = new Shop(db, id, random, till, staff, now);
  const members = Array.from({ length: size.members }, (_, at) => shop.enrol(at + 1, size.days));
  for (let back = size.days; back >= 0; back -= 1) for (const member of members) shop.maybeVisit(member, back);
  shop.takeBackSome();
  db.exec("COMMIT");
}

/** Puts a version of the rules in force, with the rewards and stamp cards it names. */
export function publish(db: Database, version: number, text: string, at: number, by: string, opId: Uint8Array): void {
  run(db, "INSERT INTO rules (version, clock, text, op_id, at_ms, by) VALUES (?, ?, ?, ?, ?, ?)", [version, version, text, opId, at, by]);
  const rewards = [...text.matchAll(/^Reward (\d+) points?: ([^,\n]+?)(?:, costs \$(\d+)(?:\.(\d\d))?)?$/gm)];
  rewards.forEach(([, points, name, dollars, cents], position) => {
    const cost = dollars === undefined ? null : Number(dollars) * 100 + Number(cents ?? 0);
    run(db, "INSERT INTO rewards (op_id, position, name, points, cost_minor) VALUES (?, ?, ?, ?, ?)", [opId, position, name ?? "", Number(points), cost]);
  });
  const cards = [...text.matchAll(/^Buy (\d+) "([^"\n]+)", get (\d+) free(?:, costs \$(\d+(?:\.\d\d)?))?$/gm)];
  cards.forEach(([, stamps, name, free, cost], position) => {
    const row = [opId, position, cardOf(name ?? ""), `${free} ${name} free`, Number(stamps), cost === undefined ? null : Math.round(Number(cost) * 100)];
    run(db, "INSERT INTO cards (op_id, position, card, name, stamps, cost_minor) VALUES (?, ?, ?, ?, ?, ?)", row);
  });
}

const cardOf = (name: string): string => `name:${name.toLowerCase()}`;

class Shop {
  #sales = 40_000;
  #balance = new Map<number, number>();
  #lines: { entry: Uint8Array; member: Seeded; points: number; at: number; sale: string | null }[] = [];

  constructor(
    readonly db: Database,
    readonly id: () => Uint8Array,
    readonly random: () => number,
    readonly till: Uint8Array,
    readonly staff: readonly string[],
    readonly now: number,
  ) {}

  enrol(at: number, days: number): Seeded {
    const { random } = this;
    const id = this.id();
    // A third were there from the start; the others joined over the year.
    const joined = random() < 0.35 ? days : Math.floor(random() * days);
    const stays = random() < 0.7 ? days : Math.floor(30 + random() * days * 0.6);
    const named = random() < 0.93;
    const first = pick(FIRST, random);
    const name = named ? `${first} ${pick(LAST, random)}` : "";
    const email = named && random() < 0.45 ? `${plain(name)}${at}@example.com` : "";
    const phone = `+1619555${String(1000 + at * 17).padStart(4, "0").slice(-4)}`;
    const enrolled = this.now - joined * DAY_MS - Math.floor(random() * 6) * 3_600_000;
    run(this.db, `INSERT INTO members (member, member_id, code, phone, name, email, email_consent, enrolled_at)
                  VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, [
      at, id, codeOf(random), at > 8_000 ? null : phone, name, email, email && random() < 0.7 ? 1 : 0, enrolled,
    ]);
    run(this.db, "INSERT INTO rights (member_id, holder, points) VALUES (?, ?, 0)", [id, this.till]);
    if (at % 3 === 0) run(this.db, "INSERT INTO stamps (member_id, card, holder, stamps) VALUES (?, ?, ?, ?)", [id, cardOf("Flat white"), this.till, 1 + (at % 11)]);
    if (at % 4 === 0) run(this.db, "UPDATE members SET birthday = ? WHERE member = ?", [`${String(1 + (at % 12)).padStart(2, "0")}-${String(1 + (at % 28)).padStart(2, "0")}`, at]);
    return { member: at, id, joined, weekly: 0.15 + random() ** 2 * 2.2, until: joined - stays, taste: 4 + random() * 9 };
  }

  maybeVisit(member: Seeded, back: number): void {
    if (back > member.joined || back < member.until) return;
    const noon = this.now - back * DAY_MS;
    const weekday = new Date(noon).getUTCDay();
    const busy = weekday === 0 || weekday === 6 ? 1.5 : weekday === 1 ? 0.7 : 1;
    if (this.random() > (member.weekly / 7) * busy) return;
    // Between opening and closing on the shop's clock; nothing that has not happened yet.
    const day = dayOf(noon, TIMEZONE);
    const at = Math.min(this.now - 60_000, Date.parse(`${day}T15:00:00Z`) + Math.floor(this.random() * 10 * 3_600_000));
    if (dayOf(at, TIMEZONE) !== day) return;
    this.#visit(member, at, day, back * 2 < 365 ? 2 : 1);
  }

  #visit(member: Seeded, at: number, day: string, version: number): void {
    const total = Math.round(100 * Math.max(1.5, member.taste * (0.5 + this.random() * 1.2)));
    const skipped = total < 200;
    const points = skipped ? 0 : Math.floor(total / 100);
    const sale = String((this.#sales += 1));
    const reasons = skipped ? ["Skipped: under $2"] : [`${points} = 1 per $1`];
    const entry = this.#line(member, "earn", points, at, day, version, reasons, sale, total, null);
    run(this.db, `INSERT INTO sales (source, sale_id, op_id, member_id, entry_id, total_minor, items, occurred_at, day, move, points)
                  VALUES ('till', ?, ?, ?, ?, ?, '[]', ?, ?, ?, ?)`, [
      sale, this.id(), member.id, entry, total, at, day, skipped ? "skip" : "add", points,
    ]);
    run(this.db, "UPDATE members SET visits = visits + 1, last_visit_at = max(coalesce(last_visit_at, 0), ?) WHERE member = ?", [at, member.member]);
    const balance = this.#balance.get(member.member) ?? 0;
    if (balance >= 250 && this.random() < 0.4) this.#line(member, "redeem", -250, at + 60_000, day, version, [], null, null, "$5 off");
    else if (balance >= 100 && this.random() < 0.12) this.#line(member, "redeem", -100, at + 60_000, day, version, [], null, null, "Free coffee");
    else if (balance >= 60 && version === 2 && this.random() < 0.04) this.#line(member, "redeem", -60, at + 60_000, day, version, [], null, null, "Cookie");
    if (this.random() < 0.004) this.#line(member, "adjust", 10, at + 120_000, day, version, ["Forgot the card last time"], null, null, null);
  }

  /** A few recent lines were mistakes. */
  takeBackSome(): void {
    for (const [index, line] of this.#lines.slice(-400).entries()) {
      if (index % 97 !== 5) continue;
      const at = Math.min(this.now - 1000, line.at + 240_000);
      this.#line(line.member, "reverse", -line.points, at, dayOf(at, TIMEZONE), null, ["Rung up twice"], null, null, null, line.entry);
      if (line.sale === null) continue;
      run(this.db, "UPDATE sales SET reversed = 1 WHERE source = 'till' AND sale_id = ?", [line.sale]);
      run(this.db, "UPDATE members SET visits = visits - 1 WHERE member = ?", [line.member.member]);
    }
  }

  #line(member: Seeded, kind: string, points: number, at: number, day: string, version: number | null, reasons: string[],
    sale: string | null, total: number | null, reward: string | null, reverses: Uint8Array | null = null): Uint8Array {
    const entry = this.id();
    const by = this.staff[Math.floor(this.random() ** 2 * this.staff.length)] ?? "";
    run(this.db, `INSERT INTO ledger (entry_id, op_id, member_id, kind, points, at_ms, day, by, rules_version, reasons, reverses, source, sale_id, total_minor, reward)
                  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
      entry, this.id(), member.id, kind, points, at, day, by, version, JSON.stringify(reasons), reverses, sale && "till", sale, total, reward,
    ]);
    run(this.db, "UPDATE rights SET points = points + ? WHERE member_id = ?", [points, member.id]);
    this.#balance.set(member.member, (this.#balance.get(member.member) ?? 0) + points);
    if (kind !== "reverse") this.#lines.push({ entry, member, points, at, sale });
    return entry;
  }
}

/** Prepared once for each database: a year of sales is some fifty thousand statements. */
const prepared = new WeakMap<Database, Map<string, PreparedStatement>>();

function run(db: Database, sql: string, values: SqlValue[]): void {
  const known = prepared.get(db) ?? new Map<string, PreparedStatement>();
  prepared.set(db, known);
  const statement = known.get(sql) ?? db.prepare(sql);
  known.set(sql, statement);
  statement.bind(values).stepReset().clearBindings();
}

function mulberry(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)] as T;
}

function plain(name: string): string {
  return name.normalize("NFD").replace(/[^A-Za-z]/g, "").toLowerCase();
}

function codeOf(random: () => number): string {
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXY";
  return Array.from({ length: 9 }, () => alphabet[Math.floor(random() * 31)]).join("");
}

function uuid(id: Uint8Array): string {
  const hex = [...id].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
