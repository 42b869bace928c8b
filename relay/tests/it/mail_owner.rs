//! What an owner sees of the shop's mail from a till, and does about it: `POST /v1/mail`.

use loyalty::op::{Body, Private};
use loyalty::rules::Move;
use loyalty::{MemberId, ShopId, UtcMs};
use mail::Kind;
use relay::mail::jobs::{self, Job};
use relay::mail::tonight;
use sync::mail::{MailAnswer, MailLine, MailRequest, MailSettings, MailState};

use crate::harness::{Place, Relay, until};
use crate::mail_shop::{MINUTE, Shop, now, publishes, read};
use crate::on_both;
use crate::smtp::{Mode, PASSWORD, USER};
use crate::till::{Till, post};

on_both! {
    what_waits_is_seen_stopped_and_taken_back, what_a_job_will_send_is_stopped_before, settings_are_checked_and_the_password_stays,
    a_voice_is_mended_published_and_rolled_back, what_is_stuck_says_why, jobs_are_set_run_and_ended,
}

const HOUR: i64 = 60 * MINUTE;

fn asks(relay: &Relay, till: &Till, request: &MailRequest) -> MailAnswer {
    post(&till.http, &format!("{}/v1/mail", relay.url), &till.credential, request).unwrap()
}

fn state(relay: &Relay, till: &Till, request: &MailRequest) -> MailState {
    let answer = asks(relay, till, request);
    answer.state.unwrap_or_else(|| panic!("{:?}", answer.refused))
}

fn refused(relay: &Relay, till: &Till, request: &MailRequest) -> (String, String) {
    let refused = asks(relay, till, request).refused.unwrap();
    assert!(sync::mail::MailRefusal::CODES.contains(&refused.code.as_str()));
    (refused.code, refused.field)
}

fn stop(mails: &[&MailLine]) -> MailRequest {
    MailRequest::Stop {
        mails: mails.iter().map(|line| line.id.clone()).collect(),
        kind: None,
    }
}

fn undo(mails: &[&MailLine]) -> MailRequest {
    MailRequest::Undo {
        mails: mails.iter().map(|line| line.id.clone()).collect(),
        kind: None,
    }
}

/// A relay on whose machine mail servers may be.
fn serve(shop: &Shop<'_>) -> Relay {
    let key = shop.file("key");
    shop.place
        .serve_with(&["--key-file", &key, "--allow-private-addresses", "true"])
}

/// A shop with two members who may be written to.
fn two(shop: &Shop<'_>, relay: &Relay) -> (Till, MemberId, MemberId) {
    let mut till = shop.till(relay);
    let nadia = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    let bea = shop.agrees(&mut till, "+16195550124", "bea@example.com");
    till.syncs(relay).unwrap();
    shop.arrives("nadia@example.com", 1);
    shop.arrives("bea@example.com", 1);
    shop.has_confirmed(nadia, "nadia@example.com");
    shop.has_confirmed(bea, "bea@example.com");
    (till, nadia, bea)
}

