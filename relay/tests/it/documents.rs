//! Rules and voice in a document elsewhere: published when it changes and reads well, once whichever relay looks; what is
//! wrong is told once, and the last good version stays. Google's side is in `documents_google`, where the
//! relay does not go in `documents_inside`.

use loyalty::UtcMs;
use loyalty::op::Body;
use relay::documents::fetch::Outside;
use relay::documents::kept::EVERY_MS;
use relay::mail::voices;
use relay::store::Db;
use serde_json::Value;
use std::time::Duration;
use sync::documents::{DocumentAnswer, DocumentRequest};

use crate::documents_kept::{GOOD, Kept, rounds};
use crate::elsewhere::{Manner, plain, status, typed};
use crate::harness::{Place, Relay, until};
use crate::mail_shop::{MINUTE, read};
use crate::on_both;
use crate::till::{Till, post};

on_both! {
    a_document_is_published_when_it_changes, what_is_put_in_force_by_hand_stays_until_the_document_changes,
    what_is_wrong_leaves_the_last_good_one_and_is_told_once,
    three_relays_publish_once, tills_hear_of_new_rules_at_once, an_operator_sets_and_looks,
}

fn a_document_is_published_when_it_changes(place: &Place) {
    let mut kept = Kept::new(place);
    let address = kept.server.url("/rules.txt?token=secret");
    kept.server.says(Manner::Marked(
        "\"a\"",
        format!("\u{feff}{}", GOOD.replace('\n', "\r\n")),
    ));
    let tried = kept.asks(DocumentRequest::Try {
        document: "rules".into(),
        address: address.clone(),
    });
    assert_eq!(tried.tried.unwrap().text.as_deref(), Some(GOOD));
    assert_eq!(kept.rules().len(), 1, "trying changes nothing");
    let state = kept.sets("rules", &address).state.unwrap();
    let known = &state.documents[0];
    assert_eq!((known.version, known.by_hand, &known.problem), (Some(2), false, &None));
    assert_eq!(known.published_at, Some(UtcMs(kept.now)));
    let by = format!("job:document {}", kept.server.url("/rules.txt"));
    assert_eq!(kept.rules()[1], (2, by, GOOD.to_owned()), "the query is a secret");
    // Asked with its mark, it is the same; and again without the server's help.
    kept.server.asked();
    assert_eq!(kept.later(), 1);
    let asked = kept.server.asked();
    assert_eq!((asked.len(), asked[0].header("if-none-match")), (1, Some("\"a\"")));
    kept.server
        .text(&GOOD.replace('\n', "\r\n\u{a0}\r\n").replace("\r\n\u{a0}", ""));
    assert_eq!(kept.later(), 1);
    assert_eq!(kept.rules().len(), 2);
    let state = kept.state("rules");
    assert_eq!(state.looked_at, Some(UtcMs(kept.now)));
    assert!(state.next_at.0 > kept.now && state.next_at.0 <= kept.now + EVERY_MS);
    // Nothing is looked at before its time.
    kept.server.asked();
    assert_eq!(
        kept.shop
            .within(async |db| rounds(db, &kept.outside, UtcMs(kept.now)).await),
        0
    );
    assert!(kept.server.asked().is_empty());
    kept.server.text("Earn 3 points per $1\n");
    assert_eq!(kept.later(), 1);
    assert_eq!(kept.rules()[2].2, "Earn 3 points per $1\n");
    // The words of mails are kept apart, and say who published them.
    kept.server.text("[welcome]\nSubject: Hello\n\nGood to see you.\n");
    kept.sets("voice", &kept.server.url("/words.md"));
    let voices = kept
        .shop
        .within(async |db| voices::versions(db, kept.id, 9).await.unwrap());
    assert_eq!(voices.len(), 1);
    assert_eq!(
        voices[0].by.as_deref(),
        Some(&*format!("job:document {}", kept.server.url("/words.md")))
    );
    assert_eq!(kept.state("voice").version, Some(1));
    // A suspended shop's are not looked at.
    place.run(&["shop", "suspend", &kept.shop.id]).unwrap();
    assert_eq!(kept.later(), 0);
    place.run(&["shop", "resume", &kept.shop.id]).unwrap();
    assert_eq!(kept.later(), 2);
    // Stopped, it is asked no more; what was published stays.
    let stop = |what: &str| DocumentRequest::Stop { document: what.into() };
    kept.asks(stop("voice"));
    kept.asks(stop("rules"));
    kept.server.asked();
    assert_eq!(kept.later(), 0);
    assert!(kept.server.asked().is_empty());
    assert_eq!(kept.rules().len(), 3);
    assert_eq!(kept.asks(stop("rules")).refused.unwrap().code, "document_not_set");
}

