//! Sales that come in: one sent over HTTP appears in Activity while the cashier looks, and a file is imported from the
//! owner's window, through the page's own file field.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};
use system_tests::browser::{Window, key};
use system_tests::desk::Desk;
use system_tests::programs::ctl;

use crate::shop::{OWNER, at_the_counter, demo};

/// How long closing may take, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// Opens the owner's window and goes there.
async fn to_the_owner(w: &Window) {
    w.press("staff-menu").await;
    w.press("owner-open").await;
    w.see("pin").await;
    w.keys(OWNER.1).await;
    w.keys(&key::ENTER.to_string()).await;
    w.other_window().await;
    w.size(1280, 800).await;
    w.see("nav-today").await;
}

/// A sale as a till sends it, signed as the Standard Webhooks specification says. `now_s` in seconds since 1970.
fn send(port: u16, secret: &str, now_s: i64, body: &str) -> String {
    let key = BASE64_STANDARD
        .decode(secret.strip_prefix("whsec_").expect("a secret of ours"))
        .expect("base64");
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).expect("any length will do");
    mac.update(format!("msg_1.{now_s}.{body}").as_bytes());
    let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("the port is open");
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .expect("a timeout");
    write!(
        stream,
        "POST /pos/sale HTTP/1.1\r\nhost: till\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nwebhook-id: msg_1\r\nwebhook-timestamp: {now_s}\r\nwebhook-signature: v1,{signature}\r\n\r\n{body}",
        body.len()
    )
    .expect("it is sent");
    let mut said = String::new();
    stream.read_to_string(&mut said).expect("it is answered");
    said
}

#[tokio::test]
async fn a_sale_sent_over_http_appears_in_activity_at_once() {
    let desk = Desk::new();
    let dir = demo();
    let w = at_the_counter(&desk, dir.path(), OWNER).await;
    to_the_owner(&w).await;
    w.press("nav-settings").await;
    w.press("secret-make").await;
    w.see("secret").await;
    let secret = w
        .run("return document.querySelector('[data-testid=secret]').value", vec![])
        .await;
    let secret = secret.as_str().expect("the secret is shown").to_owned();
    w.picture("settings-secret").await;
    w.press("secret-taken").await;
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("its number").port();
    w.press("webhook-on").await;
    w.fill("webhook-port", &port.to_string()).await;
    // Somebody else has it first: a line in the settings, and the till goes on.
    w.press("webhook-save").await;
    w.reads("webhook-state", "port for incoming sales is taken").await;
    w.picture("settings-port-taken").await;
    drop(free);
    w.press("webhook-enrol").await;
    w.press("webhook-save").await;
    w.reads("webhook-state", &format!("127.0.0.1:{port}")).await;

    w.other_window().await;
    w.press("activity-open").await;
    w.see("activity").await;
    let now = w.run("return Math.floor(Date.now() / 1000)", vec![]).await;
    let now = now.as_i64().expect("a time");
    let today = w.run("return new Date().toISOString()", vec![]).await;
    let member = ctl(dir.path(), &["member", "list"])["members"][0]["phone"].clone();
    let body = format!(r#"{{"sale_id":"W-1","phone":{member},"total":"12.50","occurred_at":{today}}}"#);
    assert!(send(port, &secret, now, &body).starts_with("HTTP/1.1 200"));
    w.reads("activity", "#W-1").await;
    w.picture("activity-webhook").await;
    // Unknown numbers are refused now, and the settings say which field it was.
    let unknown = body
        .replace("W-1", "W-2")
        .replace(member.as_str().expect("a number"), "+16195559999");
    assert!(send(port, &secret, now, &unknown).starts_with("HTTP/1.1 422"));
    w.other_window().await;
    w.reads("recent", "/phone").await;
    w.reads("recent", "W-1").await;
    w.picture("settings-recent").await;
    w.close().await;
    // The driver does not wait for the app to be gone.
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(began.elapsed() < PATIENCE, "the port is kept though the app was closed");
        tokio::time::sleep(LOOK_EVERY).await;
    }
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}

#[tokio::test]
async fn a_file_is_imported_from_the_owners_window() {
    let desk = Desk::new();
    let dir = demo();
    let before = ctl(dir.path(), &["stats"])["sales"].as_i64().expect("a number");
    let file = dir.path().join("monday.csv");
    let text = "Receipt no;Date;Customer phone;Sum\n1;03/04/2026 09:00;6195550101;12,50\n2;04/04/2026 09:05;12;4,00\n3;05/04/2026 09:10;;1.007,99\n";
    std::fs::write(&file, text).expect("a file");
    let w = at_the_counter(&desk, dir.path(), OWNER).await;
    to_the_owner(&w).await;
    w.press("nav-import").await;
    let field = w.find("[data-testid=file-input]").await;
    let path = file.to_str().expect("a path of letters");
    field.send_keys(path).await.expect("the file is chosen");
    w.reads("file-missing", "total").await;
    w.picture("import-missing").await;
    for (select, value) in [("column-total", "Sum"), ("file-dates", "day_first")] {
        let select = w.see(select).await;
        select.select_by_value(value).await.expect("an option");
    }
    w.reads("file-preview", "$1,007.99").await;
    w.reads("file-preview", "This is not a phone number").await;
    w.picture("import-preview").await;
    w.press("file-rehearse").await;
    w.reads("file-outcome", "Nothing was recorded").await;
    w.press("file-go").await;
    w.reads("file-outcome", "Imported.").await;
    w.reads("file-rejects", "monday.rejected").await;
    w.picture("import-done").await;
    w.close().await;
    let after = ctl(dir.path(), &["stats"])["sales"].as_i64().expect("a number");
    assert_eq!(after, before + 2);
    assert_eq!(ctl(dir.path(), &["ledger", "verify"])["ok"], true);
}
