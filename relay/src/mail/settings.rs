//! How a shop sends its mail, as it is stored.

use loyalty::{ShopId, UtcMs};
use serde::Serialize;

use super::quiet::Quiet;
use crate::args;
use crate::store::db::{Db, Result, Row, Tx};

/// How the line to the server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// TLS from the first byte (port 465).
    Tls,
    /// TLS from STARTTLS on (port 587); without it nothing is sent.
    Starttls,
    /// None: for a server on this very machine.
    None,
}

impl Security {
    fn text(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Starttls => "starttls",
            Self::None => "none",
        }
    }

    fn named(text: &str) -> Self {
        match text {
            "starttls" => Self::Starttls,
            "none" => Self::None,
            _ => Self::Tls,
        }
    }
}

/// A shop's settings.
#[derive(Clone, Debug, Serialize)]
pub struct MailShop {
    /// Whose.
    pub shop: ShopId,
    /// The address that mail comes from.
    pub sender: String,
    /// Where answers go, if that is elsewhere.
    pub reply_to: Option<String>,
    /// The owner's own address.
    pub owner: Option<String>,
    /// Where the shop is, for the post.
    pub postal: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether whoever runs the relay named it: then it may be inside the relay's own network.
    #[serde(skip)]
    pub inside: bool,
    /// How the line is kept from others.
    pub security: Security,
    /// The name there.
    pub username: Option<String>,
    /// Sealed.
    #[serde(skip)]
    pub password: Option<Vec<u8>>,
    /// A certificate that is trusted beside the usual ones.
    #[serde(skip)]
    pub ca: Option<String>,
    /// At most so many in an hour.
    pub per_hour: i64,
    /// At most so many of the shop's own idea to one person in seven days.
    pub per_week: i64,
    /// When nothing goes to members.
    pub quiet: Quiet,
    /// Whether nothing is sent.
    pub paused: bool,
    /// Signs links, hides addresses.
    #[serde(skip)]
    pub link_key: [u8; 32],
    /// Since when the shop sends mail: what happened before is no reason for one.
    #[serde(skip)]
    pub since: UtcMs,
    /// What the server last complained of.
    pub problem: Option<String>,
}

const COLUMNS: &str =
    "shop_id, sender, reply_to, owner, postal, host, port, security, username, password, ca, per_hour,
                       per_week, quiet_from, quiet_to, paused, link_key, since, problem, inside";

impl MailShop {
    fn of(row: &Row) -> Result<Self> {
        let minute = |column| -> Result<u16> { Ok(u16::try_from(row.int(column)?).unwrap_or(0)) };
        Ok(Self {
            shop: ShopId(row.id(0)?),
            sender: row.text(1)?,
            reply_to: row.opt_text(2)?,
            owner: row.opt_text(3)?,
            postal: row.text(4)?,
            host: row.text(5)?,
            port: u16::try_from(row.int(6)?).unwrap_or(0),
            security: Security::named(&row.text(7)?),
            username: row.opt_text(8)?,
            password: row.opt_bytes(9)?,
            ca: row.opt_text(10)?,
            per_hour: row.int(11)?,
            per_week: row.int(12)?,
            quiet: Quiet {
                from: minute(13)?,
                to: minute(14)?,
            },
            paused: row.int(15)? != 0,
            link_key: row.array(16)?,
            since: UtcMs(row.int(17)?),
            problem: row.opt_text(18)?,
            inside: row.int(19)? != 0,
        })
    }

    /// Stores it, over what was there.
    ///
    /// # Errors
    /// Where the database is away or refuses.
    pub async fn write(&self, tx: &mut Tx) -> Result<()> {
        let sql = format!(
            "INSERT INTO mail_shops ({COLUMNS})
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
             ON CONFLICT (shop_id) DO UPDATE SET sender = excluded.sender, reply_to = excluded.reply_to,
                 owner = excluded.owner, postal = excluded.postal, host = excluded.host, port = excluded.port,
                 security = excluded.security, username = excluded.username, password = excluded.password,
                 ca = excluded.ca, per_hour = excluded.per_hour, per_week = excluded.per_week,
                 quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, paused = excluded.paused,
                 inside = excluded.inside, problem = NULL, problem_at = NULL"
        );
        let password = crate::store::db::Arg::Bytes(self.password.as_deref());
        let args = &[
            (&self.shop.0).into(),
            (&self.sender).into(),
            self.reply_to.as_deref().into(),
            self.owner.as_deref().into(),
            (&self.postal).into(),
            (&self.host).into(),
            i64::from(self.port).into(),
            self.security.text().into(),
            self.username.as_deref().into(),
            password,
            self.ca.as_deref().into(),
            self.per_hour.into(),
            self.per_week.into(),
            i64::from(self.quiet.from).into(),
            i64::from(self.quiet.to).into(),
            i64::from(self.paused).into(),
            (&self.link_key).into(),
            self.since.0.into(),
            None::<&str>.into(),
            i64::from(self.inside).into(),
        ];
        tx.run(&sql, args).await.map(drop)
    }
}

/// A shop's settings; none where it sends no mail.
///
/// # Errors
/// Where the database is away.
pub async fn get(db: &Db, shop: ShopId) -> Result<Option<MailShop>> {
    let sql = format!("SELECT {COLUMNS} FROM mail_shops WHERE shop_id = $1");
    db.first(&sql, args![&shop.0])
        .await?
        .as_ref()
        .map(MailShop::of)
        .transpose()
}

/// The same within a transaction.
///
/// # Errors
/// Where the database is away.
pub async fn get_within(tx: &mut Tx, shop: ShopId) -> Result<Option<MailShop>> {
    let sql = format!("SELECT {COLUMNS} FROM mail_shops WHERE shop_id = $1");
    tx.first(&sql, args![&shop.0])
        .await?
        .as_ref()
        .map(MailShop::of)
        .transpose()
}

/// Notes what a shop's server complains of, or that it does no more.
///
/// # Errors
/// Where the database is away.
pub async fn set_problem(db: &Db, shop: ShopId, problem: Option<&str>, now: UtcMs) -> Result<()> {
    let sql =
        "UPDATE mail_shops SET problem = $2, problem_at = $3 WHERE shop_id = $1 AND (problem IS NOT NULL OR $4 = 1)";
    let at = problem.map(|_| now.0);
    let any = i64::from(problem.is_some());
    db.run(sql, args![&shop.0, problem, at, any]).await.map(drop)
}
