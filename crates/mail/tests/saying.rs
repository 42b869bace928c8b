//! From the document to what a mail program reads: problems with their places, values that stay values, messages that
//! another library reads back.

use mail::{Envelope, Facts, Footer, Kind, Language, Look, Name, Rendered, Values, Voice, What, message, render};
use mail_parser::{HeaderValue, MessageParser, MimeHeaders};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};

const STOP: &str = "https://relay.example.com/mail/stop?t=abc";

fn footer() -> Footer<'static> {
    Footer {
        shop: "Harbour <Coffee> & Co",
        postal: "1 Pier Road\nSan Diego CA 92101",
        stop: Some(STOP),
    }
}

fn values(name: &str) -> Values {
    Values::new()
        .text(Name::Member, name)
        .text(Name::Shop, "Harbour")
        .number(Name::Balance, 120)
        .number(Name::PointsToNext, 30)
        .text(Name::Reward, name)
        .text(Name::Code, "7KQ-2M9-XRA")
        .link(Name::ReferralLink, "https://relay.example.com/ref/7kq2m9xra")
        .link(Name::ConfirmLink, "https://relay.example.com/mail/confirm?t=x")
        .link(Name::SignInLink, "https://relay.example.com/me/shop/in?t=x")
}

fn say(voice: &str, kind: Kind, values: &Values) -> Rendered {
    let voice = Voice::read(voice).unwrap_or_else(|problems| panic!("{problems:?}"));
    render(&voice, kind, voice.language, values, &footer(), &Look::default())
}

fn problems(text: &str) -> Vec<String> {
    Voice::read(text).unwrap_err().iter().map(ToString::to_string).collect()
}

fn balance(text: &str) -> String {
    format!("[balance]\nSubject: Hi\n\n{text}\n")
}

#[test]
fn an_unknown_name_is_told_with_its_place_and_what_was_meant() {
    let text =
        "[balance]\nSubject: Hi\n\nYou have {{ balanse }} points.\n  {{ reward }} and {{ weeks }}\n{{ zzz }} {{ open";
    let found = Voice::read(text).unwrap_err();
    let places: Vec<_> = found.iter().map(|problem| (problem.line, problem.column)).collect();
    assert_eq!(places, [(4, 10), (5, 20), (6, 1), (6, 11)]);
    assert_eq!(
        found[0].to_string(),
        "Line 4, column 10: Nothing is called `balanse`. Did you mean `balance`?"
    );
    assert_eq!(found[1].what, What::NotHere(Name::Weeks, Kind::Balance));
    assert!(
        found[2]
            .to_string()
            .contains("[balance] knows `name`, `shop`, `balance`")
    );
    assert_eq!(found[3].what, What::Unclosed);
}

#[test]
fn heads_and_subjects_are_checked() {
    assert_eq!(
        problems("[ballance]\nSubject: x\n\ny"),
        ["Line 1, column 2: There is no mail called `ballance`. Did you mean [balance]?"]
    );
    assert!(problems("Hello\n[balance]\nSubject: x\n\ny")[0].starts_with("Line 1, column 1: This belongs to no mail."));
    assert!(problems("[balance]\nHello")[0].contains("has no subject"));
    assert!(problems("[balance]\nSubject: x\n\n")[0].contains("says nothing"));
    assert!(problems("[balance, fr]\nSubject: x\n\ny")[0].starts_with("Line 1, column 11: The language `fr`"));
    assert!(problems("Language: xx\n[balance]\nSubject: x\n\ny")[0].contains("The language `xx`"));
    let twice = balance("a") + &balance("b");
    assert!(problems(&twice)[0].starts_with("Line 5, column 1: [balance] is here twice"));
    assert!(problems("[balance]\nSubject: {{ referral_link }}\n\ny")[0].contains("a subject can't hold one"));
    assert!(problems(&format!("[balance]\nSubject: {}\n\ny", "x".repeat(121)))[0].contains("too long"));
    assert!(problems("[confirm]\nSubject: x\n\nSay yes!")[0].contains("{{ confirm_link }}"));
}

