//! Changing a shop's links: its web side and its codes, checked, for operators' commands and for owners.

use loyalty::{ShopId, UtcMs};

use super::code::RefCode;
use super::landing::{self, BadPlace, Page, Utm};
use super::pages;
use crate::store::db::{Db, DbError, Tx};
use crate::store::links::{self, Code, Site};
use crate::store::shops::{self, Shop};

/// Longest campaign, in characters.
const CAMPAIGN_MAX: usize = 80;
/// Longest that a link may be remembered, in days.
const COOKIE_DAYS_MAX: i64 = 400;
/// Most hosts that a shop lists.
const HOSTS_MAX: usize = 50;

/// Why it was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// No shop has this id.
    #[error("There is no shop {0}. `regulars-relay shop list` shows them.")]
    UnknownShop(ShopId),
    /// An address, a host, or what is added to addresses.
    #[error("{0:?}: {1}")]
    Place(String, BadPlace),
    /// Not a code.
    #[error("{0:?} can't be a code. Use 2 to 40 letters a to z, digits and hyphens.")]
    BadCode(String),
    /// Somebody has it.
    #[error("The code {code} is taken. These are free: {}.", .free.join(", "))]
    Taken {
        /// Which.
        code: String,
        /// Others like it.
        free: Vec<String>,
    },
    /// A landing page on a host that is not listed.
    #[error(
        "{0} is not one of the shop's hosts. Add it with `regulars-relay shop set --shop ID --host {0}`, then try again."
    )]
    Unlisted(String),
    /// Nowhere to lead.
    #[error(
        "The code has nowhere to lead. Give a landing page, or say the shop's page with `regulars-relay shop set --site URL`."
    )]
    Nowhere,
    /// Too long, or with characters that can't be shown.
    #[error("A campaign has up to 80 characters that can be shown.")]
    BadCampaign,
    /// Out of range.
    #[error("A link is remembered for 0 (not at all) to 400 days.")]
    BadDays,
    /// Not a language of the pages.
    #[error("The pages speak en or es.")]
    BadLanguage,
    /// Not a colour.
    #[error("Write a colour like #1c4f43.")]
    BadColour,
    /// Too many.
    #[error("A shop lists up to 50 hosts.")]
    TooManyHosts,
}

fn place<T>(text: &str, read: Result<T, BadPlace>) -> Result<T, ChangeError> {
    read.map_err(|error| ChangeError::Place(text.to_owned(), error))
}

/// What is to change of a shop's web side; what is none stays.
#[derive(Clone, Debug, Default)]
pub struct SiteChange {
    /// The shop's own page.
    pub site: Option<String>,
    /// Where its links may lead: all of them.
    pub hosts: Option<Vec<String>>,
    /// What is added to a landing page's address.
    pub utm: Option<String>,
    /// Whether the last link counts and not the first.
    pub last_touch: Option<bool>,
    /// How long a link is remembered.
    pub cookie_days: Option<i64>,
    /// What its pages speak; empty: as the browser asks.
    pub language: Option<String>,
    /// Their colour; empty: as usual.
    pub colour: Option<String>,
}

