// The sale being typed for the open member: amount, sale number, what was counted for stamp cards, and what the rules
// would make of it.
import type { Bought, Preview, Shop, TillBackend } from "../../shared/backend";
import { readAmount } from "../../shared/format/money";

type Previewer = { preview: TillBackend["preview"] };

/** More pieces in one sale are a slip of the finger; the store refuses them too. */
export const BOUGHT_MAX = 99;

export class Sale {
  typed = $state("");
  saleId = $state("");
  saleIdShown = $state(false);
  /** Pieces that give a stamp, by stamp card; cards with none are left out. */
  bought = $state.raw<Readonly<Record<string, number>>>({});
  preview = $state.raw<Preview | null>(null);
  /** Enter was pressed on something that is no amount. */
  complaint = $state(false);
  #asked = 0;
  readonly #backend: Previewer;
  readonly #shop: () => Shop;
  readonly #locale: string;

  /** The amount as plain decimal text for the store; null where there is none. */
  readonly plain = $derived.by(() => readAmount(this.typed, this.#shop().currency_digits, this.#locale));

  constructor(backend: Previewer, shop: () => Shop, locale: string) {
    this.#backend = backend;
    this.#shop = shop;
    this.#locale = locale;
  }

  /** The amount field now holds `text`, for this member. */
  type(text: string, memberId: string): void {
    this.typed = text;
    this.complaint = false;
    void this.look(memberId);
  }

  /** So many pieces for a stamp card. */
  count(card: string, pieces: number, memberId: string): void {
    const { [card]: before = 0, ...others } = this.bought;
    const now = Math.max(0, Math.min(pieces, BOUGHT_MAX));
    if (now === before) return;
    this.bought = now === 0 ? others : { ...this.bought, [card]: now };
    void this.look(memberId);
  }

  /** The same as the store takes it. */
  get pieces(): Bought[] {
    return Object.entries(this.bought).map(([card, count]) => ({ card, count }));
  }

  /** Asks what the sale would bring; a late answer is dropped. */
  async look(memberId: string): Promise<void> {
    const mine = ++this.#asked;
    const amount = this.plain;
    if (amount === null) {
      this.preview = null;
      return;
    }
    try {
      const preview = await this.#backend.preview(memberId, amount, this.pieces);
      if (mine === this.#asked) this.preview = preview;
    } catch {
      // The same refusal comes with the credit itself, where there is somebody to tell.
      if (mine === this.#asked) this.preview = null;
    }
  }

  clear(): void {
    this.#asked += 1;
    this.typed = "";
    this.saleId = "";
    this.saleIdShown = false;
    this.bought = {};
    this.preview = null;
    this.complaint = false;
  }
}
