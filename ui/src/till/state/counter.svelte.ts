// One person's counter: who is open, what is shown, and everything that can be done to a member. A person's counter
// outlives the lock, so that what they were typing is there when they come back. How it looks is in views/.
import type { Approval, Card, Credited, EnrolOffer, HeldSale, Line, Session, Shop, TillBackend, Verdict } from "../../shared/backend";
import { m } from "../../paraglide/messages";
import { getLocale } from "../../paraglide/runtime";
import { Refused } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";
import { claimsOf, lotsMax, type Claim } from "../logic/claims";
import { restOf, tillsIn } from "../logic/elsewhere";
import { rewardChord } from "../logic/query";
import { Intents } from "../logic/intents";
import { memoryStorage } from "../logic/memory-storage";
import type { Notice } from "./notice";
import * as say from "./notice";
import { Sale } from "./sale.svelte";
import { Search, type Pick } from "./search.svelte";
import { Undo } from "./undo.svelte";

export type Pane = "none" | "card" | "enrol" | "activity" | "held" | "staff";
/** What stands below the sale on the card. */
export type Drawer = "recent" | "edit" | "adjust";
export type FocusTarget = "search" | "amount" | "none";

/** How many are kept for who comes back. */
const LATELY_MAX = 5;

type World = {
  backend: TillBackend;
  shop: () => Shop;
  session: Session;
  locale: string;
  onLocked: () => void;
  /** Something was written: the status bar looks again. */
  onChange: () => void;
};

export class Counter {
  readonly search: Search;
  readonly sale: Sale;
  readonly undo = new Undo();
  pane = $state<Pane>("none");
  drawer = $state<Drawer>("recent");
  card = $state.raw<Card | null>(null);
  offer = $state.raw<EnrolOffer | null>(null);
  /** Who is said to have sent whoever is being added, as typed or scanned. */
  sender = $state("");
  activity = $state.raw<Line[] | null>(null);
  /** Sales that wait for a decision. */
  held = $state.raw<HeldSale[] | null>(null);
  /** The reward that the last sale brought within reach of the open member. */
  announced = $state<string | null>(null);
  /** Who was open lately, newest first: for the customer who comes back to the till. */
  lately = $state.raw<Card[]>([]);
  notice = $state.raw<Notice | null>(null);
  /** The line of the sale that was just credited to the open member: a reward is given with it. */
  #sold: { memberId: string; entryId: string } | null = null;
  /** The row of the card's list, by place, whose Confirm is open. */
  redeeming = $state<number | null>(null);
  /** How many lots of it, for points that become money. */
  lots = $state(1);
  busy = $state(false);
  /** What is said while points that are elsewhere are asked for; null while they are not. */
  fetching = $state<string | null>(null);
  /** A redemption that is above the owner's limit, until a manager's PIN came or it was put away. */
  approval = $state.raw<{ limit: number } | null>(null);
  /** Where the focus should go; a new object each time. While `typing`, the text there is not selected. */
  focus = $state.raw<{ to: FocusTarget; typing?: boolean }>({ to: "search" });
  readonly world: World;
  readonly #intents = new Intents();
  /** Ids of operations with personal data in them: kept, but not on the disk. */
  readonly #privateIntents = new Intents(memoryStorage());
  #opening = 0;

  constructor(world: World) {
    this.world = world;
    this.search = new Search(world.backend, { onPick: (pick) => this.pick(pick), onFail: (error) => this.fail(error) });
    this.sale = new Sale(world.backend, world.shop, world.locale);
  }

  /** Somebody typed in the search box. `R` and a digit redeem while a member is open. */
  typeSearch(text: string): void {
    const reward = this.pane === "card" ? rewardChord(text) : null;
    if (reward !== null && this.#claim(reward)?.claimable) {
      this.search.clear();
      this.askRedeem(reward);
    } else {
      this.search.type(text);
    }
  }

  /** A character typed where no field has the focus: a new search begins with it. */
  typeAnywhere(character: string): void {
    this.focus = { to: "search", typing: true };
    this.typeSearch(/^[1-9]$/.test(character) && /^[rR]$/.test(this.search.query) ? this.search.query + character : character);
  }