fn what_waits_is_seen_stopped_and_taken_back(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = serve(&shop);
    let (till, nadia, bea) = two(&shop, &relay);
    let at = now() + HOUR;
    assert!(shop.queues(Kind::Balance, nadia, "x", at));
    assert!(shop.queues(Kind::WeMissYou, nadia, "x", at + 1));
    assert!(shop.queues(Kind::WeMissYou, bea, "x", at + 2));
    let seen = state(&relay, &till, &MailRequest::Look);
    let lines: Vec<_> = seen
        .waiting
        .iter()
        .map(|line| (line.kind.as_str(), line.member.unwrap(), line.state.as_str(), line.at.0))
        .collect();
    assert_eq!(
        lines,
        [
            ("balance", nadia, "queued", at),
            ("we_miss_you", nadia, "queued", at + 1),
            ("we_miss_you", bea, "queued", at + 2)
        ]
    );
    assert_eq!(seen.gone.iter().filter(|line| line.state == "sent").count(), 2);
    assert_eq!((seen.ends[0].state.as_str(), seen.ends[0].mails), ("sent", 2));
    // One, and taken back.
    let seen = state(&relay, &till, &stop(&[&seen.waiting[0]]));
    assert_eq!(seen.waiting[0].state, "stopped");
    assert_eq!((seen.kinds[0].waiting, seen.kinds[0].stopped), (0, 1));
    assert_eq!(
        refused(&relay, &till, &stop(&[&seen.waiting[0]])),
        ("mail_gone".into(), String::new())
    );
    let seen = state(&relay, &till, &undo(&[&seen.waiting[0]]));
    assert_eq!(seen.waiting[0].state, "queued");
    // All of a kind.
    let kind = Some("we_miss_you".to_owned());
    let stop_all = MailRequest::Stop {
        mails: vec![],
        kind: kind.clone(),
    };
    let seen = state(&relay, &till, &stop_all);
    assert_eq!((seen.kinds[1].waiting, seen.kinds[1].stopped), (0, 2));
    assert_eq!(seen.kinds[0].waiting, 1);
    let seen = state(&relay, &till, &MailRequest::Undo { mails: vec![], kind });
    assert_eq!((seen.kinds[1].waiting, seen.kinds[1].stopped), (2, 0));
    // A mail whose time is over is stopped for good after a while, and then it is among those that ended.
    let id = ShopId(shop.id.parse().unwrap());
    let line = seen.waiting[0].clone();
    state(&relay, &till, &stop(&[&line]));
    let late = UtcMs(at + HOUR);
    let back = async |at: UtcMs| {
        let db = relay::store::Db::connect(&place.url, 2).await.unwrap();
        let done = tonight::undo(&db, id, std::slice::from_ref(&line.id), None, at)
            .await
            .unwrap();
        let (gone, _) = tonight::gone(&db, id, at).await.unwrap();
        db.close().await;
        (
            done,
            gone.iter()
                .any(|one| one.id == line.id && one.why.as_deref() == Some("stopped")),
        )
    };
    assert_eq!(shop.within(async |_| back(late).await), (0, true));
    assert_eq!(shop.within(async |_| back(UtcMs(now())).await), (1, false));
    // Another shop's mail is none of this one's.
    let (other, _) = place.shop();
    let stranger = Till::pair(&relay, &place.code(&other));
    assert_eq!(
        refused(&relay, &stranger, &stop(&[&line])),
        ("mail_gone".into(), String::new())
    );
    assert_eq!(state(&relay, &stranger, &MailRequest::Look).settings, None);
    assert_eq!(
        refused(
            &relay,
            &till,
            &MailRequest::Stop {
                mails: vec![],
                kind: Some("x".into())
            }
        )
        .0,
        "mail_unknown"
    );
}

fn what_a_job_will_send_is_stopped_before(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = serve(&shop);
    let (mut till, nadia, bea) = two(&shop, &relay);
    till.sells("a", Some(nadia), 12, Move::Add);
    till.sells("b", Some(bea), 5, Move::Add);
    till.syncs(&relay).unwrap();
    assert!(state(&relay, &till, &MailRequest::Look).waiting.is_empty());
    let id = ShopId(shop.id.parse().unwrap());
    // Hours from now by the shop's clock, too: nothing runs while this test does.
    let hour = (now() / HOUR + 2) % 24;
    let calendar = format!("0 {hour} * * *");
    let job = MailRequest::Job {
        job: "balance".into(),
        calendar: Some(calendar),
    };
    let seen = state(&relay, &till, &job);
    let next = seen.jobs[0].next_at.unwrap();
    let planned: Vec<_> = seen.waiting.iter().map(|line| line.state.as_str()).collect();
    assert_eq!(planned, ["planned", "planned"]);
    assert!(
        seen.waiting
            .iter()
            .all(|line| line.at == next && line.kind == "balance")
    );
    let of_bea = seen.waiting.iter().find(|line| line.member == Some(bea)).unwrap();
    let seen = state(&relay, &till, &stop(&[of_bea]));
    assert_eq!((seen.kinds[0].waiting, seen.kinds[0].stopped), (1, 1));
    // Coming back does not undo what the owner said; and what is stopped tonight is not stopped for ever.
    till.sells("c", Some(bea), 5, Move::Add);
    till.syncs(&relay).unwrap();
    let seen = state(&relay, &till, &MailRequest::Look);
    assert_eq!((seen.kinds[0].waiting, seen.kinds[0].stopped), (1, 1));
    let of_bea = seen.waiting.iter().find(|line| line.member == Some(bea)).unwrap();
    assert_eq!(of_bea.state, "stopped");
    let seen = state(&relay, &till, &undo(&[of_bea]));
    assert_eq!((seen.kinds[0].waiting, seen.kinds[0].stopped), (2, 0));
    let of_nadia = seen.waiting.iter().find(|line| line.member == Some(nadia)).unwrap();
    state(&relay, &till, &stop(&[of_nadia]));
    assert!(relay.stop().0);
    // Depending on the day, others could be due by then.
    shop.within(async |db| {
        for job in [Job::Lapsing, Job::Summary] {
            jobs::set(db, id, job, None, next).await.unwrap();
        }
        assert_eq!(jobs::round(db, None, next).await.unwrap(), 1);
    });
    let told = place.texts("SELECT event FROM mails WHERE kind = 'balance' ORDER BY mail_id");
    assert_eq!(told.len(), 1);
    let left = shop.within(async |db| tonight::waiting(db, id, next).await.unwrap().0);
    assert_eq!((left.len(), left[0].member), (1, Some(bea)));
}

