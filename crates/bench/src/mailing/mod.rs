//! An evening's mail: the balances of 100,000 members queued in one go by a relay of its own process, and sent over
//! several lines to a mail server in another. Beside it the same rows inserted raw, and messages of the same bytes sent
//! to the same server by bare lettre over as many lines.

mod filled;
pub mod sink;

use lettre::address::Envelope;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use relay::store::{Db, bulk};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::Result;
use crate::figures::Figure;
use crate::refs::servers::{self, Server};
use crate::syncing::peak_kib;
use filled::Filled;

/// Lines that the relay opens to a prompt server, and so does whoever it is compared with.
const LINES: usize = 4;
/// Rows of one transaction.
const ROWS: usize = 1000;
/// Longest wait for the last mail.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Measures so many mails on each database there is.
pub fn measure(dir: &Path, mails: usize) -> Result<Vec<Figure>> {
    std::fs::create_dir_all(dir)?;
    let sqlite = format!("sqlite:{}", std::path::absolute(dir.join("mail.db"))?.display());
    let postgres = servers::postgres(dir)?;
    if postgres.is_none() {
        eprintln!("There is no PostgreSQL here: its figures are left out. Install Debian's package `postgresql`.");
    }
    let databases = [
        Some(("SQLite", sqlite)),
        postgres.as_ref().map(|server| ("PostgreSQL", server.url.clone())),
    ];
    let mut all = Vec::new();
    for (name, url) in databases.into_iter().flatten() {
        all.extend(on(name, &url, mails)?);
    }
    Ok(all)
}

fn on(name: &str, url: &str, mails: usize) -> Result<Vec<Figure>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let sink = sink::start()?;
    let shop = runtime.block_on(filled::fill(url, mails, sink.address))?;
    let relay = servers::relay(url)?;
    let queued = shop.runs(&relay)?;
    let before = sink::count(sink.address)?;
    runtime.block_on(shop.resumes(url))?;
    let sent = until_sent(&sink, before + mails)?;
    let peak = peak_kib(&relay.id().to_string())?;
    drop(relay);
    runtime.block_on(shop.has_sent(url, mails))?;
    let rows = runtime.block_on(raw_rows(url, &shop, mails))?;
    let bare = runtime.block_on(bare_mail(sink.address, &shop, mails))?;
    let rate = |name: String, took: Duration| Figure::rate(&name, vec![mails as f64 / took.as_secs_f64()]);
    let rows = rate(format!("raw: mails' rows inserted, 1,000 a transaction, {name}"), rows);
    let bare = rate(
        format!("raw: mails sent by bare lettre, {LINES} lines, beside {name}"),
        bare,
    );
    Ok(vec![
        rate(format!("mail: {mails} balances queued, {name}"), queued).against(&rows),
        rows,
        rate(format!("mail: {mails} balances sent, {name}"), sent).against(&bare),
        bare,
        Figure {
            unit: "MiB".into(),
            ..Figure::rate(
                &format!("mail: most memory of the relay, {name}"),
                vec![peak as f64 / 1024.0],
            )
        },
    ])
}

/// From now until the sink has taken so many.
fn until_sent(sink: &Server, mails: usize) -> Result<Duration> {
    let began = Instant::now();
    while sink::count(sink.address)? < mails {
        if began.elapsed() > PATIENCE {
            return Err(format!("only {} of {mails} mails were sent", sink::count(sink.address)?).into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(began.elapsed())
}

/// The rows of so many mails, in a table that has their keys alone.
async fn raw_rows(url: &str, shop: &Filled, mails: usize) -> Result<Duration> {
    let db = Db::connect(url, 2).await?;
    let columns = "shop_id, mail_id, event, recipient, kind, member_id, said, state, due_at, attempts, lease_until,
                   created_at";
    let table = "CREATE TABLE raw_mails (shop_id BYTEA, mail_id BYTEA, event TEXT, recipient TEXT, kind TEXT,
                 member_id BYTEA, said TEXT, state TEXT, due_at BIGINT, attempts BIGINT, lease_until BIGINT,
                 created_at BIGINT, PRIMARY KEY (shop_id, mail_id), UNIQUE (shop_id, event, recipient, kind))";
    db.run(table, &[]).await?;
    let now = relay::clock::now();
    let event = format!("balance:{}", now.0);
    let began = Instant::now();
    for page in shop.members[..mails].chunks(ROWS) {
        let named: Vec<_> = page
            .iter()
            .map(|member| (relay::clock::uuid(now), member.to_string(), member))
            .collect();
        let mut tx = db.begin().await?;
        let rows = named.iter().map(|(id, recipient, member)| {
            [
                (&shop.id.0).into(),
                id.into(),
                (&event).into(),
                recipient.into(),
                "balance".into(),
                (&member.0).into(),
                "{}".into(),
                "queued".into(),
                now.0.into(),
                0.into(),
                0.into(),
                now.0.into(),
            ]
        });
        bulk::insert(&mut tx, &format!("INSERT INTO raw_mails ({columns})"), rows, "").await?;
        tx.commit().await?;
    }
    let took = began.elapsed();
    db.close().await;
    Ok(took)
}

/// So many messages over as many lines as the relay has, by lettre and nothing else.
async fn bare_mail(sink: SocketAddr, shop: &Filled, mails: usize) -> Result<Duration> {
    let left = Arc::new(AtomicUsize::new(mails));
    let message = Arc::new((shop.route.clone(), shop.message.clone()));
    let began = Instant::now();
    let lines: Vec<_> = (0..LINES)
        .map(|_| tokio::spawn(bare_line(sink, left.clone(), message.clone())))
        .collect();
    for line in lines {
        line.await?.map_err(|error| error.to_string())?;
    }
    Ok(began.elapsed())
}

async fn bare_line(
    sink: SocketAddr,
    left: Arc<AtomicUsize>,
    message: Arc<(Envelope, Vec<u8>)>,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let hello = ClientId::Domain("corner.example".to_owned());
    // Without TCP_NODELAY lettre's second write waits for the machine on the other side: 40 ms a message.
    let stream = tokio::net::TcpStream::connect(sink).await?;
    stream.set_nodelay(true)?;
    let mut line = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await?;
    let one_less = |left: usize| left.checked_sub(1);
    while left
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
        .is_ok()
    {
        line.send(&message.0, &message.1).await?;
    }
    line.quit().await?;
    Ok(())
}
