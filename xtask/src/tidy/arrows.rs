//! Who may depend on whom: the arrows between the workspace's crates, and what the pure crate must never use.

use serde_json::Value;

use super::Problem;
use crate::repo;

/// Every crate of ours with the crates of ours it may use. A new crate gets its line here, on purpose.
const ALLOWED: &[(&str, &[&str])] = &[
    ("libsqlite3-sys", &[]),
    ("loyalty", &[]),
    ("storage-double", &[]),
    ("backups", &["storage-double"]),
    ("secrets", &[]),
    ("mail", &[]),
    ("ledger", &["loyalty"]),
    ("pos", &["loyalty"]),
    ("sync", &["loyalty"]),
    ("intake", &["ledger", "loyalty", "pos"]),
    (
        "regulars-relay",
        &["backups", "loyalty", "mail", "pos", "storage-double", "sync"],
    ),
    ("link", &["ledger", "loyalty", "secrets", "sync"]),
    ("imports", &["ledger", "loyalty", "pos"]),
    (
        "regularsctl",
        &[
            "backups",
            "imports",
            "intake",
            "ledger",
            "link",
            "loyalty",
            "pos",
            "secrets",
            "storage-double",
            "sync",
        ],
    ),
    (
        "regulars",
        &[
            "backups",
            "imports",
            "intake",
            "ledger",
            "link",
            "loyalty",
            "pos",
            "secrets",
            "storage-double",
        ],
    ),
    (
        "bench",
        &[
            "intake",
            "ledger",
            "link",
            "loyalty",
            "mail",
            "pos",
            "regulars-relay",
            "secrets",
            "sync",
        ],
    ),
    ("model", &[]),
    ("sim", &["ledger", "link", "loyalty", "regulars-relay", "sync"]),
    ("system-tests", &["ledger", "link", "loyalty", "secrets"]),
    ("xtask", &[]),
];

/// The crate that is handed its time, randomness and data, and asks nobody for them.
const PURE: &str = "loyalty";

/// What does I/O, keeps time or rolls dice. Tests may use them.
const IMPURE: &[&str] = &[
    "async-std",
    "axum",
    "dirs",
    "fastrand",
    "getrandom",
    "hyper",
    "keyring",
    "lettre",
    "libsqlite3-sys",
    "mio",
    "notify",
    "rand",
    "rand_core",
    "reqwest",
    "rusqlite",
    "smol",
    "socket2",
    "sqlx",
    "tauri",
    "tempfile",
    "tokio",
    "ureq",
    "walkdir",
];

/// Checks what `cargo metadata --no-deps` says.
pub fn check(metadata: &str) -> Result<Vec<Problem>, String> {
    let metadata: Value = serde_json::from_str(metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"]
        .as_array()
        .ok_or("cargo metadata names no packages")?;
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    Ok(packages
        .iter()
        .flat_map(|package| check_package(package, &ours))
        .collect())
}

fn check_package(package: &Value, ours: &[&str]) -> Vec<Problem> {
    let name = package["name"].as_str().unwrap_or_default();
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let problem = |what: String| Problem::new(&from_root(manifest), 1, what);
    let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
        let what =
            format!("the crate `{name}` is new. Say in xtask/src/tidy/arrows.rs which of our crates it may use.");
        return vec![problem(what)];
    };
    let mut problems = Vec::new();
    for dependency in package["dependencies"].as_array().into_iter().flatten() {
        let used = dependency["name"].as_str().unwrap_or_default();
        // Ours are those with a path; the shim's own dependency bears the shim's name.
        let of_ours = dependency["path"].is_string() && ours.contains(&used);
        if of_ours && !allowed.contains(&used) {
            problems.push(problem(format!(
                "`{name}` must not depend on `{used}`. Move what it needs to a crate that both may use."
            )));
        }
        if name == PURE && dependency["kind"] != "dev" {
            problems.extend(impurity(dependency, used).map(&problem));
        }
    }
    problems
}

fn impurity(dependency: &Value, used: &str) -> Option<String> {
    let has = |feature: &str| {
        dependency["features"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == feature))
    };
    let clock = used == "chrono" && (dependency["uses_default_features"] == true || has("clock") || has("now"));
    if clock {
        return Some(format!(
            "`{PURE}` must not have a clock. Use chrono without default features, `clock` and `now`."
        ));
    }
    IMPURE
        .contains(&used)
        .then(|| format!("`{PURE}` is pure and must not use `{used}`. Hand in what it needs."))
}

fn from_root(manifest: &str) -> String {
    let root = repo::root();
    let path = std::path::Path::new(manifest);
    path.strip_prefix(&root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn problems(name: &str, dependencies: Value) -> Vec<String> {
        let names = ["loyalty", "ledger", "pos", "secrets", "regularsctl", "xtask"];
        let mut packages: Vec<Value> = names
            .iter()
            .filter(|other| **other != name)
            .map(|name| json!({"name": name}))
            .collect();
        packages.push(json!({"name": name, "manifest_path": "x/Cargo.toml", "dependencies": dependencies}));
        let metadata = json!({ "packages": packages }).to_string();
        check(&metadata)
            .unwrap()
            .into_iter()
            .map(|problem| problem.what)
            .collect()
    }

    #[test]
    fn arrows_the_other_way_are_found() {
        let on = |name: &str| json!([{"name": name, "path": "somewhere", "kind": null}]);
        assert!(problems("loyalty", on("ledger"))[0].contains("must not depend on `ledger`"));
        assert!(problems("ledger", on("pos"))[0].contains("must not depend on `pos`"));
        assert!(problems("secrets", on("loyalty"))[0].contains("must not depend on `loyalty`"));
        assert!(problems("pos", on("regularsctl"))[0].contains("must not depend on `regularsctl`"));
        assert!(problems("ledger", on("loyalty")).is_empty());
        assert!(problems("regularsctl", on("secrets")).is_empty());
    }

    #[test]
    fn arrows_of_tests_count_too() {
        let dependencies = json!([{"name": "ledger", "path": "somewhere", "kind": "dev"}]);
        assert_eq!(problems("loyalty", dependencies).len(), 1);
    }

    #[test]
    fn the_pure_crate_stays_pure() {
        let on = |name: &str, kind: Value, default: bool, features: &[&str]| json!([{"name": name, "kind": kind, "uses_default_features": default, "features": features}]);
        assert!(problems("loyalty", on("tokio", Value::Null, true, &[]))[0].contains("`tokio`"));
        assert!(problems("loyalty", on("rand", json!("build"), true, &[]))[0].contains("`rand`"));
        assert!(problems("loyalty", on("rand", json!("dev"), true, &[])).is_empty());
        assert!(problems("loyalty", on("chrono", Value::Null, true, &[]))[0].contains("clock"));
        assert!(problems("loyalty", on("chrono", Value::Null, false, &["now"]))[0].contains("clock"));
        assert!(problems("loyalty", on("chrono", Value::Null, false, &["std"])).is_empty());
        assert!(problems("ledger", on("tokio", Value::Null, true, &[])).is_empty());
    }

    #[test]
    fn a_crate_without_a_line_is_found() {
        assert!(problems("newcomer", json!([]))[0].contains("`newcomer` is new"));
    }
}
