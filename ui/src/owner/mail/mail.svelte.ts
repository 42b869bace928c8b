// The shop's mail as its page knows it: how it stands, and one change at a time.
import { Refused, type Mail } from "../../shared/backend";
import { Changed } from "../changed.svelte";
import { mailFailure } from "./words";

/** What was refused: the field, where it is one, and the sentence. */
export type Wrong = { code: string; field: string; words: string };

export class ShopMail extends Changed<Mail, Wrong> {
  protected read(): Promise<Mail> {
    return this.backend.mail();
  }

  protected refused(error: unknown): Wrong {
    // What was on screen may be old: somebody else, or the relay itself, was there first.
    if (error instanceof Refused && error.code === "mail_gone") void this.look();
    const { code, field } = error instanceof Refused ? error : { code: "", field: "" };
    return { code, field, words: mailFailure(error) };
  }
}
