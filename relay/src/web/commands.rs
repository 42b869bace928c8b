//! The operator's commands for links: codes, clicks, a shop's web side. Each does one thing and says what it did.

use clap::{Args, Subcommand, ValueEnum};
use loyalty::ShopId;
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::change::{self, ChangeError, NewCode, SiteChange};
use super::code::RefCode;
use crate::clock;
use crate::store::clicks::{self, Counts};
use crate::store::links::Code;
use crate::store::{Db, joins, links, shops};

/// What can be done with codes.
#[derive(Subcommand, Debug)]
pub enum CodeCommand {
    /// Adds a code: /ref/CODE then leads to its landing page
    Add {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The code: 2 to 40 letters, digits and hyphens
        #[arg(long)]
        code: String,
        /// Where it leads, on one of the shop's hosts [default: the shop's page]
        #[arg(long, value_name = "URL")]
        landing: Option<String>,
        /// A word for the shop's own statistics
        #[arg(long, default_value = "")]
        campaign: String,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists a shop's codes, and what came of each: clicks, who joined, who was not taken for brought and why
    List {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// Answers in JSON
        #[arg(long)]
        json: bool,
    },
}

/// What of a shop's web side is to change; what is not said stays.
#[derive(Args, Debug)]
pub struct SetArgs {
    /// The shop's id
    #[arg(long)]
    shop: ShopId,
    /// The shop's own page, where links lead whose code is not known
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// A host that links may lead to, and on which the relay answers for this shop alone; several times for several
    #[arg(long, value_name = "HOST")]
    host: Option<Vec<String>>,
    /// What is added to landing pages [default: utm_source={code}&utm_medium=referral&utm_campaign={campaign}]
    #[arg(long, value_name = "TEMPLATE")]
    utm: Option<String>,
    /// Which link counts for a visitor who used several [default: first]
    #[arg(long)]
    touch: Option<Touch>,
    /// How many days a link is remembered; 0: not at all, and no cookie [default: 30]
    #[arg(long, value_name = "DAYS")]
    cookie_days: Option<i64>,
    /// What its pages speak, en or es; empty: as the browser asks
    #[arg(long)]
    language: Option<String>,
    /// The colour of its pages, like #1c4f43; empty: as usual
    #[arg(long)]
    colour: Option<String>,
    /// Answers in JSON
    #[arg(long)]
    json: bool,
}

/// Which link counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Touch {
    /// The first.
    First,
    /// The last.
    Last,
}

/// How often a shop's links were used.
#[derive(Args, Debug)]
pub struct ClicksArgs {
    /// The shop's id
    #[arg(long)]
    shop: ShopId,
    /// Of this code alone
    #[arg(long)]
    code: Option<String>,
    /// Answers in JSON
    #[arg(long)]
    json: bool,
}

/// `code …`: what to print.
///
/// # Errors
/// See [`ChangeError`].
pub async fn code(db: &Db, command: CodeCommand) -> Result<String, ChangeError> {
    match command {
        CodeCommand::Add {
            shop,
            code,
            landing,
            campaign,
            json,
        } => {
            let new = NewCode {
                code,
                landing,
                campaign,
            };
            let added = change::add_code(db, shop, new, clock::now()).await?;
            let path = format!("/ref/{}", added.code);
            Ok(if json {
                let mut said = serde_json::to_value(&added).unwrap_or_default();
                (said["shop_id"], said["path"]) = (json!(shop), json!(path));
                said.to_string()
            } else {
                let to = added.landing.as_deref().unwrap_or("the shop's page");
                format!("{path} leads to {to} from now on.")
            })
        }
        CodeCommand::List { shop, json } => {
            known(db, shop).await?;
            let codes = used(db, shop).await?;
            if json {
                return Ok(json!({"codes": codes}).to_string());
            }
            let mut text = String::new();
            for Used {
                code, counts, joined, ..
            } in &codes
            {
                let to = code.landing.as_deref().unwrap_or("the shop's page");
                let (code, clicks, unique) = (&code.code, counts.clicks, counts.unique);
                // Writing to a text can't fail.
                let _ = writeln!(
                    text,
                    "{code:<20}  {clicks:>7} clicks  {unique:>7} unique  {joined:>6} joined  {to}"
                );
            }
            let _ = write!(text, "{} codes", codes.len());
            Ok(text)
        }
    }
}

