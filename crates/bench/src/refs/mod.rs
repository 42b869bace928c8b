//! Clicks on links, durable, over 64 connections: against a bare 302 of the same server and one of nginx, in turns.

mod load;
pub mod servers;

pub use servers::serve;

use loyalty::{ShopId, UtcMs};
use relay::store::{Db, links, migrate, shops};
use relay::web::change::{self, SiteChange};
use std::path::Path;
use std::time::Duration;
use sync::wire::ShopFacts;

use crate::figures::Figure;
use crate::shop::Dice;
use crate::{Result, Size};
use servers::Server;

/// How many codes there are to choose from.
const CODES: usize = 10_000;
/// How many of the requests, each with its own code, a connection goes through before it begins again.
const REQUESTS: usize = 4096;

/// A server under load, with what is asked of it.
struct Case {
    name: String,
    server: Server,
    requests: Vec<Vec<u8>>,
    rates: Vec<f64>,
    times: Vec<Vec<Duration>>,
}

impl Case {
    fn new(name: &str, server: Server, requests: Vec<Vec<u8>>) -> Self {
        let (rates, times) = (Vec::new(), Vec::new());
        Self {
            name: name.to_owned(),
            server,
            requests,
            rates,
            times,
        }
    }
}

pub fn measure(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    std::fs::create_dir_all(dir)?;
    let one = vec![request("code-0")];
    let mut dice = Dice(7);
    let many: Vec<Vec<u8>> = (0..REQUESTS)
        .map(|_| request(&format!("code-{}", dice.below(CODES))))
        .collect();
    let mut cases = Vec::new();
    match servers::nginx(dir)? {
        Some(nginx) => cases.push(Case::new("raw: 302 by nginx", nginx, one.clone())),
        None => eprintln!("There is no nginx here: its figures are left out. Install Debian's package `nginx-light`."),
    }
    cases.push(Case::new(
        "raw: 302 by the relay's server, nothing stored",
        servers::bare()?,
        one.clone(),
    ));
    let sqlite = format!("sqlite:{}", std::path::absolute(dir.join("relay.db"))?.display());
    let postgres = servers::postgres(dir)?;
    if postgres.is_none() {
        eprintln!("There is no PostgreSQL here: its figures are left out. Install Debian's package `postgresql`.");
    }
    let databases = [
        Some(("SQLite", sqlite)),
        postgres.as_ref().map(|server| ("PostgreSQL", server.url.clone())),
    ];
    for (name, url) in databases.into_iter().flatten() {
        fill(&url)?;
        for (codes, requests) in [("one code", &one), ("10,000 codes", &many)] {
            let name = format!("ref: durable click, {name}, {codes}");
            cases.push(Case::new(&name, servers::relay(&url)?, requests.clone()));
        }
    }
    let time = Duration::from_secs(if size.rounds > 3 { 4 } else { 2 });
    for round in 0..=size.rounds {
        for case in &mut cases {
            let seen = load::run(case.server.address, &case.requests, time)?;
            // The first round warms up.
            if round > 0 {
                case.rates.push(seen.rate);
                case.times.push(seen.times);
            }
        }
    }
    Ok(figures(cases))
}

fn figures(cases: Vec<Case>) -> Vec<Figure> {
    let mut baselines: Vec<(Figure, Figure)> = Vec::new();
    let mut all = Vec::new();
    for mut case in cases {
        let rate = Figure::rate(&case.name, case.rates);
        let time = Figure::time(&case.name, &mut case.times);
        if case.name.starts_with("raw") {
            baselines.push((rate.clone(), time.clone()));
            all.extend([rate, time]);
        } else {
            for (raw_rate, raw_time) in &baselines {
                all.extend([rate.clone().against(raw_rate), time.clone().against(raw_time)]);
            }
        }
    }
    all
}

fn request(code: &str) -> Vec<u8> {
    let agent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1";
    format!(
        "GET /ref/{code} HTTP/1.1\r\nHost: relay\r\nUser-Agent: {agent}\r\nReferer: https://news.example.org/\r\n\r\n"
    )
    .into_bytes()
}

/// A shop with all the codes.
fn fill(url: &str) -> Result {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let db = Db::connect(url, 2).await?;
        migrate::migrate(&db).await?;
        let now = UtcMs(1_800_000_000_000);
        let mut tx = db.begin().await?;
        let shop: ShopId = shops::create(&mut tx, &facts(), now).await?;
        tx.commit().await?;
        let site = SiteChange {
            site: Some("https://example.com/".into()),
            ..SiteChange::default()
        };
        change::set_site(&db, shop, site).await?;
        let mut tx = db.begin().await?;
        for n in 0..CODES {
            let code = links::Code {
                code: format!("code-{n}"),
                kind: "vendor".into(),
                member: None,
                campaign: String::new(),
                landing: Some("https://example.com/menu".into()),
                host: Some("example.com".into()),
                created_at: now,
            };
            links::add(&mut tx, shop, &code).await?;
        }
        tx.commit().await?;
        db.close().await;
        Ok(())
    })
}

/// A shop's settings.
pub fn facts() -> ShopFacts {
    ShopFacts {
        name: "Corner".into(),
        currency: "USD".into(),
        region: "US".into(),
        timezone: "America/Los_Angeles".into(),
    }
}
