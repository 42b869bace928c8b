// The shapes the windows and the till's store speak in, by hand until the generated bindings carry them.
// Points are whole numbers; money is whole minor units; times are RFC 3339 in UTC; ids are text.

export type Choice = { code: string; name: string };
export type Role = "cashier" | "manager" | "owner";
export type Kind = "opening" | "earn" | "adjust" | "redeem" | "reverse";
export type Move = "skip" | "add" | "add_reward" | "hold";
export type StorageCode = "disk_full" | "read_only" | "in_use" | "busy" | "damaged" | "too_new" | "io";
export type StorageProblem = { code: StorageCode; path: string; detail: string };
export type Reward = { name: string; points: number; cost_minor: number | null };
export type Shop = {
  name: string;
  till_name: string;
  currency: string;
  currency_digits: number;
  currency_symbol: string;
  region: string;
  timezone: string;
  lock_after_s: number;
  rewards: Reward[];
  rules_version: number;
};
export type StaffTile = { staff_id: string; name: string; role: Role; active: boolean; wait_ms: number };
export type Session = { staff_id: string; name: string; role: Role };
export type Startup =
  | {
      state: "fresh";
      region: string;
      currency: string;
      timezone: string;
      currencies: Choice[];
      regions: Choice[];
      timezones: string[];
    }
  | { state: "ready"; shop: Shop; staff: StaffTile[]; session: Session | null }
  | { state: "problem"; problem: StorageProblem };
export type FirstStart = {
  shop_name: string;
  currency: string;
  region: string;
  timezone: string;
  owner_name: string;
  owner_pin: string;
  reward_name: string;
  reward_points: number;
  reward_cost: string | null;
};
export type Hit = {
  member_id: string;
  name: string;
  phone_last4: string;
  email_hint: string | null;
  balance: number;
  last_visit_at: string | null;
};
export type EnrolOffer = { phone: string; display: string };
export type SearchResult = { query: string; hits: Hit[]; exact: string | null; enrol: EnrolOffer | null };
export type Enrol = { op_id: string; phone: string; name: string; email: string; email_consent: boolean };
export type MemberEdit = { op_id: string; member_id: string; name: string; email: string; email_consent: boolean };
export type CardReward = { name: string; points: number; claimable: boolean; to_go: number };
export type Line = {
  entry_id: string;
  member_id: string;
  member_name: string;
  member_last4: string;
  kind: Kind;
  reverses_kind: Kind | null;
  points: number;
  at: string;
  by_name: string;
  total_minor: number | null;
  sale_id: string | null;
  reward: string | null;
  reasons: string[];
  rules_version: number | null;
  reversed: boolean;
  may_reverse: boolean;
};
export type Card = {
  member_id: string;
  code: string;
  name: string;
  phone_last4: string;
  phone_display: string;
  email: string;
  email_consent: boolean;
  balance: number;
  spendable: number;
  visits: number;
  enrolled_at: string;
  last_visit_at: string | null;
  rewards: CardReward[];
  recent: Line[];
  just_enrolled: boolean;
};
export type Preview = {
  move: Move;
  points: number;
  reasons: string[];
  balance_after: number;
  announces: string | null;
};
export type Credit = { op_id: string; member_id: string; amount: string; sale_id: string | null };
export type Credited = {
  move: Move;
  points: number;
  entry_id: string;
  reasons: string[];
  announces: string | null;
  credited_before_at: string | null;
  card: Card;
};
export type Redeem = { op_id: string; member_id: string; reward: string };
export type Redeemed = { points: number; entry_id: string; reward: string; card: Card };
export type Reverse = { op_id: string; entry_id: string };
export type Reversed = { points: number; entry_id: string; card: Card };
export type Adjust = { op_id: string; member_id: string; points: number; reason: string };
export type StaffEdit = {
  op_id: string;
  staff_id: string | null;
  name: string;
  role: string;
  pin: string | null;
  active: boolean;
};
export type Storage = {
  ok: boolean;
  problem: StorageProblem | null;
  free_mb: number;
  last_backup_at: string | null;
  secrets_in_keyring: boolean;
};
export type Status = {
  shop_name: string;
  till_name: string;
  session: Session | null;
  pending: number | null;
  storage: Storage;
  clock: string;
};
export type Failure =
  | { kind: "refused"; code: string; field: string; value: string; number: number | null }
  | { kind: "storage"; problem: StorageProblem };
export type OwnerContext = { shop: Shop; reports: string; rules_text: string };
export type RuleError = {
  line: number;
  column: number;
  length: number;
  expected: string;
  suggestion: string | null;
};
export type RulesCheck = { errors: RuleError[]; summary: string[] };
export type Exported = { path: string; rows: number };
export type LedgerFilter = {
  from_day: string | null;
  to_day: string | null;
  kind: Kind | null;
  member_id: string | null;
  staff_id: string | null;
};
