//! The name of every command of ours, for the build script, which closes each of them to every window, and for the
//! test that compares them with what is really there. The files in `capabilities/` open them again window by window.

/// Every command. Whatever is not here, any window may call.
pub const ALL: &[&str] = &[
    "startup",
    "first_start",
    "sign_in",
    "sign_out",
    "touch",
    "search",
    "member_card",
    "enrol",
    "member_edit",
    "preview",
    "credit",
    "redeem",
    "reverse",
    "adjust",
    "activity",
    "status",
    "staff_list",
    "staff_edit",
    "open_owner",
    "owner_context",
    "rules_check",
    "rules_publish",
    "export_ledger",
    "save_list",
    "close",
];