  /** A scanned code: found, and opened where it is somebody's. */
  take(code: string): void {
    // Whoever is being added was sent by the one whose card is scanned.
    if (this.pane === "enrol") {
      this.sender = code;
      return;
    }
    this.redeeming = null;
    this.focus = { to: "search" };
    this.search.take(code);
  }

  pick(pick: Pick): void {
    if ("open" in pick) void this.open(pick.open);
    else {
      this.offer = pick.enrol;
      this.sender = "";
      this.pane = "enrol";
      this.focus = { to: "none" };
    }
  }

  async open(memberId: string): Promise<void> {
    const mine = ++this.#opening;
    await this.#guard(async () => {
      const card = await this.world.backend.memberCard(memberId);
      if (mine !== this.#opening) return;
      if (!this.undo.entryId) this.notice = null;
      this.show(card);
    });
  }

  /** Shows a member, with the cursor in the amount. An amount typed for somebody else does not come along. */
  show(card: Card): void {
    if (card.member_id !== this.card?.member_id) {
      this.sale.clear();
      this.#sold = null;
      // Who closes a card and opens it again is still serving the same customer; another card ends the visit.
      if (this.card !== null) this.#intents.settle("visit");
    }
    this.#hold(card);
    this.pane = "card";
    this.drawer = "recent";
    this.redeeming = null;
    this.announced = null;
    this.focus = { to: "amount" };
  }

  /** Reads the open member and today's lines again, after the lock or another's work. */
  async refresh(): Promise<void> {
    await this.#guard(async () => {
      const { backend } = this.world;
      const { card } = this;
      if (card) this.#hold(await backend.memberCard(card.member_id));
      if (card) await this.sale.look(card.member_id);
      if (this.pane === "activity") this.activity = await backend.activity();
      if (this.pane === "held") this.held = await backend.held();
    });
  }

  async enrol(phone: string, name: string, email: string, consent: boolean, birthday = "", sent = ""): Promise<unknown> {
    const content = { phone, name: name.trim(), email: email.trim(), email_consent: consent && email.trim() !== "", birthday, referred_by: sent.trim() };
    return this.#once("enrol", content, this.#privateIntents, async (op_id) => {
      const card = await this.world.backend.enrol({ op_id, ...content });
      this.search.clear();
      this.offer = null;
      this.undo.drop();
      this.notice = card.just_enrolled ? say.enrolled(card) : say.alreadyThere(card);
      this.sender = "";
      this.show(card);
    });
  }

  async edit(name: string, email: string, consent: boolean, birthday = ""): Promise<unknown> {
    if (!this.card) return undefined;
    const content = { member_id: this.card.member_id, name: name.trim(), email: email.trim(), email_consent: consent && email.trim() !== "", birthday };
    return this.#once("edit", content, this.#privateIntents, async (op_id) => {
      this.show(await this.world.backend.memberEdit({ op_id, ...content }));
      this.notice = say.saved();
    });
  }

  async credit(): Promise<void> {
    const { card, sale } = this;
    if (!card || this.busy) return;
    if (sale.plain === null) {
      sale.complaint = true;
      this.focus = { to: "amount" };
      return;
    }
    const content = { member_id: card.member_id, amount: sale.plain, sale_id: sale.saleId.trim() || null, bought: sale.pieces, visit: this.#intents.kept("visit", card.member_id) };
    const error = await this.#once("credit", content, this.#intents, async (op_id) => this.#credited(await this.world.backend.credit({ op_id, ...content })));
    if (error) this.fail(error);
  }

  #credited(done: Credited): void {
    this.sale.clear();
    if (done.card.member_id === this.card?.member_id) this.#hold(done.card);
    const { shop, locale } = this.world;
    this.announced = done.credited_before_at === null ? done.announces : null;
    this.#intents.settle("visit");
    this.#sold = done.entry_id === null ? null : { memberId: done.card.member_id, entryId: done.entry_id };
    this.notice = say.credited(done, shop().timezone, locale, this.world.session.role !== "cashier");
    if (done.credited_before_at === null && done.points > 0 && done.entry_id !== null) this.undo.offer(done.entry_id);
    else this.undo.drop();
    this.search.clear();
    this.focus = { to: "search" };
  }

  askRedeem(place: number): void {
    if (!this.#claim(place)?.claimable || this.busy) return;
    this.redeeming = place;
    this.lots = 1;
    this.focus = { to: "none" };
  }

  /** So many lots instead, as far as the points reach. */
  chooseLots(lots: number): void {
    const claim = this.redeeming === null ? undefined : this.#claim(this.redeeming);
    if (claim && !this.busy) this.lots = Math.max(1, Math.min(lots, lotsMax(claim)));
  }

  /** A row of the open card's list. */
  #claim(place: number): Claim | undefined {
    return this.card ? claimsOf(this.card)[place] : undefined;
  }

  cancelRedeem(): void {
    if (this.fetching !== null) return;
    this.redeeming = null;
    this.approval = null;
    this.focus = { to: "amount" };
  }

  /** Redeems what is open. With a manager's PIN where a limit asked for one: then a wrong one is answered, for the pad. */
  async redeem(manager: Approval | null = null): Promise<unknown> {
    const { card, lots } = this;
    const claim = this.redeeming === null ? undefined : this.#claim(this.redeeming);
    if (!card || !claim || this.busy) return undefined;
    const sold = this.#sold?.memberId === card.member_id ? this.#sold.entryId : null;
    // The sale that is still to come: it takes the number that the reward names.
    const visit = sold === null ? this.#intents.idFor("visit", card.member_id) : null;
    const content = { member_id: card.member_id, reward: claim.reward?.name ?? "", lots, card: claim.stamps?.card ?? null, with: sold, visit, sale_id: this.sale.saleId.trim() || null };
    if (claim.reach === "fetch") this.fetching = this.#fetchingWords(card);
    const error = await this.#once("redeem", content, this.#intents, async (op_id) => {
      const done = await this.world.backend.redeem({ op_id, ...content, manager });
      if (done.card.member_id === this.card?.member_id) this.#hold(done.card);
      this.notice = say.redeemed(done, lots);
      this.undo.offer(done.entry_id);
    });
    this.fetching = null;
    if (error instanceof Refused && error.code === "needs_manager") {
      this.approval = { limit: error.number ?? 0 };
      return undefined;
    }
    if (manager && error instanceof Refused && (error.code === "wrong_pin" || error.code === "not_allowed")) return error;
    this.redeeming = null;
    this.approval = null;
    if (error) await this.#redeemFailed(error, card);
    this.focus = { to: "amount" };
    return undefined;
  }

  #fetchingWords(card: Card): string {
    const tills = tillsIn(card.elsewhere.filter((one) => one.near && !one.lost), getLocale());
    return tills === "" ? m.fetching() : m.fetching_from({ tills });
  }

  /** Points that could not be had: the card is looked at again, which says where they are. */
  async #redeemFailed(error: unknown, card: Card): Promise<void> {
    this.fail(error);
    if (!(error instanceof Refused) || error.code !== "not_enough_points") return;
    await this.#guard(async () => {
      const now = await this.world.backend.memberCard(card.member_id);
      if (now.member_id === this.card?.member_id) this.#hold(now);
      const rest = restOf(now);
      if (rest) this.notice = say.notHere(rest);
    });
  }

  /** Takes a line back. */
  async reverse(entryId: string): Promise<void> {
    if (this.undo.entryId === entryId) this.undo.drop();
    const error = await this.#once("reverse", { entry_id: entryId }, this.#intents, async (op_id) => {
      const done = await this.world.backend.reverse({ op_id, entry_id: entryId });
      if (done.card.member_id === this.card?.member_id) this.#hold(done.card);
      this.notice = say.reversed(done);
    });
    if (error) this.fail(error);
    if (this.pane === "activity") await this.showActivity();
    if (this.pane === "held") await this.showHeld();
    if (this.card && this.sale.plain !== null) await this.sale.look(this.card.member_id);
  }

  /** Gives money back for a sale. Answers the refusal or failure, for the form that asked. */
  async refund(entryId: string, amount: string): Promise<unknown> {
    if (this.undo.entryId === entryId) this.undo.drop();
    const content = { entry_id: entryId, amount };
    const error = await this.#once("refund", content, this.#intents, async (op_id) => {
      const done = await this.world.backend.refund({ op_id, ...content });
      if (done.card.member_id === this.card?.member_id) this.#hold(done.card);
      this.notice = say.refunded(done);
    });
    if (!error && this.pane === "activity") await this.showActivity();
    return error;
  }

  async undoLast(): Promise<void> {
    if (this.busy) return;
    const entryId = this.undo.take();
    if (entryId) await this.reverse(entryId);
  }

  async adjust(points: number, reason: string): Promise<unknown> {
    if (!this.card) return undefined;
    const content = { member_id: this.card.member_id, points, reason: reason.trim() };
    return this.#once("adjust", content, this.#intents, async (op_id) => {
      const card = await this.world.backend.adjust({ op_id, ...content });
      this.undo.drop();
      this.show(card);
      this.notice = say.adjusted(points, card);
    });
  }

  async showActivity(): Promise<void> {
    this.pane = "activity";
    this.focus = { to: "none" };
    await this.#guard(async () => {
      this.activity = await this.world.backend.activity();
    });
  }

  toggleActivity(): void {
    if (this.pane === "activity") this.back();
    else void this.showActivity();
  }

  async showHeld(): Promise<void> {
    this.pane = "held";
    this.focus = { to: "none" };
    await this.#guard(async () => {
      this.held = await this.world.backend.held();
    });
  }

  /** Decides a held sale, once. */
  async decide(sale: HeldSale, verdict: Verdict): Promise<void> {
    const content = { source: sale.source, sale_id: sale.sale_id, verdict };
    const error = await this.#once("decide", content, this.#intents, async (op_id) => {
      const done = await this.world.backend.decide({ op_id, ...content });
      this.notice = say.decided(sale, verdict);
      if (done.entry_id !== null) this.undo.offer(done.entry_id);
      else this.undo.drop();
      if (this.card?.member_id === sale.member_id) this.#hold(await this.world.backend.memberCard(sale.member_id));
    });
    if (error) this.fail(error);
    // Decided here or by somebody faster: it waits no more.
    if (this.pane === "held") await this.showHeld();
  }

  showStaff(): void {
    this.pane = "staff";
    this.focus = { to: "none" };
  }

  /** Esc: one step back, from the innermost. */
  back(): void {
    if (this.redeeming !== null) this.cancelRedeem();
    else if (this.pane === "card" && this.drawer !== "recent") {
      this.drawer = "recent";
      this.focus = { to: "amount" };
    } else if (this.pane === "activity" || this.pane === "held" || this.pane === "staff" || this.pane === "enrol") {
      this.pane = this.card ? "card" : "none";
      this.focus = { to: "search" };
    } else if (this.sale.typed !== "" || this.sale.saleIdShown) {
      this.sale.clear();
      this.focus = { to: "amount" };
    } else {
      if (this.search.query === "") this.close();
      this.search.clear();
      this.focus = { to: "search" };
    }
  }

  close(): void {
    this.card = null;
    this.pane = "none";
    this.sale.clear();
  }

  /** Says what went wrong; a lock shows the lock. */
  fail(error: unknown): void {
    if (error instanceof Refused && error.code === "locked") this.world.onLocked();
    else this.notice = { tone: "wrong", text: failureWords(error), detail: "" };
  }

  /**
   * Sends one operation under its stored id, never two at once. Answers the refusal or failure, for the form that
   * asked; an answer either way settles the id, and a failure keeps it for the retry.
   */
  async #once(what: string, content: unknown, intents: Intents, send: (opId: string) => Promise<void>): Promise<unknown> {
    if (this.busy) return undefined;
    this.busy = true;
    try {
      await send(intents.idFor(what, content));
      intents.settle(what);
      this.world.onChange();
      return undefined;
    } catch (error) {
      if (error instanceof Refused) intents.settle(what);
      if (error instanceof Refused && error.code === "locked") this.world.onLocked();
      return error;
    } finally {
      this.busy = false;
    }
  }

  /** Takes the newest card of a member to where their older one stood. */
  #hold(card: Card): void {
    this.card = card;
    this.lately = [card, ...this.lately.filter((other) => other.member_id !== card.member_id)].slice(0, LATELY_MAX);
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.fail(error);
    }
  }
}