fn good(shop: &Shop<'_>) -> MailSettings {
    MailSettings {
        sender: "hello@corner.example".into(),
        reply_to: String::new(),
        owner: "owner@corner.example".into(),
        postal: "1 Pier Road".into(),
        host: "localhost".into(),
        port: shop.smtp.port,
        security: "starttls".into(),
        username: USER.into(),
        has_password: true,
        per_hour: 500,
        per_week: 2,
        quiet: "21:00-09:00".into(),
        paused: false,
    }
}

fn set(settings: MailSettings, password: Option<&str>) -> MailRequest {
    MailRequest::Set {
        settings,
        password: password.map(str::to_owned),
    }
}

fn settings_are_checked_and_the_password_stays(place: &Place) {
    let shop = Shop::new(place, Mode::Starttls);
    // What whoever runs the relay named inside stays so, whatever else the owner changes; it opens no other port.
    let strict = shop.serve();
    let till = shop.till(&strict);
    state(&strict, &till, &set(good(&shop), None));
    state(&strict, &till, &MailRequest::Test);
    shop.arrives("owner@corner.example", 1);
    let mut elsewhere = good(&shop);
    elsewhere.port = 6379;
    let inside = ("mail_private_host".to_owned(), "host".to_owned());
    assert_eq!(refused(&strict, &till, &set(elsewhere, None)), inside);
    drop(strict);
    let relay = serve(&shop);
    let seen = state(&relay, &till, &MailRequest::Look);
    assert!(seen.keeps_passwords);
    assert_eq!(seen.settings.unwrap().quiet, "21:00-09:00");
    let of = |change: &dyn Fn(&mut MailSettings)| {
        let mut settings = good(&shop);
        change(&mut settings);
        refused(&relay, &till, &set(settings, Some(PASSWORD)))
    };
    let no = |code: &str, field: &str| (code.to_owned(), field.to_owned());
    assert_eq!(of(&|s| s.sender = "nobody".into()), no("mail_bad_address", "sender"));
    assert_eq!(of(&|s| s.sender = String::new()), no("mail_missing", "sender"));
    assert_eq!(of(&|s| s.postal = " ".into()), no("mail_missing", "postal"));
    assert_eq!(of(&|s| s.owner = "a@b c".into()), no("mail_bad_address", "owner"));
    assert_eq!(of(&|s| s.host = "http://x/".into()), no("mail_bad_host", "host"));
    assert_eq!(of(&|s| s.port = 0), no("mail_bad_number", "port"));
    assert_eq!(of(&|s| s.security = "ssl".into()), no("mail_bad_number", "security"));
    assert_eq!(of(&|s| s.per_hour = 0), no("mail_bad_number", "per_hour"));
    assert_eq!(of(&|s| s.per_week = 51), no("mail_bad_number", "per_week"));
    assert_eq!(of(&|s| s.quiet = "late".into()), no("mail_bad_quiet", "quiet"));
    // The old password is never told to another server, or under another name.
    let mut other = good(&shop);
    other.host = "127.0.0.1".into();
    assert_eq!(
        refused(&relay, &till, &set(other, None)),
        no("mail_password_needed", "password")
    );
    let seen = state(&relay, &till, &set(good(&shop), None));
    assert_eq!(seen.settings, Some(good(&shop)));
    // A test arrives; with another password the server's no is told in words.
    state(&relay, &till, &MailRequest::Test);
    let test = shop.arrives("owner@corner.example", 2);
    assert_eq!(read(&test).subject(), Some("A test from Corner"));
    let answer = post::<serde_json::Value>(
        &till.http,
        &format!("{}/v1/mail", relay.url),
        &till.credential,
        &set(good(&shop), Some("another password")),
    );
    assert!(!answer.unwrap().to_string().contains("another password"));
    let no_test = asks(&relay, &till, &MailRequest::Test).refused.unwrap();
    assert_eq!(no_test.code, "mail_not_taken");
    assert!(no_test.said.contains("535"), "{}", no_test.said);
    let mut no_owner = good(&shop);
    no_owner.owner = String::new();
    state(&relay, &till, &set(no_owner, None));
    assert_eq!(refused(&relay, &till, &MailRequest::Test), no("mail_no_owner", "owner"));
    // Without a name there is no password; where the operator does not say so, nothing inside is asked.
    let mut open = good(&shop);
    (open.username, open.port) = (String::new(), 2525);
    assert!(!state(&relay, &till, &set(open, None)).settings.unwrap().has_password);
    drop(relay);
    let strict = shop.place.serve();
    for host in ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "[::1]"] {
        let mut inside = good(&shop);
        (inside.host, inside.username) = (host.into(), String::new());
        assert_eq!(
            refused(&strict, &till, &set(inside, None)),
            no("mail_private_host", "host"),
            "{host}"
        );
    }
    let mut outside = good(&shop);
    outside.host = "93.184.216.34".into();
    assert_eq!(
        refused(&strict, &till, &set(outside, Some("x"))),
        no("mail_no_key", "password")
    );
    assert_eq!(
        refused(&strict, &till, &MailRequest::Test),
        no("mail_private_host", "host")
    );
}