#[test]
fn markup_that_mail_can_not_carry_is_refused_where_it_stands() {
    for (text, word) in [
        ("a <b>x</b>", "HTML"),
        ("<script>alert(1)</script>", "HTML"),
        ("![logo](https://example.com/x.png)", "pictures"),
        ("[x](javascript:alert(1))", "leads nowhere"),
        ("[x](data:text/html,hi)", "leads nowhere"),
        ("[x]({{ name }})", "leads nowhere"),
        ("[x](https://example.com/{{ name }})", "leads nowhere"),
        ("[x](JaVaScRiPt:alert(1))", "leads nowhere"),
        ("&#xE007;", "U+E007"),
        ("bell \u{7}", "U+0007"),
        ("turned \u{202e}around", "U+202E"),
    ] {
        let said = problems(&balance(text));
        assert!(
            said[0].starts_with("Line 4, ") && said[0].contains(word),
            "{text}: {said:?}"
        );
    }
}

#[test]
fn a_lonely_link_is_a_button_and_what_lacks_a_value_is_left_out() {
    let text = balance("[Go]({{ referral_link }})\n\n{{ points_to_next }} more for {{ reward }}.\n\nBye, {{ name }}!");
    let whole = say(&text, Kind::Balance, &values("Ana"));
    assert!(
        whole
            .html
            .contains("class=\"go\" href=\"https://relay.example.com/ref/7kq2m9xra\"")
    );
    assert!(
        whole.text.contains("Go:\nhttps://relay.example.com/ref/7kq2m9xra"),
        "{}",
        whole.text
    );
    assert!(whole.text.contains("30 more for Ana."));
    let bare = say(&text, Kind::Balance, &Values::new().number(Name::Balance, 3));
    assert!(
        !bare.text.contains("more for") && !bare.html.contains("class=\"go\""),
        "{}",
        bare.text
    );
    // Without a name there is no hole either.
    assert!(bare.text.contains("Bye,!"), "{}", bare.text);
    assert!(
        bare.text
            .contains("Stop these mails: https://relay.example.com/mail/stop?t=abc")
    );
}

#[test]
fn the_owners_words_go_before_the_built_in_ones_language_by_language() {
    let voice = Voice::read("[balance]\nSubject: Mine\n\nx\n[balance, es]\nSubject: M\u{ed}o\n\ny").unwrap();
    let subject = |kind, language| render(&voice, kind, language, &values("A"), &footer(), &Look::default()).subject;
    assert_eq!(subject(Kind::Balance, Language::En), "Mine");
    assert_eq!(subject(Kind::Balance, Language::Es), "M\u{ed}o");
    assert_eq!(subject(Kind::Welcome, Language::Es), "Te damos la bienvenida a Harbour");
    assert_eq!(voice.written().count(), 2);
}

fn sent(rendered: &Rendered, from_name: &str) -> Vec<u8> {
    let envelope = Envelope {
        from_name,
        from: "hello@shop.example",
        reply_to: Some("owner@shop.example"),
        to: "ana@example.com",
        signer: None,
    };
    let facts = Facts {
        id: "0198-test",
        at_ms: 1_790_000_000_000,
        stop: Some(STOP),
        postmark: false,
    };
    let (route, bytes) = message(&envelope, &facts, rendered).unwrap();
    assert_eq!(route.to().len(), 1);
    bytes
}

/// Names of the headers at the top, in order.
fn headers(bytes: &[u8]) -> Vec<String> {
    let message = MessageParser::default().parse(bytes).unwrap();
    message
        .headers()
        .iter()
        .map(|header| header.name().to_owned())
        .collect()
}

const HEADERS: [&str; 12] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Regulars-Mail",
    "Reply-To",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

#[test]
fn a_message_is_read_back_as_it_was_meant() {
    let rendered = say(
        "[welcome]\nSubject: \u{a1}Hola, {{ name }}!\n\nBody \u{20ac}\n",
        Kind::Welcome,
        &values("\u{c1}na"),
    );
    let bytes = sent(&rendered, "Caf\u{e9} \"Nord\" <x>");
    assert!(bytes.is_ascii(), "a message is plain ASCII on the wire");
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() < 999));
    let read = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(read.subject(), Some("\u{a1}Hola, \u{c1}na!"));
    assert_eq!(read.message_id(), Some("0198-test@shop.example"));
    let from = read.from().unwrap().first().unwrap();
    assert_eq!(from.name(), Some("Caf\u{e9} \"Nord\" <x>"));
    assert_eq!(from.address(), Some("hello@shop.example"));
    assert_eq!(
        read.reply_to().unwrap().first().unwrap().address(),
        Some("owner@shop.example")
    );
    assert!(
        matches!(read.header("List-Unsubscribe-Post"), Some(HeaderValue::Text(t)) if t == "List-Unsubscribe=One-Click")
    );
    let raw = String::from_utf8(bytes.clone()).unwrap();
    assert!(raw.contains(&format!("List-Unsubscribe: <{STOP}>\r\n")), "{raw}");
    assert_eq!(headers(&bytes), HEADERS);
    assert_eq!(read.text_body_count(), 1);
    assert_eq!(
        read.body_text(0).unwrap().replace("\r\n", "\n").trim_end(),
        rendered.text.trim_end()
    );
    assert_eq!(
        read.body_html(0).unwrap().replace("\r\n", "\n").trim_end(),
        rendered.html.trim_end()
    );
    assert_eq!(read.part(0).unwrap().content_type().unwrap().ctype(), "multipart");
}

