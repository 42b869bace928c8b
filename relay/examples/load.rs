//! Load for a relay that runs: `crowd` is many tills at a day's work, `backlog` one till that sends a long log and
//! another that downloads it. The figures are printed as JSON; docs/scaling.md says what they mean.
//!
//! ```text
//! regulars-relay --database sqlite:load.db serve --address-rate 100000000 &
//! cargo run --release -p regulars-relay --example load -- --database sqlite:load.db crowd --tills 1000
//! ```

use clap::{Parser, Subcommand};
use loyalty::op::{Body, By, Operation};
use loyalty::rules::Move;
use loyalty::{EntryId, MemberId, OpId, Origin, ShopId, UtcMs, chain};
use relay::clock;
use relay::store::{Db, codes, shops};
use reqwest::Client;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::error::Error;
use std::time::{Duration, Instant};
use sync::PROTOCOL;
use sync::bytes::Fixed;
use sync::page::Head;
use sync::pairing::proof_digest;
use sync::wire::{PairAnswer, PairRequest, ShopFacts, SyncAnswer, SyncRequest, WireOp};
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

/// Operations in a page of a long log.
const PAGE: usize = 1000;

#[derive(Parser)]
struct Args {
    /// The relay's database, in which shops are made
    #[arg(long)]
    database: String,
    /// The relay
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    relay: String,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Many tills: each sells something every so often, and is told of what the shop's others sell
    Crowd {
        #[arg(long, default_value_t = 1000)]
        tills: usize,
        #[arg(long, default_value_t = 2)]
        tills_in_a_shop: usize,
        #[arg(long, default_value_t = 10_000)]
        every_ms: u64,
        #[arg(long, default_value_t = 60)]
        seconds: u64,
    },
    /// One till sends a long log, another downloads it
    Backlog {
        #[arg(long, default_value_t = 100_000)]
        operations: usize,
    },
}

struct Till {
    http: Client,
    url: String,
    shop: ShopId,
    origin: Origin,
    credential: String,
    head: Head,
    cursor: i64,
    incarnation: i64,
    member: MemberId,
}

impl Till {
    async fn join(db: &Db, url: &str, shop: ShopId) -> Result<Self> {
        let proof = Fixed(clock::random());
        let mut tx = db.begin().await?;
        codes::add_pairing(&mut tx, shop, &proof_digest(&proof), None, clock::now()).await?;
        tx.commit().await?;
        let http = Client::new();
        let request = PairRequest {
            protocol: PROTOCOL,
            proof,
            attempt: clock::uuid(clock::now()),
            till_name: "Till".into(),
            app_version: "load".into(),
            brings: None,
        };
        let answer: PairAnswer = post(&http, &format!("{url}/v1/pair"), "", &request).await?.0;
        Ok(Self {
            http,
            url: url.to_owned(),
            shop: answer.shop,
            origin: answer.till,
            credential: answer.credential,
            head: Head::default(),
            cursor: 0,
            incarnation: answer.incarnation,
            member: MemberId(clock::uuid(clock::now())),
        })
    }

    fn sale(&mut self) -> Result<WireOp> {
        let body = Body::SaleRecorded {
            source: "pos".into(),
            sale_id: format!("{}-{}", self.origin, self.head.0),
            member: Some(self.member),
            entry: Some(EntryId(clock::uuid(clock::now()))),
            total_minor: 450,
            tax_minor: 0,
            tip_minor: 0,
            items: Vec::new(),
            occurred_at: clock::now(),
            move_: Move::Add,
            points: 4,
            rules_version: 1,
            reasons: vec!["4 = 4 base".into()],
            stamps: Vec::new(),
        };
        let mut op = Operation {
            op_id: OpId(clock::uuid(clock::now())),
            shop: self.shop,
            origin: self.origin,
            origin_seq: self.head.0 + 1,
            at: clock::now(),
            by: By::Job("load".into()),
            body_json: serde_json::to_string(&body)?,
            private_digest: None,
            prev: self.head.1,
            hash: [0; 32],
        };
        op.hash = chain::hash(&op);
        self.head = (op.origin_seq, op.hash);
        Ok(WireOp::of(&op, None))
    }

    /// One sync. Answers what came, and how many bytes.
    async fn sync(&mut self, ops: Vec<WireOp>) -> Result<(SyncAnswer, usize)> {
        let request = SyncRequest {
            protocol: PROTOCOL,
            app_version: "load".into(),
            origin: self.origin,
            own_seq: self.head.0,
            cursor: self.cursor,
            incarnation: Some(self.incarnation),
            ops,
            again: Vec::new(),
            pending: 0,
            held_points: 0,
            at: UtcMs(clock::now().0),
            take_max: None,
        };
        let (answer, bytes): (SyncAnswer, usize) =
            post(&self.http, &format!("{}/v1/sync", self.url), &self.credential, &request).await?;
        self.cursor = answer.cursor;
        Ok((answer, bytes))
    }
}

