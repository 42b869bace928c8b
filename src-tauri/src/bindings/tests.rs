//! Keeps the committed bindings, the list in `names.rs` and the capabilities equal to the commands there are.

use std::collections::BTreeSet;
use std::path::PathBuf;

use specta_typescript::Typescript;

use super::commands;
use crate::commands::names;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Command names that a capability file grants.
fn granted(window: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(format!("src-tauri/capabilities/{window}.json"))).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["windows"], serde_json::json!([window]));
    let permissions = file["permissions"].as_array().unwrap().iter();
    permissions
        .filter_map(|p| p.as_str()?.strip_prefix("allow-").map(|name| name.replace('-', "_")))
        .collect()
}

#[test]
fn bindings_are_current() {
    let committed = root().join("ui/src/shared/backend/bindings.ts");
    let dir = tempfile::tempdir().unwrap();
    let fresh = dir.path().join("bindings.ts");
    let header = "// Made by `cargo xtask bindings` from src-tauri/src/commands and views. Don't edit: change those.\n";
    commands().export(Typescript::default().header(header), &fresh).unwrap();
    let fresh = std::fs::read_to_string(fresh).unwrap();
    if std::env::var_os("REGULARS_WRITE_BINDINGS").is_some() {
        std::fs::write(&committed, &fresh).unwrap();
    }
    let committed = std::fs::read_to_string(committed).unwrap_or_default();
    assert!(
        committed == fresh,
        "ui/src/shared/backend/bindings.ts is stale. Renew it with `cargo xtask bindings` and commit it."
    );
}

#[test]
fn every_command_is_closed_and_granted_to_one_window() {
    let listed: BTreeSet<String> = names::ALL.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(listed.len(), names::ALL.len());
    let source = include_str!("../bindings.rs");
    let collected: BTreeSet<String> = source
        .lines()
        .filter_map(|line| {
            line.trim()
                .strip_suffix(',')?
                .rsplit_once("::")
                .map(|(_, name)| name.to_owned())
        })
        .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    assert_eq!(listed, collected, "names.rs and bindings.rs differ");
    let (till, owner) = (granted("till"), granted("owner"));
    assert!(till.is_disjoint(&owner));
    assert_eq!(listed, &till | &owner);
}

#[test]
fn sql_is_only_for_reading_and_only_for_the_owner() {
    for (window, sql) in [("till", vec![]), ("owner", vec!["sql:allow-select"])] {
        let text = std::fs::read_to_string(root().join(format!("src-tauri/capabilities/{window}.json"))).unwrap();
        let file: serde_json::Value = serde_json::from_str(&text).unwrap();
        let found: Vec<&str> = file["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_str)
            .filter(|p| p.starts_with("sql:"))
            .collect();
        assert_eq!(found, sql, "{window}");
    }
}
