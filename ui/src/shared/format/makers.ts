// Who made something, in words: a member of staff by name, or what did it.
import { m } from "../../paraglide/messages";

/** The maker of a line, a sale or a version, as the store names them. */
export function makerName(byName: string): string {
  if (byName === "member") return m.owner_by_member();
  const place = /^job:document https?:\/\/(.+)$/.exec(byName)?.[1];
  if (place) return m.doc_by({ place });
  if (byName.startsWith("job:")) return m.owner_by_job();
  if (byName.startsWith("webhook:")) return m.owner_by_webhook({ name: byName.slice("webhook:".length) });
  return byName;
}