/// What somebody might type for a name.
fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        Just("<script>alert(1)</script>".to_owned()),
        Just("\"><img src=x onerror=alert(1)>".to_owned()),
        Just("x\r\nBcc: victim@example.com\r\n\r\nBody".to_owned()),
        Just("{{ balance }} {{ confirm_link }}".to_owned()),
        Just("**bold** [x](javascript:alert(1)) # head".to_owned()),
        Just("\u{e000}\u{e006}\u{202e}evil".to_owned()),
        Just("=?utf-8?q?Bcc:_x?=".to_owned()),
        Just("--=_0198-test".to_owned()),
        Just("a\n.\nb".to_owned()),
        "[<>&\"'{}\\[\\]()*_#`\\r\\n .a-z]{0,60}",
    ]
}

/// The tags of a page, in order: what decides how it looks and what it does.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let close = rest[open..].find('>').unwrap_or(rest.len() - open - 1);
        tags.push(rest[open..=open + close].to_owned());
        rest = &rest[open + close + 1..];
    }
    tags
}

proptest! {
    /// Whatever a member typed: the tags of the mail, its headers and its parts stay as with a harmless name.
    #[test]
    fn values_are_never_markup_or_headers(name in typed()) {
        for kind in [Kind::Welcome, Kind::RewardEarned, Kind::Confirm] {
            let voice = Voice::default();
            let with = |name: &str| render(&voice, kind, Language::En, &values(name).text(Name::Reward, &format!("r{name}")), &footer(), &Look::default());
            let (plain, tried) = (with("Ana"), with(&name));
            prop_assert_eq!(tags(&tried.html), tags(&plain.html));
            prop_assert!(!tried.subject.contains(['\r', '\n']));
            let bytes = sent(&tried, &name);
            prop_assert_eq!(headers(&bytes), HEADERS);
            let read = MessageParser::default().parse(&bytes).unwrap();
            prop_assert_eq!(read.parts.len(), 3);
            prop_assert_eq!(read.to().unwrap().iter().count(), 1);
            prop_assert!(read.bcc().is_none() && read.cc().is_none());
            prop_assert!(bytes.is_ascii());
        }
    }

    /// No document makes the reader panic; what it takes can be said, and holds no tag that the owner could have written.
    #[test]
    fn any_document_is_read_or_refused(text in "(\\[(balance|confirm|x)(, e[ns])?\\]\n)?(Subject: .{0,20}\n)?(.{0,80}\n){0,4}") {
        if let Ok(voice) = Voice::read(&text) {
            for kind in Kind::ALL {
                let said = render(&voice, kind, Language::En, &values("Ana"), &footer(), &Look::default());
                prop_assert!(!said.html.contains("<script") && !said.html.contains("<img"));
            }
        }
    }

    /// The same with text that is nearly right.
    #[test]
    fn nearly_right_documents_are_read_or_refused(parts in proptest::collection::vec(prop_oneof![
        Just("{{ name }}"), Just("{{"), Just("}}"), Just("{{ referral_link }}"), Just("["), Just("]("), Just(")"), Just("\n"),
        Just("\n\n"), Just("- "), Just("1. "), Just("> "), Just("**"), Just("*"), Just("`"), Just("    "), Just("# "),
        Just("<b>"), Just("&lt;"), Just("---"), Just("x"), Just("https://a.b"), Just("!["), Just("\\"),
    ], 0..40)) {
        let text = format!("[balance]\nSubject: s\n\nx{}", parts.concat());
        match Voice::read(&text) {
            Ok(voice) => {
                let said = render(&voice, Kind::Balance, Language::En, &values("Ana"), &footer(), &Look::default());
                prop_assert!(!said.html.contains("<b>") && !said.html.contains("{{ name"));
            }
            Err(problems) => {
                let lines = text.lines().count();
                prop_assert!(problems.iter().all(|p| p.line >= 1 && p.line <= lines + 1 && p.column >= 1), "{problems:?}");
            }
        }
    }
}
