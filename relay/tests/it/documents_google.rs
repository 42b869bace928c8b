//! Google Docs by a service account: a stand-in for Google checks what the relay shows it, and answers as Google does.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::Verifier;
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use sync::documents::DocumentRequest;
use url::Url;

use crate::documents_kept::Kept;
use crate::elsewhere::{Asked, Elsewhere, Manner, typed};
use crate::harness::Place;
use crate::on_both;
use relay::documents::fetch::Outside;
use relay::documents::google::Google;

on_both! { a_google_doc_is_read_by_its_service_account, what_google_refuses_says_what_to_do }

const ID: &str = "1aBcDeFgHiJkLmNoPqRsTuVwXyZ-0123456789_abc";
const ACCOUNT: &str = "reader@regulars-docs.iam.example.com";
const DOC: &str = "\u{feff}Earn 2 points per\u{a0}$1\r\n\r\nBonus 10 points for “Flat white”\r\n";

/// A key, made once: it takes a moment.
fn key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut OsRng, 2048).unwrap())
}

/// Google's file about an account.
fn file() -> String {
    let private_key = key().to_pkcs8_pem(LineEnding::LF).unwrap().to_string();
    json!({
        "type": "service_account",
        "project_id": "regulars-docs",
        "private_key_id": "k1",
        "private_key": private_key,
        "client_email": ACCOUNT,
        "client_id": "1",
        // Whoever hands a file in must not choose who is shown what was signed.
        "token_uri": "https://elsewhere.example.com/token",
    })
    .to_string()
}

/// What the stand-in goes by.
#[derive(Default)]
struct StandIn {
    now: AtomicI64,
    tokens: AtomicUsize,
    /// In place of the document: a status and a body.
    instead: Mutex<Option<(u16, String)>>,
    /// Tokens up to this one are ended.
    ended: AtomicUsize,
    wrong: Mutex<Vec<String>>,
}

/// What is wrong with what the relay signed, if anything is.
fn checked(asked: &Asked, audience: &str, now: i64) -> Result<(), String> {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(asked.body.as_bytes())
        .into_owned()
        .collect();
    let field = |name: &str| form.iter().find(|(one, _)| one == name).map(|(_, value)| value.clone());
    let grant = field("grant_type").unwrap_or_default();
    if grant != "urn:ietf:params:oauth:grant-type:jwt-bearer" {
        return Err(format!("grant {grant}"));
    }
    let assertion = field("assertion").ok_or("no assertion")?;
    let (signed, signature) = assertion.rsplit_once('.').ok_or("no signature")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|error| error.to_string())?;
    let signature = Signature::try_from(&signature[..]).map_err(|error| error.to_string())?;
    let public = VerifyingKey::<Sha256>::new(RsaPublicKey::from(key()));
    public
        .verify(signed.as_bytes(), &signature)
        .map_err(|error| error.to_string())?;
    let part = |text: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap() };
    let (head, claims) = signed.split_once('.').ok_or("no claims")?;
    let (head, claims) = (part(head), part(claims));
    let (from, to) = (claims["iat"].as_i64().unwrap(), claims["exp"].as_i64().unwrap());
    let good = head == json!({"alg": "RS256", "typ": "JWT", "kid": "k1"})
        && claims["iss"] == ACCOUNT
        && claims["aud"] == audience
        && claims["scope"] == "https://www.googleapis.com/auth/drive.readonly"
        && from == now.div_euclid(1000)
        && to - from == 3600;
    if good { Ok(()) } else { Err(format!("{head} {claims}")) }
}

fn says(google: &StandIn, asked: &Asked, audience: &str) -> Manner {
    let answer = |status: u16, value: &Value| {
        let sort = ("content-type", "application/json".to_owned());
        Manner::Answers(status, vec![sort], value.to_string().into_bytes())
    };
    if (asked.method.as_str(), asked.path.as_str()) == ("POST", "/token") {
        if let Err(wrong) = checked(asked, audience, google.now.load(Ordering::SeqCst)) {
            google.wrong.lock().unwrap().push(wrong);
            return answer(400, &json!({"error": "invalid_grant"}));
        }
        let nth = google.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        return answer(
            200,
            &json!({"access_token": format!("t{nth}"), "expires_in": 3599, "token_type": "Bearer"}),
        );
    }
    if asked.path != format!("/files/{ID}/export?mimeType=text/plain") {
        google.wrong.lock().unwrap().push(asked.path.clone());
        return answer(404, &json!({}));
    }
    let token = asked
        .header("authorization")
        .and_then(|said| said.strip_prefix("Bearer t"));
    let token: usize = token.unwrap_or("0").parse().unwrap();
    if token <= google.ended.load(Ordering::SeqCst) {
        return answer(401, &json!({"error": {"errors": [{"reason": "authError"}]}}));
    }
    match google.instead.lock().unwrap().clone() {
        Some((status, reason)) => answer(status, &json!({"error": {"errors": [{"reason": reason}]}})),
        None => typed("text/plain", DOC.as_bytes()),
    }
}

