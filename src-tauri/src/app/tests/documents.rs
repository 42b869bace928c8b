//! Documents elsewhere while there is no relay, or one that says no. With one that reads them: the relay's own tests.

use super::mail::{belongs_to, relay};
use super::*;

const TRIED: &str = r#"{"tried":{"text":null,"in_force":false,"problem":{"code":"document_bad","since":1,"line":2,
    "column":18,"words":"Expected a day.","suggestion":null,"said":""}}}"#;
const STATE: &str = r#"{"state":{"documents":[{"document":"rules","address":"https://example.com/r.txt","google":false,
    "set_at":1,"looked_at":1,"next_at":900001,"published_at":1,"version":3,"by_hand":true,"problem":null}],
    "google":null,"keeps_keys":true,"mails_owner":false}}"#;

#[test]
fn only_an_owner_sets_documents_and_the_relays_no_is_told_by_its_code() {
    let rig = Rig::shop();
    assert_eq!(code(rig.app.documents()), "locked");
    assert_eq!(code(rig.app.document_key(None)), "locked");
    rig.app.open_owner(OWNER_PIN).unwrap();
    assert_eq!(code(rig.app.documents()), "not_paired");
    let (url, _) = relay(vec![
        (404, r#"{"code":"not_found","message":"There is nothing here."}"#),
        (200, "{}"),
        (200, r#"{"refused":{"code":"document_bad_address","field":"address"}}"#),
        (200, TRIED),
        (200, TRIED),
        (200, STATE),
    ]);
    belongs_to(&rig, url);
    assert_eq!(code(rig.app.documents()), "relay_too_old");
    assert_eq!(code(rig.app.documents()), "relay_too_old");
    let (code_, field, _) = refused(rig.app.document_set("rules".into(), "x".into()));
    assert_eq!((code_.as_str(), field.as_str()), ("document_bad_address", "address"));
    let (code_, _, _) = refused(rig.app.document_set("rules".into(), "https://example.com/r.txt".into()));
    assert_eq!(code_, "document_bad");
    let tried = rig
        .app
        .document_try("rules".into(), "https://example.com/r.txt".into())
        .unwrap();
    let problem = tried.problem.unwrap();
    assert_eq!((tried.text, problem.line, problem.column), (None, 2, 18));
    let state = rig.app.document_look("rules".into()).unwrap();
    let document = &state.documents[0];
    assert_eq!((document.version, document.by_hand), (Some(3), true));
    assert_eq!(document.looked_at.as_deref(), Some("1970-01-01T00:00:00.001Z"));
}
