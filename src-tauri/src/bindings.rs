//! The commands as Tauri and the windows' TypeScript know them: one list for both, and the test that keeps
//! `ui/src/shared/backend/bindings.ts` true. The only file that knows tauri-specta.

use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

use crate::commands::{counter, files, owner, review, rights, rules, sales_in, staff, tills};

/// Every command.
pub fn commands() -> Builder<tauri::Wry> {
    Builder::new()
        .error_handling(ErrorHandlingMode::Throw)
        .disable_serde_phases()
        .commands(collect_commands![
            staff::startup,
            staff::first_start,
            staff::join_shop,
            staff::join_retry,
            staff::join_leave,
            staff::owner_pin,
            staff::sign_in,
            staff::sign_out,
            staff::touch,
            staff::status,
            staff::staff_list,
            staff::staff_edit,
            counter::search,
            counter::member_card,
            counter::enrol,
            counter::member_edit,
            counter::preview,
            counter::credit,
            counter::redeem,
            counter::reverse,
            counter::adjust,
            counter::refund_preview,
            counter::refund,
            counter::activity,
            owner::open_owner,
            owner::owner_touch,
            owner::owner_lock,
            owner::owner_unlock,
            owner::owner_context,
            owner::member_change,
            rules::rules_check,
            rules::rules_publish,
            rules::rules_complete,
            rules::rules_roll_back,
            rules::rules_try,
            rules::rules_backtest,
            rules::rules_backtest_stop,
            review::held,
            review::decide,
            review::review_held,
            review::review_decided,
            review::review_decide,
            review::review_take_back,
            owner::export_ledger,
            owner::save_list,
            owner::export_stop,
            sales_in::sales_in,
            sales_in::sales_in_set,
            sales_in::sales_in_secret,
            sales_in::sales_in_sender,
            sales_in::sales_in_forget,
            sales_in::sales_in_watch,
            tills::tills,
            tills::tills_connect,
            tills::tills_start_over,
            tills::tills_add,
            tills::tills_rename,
            tills::tills_revoke,
            tills::tills_lose,
            tills::tills_find,
            tills::tills_release,
            tills::tills_try,
            rights::away_limits,
            rights::away_limits_set,
            rights::conflicts,
            rights::conflict_settle,
            rights::conflict_undo,
            files::file_begin,
            files::file_bytes,
            files::file_look,
            files::file_run,
            files::file_progress,
            files::file_stop,
            owner::close,
        ])
}

#[cfg(test)]
mod tests;
