// The draft of the shop's words: its text, what a check of it found, and whether it may be published. It lives as long as
// the window, so that looking something up on another page loses nothing.
import type { Mail, OwnerBackend, VoiceError } from "../../shared/backend";
import { Checker } from "../rules/checker.svelte";

export class VoiceDraft {
  text = $state("");
  /** What is in force: the newest version, or the built-in words. */
  inForce = $state("");
  version = $state(0);
  /** Something was just put in force. */
  published = $state(false);
  readonly checker: Checker<{ errors: VoiceError[] }>;
  readonly changed = $derived.by(() => this.text !== this.inForce);
  /** What the last check found, where it was of this very text. */
  readonly found = $derived.by(() => (this.checker.found?.text === this.text ? this.checker.found : undefined));
  readonly errors: VoiceError[] = $derived(this.found?.errors ?? []);
  /** What is in force was checked before it was published. */
  readonly sound = $derived(!this.changed || this.found?.errors.length === 0);
  #known = false;

  constructor(backend: OwnerBackend) {
    this.checker = new Checker(async (text) => ({ errors: await backend.mailVoiceCheck(text) }));
  }

  /** Takes what the relay has. A draft that says something of its own is kept. */
  hear(mail: Mail): void {
    const [newest] = mail.voices;
    const follow = !this.#known || !this.changed;
    this.#known = true;
    this.inForce = newest?.text ?? mail.built_in;
    this.version = newest?.version ?? 0;
    if (follow) this.text = this.inForce;
  }

  edit(text: string): void {
    this.text = text;
    this.published = false;
  }

  discard(): void {
    this.edit(this.inForce);
  }
}
