//! Making a shop. It is made whole in a file of another name, and only then gets its own: neither a crash nor another
//! process that makes one at the same time leaves half a shop, or loses one.

use loyalty::op::{Body, By, Private};
use loyalty::{Code, Origin, Role, ShopId, contact};
use rusqlite::TransactionBehavior;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::connect;
use crate::error::{Result, StorageCode, StorageError};
use crate::migrate::{self, Needs};
use crate::points::Actor;
use crate::private;
use crate::relay::{self, PairedWith};
use crate::rulebook::{self, Rulebook};
use crate::shop::Shop;
use crate::staff::StaffEdit;
use crate::store::Options;
use crate::tx::{Scope, Tx};

/// A shop to open for the first time.
#[derive(Clone, Debug)]
pub struct NewShop {
    /// What customers call it.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166.
    pub region: String,
    /// IANA.
    pub timezone: String,
    /// What this till is called.
    pub till_name: String,
    /// The first rules.
    pub rules: String,
    /// Its first owner; a shop without a window may have none.
    pub owner: Option<Owner>,
}

/// A shop that is elsewhere already, for a till that joins it.
#[derive(Clone, Debug)]
pub struct Joins {
    /// Whose log it is.
    pub shop_id: ShopId,
    /// What this till is there.
    pub till_id: Origin,
    /// What this till is called.
    pub till_name: String,
    /// What customers call the shop.
    pub name: String,
    /// ISO 4217.
    pub currency: String,
    /// ISO 3166.
    pub region: String,
    /// IANA.
    pub timezone: String,
    /// The first rules, where this till is the shop's first: then it opens the shop.
    pub opens_with: Option<String>,
    /// The relay it belongs to, as it answered. The file has it from its first moment on.
    pub with: Option<PairedWith>,
    /// Whether staff can sign in with the PINs they have at the shop's other tills.
    pub pins: bool,
}

/// The first owner. The hash is made by [`crate::Pepper::hash`].
#[derive(Clone, Debug)]
pub struct Owner {
    /// Their name.
    pub name: String,
    /// Their PIN's hash.
    pub pin_hash: String,
}

/// Makes the file of a new shop in `dir`.
pub(crate) fn make(dir: &Path, new: &NewShop, options: &Options) -> Result<()> {
    let now = options.clock.now();
    let shop = Shop {
        shop_id: ShopId(options.ids.uuid(now)),
        till_id: Origin(options.ids.uuid(now)),
        till_name: contact::name(&new.till_name)?,
        name: contact::name(&new.name)?,
        currency: new.currency.parse()?,
        region: new.region.parse()?,
        zone: new.timezone.parse()?,
    };
    make_as(dir, &shop, Some((&new.rules, new.owner.as_ref())), None, options)
}

/// Makes the file of a till that joins a shop in `dir`.
pub(crate) fn join(dir: &Path, joins: &Joins, options: &Options) -> Result<()> {
    let shop = Shop {
        shop_id: joins.shop_id,
        till_id: joins.till_id,
        till_name: contact::name(&joins.till_name)?,
        name: contact::name(&joins.name)?,
        currency: joins.currency.parse()?,
        region: joins.region.parse()?,
        zone: joins.timezone.parse()?,
    };
    make_as(
        dir,
        &shop,
        joins.opens_with.as_deref().map(|rules| (rules, None)),
        Some(joins),
        options,
    )
}

/// What the first till of a shop writes into its log: the first rules, and its owner.
type First<'a> = Option<(&'a str, Option<&'a Owner>)>;

fn make_as(dir: &Path, shop: &Shop, first: First<'_>, joins: Option<&Joins>, options: &Options) -> Result<()> {
    let path = connect::file(dir);
    if path.exists() && connect::look(&path, options.busy, |conn| migrate::needs(conn, &path))? != Needs::Everything {
        return Err(Code::AlreadyInitialised.into());
    }
    if let Some((rules, _)) = first {
        rulebook::parse(rules, shop.currency)?;
    }
    private::folder(dir).map_err(|e| StorageError::of_io(&e, dir))?;
    let part = dir.join(format!("new-{}.db", shop.shop_id));
    let made = fill(&part, shop, first, joins, options).and_then(|()| appear(&part, &path));
    for tail in ["", "-wal", "-shm"] {
        // What is not there need not go.
        drop(std::fs::remove_file(PathBuf::from(format!("{}{tail}", part.display()))));
    }
    made
}

/// Gives the file its name, unless another process was first.
fn appear(part: &Path, path: &Path) -> Result<()> {
    let io = |e: std::io::Error| StorageError::of_io(&e, path);
    File::open(part).and_then(|f| f.sync_all()).map_err(io)?;
    if path.metadata().is_ok_and(|m| m.len() == 0) {
        std::fs::remove_file(path).map_err(io)?;
    }
    match std::fs::hard_link(part, path) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(Code::AlreadyInitialised.into()),
        // A file system without links, such as a memory stick's.
        Err(_) if !path.exists() => std::fs::rename(part, path).map_err(io)?,
        Err(e) => return Err(io(e).into()),
    }
    if let Some(dir) = path.parent() {
        connect::sync_dir(dir).map_err(io)?;
    }
    Ok(())
}

fn fill(part: &Path, shop: &Shop, first: First<'_>, joins: Option<&Joins>, options: &Options) -> Result<()> {
    private::file(part).map_err(|e| StorageError::of_io(&e, part))?;
    let mut conn = connect::writer(part, options.busy)?;
    migrate::migrate(&mut conn)?;
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
    shop.save(&tx)?;
    let scope = Scope {
        clock: options.clock.clone(),
        ids: options.ids.clone(),
        shop: Arc::new(shop.clone()),
        rulebook: Arc::new(Rulebook::new(shop.currency)),
    };
    if let Some((rules, owner)) = first {
        open_shop(&Tx::new(&tx, &scope), shop, rules, owner)?;
    }
    if let Some(joins) = joins {
        relay::join(&tx, joins)?;
    }
    tx.commit()?;
    // All of it into the one file: the log beside it does not move with it.
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
    if busy != 0 {
        return Err(StorageError::new(StorageCode::Busy, part, "the new file is in use").into());
    }
    conn.close().map_err(|(_, e)| e)?;
    Ok(())
}

fn open_shop(log: &Tx<'_>, shop: &Shop, rules: &str, owner: Option<&Owner>) -> Result<()> {
    let by = By::Job("setup".into());
    let opened = Body::ShopOpened {
        name: shop.name.clone(),
        currency: shop.currency,
        region: shop.region.letters().to_owned(),
        timezone: shop.zone.name().to_owned(),
        till_name: shop.till_name.clone(),
    };
    log.append(log.new_op(), &by, &opened, &Private::default())?;
    if let Some(owner) = owner {
        let edit = StaffEdit {
            staff_id: None,
            name: owner.name.clone(),
            role: Role::Owner,
            active: true,
            pin_hash: Some(owner.pin_hash.clone()),
        };
        let setup = Actor {
            by: by.clone(),
            role: Role::Owner,
        };
        log.edit_staff(log.new_op(), &setup, &edit)?;
    }
    log.publish_rules(log.new_op(), &by, rules)?;
    Ok(())
}
