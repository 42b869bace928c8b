// One file on its way in: taken from the disk piece by piece, looked at, corrected, rehearsed, brought in. What the
// store says is kept as it came; a newer question's answer wins.
import type { FileLook, FileMapping, FileProgress, OwnerBackend } from "../../shared/backend";
import { failureWords } from "../../shared/format/failures";

/** How much of a file goes to the store at once. */
const PIECE_BYTES = 512 * 1024;
/** How often the store is asked how far it is. */
const ASK_EVERY_MS = 300;

export class ImportFile {
  /** The file's name, once one was chosen. */
  name = $state("");
  /** How much of it the store has, 0 to 1; null where none is being read. */
  reading: number | null = $state(null);
  look: FileLook | null = $state.raw(null);
  /** The rehearsal's or the import's; null before either. */
  progress: FileProgress | null = $state.raw(null);
  /** What could not be done. */
  wrong = $state("");
  #id = "";
  #asked = 0;
  /** How it is to be read, from a correction until the store has looked: the next correction builds on this one. */
  #wanted: FileMapping | null = $state.raw(null);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly backend: OwnerBackend) {}

  get running(): boolean {
    return this.progress?.state === "running";
  }

  /** How the file is read, with what was just corrected. */
  get mapping(): FileMapping | null {
    return this.#wanted ?? this.look?.mapping ?? null;
  }

  /** Takes a file in and looks at it. */
  async choose(file: File): Promise<void> {
    const mine = ++this.#asked;
    [this.name, this.look, this.progress, this.wrong, this.reading, this.#wanted] = [file.name, null, null, "", 0, null];
    try {
      const id = await this.backend.fileBegin(file.name);
      this.#id = id;
      for (let from = 0; from < file.size; from += PIECE_BYTES) {
        await this.backend.fileBytes(id, await base64(file.slice(from, from + PIECE_BYTES)));
        if (mine !== this.#asked) return;
        this.reading = Math.min(1, (from + PIECE_BYTES) / file.size);
      }
      this.reading = null;
      await this.#look(null, null);
    } catch (error) {
      if (mine !== this.#asked) return;
      this.reading = null;
      this.wrong = failureWords(error);
    }
  }

  /** Lets go of it, for another one. */
  drop(): void {
    this.#asked += 1;
    clearTimeout(this.#timer);
    [this.name, this.look, this.progress, this.wrong, this.reading, this.#wanted] = ["", null, null, "", null, null];
  }

  /** Another source: what is remembered for it counts, or else what was chosen here. */
  async from(source: string): Promise<void> {
    await this.#look(source, null);
  }

  /** Corrects how it is read. */
  async correct(part: Partial<FileMapping>): Promise<void> {
    if (this.look && this.mapping) await this.#look(this.look.source, { ...this.mapping, ...part });
  }

  /** Says which column a field is in: "" where the file lacks it on purpose, null where none was chosen. */
  async column(field: string, header: string | null): Promise<void> {
    const others = Object.entries(this.mapping?.columns ?? {}).filter(([name]) => name !== field);
    const mine: [string, string][] = header === null ? [] : [[field, header]];
    await this.correct({ columns: Object.fromEntries([...others, ...mine]) });
  }

  /** Brings it in, or only says what would come of that. */
  async run(dryRun: boolean): Promise<void> {
    const { look, mapping } = this;
    if (!look || !mapping || this.running) return;
    this.wrong = "";
    try {
      this.progress = await this.backend.fileRun({ file_id: this.#id, source: look.source, mapping, dry_run: dryRun });
      this.#follow();
    } catch (error) {
      this.wrong = failureWords(error);
    }
  }

  async stop(): Promise<void> {
    try {
      await this.backend.fileStop(this.#id);
    } catch (error) {
      this.wrong = failureWords(error);
    }
  }

  /** Nobody looks any more. What is under way goes on. */
  leave(): void {
    clearTimeout(this.#timer);
  }

  async #look(source: string | null, mapping: FileMapping | null): Promise<void> {
    const mine = ++this.#asked;
    this.wrong = "";
    this.#wanted = mapping;
    try {
      const look = await this.backend.fileLook({ file_id: this.#id, source, mapping });
      if (mine !== this.#asked) return;
      this.look = look;
      this.progress = null;
    } catch (error) {
      if (mine === this.#asked) this.wrong = failureWords(error);
    } finally {
      if (mine === this.#asked) this.#wanted = null;
    }
  }

  #follow(): void {
    clearTimeout(this.#timer);
    if (!this.running) return;
    this.#timer = setTimeout(() => void this.#ask(), ASK_EVERY_MS);
  }

  async #ask(): Promise<void> {
    try {
      this.progress = await this.backend.fileProgress(this.#id);
    } catch (error) {
      this.progress = null;
      this.wrong = failureWords(error);
    }
    this.#follow();
  }
}

/** The bytes in base64, as the browser itself writes them. */
async function base64(part: Blob): Promise<string> {
  const reader = new FileReader();
  const read = new Promise<string>((resolve, reject) => {
    reader.onload = () => resolve(typeof reader.result === "string" ? reader.result : "");
    reader.onerror = () => reject(reader.error ?? new Error("the file can't be read"));
  });
  reader.readAsDataURL(part);
  const url = await read;
  return url.slice(url.indexOf(",") + 1);
}
