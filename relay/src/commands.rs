//! The operator's commands, but for serving: each opens the database, does one thing and says what it did.

use loyalty::{Refusal, ShopId};
use serde_json::json;
use std::fmt::Write as _;
use sync::wire::ShopFacts;

use crate::cli::{InviteCommand, ShopCommand};
use crate::clock;
use crate::store::{Db, DbError, codes, migrate, shops};

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// No shop has this id.
    #[error("There is no shop {0}. `regulars-relay shop list` shows them.")]
    UnknownShop(ShopId),
    /// No key of the shop has this id.
    #[error("The shop has no key {0}. `regulars-relay key list --shop ID` shows them.")]
    UnknownKey(uuid::Uuid),
    /// A shop's links.
    #[error(transparent)]
    Links(#[from] crate::web::change::ChangeError),
    /// A backup.
    #[error(transparent)]
    Backup(#[from] crate::backup::run::BackupError),
    /// A document elsewhere.
    #[error(transparent)]
    Document(#[from] crate::documents::commands::DocumentError),
    /// A shop's mail.
    #[error(transparent)]
    Mail(#[from] crate::mail::commands::MailError),
    /// What was said of the shop can't be.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

/// Opens the database for a command.
///
/// # Errors
/// Where it is away.
pub async fn open(url: &str) -> Result<Db, DbError> {
    let db = Db::connect(url, 2).await?;
    migrate::migrate(&db).await?;
    Ok(db)
}

/// `shop …`: what to print.
///
/// # Errors
/// See [`CommandError`].
pub async fn shop(db: &Db, command: ShopCommand) -> Result<String, CommandError> {
    match command {
        ShopCommand::Create {
            name,
            currency,
            region,
            timezone,
            json,
        } => {
            let (currency, region) = (currency.letters().to_owned(), region.letters().to_owned());
            let said = ShopFacts {
                name,
                currency,
                region,
                timezone: timezone.name().to_owned(),
            };
            let facts = shops::facts(&said)?;
            let now = clock::now();
            let mut tx = db.begin().await?;
            let shop = shops::create(&mut tx, &facts, now).await?;
            let code = codes::new_pairing(&mut tx, shop, now).await?;
            tx.commit().await?;
            let said = format!("Shop {shop} is made. Pair its first till within ten minutes: {code}");
            Ok(if json {
                json!({"shop_id": shop, "pairing_code": code.to_string()}).to_string()
            } else {
                said
            })
        }
        ShopCommand::List { json } => listed(db, json).await,
        ShopCommand::Set(args) => Ok(crate::web::commands::set(db, args).await?),
        ShopCommand::Suspend { shop } => set_active(db, shop, false).await,
        ShopCommand::Resume { shop } => set_active(db, shop, true).await,
    }
}

async fn listed(db: &Db, json: bool) -> Result<String, CommandError> {
    let all = shops::list(db).await?;
    if json {
        return Ok(json!({"shops": all}).to_string());
    }
    let mut text = String::new();
    for shop in &all {
        let state = if shop.active { "active" } else { "suspended" };
        let (id, seq, name) = (shop.shop_id, shop.shop_seq, &shop.facts.name);
        // Writing to a text can't fail.
        let _ = writeln!(text, "{id}  {state:<9}  {seq:>9} operations  {name}");
    }
    let _ = write!(text, "{} shop{}", all.len(), if all.len() == 1 { "" } else { "s" });
    Ok(text)
}

async fn set_active(db: &Db, shop: ShopId, active: bool) -> Result<String, CommandError> {
    if !shops::set_active(db, shop, active).await? {
        return Err(CommandError::UnknownShop(shop));
    }
    let what = if active {
        "active again"
    } else {
        "suspended: its tills are not let in until you resume it"
    };
    Ok(format!("Shop {shop} is {what}."))
}

/// `pair-code`: what to print.
///
/// # Errors
/// See [`CommandError`].
pub async fn pair_code(db: &Db, shop: ShopId, json: bool) -> Result<String, CommandError> {
    shops::get(db, shop).await?.ok_or(CommandError::UnknownShop(shop))?;
    let mut tx = db.begin().await?;
    let code = codes::new_pairing(&mut tx, shop, clock::now()).await?;
    tx.commit().await?;
    let said = format!("Pair a till within ten minutes: {code}");
    Ok(if json {
        json!({"shop_id": shop, "pairing_code": code.to_string()}).to_string()
    } else {
        said
    })
}

/// `invite …`: what to print.
///
/// # Errors
/// See [`CommandError`].
pub async fn invite(db: &Db, command: InviteCommand) -> Result<String, CommandError> {
    let InviteCommand::Create { json } = command;
    let invite = codes::new_invite(db, clock::now()).await?;
    let said = format!("A shop may make itself within seven days with the invite {invite}");
    Ok(if json {
        json!({"invite": invite}).to_string()
    } else {
        said
    })
}

/// `restored`: what to print.
///
/// # Errors
/// See [`CommandError`].
pub async fn restored(db: &Db) -> Result<String, CommandError> {
    let shops = shops::restored(db, None, clock::now()).await?;
    Ok(match shops {
        1 => "1 shop knows that the database was restored: its tills send again what it forgot.".to_owned(),
        many => format!("{many} shops know that the database was restored: their tills send again what it forgot."),
    })
}