fn what_is_put_in_force_by_hand_stays_until_the_document_changes(place: &Place) {
    let mut kept = Kept::new(place);
    let address = kept.server.url("/rules.txt");
    kept.server.text(GOOD);
    kept.sets("rules", &address);
    let hand = |kept: &Kept<'_>, text: &str| {
        let relay = kept.shop.serve();
        let mut till = kept.shop.till(&relay);
        till.syncs(&relay).unwrap();
        let version = kept.rules().last().unwrap().0 + 1;
        let body = Body::RulesPublished {
            version,
            text: text.to_owned(),
            clock: loyalty::hlc::Hlc::at(UtcMs(kept.now)),
        };
        till.does(&body, &loyalty::op::Private::default());
        till.syncs(&relay).unwrap();
        assert!(relay.stop().0);
    };
    let mine = "Earn 9 points per $1\n";
    hand(&kept, mine);
    assert!(kept.state("rules").by_hand);
    for _ in 0..3 {
        assert_eq!(kept.later(), 1);
    }
    assert_eq!(kept.rules().last().unwrap().2, mine, "the document did not change");
    // Broken and mended again it is the document of before, and no reason to take the owner's word back.
    kept.server.text("Earn nonsense\n");
    kept.later();
    assert_eq!(kept.state("rules").problem.unwrap().code, "document_bad");
    kept.server.text(GOOD);
    kept.later();
    assert_eq!(kept.state("rules").problem, None);
    assert_eq!(kept.rules().last().unwrap().2, mine);
    kept.server.text("Earn 4 points per $1\n");
    kept.later();
    assert_eq!(kept.rules().last().unwrap().2, "Earn 4 points per $1\n");
    assert!(!kept.state("rules").by_hand);
    // Set once more, the document's text holds again.
    hand(&kept, mine);
    let state = kept.sets("rules", &address).state.unwrap();
    assert!(!state.documents[0].by_hand);
    let (version, _, text) = kept.rules().pop().unwrap();
    assert_eq!(
        (text.as_str(), state.documents[0].version),
        ("Earn 4 points per $1\n", Some(version))
    );
    // What is in force already makes no new version.
    kept.sets("rules", &address);
    assert_eq!(kept.rules().last().unwrap().0, version);
}

