// The app's own store, reached through Tauri's commands and, for reports, its read-only SQL.
import { invoke } from "@tauri-apps/api/core";
import Database from "@tauri-apps/plugin-sql";
import type { Failure } from "./contract";
import { failed, StorageFailed, type Backend } from "./index";

/** Calls a command; a failure becomes the error the windows know. */
async function call<T>(command: string, args?: Record<string, unknown>): Promise<T> {
  try {
    return await invoke<T>(command, args);
  } catch (error) {
    throw asError(error);
  }
}

function asError(error: unknown): Error {
  if (typeof error === "object" && error !== null && "kind" in error) return failed(error as Failure);
  return new StorageFailed({ code: "io", path: "", detail: String(error) });
}

/** A backend over Tauri. */
export function tauriBackend(): Backend {
  let reports: Promise<string> | undefined;
  return {
    startup: () => call("startup"),
    firstStart: (input) => call("first_start", { input }),
    signIn: (staffId, pin) => call("sign_in", { staffId, pin }),
    signOut: () => call("sign_out"),
    touch: () => call("touch"),
    search: (query) => call("search", { query }),
    memberCard: (memberId) => call("member_card", { memberId }),
    enrol: (input) => call("enrol", { input }),
    memberEdit: (input) => call("member_edit", { input }),
    preview: (memberId, amount) => call("preview", { memberId, amount }),
    credit: (input) => call("credit", { input }),
    redeem: (input) => call("redeem", { input }),
    reverse: (input) => call("reverse", { input }),
    adjust: (input) => call("adjust", { input }),
    activity: () => call("activity"),
    status: () => call("status"),
    staffList: () => call("staff_list"),
    staffEdit: (input) => call("staff_edit", { input }),
    openOwner: (pin) => call("open_owner", { pin }),
    ownerContext: () => call("owner_context"),
    rulesCheck: (text) => call("rules_check", { text }),
    rulesPublish: (opId, text) => call("rules_publish", { opId, text }),
    exportLedger: (filter) => call("export_ledger", { filter }),
    saveList: (name, csv) => call("save_list", { name, csv }),
    close: () => call("close"),
    select: async (sql, params) => {
      reports ??= call<{ reports: string }>("owner_context").then((context) => context.reports);
      // `get`, not `load`: the app opened the file read-only before this window existed.
      return Database.get(await reports).select(sql, [...params]);
    },
  };
}
