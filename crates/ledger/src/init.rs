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
use crate::rulebook::{self, Rulebook};
use crate::shop::Shop;
use crate::staff::StaffEdit;
use crate::store::{NewShop, Options};
use crate::tx::{Scope, Tx};

/// Makes the shop's file in `dir`.
pub(crate) fn make(dir: &Path, new: &NewShop, options: &Options) -> Result<()> {
    let path = connect::file(dir);
    if path.exists() && connect::look(&path, options.busy, |conn| migrate::needs(conn, &path))? != Needs::Everything {
        return Err(Code::AlreadyInitialised.into());
    }
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
    rulebook::parse(&new.rules, shop.currency)?;
    private::folder(dir).map_err(|e| StorageError::of_io(&e, dir))?;
    let part = dir.join(format!("new-{}.db", shop.shop_id));
    let made = fill(&part, &shop, new, options).and_then(|()| appear(&part, &path));
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

fn fill(part: &Path, shop: &Shop, new: &NewShop, options: &Options) -> Result<()> {
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
    let by = By::Job("setup".into());
    let log = Tx::new(&tx, &scope);
    let opened = Body::ShopOpened {
        name: shop.name.clone(),
        currency: shop.currency,
        region: shop.region.letters().to_owned(),
        timezone: shop.zone.name().to_owned(),
        till_name: shop.till_name.clone(),
    };
    log.append(log.new_op(), &by, &opened, &Private::default())?;
    if let Some(owner) = &new.owner {
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
    log.publish_rules(log.new_op(), &by, &new.rules)?;
    tx.commit()?;
    // All of it into the one file: the log beside it does not move with it.
    let busy: i64 = conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |r| r.get(0))?;
    if busy != 0 {
        return Err(StorageError::new(StorageCode::Busy, part, "the new file is in use").into());
    }
    conn.close().map_err(|(_, e)| e)?;
    Ok(())
}
