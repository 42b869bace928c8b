//! Where the relay does not go for a document, however it is pointed there: machines of its own network, lines that others
//! can read, addresses that are none.

use sync::documents::DocumentRefusal;

use crate::documents_kept::{GOOD, Kept};
use crate::elsewhere::{Elsewhere, leads_to, plain, status};
use crate::harness::Place;
use crate::on_both;

on_both! { a_private_machine_is_not_asked_wherever_an_address_leads }

fn a_private_machine_is_not_asked_wherever_an_address_leads(place: &Place) {
    let kept = Kept::new(place);
    let inside = Elsewhere::start();
    inside.text(GOOD);
    let code = |address: &str| {
        let answer = kept.sets("rules", address);
        let problem = answer.tried.and_then(|tried| tried.problem);
        problem.map_or_else(
            || answer.refused.map_or(String::new(), |no| no.code),
            |problem| problem.code,
        )
    };
    assert_eq!(code(&inside.url("/rules.txt")), "document_private");
    for to in [
        inside.url("/rules.txt"),
        format!("https://127.0.0.1:{}/", inside.at.port()),
        format!("https://localhost:{}/", inside.at.port()),
        format!("https://[::ffff:127.0.0.1]:{}/", inside.at.port()),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "http://example.com/".to_owned(),
        "ftp://example.com/".to_owned(),
        "https://me:secret@example.com/".to_owned(),
    ] {
        kept.server.says(leads_to(&to));
        assert_eq!(code(&kept.server.url("/rules.txt")), "document_private", "{to}");
    }
    kept.server.says(leads_to("/rules.txt"));
    assert_eq!(code(&kept.server.url("/rules.txt")), "document_redirects");
    assert!(inside.asked().is_empty(), "nobody came");
    kept.server.answers(|asked| match asked.path.as_str() {
        "/a" => leads_to("/b"),
        "/b" => leads_to("c?d"),
        "/c?d" => plain(GOOD),
        _ => status(404),
    });
    assert_eq!(
        code(&kept.server.url("/a")),
        "",
        "what leads on within reason is followed"
    );
    assert_eq!(kept.rules().len(), 2);
    for (address, refusal) in [
        ("rules.txt", "document_bad_address"),
        (
            "https://docs.google.com/document/d/1aBcDeFgHiJkLmNoPqRsTuVw/edit",
            "document_needs_key",
        ),
    ] {
        assert_eq!(code(address), refusal);
        assert!(DocumentRefusal::CODES.contains(&refusal));
    }
    assert_eq!(
        kept.sets("menu", "https://example.com/").refused.unwrap().code,
        "document_unknown"
    );
}
