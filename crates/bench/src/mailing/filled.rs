//! A shop that is going to tell all its members how many points they have. They are put into the database past the log:
//! only mail is measured.

use lettre::address::Envelope;
use loyalty::op::{Body, Private};
use loyalty::{MemberCode, MemberId, ShopId, UtcMs};
use mail::Kind;
use relay::clock;
use relay::mail::compose::Shared;
use relay::mail::people;
use relay::mail::queue::Said;
use relay::mail::quiet::Quiet;
use relay::mail::settings::{MailShop, Security};
use relay::mail::token::hidden;
use relay::store::db::{Arg, Tx};
use relay::store::{Db, bulk, migrate, shops};
use relay::token::Credential;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use uuid::Uuid;

use crate::Result;
use crate::refs::facts;
use crate::refs::servers::Server;
use crate::shop::phone;

/// Members of one transaction.
const PAGE: usize = 1000;
/// Columns of the tables that operations and what they add up to are in.
const OPS: &str =
    "INSERT INTO ops (shop_id, shop_seq, op_id, origin, origin_seq, at_ms, by_whom, body, prev, hash, bytes)";
const PRIVATE: &str = "INSERT INTO private (shop_id, op_id, member_id, salt, data)";
const MEMBERS: &str = "INSERT INTO members (shop_id, member_id, phone, phone_clock, merge_clock, erased)";
const RIGHTS: &str = "INSERT INTO rights (shop_id, member_id, holder, points)";
const CODES: &str = "INSERT INTO referral_codes (shop_id, code, kind, member_id, campaign, created_at)";
const CONSENTS: &str = "INSERT INTO consents (shop_id, op_id, member_id, origin, origin_seq, given, covers)";
const CONFIRMED: &str = "INSERT INTO mail_confirmed (shop_id, member_id, address, at_ms)";
const CHANGED: &str = "INSERT INTO mail_changed (shop_id, member_id, at_ms)";

/// The shop.
pub struct Filled {
    /// Its id.
    pub id: ShopId,
    /// All its members.
    pub members: Vec<MemberId>,
    /// A mail as one of them gets it: from whom to whom.
    pub route: Envelope,
    /// And all of it.
    pub message: Vec<u8>,
    credential: String,
}

/// Makes it; its mail goes to `sink`, and is paused.
pub async fn fill(url: &str, members: usize, sink: SocketAddr) -> Result<Filled> {
    let db = Db::connect(url, 2).await?;
    migrate::migrate(&db).await?;
    let now = clock::now();
    let mut tx = db.begin().await?;
    let id = shops::create(&mut tx, &facts(), now).await?;
    let settings = settings(id, sink, now);
    settings.write(&mut tx).await?;
    let credential = Credential::new(id, TILL);
    let hash = credential.hash();
    let sql = "INSERT INTO tills (shop_id, till_id, origin, name, credential, paired_at, version, pending, held_points,
               skew_ms) VALUES ($1, $2, $2, 'Till 1', $3, $4, '', 0, 0, 0)";
    let args = [(&id.0).into(), (&TILL).into(), (&hash).into(), now.0.into()];
    tx.run(sql, &args).await?;
    tx.commit().await?;
    rules(&db, id, now).await?;
    let mut all = Vec::with_capacity(members);
    while all.len() < members {
        let page: Vec<Member> = (all.len()..members.min(all.len() + PAGE))
            .map(|n| Member::new(n, &settings.link_key, now))
            .collect();
        let mut tx = db.begin().await?;
        insert(&mut tx, &id, &page, now).await?;
        tx.commit().await?;
        all.extend(page.iter().map(|member| member.id));
    }
    if let Db::Postgres(_) = &db {
        // As autovacuum does sooner or later.
        db.run("ANALYZE", &[]).await?;
    }
    let shared = Shared::load(&db, id, "http://127.0.0.1:8080")
        .await?
        .ok_or("the shop sends no mail")?;
    let person = people::person(&mut db.begin().await?, id, all[0]).await?;
    let said = shared.say(Kind::Balance, Uuid::from_u128(1), &person, &Said::default());
    let ready = shared.message(Kind::Balance, Uuid::from_u128(1), &person.email, &said, now);
    let ready = ready.ok_or("a member's address is none")?;
    db.close().await;
    Ok(Filled {
        id,
        members: all,
        route: ready.route,
        message: ready.bytes,
        credential: credential.text(),
    })
}

