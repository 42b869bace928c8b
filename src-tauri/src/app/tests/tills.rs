//! The shop's tills while there is no relay, or none that answers. With one that does: the whole-system tests.

use super::*;

/// A port of this machine that nobody listens on.
fn nobody() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", free.local_addr().unwrap())
}

#[test]
fn a_shop_without_a_relay_says_so_and_only_an_owner_may_connect_it() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.tills()), "locked");
    assert_eq!(code(rig.app.tills_connect(&nobody(), "K7QM-2XRA")), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    let tills = rig.app.tills().unwrap();
    assert!(tills.relay.is_none() && tills.address.is_empty() && tills.tills.is_empty());
    assert_eq!(rig.app.status().unwrap().relay, None);
    assert_eq!(code(rig.app.tills_add()), "not_paired");
    let nobody_else = rig.app.status().unwrap();
    assert!(nobody_else.session.is_some());
    rig.app.begin_line();
    rig.app.end_line();
}

#[test]
fn what_is_typed_wrong_names_its_field_and_changes_nothing() {
    let rig = Rig::shop();
    rig.app.open_owner(OWNER_PIN).unwrap();
    for (address, typed, expected, field) in [
        (nobody(), "nonsense", "bad_code", "code"),
        ("http://relay.example".to_owned(), "K7QM-2XRA", "bad_address", "address"),
        (nobody(), "K7QM-2XRA", "offline", ""),
    ] {
        let (code, at, _) = refused(rig.app.tills_connect(&address, typed));
        assert_eq!((code.as_str(), at.as_str()), (expected, field), "{address} {typed}");
    }
    assert!(rig.app.tills().unwrap().relay.is_none());
    assert_eq!(code(rig.app.tills_rename("nonsense", "Bar")), "missing");
    let till = op();
    assert_eq!(code(rig.app.tills_rename(&till, " ")), "bad_name");
    assert_eq!(code(rig.app.tills_revoke(&till)), "not_paired");
}
