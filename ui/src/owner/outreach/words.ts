// The words of one mail as its editor holds them: the subject by itself, and the text under it. What they say is the
// relay's to read; here they are only taken apart and put together again.

/** A mail's words in their parts. `head` is how many lines stand before the text. */
export type Words = { subject: string; preheader: string | null; text: string; head: number };

/** Takes words apart: a subject line, perhaps a preheader, an empty line, the text. */
export function partsOf(words: string): Words {
  const lines = words.replaceAll("\r\n", "\n").split("\n");
  let subject: string | null = null;
  let preheader: string | null = null;
  let at = 0;
  for (; at < lines.length; at += 1) {
    const found = /^\s*(subject|preheader)\s*:(.*)$/i.exec(lines[at] ?? "");
    const [, key = "", value = ""] = found ?? [];
    if (key.toLowerCase() === "subject" && subject === null) subject = value.trim();
    else if (key.toLowerCase() === "preheader" && preheader === null) preheader = value.trim();
    else if ((lines[at] ?? "").trim() !== "") break;
  }
  const text = lines.slice(at).join("\n").trimEnd();
  return { subject: subject ?? "", preheader, text, head: preheader === null ? 2 : 3 };
}

/** Puts them together again; `head` is how many lines stand before the text then. */
export function joined({ subject, preheader, text }: Pick<Words, "subject" | "preheader" | "text">): string {
  const line = subject.replaceAll(/\s+/g, " ").trim();
  return `Subject: ${line}\n${preheader === null ? "" : `Preheader: ${preheader}\n`}\n${text.trimEnd()}\n`;
}