fn settings(shop: ShopId, sink: SocketAddr, now: UtcMs) -> MailShop {
    MailShop {
        shop,
        sender: "hello@corner.example".into(),
        reply_to: None,
        owner: None,
        postal: "1 Pier Road, San Diego CA 92101".into(),
        host: sink.ip().to_string(),
        port: sink.port(),
        inside: true,
        security: Security::None,
        username: None,
        password: None,
        ca: None,
        // Nothing that keeps mail back is measured.
        per_hour: 1_000_000,
        per_week: 50,
        quiet: Quiet { from: 0, to: 0 },
        paused: true,
        link_key: [7; 32],
        since: UtcMs(now.0 - UtcMs::DAY_MS),
        problem: None,
    }
}

async fn rules(db: &Db, shop: ShopId, now: UtcMs) -> Result {
    let body = Body::RulesPublished {
        version: 1,
        text: "Earn 1 point per $1\nReward 100 points: Free coffee\nReward 500 points: Free lunch\n".into(),
        clock: loyalty::hlc::Hlc(1),
    };
    let (body, op) = (serde_json::to_string(&body)?, clock::uuid(now));
    let mut tx = db.begin().await?;
    let row = op_row(&shop, 1, &op, &body, now);
    bulk::insert(&mut tx, OPS, std::iter::once(row), "").await?;
    tx.commit().await?;
    Ok(())
}

/// The till, and where a chain would stand.
const TILL: Uuid = Uuid::from_u128(7);
const NOWHERE: [u8; 32] = [0; 32];

fn op_row<'a>(shop: &'a ShopId, seq: i64, op: &'a Uuid, body: &'a str, now: UtcMs) -> [Arg<'a>; 11] {
    [
        (&shop.0).into(),
        seq.into(),
        op.into(),
        (&TILL).into(),
        seq.into(),
        now.0.into(),
        "job:bench".into(),
        body.into(),
        (&NOWHERE).into(),
        (&NOWHERE).into(),
        200.into(),
    ]
}

/// A member who joined with points, agreed and confirmed.
struct Member {
    /// Of the first operation: 2 for the first member; the shop's rules are number 1.
    seq: i64,
    id: MemberId,
    enrolled: Uuid,
    agreed: Uuid,
    phone: String,
    code: String,
    /// The operations' bodies.
    bodies: [String; 2],
    private: String,
    address: [u8; 32],
    points: i64,
}

impl Member {
    fn new(n: usize, link_key: &[u8; 32], now: UtcMs) -> Self {
        let (id, email) = (MemberId(clock::uuid(now)), format!("guest{n}@example.com"));
        let code = MemberCode::from_random(n as u64).as_str().to_owned();
        let body = |body: &Body| serde_json::to_string(body).unwrap_or_default();
        let private = Private {
            phone: Some(phone(n).e164().to_owned()),
            name: Some(crate::shop::name(&mut crate::shop::Dice(n as u64))),
            email: Some(email.clone()),
            ..Private::default()
        };
        let number = i64::try_from(n).unwrap_or(i64::MAX);
        Self {
            seq: 2 * number + 2,
            id,
            enrolled: clock::uuid(now),
            agreed: clock::uuid(now),
            phone: phone(n).e164().to_owned(),
            bodies: [
                body(&Body::MemberEnrolled {
                    member: id,
                    code: code.clone(),
                }),
                body(&Body::ConsentGiven {
                    member: id,
                    covers: Some(Vec::new()),
                }),
            ],
            code: code.to_ascii_lowercase(),
            private: serde_json::to_string(&private).unwrap_or_default(),
            address: hidden(link_key, &email),
            points: number % 700,
        }
    }
}