/// A shop with a Google of the tests' own.
fn with_google(place: &Place) -> (Kept<'_>, Arc<StandIn>) {
    let mut kept = Kept::new(place);
    let stand_in = Elsewhere::start();
    let google = Arc::new(StandIn::default());
    let audience = stand_in.url("/token");
    let at = |path: &str| Url::parse(&stand_in.url(path)).unwrap();
    kept.outside = Outside::new(false)
        .with_neighbour(stand_in.at)
        .with_google(Google::at(at("/token"), at("/files/")));
    let behind = google.clone();
    stand_in.answers(move |asked| says(&behind, asked, &audience));
    kept.server = stand_in;
    google.now.store(kept.now, Ordering::SeqCst);
    (kept, google)
}

fn link() -> String {
    format!("https://docs.google.com/document/d/{ID}/edit?usp=sharing")
}

fn a_google_doc_is_read_by_its_service_account(place: &Place) {
    let (mut kept, google) = with_google(place);
    assert_eq!(kept.sets("rules", &link()).refused.unwrap().code, "document_needs_key");
    for bad in [
        "",
        "{}",
        &file().replace("service_account", "authorized_user"),
        &file().replace("PRIVATE", "PUBLIC"),
    ] {
        let refused = kept.asks(DocumentRequest::Key { key: Some(bad.into()) }).refused;
        assert_eq!(refused.unwrap().code, "document_bad_key", "{bad}");
    }
    let state = kept.asks(DocumentRequest::Key { key: Some(file()) }).state.unwrap();
    assert_eq!(state.google.as_deref(), Some(ACCOUNT));
    // The key is sealed: nothing of it is in the database in the clear.
    let sealed = kept.shop.within(async |db| {
        let row = db.first("SELECT key FROM document_keys", &[]).await.unwrap().unwrap();
        row.bytes(0).unwrap()
    });
    assert!(!sealed.windows(11).any(|bytes| bytes == b"PRIVATE KEY"));
    let state = kept.sets("rules", &link()).state.unwrap();
    let document = &state.documents[0];
    assert_eq!((document.google, document.version), (true, Some(2)));
    let text = "Earn 2 points per $1\n\nBonus 10 points for “Flat white”\n";
    let (_, by, published) = kept.rules().pop().unwrap();
    assert_eq!(published, text, "without what Google adds, and with what is seen");
    assert_eq!(by, format!("job:document https://docs.google.com/document/d/{ID}"));
    // A token is used as long as it is good, which is short of an hour.
    for _ in 0..3 {
        kept.later();
    }
    assert_eq!(google.tokens.load(Ordering::SeqCst), 1);
    google
        .now
        .store(kept.now + relay::documents::kept::EVERY_MS, Ordering::SeqCst);
    kept.later();
    assert_eq!(google.tokens.load(Ordering::SeqCst), 2);
    // One that Google ended early is asked for anew, once.
    google.ended.store(2, Ordering::SeqCst);
    google
        .now
        .store(kept.now + relay::documents::kept::EVERY_MS, Ordering::SeqCst);
    kept.later();
    assert_eq!(
        (google.tokens.load(Ordering::SeqCst), kept.state("rules").problem),
        (3, None)
    );
    assert_eq!(kept.rules().len(), 2, "all the while it was the same");
    assert_eq!(*google.wrong.lock().unwrap(), Vec::<String>::new());
}

fn what_google_refuses_says_what_to_do(place: &Place) {
    let (mut kept, google) = with_google(place);
    kept.asks(DocumentRequest::Key { key: Some(file()) });
    kept.sets("rules", &link());
    for (status, reason, code) in [
        (404, "notFound", "document_not_shared"),
        (403, "insufficientFilePermissions", "document_not_shared"),
        (403, "userRateLimitExceeded", "document_busy"),
        (403, "exportSizeLimitExceeded", "document_too_large"),
        (403, "fileNotExportable", "document_not_text"),
        (403, "accessNotConfigured", "document_google_off"),
        (429, "rateLimitExceeded", "document_busy"),
        (503, "backendError", "document_server"),
        (302, "x", "document_answer"),
    ] {
        *google.instead.lock().unwrap() = Some((status, reason.to_owned()));
        google
            .now
            .store(kept.now + relay::documents::kept::EVERY_MS, Ordering::SeqCst);
        kept.later();
        let problem = kept.state("rules").problem.unwrap();
        assert_eq!(problem.code, code, "{status} {reason}");
        if code == "document_not_shared" {
            assert_eq!(problem.said, ACCOUNT);
            assert!(
                problem.words.contains(&format!("Share it with {ACCOUNT}")),
                "{}",
                problem.words
            );
        }
        assert_eq!(kept.rules().len(), 2);
    }
    *google.instead.lock().unwrap() = None;
    // The stand-in's clock is not the relay's: what it signs is refused, as a key that Google does not know is.
    google.now.store(1, Ordering::SeqCst);
    google.ended.store(99, Ordering::SeqCst);
    kept.later();
    assert_eq!(kept.state("rules").problem.unwrap().code, "document_google_key");
    assert!(!google.wrong.lock().unwrap().is_empty());
    google.ended.store(0, Ordering::SeqCst);
    google
        .now
        .store(kept.now + relay::documents::kept::EVERY_MS, Ordering::SeqCst);
    kept.later();
    assert_eq!(kept.state("rules").problem, None);
    // Without the key nothing is read, and that is said.
    kept.asks(DocumentRequest::Key { key: None });
    kept.later();
    assert_eq!(kept.state("rules").problem.unwrap().code, "document_no_key");
    assert_eq!(kept.rules().len(), 2);
}