fn what_is_wrong_leaves_the_last_good_one_and_is_told_once(place: &Place) {
    let mut kept = Kept::new(place);
    kept.server.text(GOOD);
    kept.sets("rules", &kept.server.url("/rules.txt"));
    let bad = "# good\nDouble points on Tusday\n";
    let html = b"<!DOCTYPE html><p>Earn 2 points per $1</p>";
    let latin = b"Earn 2 points per $1\n# caf\xe9\n";
    let wrong: Vec<(Manner, &str)> = vec![
        (plain(bad), "document_bad"),
        (status(404), "document_not_found"),
        (status(410), "document_not_found"),
        (status(403), "document_forbidden"),
        (status(401), "document_forbidden"),
        (status(429), "document_busy"),
        (status(500), "document_server"),
        (status(418), "document_answer"),
        // Nobody asked by a mark.
        (status(304), "document_answer"),
        (Manner::HangsUp, "document_unreachable"),
        (Manner::Floods, "document_too_large"),
        (
            Manner::Answers(200, vec![("content-type", "text/plain".into())], vec![b'#'; 100_001]),
            "document_too_large",
        ),
        (typed("text/html; charset=utf-8", html), "document_html"),
        (typed("text/plain", html), "document_html"),
        (typed("application/octet-stream", GOOD.as_bytes()), "document_not_text"),
        (status(200), "document_not_text"),
        (typed("text/plain; charset=ISO-8859-1", latin), "document_not_utf8"),
        (typed("text/plain", latin), "document_not_utf8"),
        (typed("text/plain", b"E\0a\0r\0n\0"), "document_not_utf8"),
        (plain("\u{feff}\r\n"), "document_empty"),
        (plain("# nothing but this\n"), "document_empty"),
    ];
    let mut told = 0;
    for (manner, code) in wrong {
        kept.server.says(manner.clone());
        kept.later();
        let problem = kept.state("rules").problem.unwrap_or_else(|| panic!("{manner:?}"));
        assert_eq!(problem.code, code, "{manner:?}");
        assert_eq!(kept.rules().len(), 2, "{code}: the last good one stays");
        let passes = ["document_busy", "document_server", "document_unreachable"].contains(&code);
        kept.later();
        kept.later();
        let lasting = kept.state("rules").problem.unwrap();
        assert_eq!(
            (lasting.since, lasting.code.as_str()),
            (problem.since, code),
            "it is the same one"
        );
        // Once for a problem: the next of a code on the same day is not told again.
        let now_told = kept.told();
        assert!(
            now_told == told + 1 || (now_told == told && !passes),
            "{code}: {told} {now_told}"
        );
        told = now_told;
        kept.server.text(GOOD);
        kept.later();
        assert_eq!(kept.state("rules").problem, None, "it recovers by itself");
    }
    kept.server.text(bad);
    kept.later();
    let problem = kept.state("rules").problem.unwrap();
    assert_eq!(
        (problem.line, problem.column, problem.words.as_str()),
        (2, 18, "Expected a day, such as Tuesday or 24 December.")
    );
    assert_eq!(problem.suggestion.as_deref().map(str::trim), Some("Tuesday"));
    // One that hangs is left after a while; a passing trouble is told when it has lasted.
    let patient = std::mem::replace(&mut kept.outside, Outside::new(false));
    kept.outside = patient.with_patience(Duration::from_millis(300));
    kept.server.says(Manner::Hangs);
    let before = kept.told();
    kept.later();
    assert_eq!(kept.state("rules").problem.unwrap().code, "document_slow");
    assert_eq!(kept.told(), before, "not yet");
    kept.later();
    assert_eq!(kept.told(), before + 1);
    // A relay of before knows the other mail to the owner, and calls this one off as one without a month; one of a kind
    // that it does not know would keep it from sending anything.
    let stored = kept
        .shop
        .place
        .texts("SELECT DISTINCT kind FROM mails WHERE event LIKE 'document:%'");
    assert_eq!(stored, ["monthly_summary"]);
    let listed = kept.shop.mail(&["queue", &kept.shop.id, "--json"]).unwrap();
    assert!(
        listed.contains("document_problem") && !listed.contains("monthly_summary"),
        "{listed}"
    );
    // And it arrives, in the shop's words, with what to do.
    kept.shop.works(&[kept.now, kept.now + MINUTE]);
    let mails = kept.shop.smtp.to("owner@corner.example");
    let last = mails
        .iter()
        .map(|raw| read(raw).body_text(0).unwrap().into_owned())
        .find(|text| text.contains("Tusday") || text.contains("column 18"));
    let text = last.expect("the one about line 2");
    assert!(text.contains("Line 2, column 18") && text.contains("Tuesday"), "{text}");
    assert!(text.contains(&kept.server.url("/rules.txt")), "{text}");
    assert!(text.contains("what was last published still holds"), "{text}");
}

fn three_relays_publish_once(place: &Place) {
    let mut kept = Kept::new(place);
    kept.server.text(GOOD);
    kept.sets("rules", &kept.server.url("/rules.txt"));
    kept.server.text("[welcome]\nSubject: Hello\n\nGood to see you.\n");
    kept.sets("voice", &kept.server.url("/words.md"));
    for round in 0..6_i64 {
        kept.now += EVERY_MS;
        let text = if round == 4 {
            "Earn nonsense\n".to_owned()
        } else {
            format!("Earn {} points per $1\n", round + 3)
        };
        let words = format!("[welcome]\nSubject: Hello {round}\n\nGood to see you.\n");
        kept.server
            .answers(move |asked| plain(if asked.path == "/words.md" { &words } else { &text }));
        kept.server.asked();
        let looked = kept.shop.within(async |_| {
            let relays = (0..3).map(async |_| {
                let db = Db::connect(&place.url, 2).await.unwrap();
                let looked = rounds(&db, &kept.outside, UtcMs(kept.now)).await;
                db.close().await;
                looked
            });
            let mut all = relays.collect::<Vec<_>>().into_iter();
            let (a, b, c) = (all.next().unwrap(), all.next().unwrap(), all.next().unwrap());
            let (a, b, c) = tokio::join!(a, b, c);
            a + b + c
        });
        assert_eq!((looked, kept.server.asked().len()), (2, 2), "each is looked at once");
    }
    let rules = kept.rules();
    let versions: Vec<i64> = rules.iter().map(|(version, ..)| *version).collect();
    assert_eq!(versions, (1..=7).collect::<Vec<_>>(), "one for each change that reads");
    let voices = kept
        .shop
        .within(async |db| voices::versions(db, kept.id, 99).await.unwrap());
    assert_eq!(voices.len(), 7);
    assert_eq!(kept.told(), 1);
}