/// A code, and what came of it.
#[derive(Serialize)]
struct Used {
    #[serde(flatten)]
    code: Code,
    #[serde(flatten)]
    counts: Counts,
    /// New members whom it brought.
    joined: i64,
    /// Who came through it and was not taken for brought by it: how many, by why.
    refused: BTreeMap<String, i64>,
}

impl Used {
    fn is_shown(&self) -> bool {
        let counts = self.counts.clicks + self.counts.bots + self.joined;
        self.code.kind != "member" || counts > 0 || !self.refused.is_empty()
    }
}

async fn used(db: &Db, shop: ShopId) -> Result<Vec<Used>, ChangeError> {
    let counts: BTreeMap<String, Counts> = clicks::by_code(db, shop).await?.into_iter().collect();
    let joined: BTreeMap<String, i64> = joins::by_code(db, shop).await?.into_iter().collect();
    let mut refused: BTreeMap<String, BTreeMap<String, i64>> = BTreeMap::new();
    for (code, why, times) in joins::refusals(db, shop).await? {
        refused.entry(code).or_default().insert(why, times);
    }
    let codes = links::list(db, shop).await?;
    let used = codes.into_iter().map(|code| Used {
        counts: counts.get(&code.code).cloned().unwrap_or_default(),
        joined: joined.get(&code.code).copied().unwrap_or_default(),
        refused: refused.remove(&code.code).unwrap_or_default(),
        code,
    });
    // Every member has a code; those count here of which something came.
    Ok(used.filter(Used::is_shown).collect())
}

/// `shop set`: what to print.
///
/// # Errors
/// See [`ChangeError`].
pub async fn set(db: &Db, args: SetArgs) -> Result<String, ChangeError> {
    let change = SiteChange {
        site: args.site,
        hosts: args.host,
        utm: args.utm,
        last_touch: args.touch.map(|touch| touch == Touch::Last),
        cookie_days: args.cookie_days,
        language: args.language,
        colour: args.colour,
    };
    let site = change::set_site(db, args.shop, change).await?;
    Ok(if args.json {
        json!(site).to_string()
    } else {
        let page = site.site.as_deref().unwrap_or("not said yet");
        format!(
            "The shop's page is {page}; its links may lead to: {}.",
            site.hosts.join(", ")
        )
    })
}

/// `clicks`: what to print.
///
/// # Errors
/// See [`ChangeError`].
pub async fn clicks(db: &Db, args: ClicksArgs) -> Result<String, ChangeError> {
    known(db, args.shop).await?;
    let code = args
        .code
        .map(|typed| RefCode::read(typed.trim()).ok_or(ChangeError::BadCode(typed)))
        .transpose()?;
    let mut sum = Counts::default();
    let mut unknown = 0;
    for (of, counts) in clicks::by_code(db, args.shop).await? {
        if of.is_empty() {
            unknown = counts.clicks + counts.bots;
        } else if code.as_ref().is_none_or(|code| code.as_str() == of) {
            sum.clicks += counts.clicks;
            sum.unique += counts.unique;
            sum.bots += counts.bots;
        }
    }
    let Counts { clicks, unique, bots } = sum;
    Ok(match (args.json, &code) {
        (true, Some(_)) => json!(sum).to_string(),
        (true, None) => json!({"clicks": clicks, "unique": unique, "bots": bots, "unknown": unknown}).to_string(),
        (false, _) => format!("{clicks} clicks by people, {unique} of them unique; {bots} by programs"),
    })
}

async fn known(db: &Db, shop: ShopId) -> Result<(), ChangeError> {
    shops::get(db, shop)
        .await?
        .map(drop)
        .ok_or(ChangeError::UnknownShop(shop))
}
