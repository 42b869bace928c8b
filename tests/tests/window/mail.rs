//! The owner's mail in the real window, over a real relay and a mail server that keeps what it is given: tonight's mail and
//! stopping one, other words with their preview, and a mail to another shop that goes out when it was approved.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::{Duration, Instant};
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::relay::Relay;
use crate::shop::{CASHIER, at_the_counter, demo, to_the_owner};
use crate::smtp::{Mode, PASSWORD, Smtp, USER};

/// What the server is given by itself: a mail waits for twenty seconds after its yes.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);
const SIZES: [(u32, u32); 2] = [(1280, 800), (1024, 768)];
const VOICE: &str = "[confirm]\nSubject: Is it you?\n\nTap [yes]({{ confirm_link }}), {{ name }}.\n\n[partner outreach]\nSubject: Coffee for {{ partner }}\n\nDear {{ partner }}, here is [your link]({{ partner_link }}).\n";

/// A relay that sends by this server, though nothing goes out yet: mail is paused.
fn sends(relay: &Relay, folder: &std::path::Path, smtp: &Smtp) {
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file is written");
        path.display().to_string()
    };
    let (password, ca) = (file("password", PASSWORD), file("ca.pem", &smtp.certificate));
    let (key, port) = (key_file(folder), smtp.port.to_string());
    let from = [
        "--sender",
        "hello@harbour.example",
        "--postal",
        "1 Pier Road",
        "--owner",
        "olive@harbour.example",
    ];
    let server = [
        "--host",
        "localhost",
        "--port",
        &port,
        "--security",
        "tls",
        "--username",
        USER,
    ];
    let rest = [
        "--password-file",
        &password,
        "--ca-file",
        &ca,
        "--quiet",
        "none",
        "--pause",
    ];
    let begins = ["--key-file", &key, "mail", "settings", "SHOP"];
    relay.operator(&[&begins[..], &from, &server, &rest].concat());
    relay.operator(&["shop", "set", "--shop", "SHOP", "--site", "https://harbour.example/"]);
    for code in ["solare", "books"] {
        relay.operator(&["code", "add", "--shop", "SHOP", "--code", code, "--campaign", "autumn"]);
    }
}

fn key_file(folder: &std::path::Path) -> String {
    folder.join("key").display().to_string()
}

async fn pictures(w: &Window, name: &str) {
    for (width, height) in SIZES {
        w.size(width, height).await;
        w.picture(&format!("{name}-{width}")).await;
    }
    w.size(SIZES[0].0, SIZES[0].1).await;
}

/// Opens a part of the mail.
async fn part(w: &Window, name: &str) {
    let script = "location.hash = `#/mail?part=${arguments[0]}`";
    w.run(script, vec![name.into()]).await;
}

