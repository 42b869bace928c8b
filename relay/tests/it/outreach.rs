//! Mails to other shops: nothing goes out before somebody said yes to it, and what was shown is what goes out.

use serde_json::Value;

use crate::harness::Place;
use crate::mail_shop::{Shop, now, read};
use crate::on_both;
use crate::smtp::Mode;

on_both! { what_was_approved_goes_out_and_nothing_else }

const URL: &str = "https://relay.example.com";

fn partners(place: &Place, shop: &str) {
    place
        .run(&["shop", "set", "--shop", shop, "--site", "https://corner.example/"])
        .unwrap();
    for code in ["solare", "bakery", "books"] {
        place
            .run(&["code", "add", "--shop", shop, "--code", code, "--campaign", "autumn"])
            .unwrap();
    }
}

fn what_was_approved_goes_out_and_nothing_else(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    partners(place, &shop.id);
    let draft = |partners: &[&str]| {
        let mut all = vec![
            "mail",
            "outreach",
            "draft",
            &shop.id,
            "--public-url",
            URL,
            "--by",
            "Olga",
            "--json",
        ];
        for partner in partners {
            all.extend(["--partner", *partner]);
        }
        place.command(&all)
    };
    let done = draft(&[
        "solare,hello@solare.example,Solare & Sons",
        "BAKERY,bread@bakery.example,The Bakery",
        "books,read@books.example,<b>Books</b>",
        "nobody,x@nobody.example,Nobody",
    ]);
    assert_eq!(done["mails"], 3);
    assert_eq!(done["passed"].to_string(), r#"[["nobody","unknown_code"]]"#);
    // Again: they wait already.
    assert_eq!(
        draft(&["solare,hello@solare.example,Solare"])["passed"].to_string(),
        r#"[["solare","waits"]]"#
    );
    let task = done["task_id"].as_str().unwrap().to_owned();
    let list = || {
        place.command(&["mail", "outreach", "show", &shop.id, "--json"])["mails"]
            .as_array()
            .unwrap()
            .clone()
    };
    let of = |code: &str| -> Value { list().into_iter().find(|one| one["code"] == code).unwrap() };
    assert!(
        list()
            .iter()
            .all(|one| one["task_id"] == *task && one["state"] == "drafted" && one["drafted_by"] == "Olga")
    );
    let solare = of("solare");
    assert!(
        solare["text"]
            .as_str()
            .unwrap()
            .contains("https://relay.example.com/ref/solare"),
        "{solare}"
    );
    assert!(
        solare["html"].as_str().unwrap().contains("Solare &amp; Sons"),
        "{solare}"
    );
    assert!(
        !of("books")["html"].as_str().unwrap().contains("<b>Books"),
        "what somebody typed is no markup"
    );
    // Days pass; nothing goes out, and nothing is queued.
    shop.works(&[now(), now() + 5 * 86_400_000]);
    assert_eq!(
        (place.number("SELECT count(*) FROM mails"), shop.smtp.received().len()),
        (0, 0)
    );

    // One gets other words, with the same care as the voice; then the voice changes, and the drafts do not.
    let id = |code: &str| of(code)["outreach_id"].as_str().unwrap().to_owned();
    let (solare, bakery, books) = (id("solare"), id("bakery"), id("books"));
    shop.write(
        "words",
        "Subject: Bread and coffee\n\nDear {{ partner }}, shall we?\n\n[Our link]({{ partner_link }})\n",
    );
    shop.write("wrong", "Subject: Hello\n\nDear {{ name }}\n");
    let edit = |file: &str, mail: &str| {
        shop.mail(&[
            "outreach",
            "edit",
            &shop.id,
            mail,
            &shop.file(file),
            "--public-url",
            URL,
            "--by",
            "Otto",
        ])
    };
    assert!(edit("wrong", &bakery).unwrap_err().contains("name"));
    edit("words", &bakery).unwrap();
    shop.write(
        "voice",
        "[partner outreach]\nSubject: Something else\n\nSomething else altogether.\n",
    );
    shop.mail(&["voice", "publish", &shop.id, &shop.file("voice")]).unwrap();
    assert_eq!(
        (of("bakery")["subject"].as_str(), of("bakery")["edited_by"].as_str()),
        (Some("Bread and coffee"), Some("Otto"))
    );
    let shown = (of("solare")["text"].clone(), of("bakery")["html"].clone());

    // One no, one yes by itself, the rest of the task by a yes to all.
    let say = |what: &str, of: &str| {
        shop.mail(&["outreach", what, &shop.id, "--of", of, "--by", "Olga"])
            .unwrap()
    };
    assert!(say("reject", &books).contains("1 mail turned down"));
    assert!(say("approve", &bakery).contains("1 mail approved"));
    assert!(say("approve", &bakery).contains("0 mails"), "it was approved before");
    assert!(say("approve", &task).contains("1 mail approved"));
    assert!(say("reject", &task).contains("0 mails"), "nothing waits any more");
    assert!(edit("words", &solare).is_err(), "what was approved is not changed");
    shop.works(&[now() + 1, now() + 2]);
    let arrived = |to: &str| shop.smtp.to(to);
    assert_eq!(
        (
            arrived("hello@solare.example").len(),
            arrived("bread@bakery.example").len(),
            arrived("read@books.example").len()
        ),
        (1, 1, 0)
    );
    let (to_solare, to_bakery) = (
        arrived("hello@solare.example").remove(0),
        arrived("bread@bakery.example").remove(0),
    );
    let same = |a: &str, b: &Value| a.replace("\r\n", "\n").trim_end() == b.as_str().unwrap().trim_end();
    assert!(same(&read(&to_solare).body_text(0).unwrap(), &shown.0));
    assert!(same(&read(&to_bakery).body_html(0).unwrap(), &shown.1));
    assert_eq!(read(&to_bakery).subject(), Some("Bread and coffee"));
    // Who, when, and what became of it.
    let bakery = of("bakery");
    assert_eq!(
        (&bakery["state"], &bakery["decided_by"], &bakery["mail"]),
        (&"approved".into(), &"Olga".into(), &"sent".into())
    );
    assert!(bakery["decided_at"].as_i64().unwrap() <= bakery["mail_at"].as_i64().unwrap());
    let said = place.run(&["mail", "outreach", "show", &shop.id]).unwrap();
    assert!(
        said.contains("approved by Olga") && said.ends_with("0 mails waiting for your yes.\n"),
        "{said}"
    );
    // Somebody new can be written to again.
    assert_eq!(draft(&["books,read@books.example,Books"])["mails"], 1);
    let html = place
        .run(&["mail", "outreach", "show", &shop.id, "--of", &id("books"), "--html"])
        .unwrap();
    assert!(html.starts_with("<!doctype html>") && html.contains("Something else altogether"));
}
