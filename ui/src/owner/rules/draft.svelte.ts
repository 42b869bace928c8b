// The draft of the rules: its text, what a check of it found, and whether it may be published. It lives as long as the
// window, so that looking something up on another page loses nothing.
import type { OwnerContext, RuleError, RulesCheck } from "../../shared/backend";
import type { Owner } from "../owner.svelte";
import { Checker } from "./checker.svelte";

export class Draft {
  text = $state("");
  /** Something was just put in force. */
  published = $state(false);
  readonly checker: Checker<RulesCheck>;
  readonly #owner: Owner;
  readonly changed = $derived.by(() => this.text !== this.#owner.context.rules_text);
  /** What the last check found, where it was of this very text. */
  readonly found = $derived.by(() => (this.checker.found?.text === this.text ? this.checker.found : undefined));
  readonly errors: RuleError[] = $derived(this.found?.errors ?? []);
  readonly sound = $derived(this.found?.errors.length === 0);

  constructor(owner: Owner) {
    this.#owner = owner;
    this.checker = new Checker((wanted) => owner.backend.rulesCheck(wanted));
    this.text = owner.context.rules_text;
  }

  edit(text: string): void {
    this.text = text;
    this.published = false;
  }

  discard(): void {
    this.edit(this.#owner.context.rules_text);
  }

  /** Rules that came by themselves, from another till or a document elsewhere. A draft that says something of its own is kept. */
  hear(context: OwnerContext): void {
    const { context: before } = this.#owner;
    if (context.shop.rules_version === before.shop.rules_version && context.rules_text === before.rules_text) return;
    const follow = !this.changed;
    this.#owner.context = context;
    if (follow) this.edit(context.rules_text);
  }

  /** Sends something that puts rules in force. A draft that said something else of its own is kept, unless it was it that was sent. */
  async putInForce(send: () => ReturnType<Owner["backend"]["rulesPublish"]>, own: boolean): Promise<void> {
    const follow = own || !this.changed;
    this.#owner.context = await send();
    if (follow) this.text = this.#owner.context.rules_text;
    this.published = true;
  }
}