#[tokio::test]
async fn the_owner_stops_words_previews_and_approves_mail() {
    let desk = Desk::new();
    let dir = demo();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let smtp = Smtp::start(Mode::Tls);
    let key = key_file(folder.path());
    // The relay reads it when it starts.
    std::fs::write(&key, URL_SAFE_NO_PAD.encode([7; 32])).expect("a key is written");
    let (relay, code) = Relay::start_with(
        folder.path(),
        &["--key-file", &key, "--allow-private-addresses", "true"],
    );
    ctl(dir.path(), &["pair", &code, "--relay", &relay.url]);
    sends(&relay, folder.path(), &smtp);
    let maria = [
        "--phone",
        "+16195559165",
        "--name",
        "Maria Lopez",
        "--email",
        "maria@lopez.example",
        "--consent",
    ];
    ctl(dir.path(), &[&["member", "add"], &maria[..]].concat());
    ctl(dir.path(), &["sync", "--once"]);

    let w = at_the_counter(&desk, dir.path(), CASHIER).await;
    to_the_owner(&w, "mail").await;
    w.see("mail-paused").await;
    // Whatever the page's policy refuses from here on is kept.
    let listen = "window.refused = []; document.addEventListener('securitypolicyviolation', (e) => window.refused.push(e.violatedDirective))";
    w.run(listen, vec![]).await;
    // Tonight's mail: the question to Maria waits, and is stopped.
    w.find("[data-kind=\"confirm\"] [data-testid=\"mail-waiting\"][data-state=\"queued\"]")
        .await;
    w.press("mail-stop").await;
    w.find("[data-kind=\"confirm\"] [data-testid=\"mail-waiting\"][data-state=\"stopped\"]")
        .await;
    pictures(&w, "mail-tonight").await;

    // Other words, as they would read, and in force.
    part(&w, "voice").await;
    w.fill("voice-text", &VOICE.replace('\n', &key::ENTER.to_string()))
        .await;
    choose(&w, "preview-kind", "partner_outreach").await;
    w.reads("preview-subject", "Coffee for").await;
    let styled = "const { shadowRoot } = document.querySelector('[data-testid=\"mail-view\"] .host');
        return [...shadowRoot.querySelectorAll('td')].map((td) => getComputedStyle(td).backgroundColor)";
    let paper = w.run(styled, vec![]).await;
    let white = serde_json::json!("rgb(255, 255, 255)");
    assert!(
        paper.as_array().is_some_and(|all| all.contains(&white)),
        "the mail has its own styles: {paper}"
    );
    pictures(&w, "mail-voice").await;
    w.press("voice-publish").await;
    w.press("voice-confirm").await;
    w.reads("versions", "Version 1").await;

    // A mail to another shop: drafted in those words, shown, approved; it goes out when mail is resumed, and not before.
    part(&w, "outreach&to=solare").await;
    w.fill("outreach-name", "Solare Bakery").await;
    w.fill("outreach-address", "hello@solare.example").await;
    w.press("outreach-draft-go").await;
    w.reads("outreach-subject", "Coffee for Solare Bakery").await;
    pictures(&w, "mail-outreach").await;
    nothing_refused(&w).await;
    w.press("nav-today").await;
    w.reads("outreach-task", "1 mail to another shop waits for you").await;
    pictures(&w, "mail-today").await;
    w.press("outreach-go").await;
    w.see("outreach-approve").await;
    // The charts of Today write a style of their own, which is not let in and not needed.
    w.run("window.refused = []", vec![]).await;
    w.press("outreach-approve").await;
    w.reads("outreach-says", "Approved").await;
    part(&w, "tonight").await;
    w.find("[data-kind=\"partner_outreach\"] [data-testid=\"mail-waiting\"]")
        .await;
    w.press("mail-resume").await;
    let arrived = arrives(&smtp, "hello@solare.example").await;
    assert!(
        arrived.contains("Subject: Coffee for Solare Bakery") && arrived.contains("List-Unsubscribe:"),
        "{arrived}"
    );
    assert!(
        arrived.replace("=\r\n", "").matches("/mail/stop?t=").count() >= 3,
        "a link in both parts, too: {arrived}"
    );
    part(&w, "outreach").await;
    w.find("[data-testid=\"outreach-row\"][data-code=\"solare\"][data-state=\"sent\"]")
        .await;
    w.reads("outreach-past", "Olive").await;
    pictures(&w, "mail-outreach-sent").await;
    assert!(
        smtp.to("maria@lopez.example").is_empty(),
        "what was stopped does not go out"
    );
    nothing_refused(&w).await;
    w.close().await;
}

/// The page's policy let in all that the mail is made of.
async fn nothing_refused(w: &Window) {
    let refused = w.run("return window.refused", vec![]).await;
    assert_eq!(refused.as_array().map(Vec::len), Some(0), "{refused}");
}

/// Chooses from a list, as the page hears it.
async fn choose(w: &Window, id: &str, value: &str) {
    let script = "const list = document.querySelector(`[data-testid=\"${arguments[0]}\"]`);
        list.value = arguments[1];
        list.dispatchEvent(new Event('change', { bubbles: true }))";
    w.run(script, vec![id.into(), value.into()]).await;
}

/// What the server was given for somebody, once it was.
async fn arrives(smtp: &Smtp, to: &str) -> String {
    let began = Instant::now();
    loop {
        if let Some(bytes) = smtp.to(to).pop() {
            return String::from_utf8_lossy(&bytes).into_owned();
        }
        assert!(began.elapsed() < PATIENCE, "nothing arrived for {to}");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