/// Changes a shop's web side. Answers it as it is then.
///
/// # Errors
/// See [`ChangeError`].
pub async fn set_site(db: &Db, shop: ShopId, change: SiteChange) -> Result<Site, ChangeError> {
    let mut tx = db.begin().await?;
    let (_, mut site) = locked(&mut tx, shop).await?;
    if let Some(hosts) = change.hosts {
        site.hosts = hosts
            .iter()
            .map(|host| place(host, landing::host(host)))
            .collect::<Result<_, _>>()?;
    }
    if let Some(page) = change.site {
        site.site = Some(place(&page, Page::read(&page))?.as_str().to_owned());
    }
    // The shop's own page is always one of its places.
    site.hosts.extend(
        site.site
            .as_deref()
            .and_then(|page| Page::read(page).ok())
            .map(|page| page.host()),
    );
    site.hosts.sort();
    site.hosts.dedup();
    if let Some(utm) = change.utm {
        place(&utm, Utm::read(&utm))?;
        site.utm = utm;
    }
    site.last_touch = change.last_touch.unwrap_or(site.last_touch);
    site.cookie_days = change.cookie_days.unwrap_or(site.cookie_days);
    if !(0..=COOKIE_DAYS_MAX).contains(&site.cookie_days) {
        return Err(ChangeError::BadDays);
    }
    if let Some(language) = change.language {
        site.language = chosen(&language, ChangeError::BadLanguage, |language| {
            ["en", "es"].contains(&language)
        })?;
    }
    if let Some(colour) = change.colour {
        site.colour = chosen(&colour, ChangeError::BadColour, |colour| {
            pages::Colour::read(colour).is_some()
        })?;
    }
    if site.hosts.len() > HOSTS_MAX {
        return Err(ChangeError::TooManyHosts);
    }
    links::set_site(&mut tx, shop, &site).await?;
    tx.commit().await?;
    Ok(site)
}

/// What was chosen; none where that is to be taken back.
fn chosen(text: &str, error: ChangeError, good: impl Fn(&str) -> bool) -> Result<Option<String>, ChangeError> {
    let text = text.trim().to_ascii_lowercase();
    match text.as_str() {
        "" => Ok(None),
        good_one if good(good_one) => Ok(Some(text)),
        _ => Err(error),
    }
}

/// The shop, locked, and its web side.
async fn locked(tx: &mut Tx, shop: ShopId) -> Result<(Shop, Site), ChangeError> {
    let known = shops::lock(tx, shop).await?.ok_or(ChangeError::UnknownShop(shop))?;
    let site = links::site_within(tx, shop)
        .await?
        .ok_or_else(|| DbError::Broken("the shop has no web side".into()))?;
    Ok((known, site))
}

/// A code that is wanted.
#[derive(Clone, Debug)]
pub struct NewCode {
    /// As it was typed.
    pub code: String,
    /// Where it is to lead; none: to the shop's page.
    pub landing: Option<String>,
    /// For the shop's statistics; may be empty.
    pub campaign: String,
}

/// Adds a code of a vendor's.
///
/// # Errors
/// See [`ChangeError`].
pub async fn add_code(db: &Db, shop: ShopId, new: NewCode, now: UtcMs) -> Result<Code, ChangeError> {
    let wanted = RefCode::read(new.code.trim()).ok_or_else(|| ChangeError::BadCode(new.code.clone()))?;
    let campaign = new.campaign.trim().to_owned();
    if campaign.chars().count() > CAMPAIGN_MAX || campaign.chars().any(char::is_control) {
        return Err(ChangeError::BadCampaign);
    }
    let mut tx = db.begin().await?;
    let (known, site) = locked(&mut tx, shop).await?;
    let landing = new
        .landing
        .as_deref()
        .map(|text| place(text, Page::read(text)))
        .transpose()?;
    match &landing {
        Some(page) if !site.hosts.contains(&page.host()) => return Err(ChangeError::Unlisted(page.host())),
        None if site.site.is_none() => return Err(ChangeError::Nowhere),
        _ => {}
    }
    let code = Code {
        code: wanted.to_string(),
        kind: "vendor".into(),
        member: None,
        campaign,
        host: landing.as_ref().map(Page::host),
        landing: landing.map(|page| page.as_str().to_owned()),
        created_at: now,
    };
    if !links::add(&mut tx, shop, &code).await? {
        let year = chrono::Datelike::year(&now.utc());
        let like = wanted
            .like_it(&known.facts.name, year)
            .iter()
            .map(ToString::to_string)
            .collect();
        let mut free = links::free(&mut tx, like).await?;
        free.truncate(3);
        return Err(ChangeError::Taken { code: code.code, free });
    }
    tx.commit().await?;
    Ok(code)
}