/// All the rows of these members.
async fn insert(tx: &mut Tx, shop: &ShopId, page: &[Member], now: UtcMs) -> Result {
    let at = || Arg::from(now.0);
    let id = || Arg::from(&shop.0);
    let ops = page.iter().flat_map(|one| {
        [
            op_row(shop, one.seq, &one.enrolled, &one.bodies[0], now),
            op_row(shop, one.seq + 1, &one.agreed, &one.bodies[1], now),
        ]
    });
    bulk::insert(tx, OPS, ops, "").await?;
    let salt = [0; 16];
    let rows = page.iter().map(|one| {
        let of = (&one.id.0).into();
        [id(), (&one.enrolled).into(), of, (&salt).into(), (&one.private).into()]
    });
    bulk::insert(tx, PRIVATE, rows, "").await?;
    let rows = page.iter().map(|one| {
        let of = (&one.id.0).into();
        [id(), of, (&one.phone).into(), 0.into(), 0.into(), 0.into()]
    });
    bulk::insert(tx, MEMBERS, rows, "").await?;
    let rows = page
        .iter()
        .map(|one| [id(), (&one.id.0).into(), (&TILL).into(), one.points.into()]);
    bulk::insert(tx, RIGHTS, rows, "").await?;
    let rows = page.iter().map(|one| {
        let of = (&one.id.0).into();
        [id(), (&one.code).into(), "member".into(), of, "".into(), at()]
    });
    bulk::insert(tx, CODES, rows, "").await?;
    let rows = page.iter().map(|one| {
        let (op, of) = ((&one.agreed).into(), (&one.id.0).into());
        [
            id(),
            op,
            of,
            (&TILL).into(),
            (one.seq + 1).into(),
            1.into(),
            "[]".into(),
        ]
    });
    bulk::insert(tx, CONSENTS, rows, "").await?;
    let rows = page
        .iter()
        .map(|one| [id(), (&one.id.0).into(), (&one.address).into(), at()]);
    bulk::insert(tx, CONFIRMED, rows, "").await?;
    let rows = page.iter().map(|one| [id(), (&one.id.0).into(), at()]);
    bulk::insert(tx, CHANGED, rows, "").await?;
    Ok(())
}

impl Filled {
    /// Has the relay queue the balances of all members, and waits for its answer.
    pub fn runs(&self, relay: &Server) -> Result<Duration> {
        let body = r#"{"do":"run","job":"balance"}"#;
        let request = format!(
            "POST /v1/mail HTTP/1.1\r\nhost: relay\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.credential,
            body.len()
        );
        let mut line = TcpStream::connect(relay.address)?;
        let (began, mut answer) = (Instant::now(), Vec::new());
        line.write_all(request.as_bytes())?;
        line.read_to_end(&mut answer)?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("the relay answered {}", String::from_utf8_lossy(&answer)).into());
        }
        Ok(began.elapsed())
    }

    /// Lets the mail go.
    pub async fn resumes(&self, url: &str) -> Result {
        let db = Db::connect(url, 1).await?;
        db.run("UPDATE mail_shops SET paused = 0", &[]).await?;
        db.close().await;
        Ok(())
    }

    /// Whether all of it went, and each once.
    pub async fn has_sent(&self, url: &str, mails: usize) -> Result {
        let db = Db::connect(url, 1).await?;
        let row = db.first("SELECT count(*) FROM mails WHERE state = 'sent'", &[]).await?;
        let sent = row.map(|row| row.int(0)).transpose()?.unwrap_or(0);
        db.close().await;
        if usize::try_from(sent)? == mails {
            return Ok(());
        }
        Err(format!("{sent} of {mails} mails are sent").into())
    }
}
