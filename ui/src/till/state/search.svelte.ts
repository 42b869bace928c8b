// The search box: what is typed, the newest answer, and what Enter would do. Late answers are dropped.
import type { EnrolOffer, SearchResult, TillBackend } from "../../shared/backend";

/** What Enter or a tap on a line does. */
export type Pick = { open: string } | { enrol: EnrolOffer };

/** The part of the backend that is needed here. */
type Searcher = { search: TillBackend["search"] };
type Hooks = { onPick: (pick: Pick) => void; onFail: (error: unknown) => void };

export class Search {
  query = $state("");
  result = $state.raw<SearchResult | null>(null);
  /** The line chosen by arrows; null for the best. */
  #chosen = $state<number | null>(null);
  /** Enter came before the answer. */
  #enterWaits = false;
  /** What a scan may have been, where a busy machine took its beginning for a person's keys. */
  #whole: string | null = null;
  readonly #backend: Searcher;
  readonly #hooks: Hooks;

  /** What can be chosen, in the order shown: the hits, then the offer to add. */
  readonly picks = $derived.by<Pick[]>(() => {
    if (!this.result) return [];
    const opens = this.result.hits.map((hit) => ({ open: hit.member_id }));
    return this.result.enrol ? [...opens, { enrol: this.result.enrol }] : opens;
  });

  /** The line that Enter takes: the chosen one, else the exact one, else the offer, else the first. -1 for none. */
  readonly active = $derived.by<number>(() => {
    if (this.#chosen !== null && this.#chosen < this.picks.length) return this.#chosen;
    const exact = this.result?.hits.findIndex((hit) => hit.member_id === this.result?.exact) ?? -1;
    if (exact >= 0) return exact;
    return this.result?.enrol ? this.picks.length - 1 : this.picks.length > 0 ? 0 : -1;
  });

  constructor(backend: Searcher, hooks: Hooks) {
    this.#backend = backend;
    this.#hooks = hooks;
  }

  /** The box now holds `text`. */
  type(text: string): void {
    this.query = text;
    this.#chosen = null;
    this.#enterWaits = false;
    this.#whole = null;
    if (text.trim() === "") this.result = null;
    else void this.#ask(text);
  }

  /** A scan: as if typed and confirmed. What stands in the box may be its beginning. */
  take(code: string): void {
    const before = this.query.trim();
    this.type(code);
    this.enter();
    this.#whole = before === "" ? null : before + code;
  }

  /** Enter: at once where the answer is here, else when it comes. */
  enter(): void {
    if (this.query.trim() === "") return;
    if (this.result?.query.trim() === this.query.trim()) this.#pickBest();
    else this.#enterWaits = true;
  }

  /** Arrow down (1) or up (-1); stays inside the list. */
  move(by: 1 | -1): void {
    if (this.picks.length === 0) return;
    this.#chosen = Math.min(this.picks.length - 1, Math.max(0, this.active + by));
  }

  clear(): void {
    this.type("");
  }

  async #ask(text: string): Promise<void> {
    try {
      const found = await this.#backend.search(text);
      if (found.query.trim() !== this.query.trim()) return;
      const answer = found.exact === null && this.#whole !== null ? await this.#wholeOr(found, this.#whole) : found;
      if (found.query.trim() !== this.query.trim()) return;
      if (answer !== found) this.query = answer.query;
      this.result = answer;
      if (this.#enterWaits) this.#pickBest();
    } catch (error) {
      if (text === this.query) this.#hooks.onFail(error);
    }
  }

  /** The answer to a whole scan, where somebody has that code. */
  async #wholeOr(found: SearchResult, whole: string): Promise<SearchResult> {
    const other = await this.#backend.search(whole);
    return other.exact === null ? found : other;
  }

  #pickBest(): void {
    this.#enterWaits = false;
    const exact = this.#chosen === null ? this.result?.exact : null;
    const pick = exact ? { open: exact } : this.picks[this.active];
    if (pick) this.#hooks.onPick(pick);
  }
}