fn a_voice_is_mended_published_and_rolled_back(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = serve(&shop);
    let mut till = shop.till(&relay);
    publishes(&mut till);
    let member = shop.agrees(&mut till, "+16195550123", "nadia@example.com");
    till.sells("a", Some(member), 42, Move::Add);
    till.syncs(&relay).unwrap();
    let check = |voice: &str| {
        let voice = voice.to_owned();
        asks(&relay, &till, &MailRequest::Check { voice }).problems.unwrap()
    };
    let bad = "[balance]\nSubject: Hi\n\nHello {{ naem }}\n\nYou have {{ balance }}.\n";
    let found = check(bad);
    assert_eq!(
        (found.len(), found[0].line, found[0].column, found[0].length),
        (1, 4, 10, 4)
    );
    assert_eq!(found[0].suggestion.as_deref(), Some("name"));
    assert!(found[0].words.contains("Did you mean"));
    let publish = |voice: &str| MailRequest::Publish { voice: voice.into() };
    assert_eq!(refused(&relay, &till, &publish(bad)).0, "mail_bad_voice");
    let one = bad.replace("naem", "name");
    assert!(check(&one).is_empty());
    let preview = |voice: Option<&str>, member| MailRequest::Preview {
        kind: "balance".into(),
        voice: voice.map(str::to_owned),
        member,
    };
    let said = asks(&relay, &till, &preview(Some(&one), Some(member))).said.unwrap();
    assert_eq!(said.subject, "Hi");
    assert!(said.text.contains("You have 42."), "{}", said.text);
    assert!(said.html.contains("You have 42.") && !said.html.contains("<b>Quill"));
    assert_eq!(refused(&relay, &till, &preview(Some(bad), None)).0, "mail_bad_voice");
    let before = asks(&relay, &till, &preview(None, Some(member))).said.unwrap();
    assert!(before.subject.contains("42"), "{}", before.subject);
    let seen = state(&relay, &till, &publish(&one));
    assert_eq!((seen.voices.len(), seen.voices[0].version), (1, 1));
    let two = one.replace("Subject: Hi", "Subject: Hello there");
    assert_eq!(state(&relay, &till, &publish(&two)).voices[0].version, 2);
    let seen = state(&relay, &till, &MailRequest::RollBack { version: 1 });
    assert_eq!(seen.voices[0].version, 3);
    assert_eq!(seen.voices[0].text, one);
    assert_eq!(
        refused(&relay, &till, &MailRequest::RollBack { version: 9 }).0,
        "mail_no_version"
    );
    assert!(check(&seen.built_in).is_empty());
    for kind in &seen.mails {
        let request = MailRequest::Preview {
            kind: kind.clone(),
            voice: None,
            member: None,
        };
        assert!(!asks(&relay, &till, &request).said.unwrap().html.is_empty(), "{kind}");
    }
}