fn till_asks(relay: &Relay, till: &Till, request: &DocumentRequest) -> DocumentAnswer {
    let url = format!("{}/v1/documents", relay.url);
    post(&till.http, &url, &till.credential, request).unwrap()
}

fn tills_hear_of_new_rules_at_once(place: &Place) {
    let kept = Kept::new(place);
    kept.server.text(GOOD);
    let relay = place.serve_with(&["--allow-private-addresses", "true"]);
    let (mut a, mut b) = (kept.shop.till(&relay), kept.shop.till(&relay));
    a.syncs(&relay).unwrap();
    b.syncs(&relay).unwrap();
    let (document, address) = ("rules".to_owned(), kept.server.url("/rules.txt"));
    let answer = till_asks(
        &relay,
        &a,
        &DocumentRequest::Set {
            document: document.clone(),
            address,
        },
    );
    assert_eq!(answer.state.unwrap().documents[0].version, Some(2));
    let heard = |till: &Till| {
        let last = till.got.iter().rev().find_map(|(_, op, body, _)| match body {
            Body::RulesPublished { version, text, clock } => Some((*op, *version, text.clone(), *clock)),
            _ => None,
        });
        last.unwrap()
    };
    a.syncs(&relay).unwrap();
    b.syncs(&relay).unwrap();
    let (first, second) = (heard(&a), heard(&b));
    assert_eq!(
        first, second,
        "the very same operation, which each till checked against the relay's chain"
    );
    assert_eq!((first.1, first.2.as_str()), (2, GOOD));
    assert!(
        !first.3.is_none(),
        "with a clock: later than all that was published before it"
    );
    // Looked at by hand, it is the same; the route is for tills alone.
    let answer = till_asks(&relay, &b, &DocumentRequest::Now { document });
    assert_eq!(answer.state.unwrap().documents[0].version, Some(2));
    let stranger: Result<DocumentAnswer, _> = post(
        &a.http,
        &format!("{}/v1/documents", relay.url),
        "",
        &DocumentRequest::Look,
    );
    assert_eq!(stranger.unwrap_err().status, 401);
    // By itself, when its time has come: no look is under way, so it is due now.
    kept.server.text("Earn 5 points per $1\n");
    kept.shop
        .within(async |db| db.run("UPDATE documents SET due_at = 1", &[]).await.unwrap());
    until("the relay looks by itself", || {
        a.syncs(&relay).unwrap();
        heard(&a).2 == "Earn 5 points per $1\n"
    });
    // A shop without a till keeps no rules: its first till may bring a log of its own.
    let (empty, _) = place.shop();
    let set = [
        "document",
        &empty,
        "--set",
        &kept.server.url("/rules.txt"),
        "--allow-private-addresses",
        "true",
    ];
    assert!(place.run(&set).unwrap_err().contains("no till yet"));
}

fn an_operator_sets_and_looks(place: &Place) {
    let kept = Kept::new(place);
    let (shop, address) = (&kept.shop.id, kept.server.url("/rules.txt"));
    let run = |args: &[&str]| {
        let before = ["document", shop.as_str(), "--allow-private-addresses", "true"];
        place.run(&[&before[..], args].concat())
    };
    assert!(run(&[]).unwrap().contains("keeps nothing in documents elsewhere"));
    assert!(run(&["--look"]).unwrap_err().contains("--set ADDRESS"));
    kept.server.text("Double points on Tusday\n");
    let refused = run(&["--set", &address]).unwrap_err();
    assert!(
        refused.contains("Nothing was changed. Line 1, column 18: Expected a day, such as Tuesday or 24 December. Did you mean `Tuesday`?"),
        "{refused}"
    );
    assert!(run(&[]).unwrap().contains("keeps nothing"));
    kept.server.text(GOOD);
    assert_eq!(run(&["--try", &address]).unwrap().trim_end(), GOOD.trim_end());
    assert!(run(&["--set", &address]).unwrap().contains("published"));
    kept.server.says(status(404));
    let said = run(&["--look"]).unwrap();
    assert!(said.contains("There is no document at its address."), "{said}");
    let json: Value = serde_json::from_str(&run(&["--json"]).unwrap()).unwrap();
    assert_eq!(json["state"]["documents"][0]["problem"]["code"], "document_not_found");
    assert!(run(&["--stop"]).unwrap().contains("keeps nothing"));
    // Without the operator's word, nothing inside is asked.
    let refused = place.run(&["document", shop, "--set", &address]).unwrap_err();
    assert!(refused.contains("on the internet alone"), "{refused}");
}
