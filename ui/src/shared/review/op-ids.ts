// The id of each thing somebody is about to do to a held sale: the same for a retry, a new one once it was answered.
import { v7 } from "uuid";
import { Refused } from "../backend";

export class OpIds {
  readonly #kept = new Map<string, string>();

  /** Sends `content` under its id; an answer, yes or no, settles it, a failure keeps it for the retry. */
  async send<T>(content: unknown, work: (opId: string) => Promise<T>): Promise<T> {
    const key = JSON.stringify(content);
    const opId = this.#kept.get(key) ?? v7();
    this.#kept.set(key, opId);
    try {
      const answer = await work(opId);
      this.#kept.delete(key);
      return answer;
    } catch (error) {
      if (error instanceof Refused) this.#kept.delete(key);
      throw error;
    }
  }
}
