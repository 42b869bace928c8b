//! Where links lead, remembered: following one is a look into memory. What is remembered is looked at again when the
//! database says that a link may lead elsewhere, which every relay asks twice a second.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use loyalty::ShopId;
use loyalty::time::ShopZone;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

use super::code::RefCode;
use super::cookie::Rule;
use super::landing::{Page, Utm, host};
use crate::serve::app::App;
use crate::store::db::Result;
use crate::store::links::{self, Target};
use crate::store::{Db, DbError};

/// How often the database is asked whether a link may lead elsewhere.
const ASK_EVERY: Duration = Duration::from_millis(500);
/// How many codes and hosts are remembered.
const REMEMBERED: usize = 100_000;
/// Longest host that is looked up.
const HOST_MAX: usize = 260;

/// A link that leads somewhere.
pub struct Link {
    /// Whose.
    pub shop: ShopId,
    /// Its code; empty where it is the shop's page, for a code that nobody has.
    pub code: String,
    /// Where it leads.
    pub location: HeaderValue,
    /// Where the shop's days begin.
    pub zone: ShopZone,
    /// How it is remembered in the browser.
    pub cookie: Rule,
}

/// What is remembered holds while the version is this.
type Versioned<T> = (i64, T);

/// All that is remembered.
pub struct Links {
    version: AtomicI64,
    codes: Cache<RefCode, Versioned<Arc<Link>>>,
    homes: Cache<ShopId, Versioned<Option<Arc<Link>>>>,
    hosts: Cache<String, Versioned<Option<ShopId>>>,
    /// The relay's own host, which names no shop.
    own_host: String,
}

impl Links {
    /// Remembers nothing yet.
    #[must_use]
    pub fn new(own_host: String) -> Self {
        Self {
            version: AtomicI64::new(-1),
            codes: Cache::new(REMEMBERED),
            homes: Cache::new(REMEMBERED / 10),
            hosts: Cache::new(REMEMBERED / 10),
            own_host,
        }
    }

    /// Follows `code` as asked for on `host`: the link, or the shop's page where the host names a shop that has no such
    /// code; none where there is nowhere to go.
    ///
    /// # Errors
    /// Where the database is away and this is not remembered.
    pub async fn follow(&self, db: &Db, code: Option<RefCode>, host: Option<&str>) -> Result<Option<Arc<Link>>> {
        // Before anything is read: what is read after a change is never kept as if it were from before.
        let version = self.version.load(Ordering::Acquire);
        let shop = self.shop_of(db, host, version).await?;
        let link = match code {
            Some(code) => self.of(db, code, version).await?,
            None => None,
        };
        match (link, shop) {
            (Some(link), None) => Ok(Some(link)),
            (Some(link), Some(shop)) if link.shop == shop => Ok(Some(link)),
            (_, Some(shop)) => self.home(db, shop, version).await,
            (None, None) => Ok(None),
        }
    }

    async fn of(&self, db: &Db, code: RefCode, version: i64) -> Result<Option<Arc<Link>>> {
        if let Some((_, link)) = self.codes.get(&code).filter(|(of, _)| *of == version) {
            return Ok(Some(link));
        }
        let (mut named, mut found) = (code.clone(), links::find(db, code.as_str()).await?);
        if found.is_none()
            && let Some(member) = code.as_member()
        {
            found = links::find(db, member.as_str()).await?;
            named = member;
        }
        // A code that nobody has is not remembered: it may be added the next moment.
        let Some(link) = found.map(|target| link(&named, target)).transpose()?.flatten() else {
            return Ok(None);
        };
        let link = Arc::new(link);
        self.codes.insert(code, (version, link.clone()));
        Ok(Some(link))
    }

    async fn home(&self, db: &Db, shop: ShopId, version: i64) -> Result<Option<Arc<Link>>> {
        if let Some((_, link)) = self.homes.get(&shop).filter(|(of, _)| *of == version) {
            return Ok(link);
        }
        let link = links::home(db, shop)
            .await?
            .map(|target| to(String::new(), target, |page, _| page.as_str().to_owned()));
        let link = link.transpose()?.flatten().map(Arc::new);
        self.homes.insert(shop, (version, link.clone()));
        Ok(link)
    }

    /// The shop that a request's host names.
    ///
    /// # Errors
    /// Where the database is away and this is not remembered.
    pub async fn shop_named(&self, db: &Db, host: Option<&str>) -> Result<Option<ShopId>> {
        self.shop_of(db, host, self.version.load(Ordering::Acquire)).await
    }

    async fn shop_of(&self, db: &Db, asked: Option<&str>, version: i64) -> Result<Option<ShopId>> {
        let Some(asked) = asked.filter(|asked| asked.len() <= HOST_MAX && *asked != self.own_host) else {
            return Ok(None);
        };
        if let Some((_, shop)) = self.hosts.get(asked).filter(|(of, _)| *of == version) {
            return Ok(shop);
        }
        let shop = match host(asked) {
            Ok(host) if host != self.own_host => links::shop_of_host(db, &host).await?,
            _ => None,
        };
        self.hosts.insert(asked.to_owned(), (version, shop));
        Ok(shop)
    }
}

fn link(code: &RefCode, target: Target) -> Result<Option<Link>> {
    if target.is_member {
        let location = format!("/join/{}?ref={code}", target.shop);
        let location = HeaderValue::try_from(location).map_err(|_| broken("a member's link"))?;
        return Ok(Some(of(code.to_string(), location, &target)));
    }
    let utm = Utm::read(&target.utm).map_err(|_| broken("what is added to addresses"))?;
    to(code.to_string(), target, |page, target| {
        page.with(&utm, code.as_str(), &target.campaign)
    })
}

fn to(code: String, target: Target, address: impl FnOnce(&Page, &Target) -> String) -> Result<Option<Link>> {
    let Some(page) = &target.page else {
        return Ok(None);
    };
    let page = Page::read(page).map_err(|_| broken("a landing page"))?;
    let location = HeaderValue::try_from(address(&page, &target)).map_err(|_| broken("a landing page"))?;
    Ok(Some(of(code, location, &target)))
}

fn of(code: String, location: HeaderValue, target: &Target) -> Link {
    Link {
        shop: target.shop,
        code,
        location,
        zone: target.zone,
        cookie: Rule::new(target.shop, target.last_touch, target.cookie_days),
    }
}

fn broken(what: &str) -> DbError {
    DbError::Broken(format!("{what} can't be read"))
}

/// The host that a request is for.
#[must_use]
pub fn host_of<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let named = uri.authority().map(axum::http::uri::Authority::as_str);
    named.or_else(|| headers.get(header::HOST)?.to_str().ok())
}

/// Asks the database whether links changed, until the relay stops.
pub async fn follow(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let mut every = tokio::time::interval(ASK_EVERY);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            _ = every.tick() => {}
        }
        // With the database away no click is taken either.
        if let Ok(version) = links::version(&app.db).await {
            app.web.links.version.store(version, Ordering::Release);
        }
    }
}
