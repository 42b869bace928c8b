// The sale being typed for the open member: amount, sale number, and what the rules would make of it.
import type { Preview, Shop, TillBackend } from "../../shared/backend";
import { readAmount } from "../../shared/format/money";

type Previewer = { preview: TillBackend["preview"] };

export class Sale {
  typed = $state("");
  saleId = $state("");
  saleIdShown = $state(false);
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

  /** Asks what the sale would bring; a late answer is dropped. */
  async look(memberId: string): Promise<void> {
    const mine = ++this.#asked;
    const amount = this.plain;
    if (amount === null) {
      this.preview = null;
      return;
    }
    try {
      const preview = await this.#backend.preview(memberId, amount);
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
    this.preview = null;
    this.complaint = false;
  }
}
