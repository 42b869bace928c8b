//! `mail check`: whether a shop's mail can arrive: the records of the sender's domain, and whether the server lets the shop
//! in and takes its sender. Nothing is sent.

pub mod finding;
pub mod judge;
pub mod names;
pub mod spf;
pub mod term;

use clap::Args;
use lettre::address::Envelope as Route;
use loyalty::ShopId;
use serde_json::json;
use std::net::SocketAddr;
use std::path::Path;
use sync::mail::{MailFinding, MailRecord};

use super::commands::{MailError, known};
use super::dkim;
use super::line::Line;
use super::seal::Key;
use super::settings::MailShop;
use crate::store::db::Db;
use finding::Finding;
use names::{Away, Dns as _, Names};
use spf::Wanted;

/// Under which names mail services keep their keys, as far as that is the same for all their customers.
const SELECTORS: [&str; 16] = [
    "google",
    "selector1",
    "selector2",
    "k1",
    "k2",
    "k3",
    "mx",
    "smtp",
    "pic",
    "s1",
    "s2",
    "fm1",
    "fm2",
    "mail",
    "default",
    "dkim",
];

/// `mail check`.
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// The shop's id
    pub shop: ShopId,
    /// The name under which the mail service keeps its key in the DNS, where it signs
    #[arg(long, value_name = "NAME")]
    pub selector: Option<String>,
    /// The name server to ask [default: the system's]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub name_server: Option<SocketAddr>,
    /// Answers in JSON
    #[arg(long)]
    pub json: bool,
}

/// Does it: what to print.
///
/// # Errors
/// See [`MailError`].
pub async fn run(db: &Db, key_file: Option<&Path>, args: CheckArgs) -> Result<String, MailError> {
    let settings = known(db, args.shop).await?;
    let names = Names::new(args.name_server).map_err(|Away| MailError::Bad("The system has no name server."))?;
    let domain = dkim::domain(&settings);
    let all = look(db, key_file, &settings, &names, args.selector.as_deref(), true).await?;
    let good = all.iter().all(|found| found.good);
    if args.json {
        return Ok(json!({"good": good, "domain": domain, "findings": all}).to_string());
    }
    let line = |found: &Finding| {
        let mark = if found.good { "good" } else { "TO DO" };
        let fix = found
            .fix
            .as_ref()
            .map(|fix| format!("\n         enter  {fix}"))
            .unwrap_or_default();
        format!("{mark:<6} {:<7} {}{fix}", found.what, found.said)
    };
    let lines: Vec<String> = all.iter().map(line).collect();
    let end = if good {
        "\nAll is well. `mail test` sends a test to the owner."
    } else {
        ""
    };
    Ok(lines.join("\n") + end)
}

/// Looks at all of it. A server that an owner named is only asked inside the relay's own network where that is allowed.
///
/// # Errors
/// Where the database is away.
pub async fn look(
    db: &Db,
    key_file: Option<&Path>,
    settings: &MailShop,
    names: &Names,
    selector: Option<&str>,
    allow_private: bool,
) -> Result<Vec<Finding>, MailError> {
    let domain = dkim::domain(settings);
    let or_away = |found: Result<Finding, Away>, code| found.unwrap_or_else(|Away| Finding::of(code, &[]));
    Ok(vec![
        server(settings, key_file, allow_private).await,
        or_away(spf(names, settings, &domain).await, "spf_away"),
        or_away(keys(db, names, settings, &domain, selector).await?, "dkim_away"),
        or_away(dmarc(names, settings, &domain).await, "dmarc_away"),
        or_away(mx(names, &domain).await, "mx_away"),
    ])
}

/// A finding as a till is told of it. Only what can be entered as it stands is a record.
#[must_use]
pub fn told(found: Finding) -> MailFinding {
    let record = found
        .fix
        .filter(|record| record.kind == "TXT")
        .map(|record| MailRecord {
            name: record.name,
            kind: record.kind.to_owned(),
            text: record.text,
        });
    MailFinding {
        what: found.what.to_owned(),
        code: found.code.to_owned(),
        values: found.values,
        good: found.good,
        said: found.said,
        record,
    }
}