fn what_is_stuck_says_why(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = serve(&shop);
    let (mut till, nadia, _) = two(&shop, &relay);
    till.does(&Body::ConsentWithdrawn { member: nadia }, &Private::default());
    till.syncs(&relay).unwrap();
    // Nobody listens there.
    shop.set(&["--port", "9"]).unwrap();
    let since = now() - HOUR;
    let bea = till.enrols("+16195550125");
    till.syncs(&relay).unwrap();
    assert!(shop.queues(Kind::Welcome, bea, "a", since));
    assert!(shop.queues(Kind::Balance, nadia, "b", since));
    // What can't be sent at all has ended, with the reason.
    until("both are cancelled", || shop.count("cancelled") == 2);
    let seen = state(&relay, &till, &MailRequest::Look);
    let whys: Vec<_> = seen.gone.iter().filter_map(|line| line.why.as_deref()).collect();
    assert!(whys.contains(&"no_consent") && whys.contains(&"no_address"), "{whys:?}");
    shop.set(&["--pause"]).unwrap();
    assert!(shop.queues(Kind::Balance, bea, "c", since));
    let seen = state(&relay, &till, &MailRequest::Look);
    assert_eq!((seen.stuck.mails, seen.stuck.since), (1, Some(UtcMs(since))));
    assert!(seen.settings.unwrap().paused);
}

fn jobs_are_set_run_and_ended(place: &Place) {
    let shop = Shop::new(place, Mode::Tls);
    let relay = serve(&shop);
    let (mut till, nadia, _) = two(&shop, &relay);
    till.sells("a", Some(nadia), 12, Move::Add);
    till.syncs(&relay).unwrap();
    let job = |job: &str, calendar: Option<&str>| MailRequest::Job {
        job: job.into(),
        calendar: calendar.map(str::to_owned),
    };
    let key = Job::Balance.key();
    assert_eq!(state(&relay, &till, &MailRequest::Look).jobs[0].calendar, None);
    assert_eq!(refused(&relay, &till, &job("x", None)).0, "mail_unknown_job");
    assert_eq!(
        refused(&relay, &till, &job(key, Some("* * * * * *"))).0,
        "mail_bad_calendar"
    );
    let seen = state(&relay, &till, &job(key, Some("0 9 * * MON")));
    assert_eq!(seen.jobs[0].calendar.as_deref(), Some("0 9 * * MON"));
    assert!(seen.jobs[0].next_at.is_some());
    let seen = state(&relay, &till, &MailRequest::Run { job: key.into() });
    assert_eq!((seen.runs[0].outcome.as_str(), seen.runs[0].made), ("done", 1));
    shop.arrives("nadia@example.com", 2);
    assert_eq!(state(&relay, &till, &job(key, None)).jobs[0].next_at, None);
    let (other, _) = place.shop();
    let stranger = Till::pair(&relay, &place.code(&other));
    assert_eq!(refused(&relay, &stranger, &job(key, None)).0, "mail_not_set");
}