async fn post<T: DeserializeOwned>(
    http: &Client,
    url: &str,
    credential: &str,
    body: &impl Serialize,
) -> Result<(T, usize)> {
    let answer = http.post(url).bearer_auth(credential).json(body).send().await?;
    let (status, text) = (answer.status(), answer.bytes().await?);
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&text)).into());
    }
    Ok((serde_json::from_slice(&text)?, text.len()))
}

async fn new_shop(db: &Db) -> Result<ShopId> {
    let [name, currency, region, timezone] = ["Load", "USD", "US", "America/New_York"].map(String::from);
    let mut tx = db.begin().await?;
    let shop = shops::create(
        &mut tx,
        &ShopFacts {
            name,
            currency,
            region,
            timezone,
        },
        clock::now(),
    )
    .await?;
    tx.commit().await?;
    Ok(shop)
}

async fn crowd(args: &Args, tills: usize, in_a_shop: usize, every: Duration, length: Duration) -> Result<()> {
    let db = Db::connect(&args.database, 2).await?;
    let mut all = Vec::with_capacity(tills);
    while all.len() < tills {
        let shop = new_shop(&db).await?;
        for _ in 0..in_a_shop.min(tills - all.len()) {
            all.push(Till::join(&db, &args.relay, shop).await?);
        }
    }
    let began = Instant::now();
    let mut work = JoinSet::new();
    for (nth, mut till) in all.into_iter().enumerate() {
        let live = till
            .http
            .get(format!("{}/v1/live", till.url))
            .bearer_auth(&till.credential);
        work.spawn(async move {
            let mut live = live.send().await?;
            let news = tokio::spawn(async move { while let Ok(Some(_)) = live.chunk().await {} });
            // Spread over the interval, as tills are.
            let first = every.mul_f64(nth as f64 / tills as f64);
            let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + first, every);
            let (mut took, mut bytes) = (Vec::new(), 0);
            while began.elapsed() < length {
                tick.tick().await;
                let sale = till.sale()?;
                let asked = Instant::now();
                bytes += till.sync(vec![sale]).await?.1;
                took.push(asked.elapsed());
            }
            news.abort();
            Ok::<_, Box<dyn Error + Send + Sync>>((took, bytes))
        });
    }
    let (mut took, mut bytes) = (Vec::new(), 0);
    while let Some(done) = work.join_next().await {
        let (some, more) = done??;
        took.extend(some);
        bytes += more;
    }
    took.sort();
    let at = |percent: usize| {
        let took = took.get(took.len().saturating_sub(1) * percent / 100);
        took.map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    };
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"tills": tills, "syncs": took.len(), "syncs_a_second": took.len() as f64 / seconds, "p50_ms": at(50),
               "p99_ms": at(99), "max_ms": at(100), "bytes_an_answer": bytes / took.len().max(1)})
    );
    Ok(())
}

async fn backlog(args: &Args, operations: usize) -> Result<()> {
    let db = Db::connect(&args.database, 2).await?;
    let shop = new_shop(&db).await?;
    let mut one = Till::join(&db, &args.relay, shop).await?;
    let mut pages = Vec::new();
    for from in (0..operations).step_by(PAGE) {
        let page: Result<Vec<WireOp>> = (from..operations.min(from + PAGE)).map(|_| one.sale()).collect();
        pages.push(page?);
    }
    let began = Instant::now();
    for page in pages {
        one.sync(page).await?;
    }
    let up = began.elapsed().as_secs_f64();
    let mut two = Till::join(&db, &args.relay, shop).await?;
    let (began, mut got, mut bytes) = (Instant::now(), 0, 0);
    while got < operations {
        let (answer, size) = two.sync(Vec::new()).await?;
        got += answer.ops.len();
        bytes += size;
    }
    let down = began.elapsed().as_secs_f64();
    println!(
        "{}",
        json!({"operations": operations, "up_seconds": up, "up_a_second": operations as f64 / up, "down_seconds": down,
               "down_a_second": operations as f64 / down, "bytes_down_an_operation": bytes / operations.max(1)})
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<()> {
    let args = Args::parse();
    match args.what {
        What::Crowd {
            tills,
            tills_in_a_shop,
            every_ms,
            seconds,
        } => {
            let (every, length) = (Duration::from_millis(every_ms), Duration::from_secs(seconds));
            crowd(&args, tills, tills_in_a_shop, every, length).await
        }
        What::Backlog { operations } => backlog(&args, operations).await,
    }
}