/// Whether the server lets the shop in and takes its sender.
async fn server(settings: &MailShop, key_file: Option<&Path>, allow_private: bool) -> Finding {
    let key = Key::read(key_file);
    let to = settings.owner.as_ref().unwrap_or(&settings.sender);
    let route = (
        settings.sender.parse().ok(),
        to.parse().map(|to| vec![to]).unwrap_or_default(),
    );
    let Ok(route) = Route::new(route.0, route.1) else {
        return Finding::of("server_address", &[]);
    };
    let mut line = match Line::open(settings, key.as_ref(), allow_private).await {
        Ok(line) => line,
        Err(no) => return Finding::of("server_no", &[&no.told()]),
    };
    let taken = line.address(&route).await;
    line.close().await;
    match taken {
        Ok(()) => Finding::of("server_good", &[&settings.host, &settings.sender]),
        Err(no) => Finding::of("server_no", &[&no.told()]),
    }
}

async fn spf(names: &Names, settings: &MailShop, domain: &str) -> Result<Finding, Away> {
    let mut wanted = judge::wanted(&settings.host, Vec::new());
    let texts = names.texts(domain).await?;
    let said = match judge::record_of(domain, &wanted, &texts) {
        Ok(said) => said,
        Err(found) => return Ok(*found),
    };
    if let Wanted::Server(host, at) = &mut wanted {
        *at = names.addresses(host).await?;
    }
    let seen = spf::walk(names, domain, said, &wanted).await?;
    Ok(judge::spf(domain, &settings.host, said, &wanted, &seen))
}

/// The shop's own key where it has one, else the mail service's, by the name that was said or one of the usual.
async fn keys(
    db: &Db,
    names: &Names,
    settings: &MailShop,
    domain: &str,
    selector: Option<&str>,
) -> Result<Result<Finding, Away>, MailError> {
    let own = dkim::list(db, settings.shop).await?;
    let of_domain = || own.iter().filter(|key| key.domain == domain);
    let own = of_domain().find(|key| key.in_use).or_else(|| of_domain().next());
    if let (None, Some(key)) = (selector, own) {
        let texts = names.texts(&key.name()).await;
        return Ok(texts.map(|texts| judge::own_key(&key.name(), &key.text(), key.in_use, &texts)));
    }
    let usual = selector.map_or_else(|| SELECTORS.to_vec(), |selector| vec![selector]);
    for selector in usual {
        let name = format!("{selector}._domainkey.{domain}");
        match names.texts(&name).await {
            Err(Away) => return Ok(Err(Away)),
            Ok(texts) if texts.iter().any(|text| judge::is_key(text)) => {
                return Ok(Ok(Finding::of("dkim_service", &[&name])));
            }
            Ok(_) => {}
        }
    }
    Ok(Ok(match selector {
        Some(selector) => Finding::of("dkim_not_there", &[&format!("{selector}._domainkey.{domain}")]),
        None => Finding::of("dkim_unknown", &[]),
    }))
}

/// The record of the domain, or of the nearest above it that has one.
async fn dmarc(names: &Names, settings: &MailShop, domain: &str) -> Result<Finding, Away> {
    let mut at = domain;
    while at.contains('.') {
        let name = format!("_dmarc.{at}");
        let texts = names.texts(&name).await?;
        if texts.iter().any(|text| judge::is_dmarc(text)) {
            return Ok(judge::dmarc(domain, settings.owner.as_deref(), Some((&name, &texts))));
        }
        at = at.split_once('.').map_or("", |(_, rest)| rest);
    }
    Ok(judge::dmarc(domain, settings.owner.as_deref(), None))
}

async fn mx(names: &Names, domain: &str) -> Result<Finding, Away> {
    let hosts = names.mail_servers(domain).await?;
    let own = hosts.is_empty() && names.has_address(domain).await?;
    Ok(judge::mx(domain, &hosts, own))
}
