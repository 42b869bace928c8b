//! The rules in force, parsed once a version; publishing new ones.

use loyalty::op::{Body, By, Private};
use loyalty::rules::Rules;
use loyalty::{Currency, Hlc, OpId};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::{Arc, PoisonError, RwLock};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::tx::{Tx, other_content};

/// A published version.
#[derive(Debug)]
pub struct Published {
    /// Counts from 1; 0 while there are none.
    pub version: i64,
    /// The operation that published it: a version number may come again where a transaction was undone.
    op_id: Option<Uuid>,
    /// The document.
    pub text: String,
    /// The document, parsed.
    pub rules: Rules,
}

/// Keeps the newest version parsed.
pub struct Rulebook {
    currency: Currency,
    newest: RwLock<Option<Arc<Published>>>,
}

impl Rulebook {
    pub(crate) fn new(currency: Currency) -> Self {
        Self {
            currency,
            newest: RwLock::new(None),
        }
    }

    /// The rules in force in `conn`'s view of the file.
    pub(crate) fn current(&self, conn: &Connection) -> Result<Arc<Published>> {
        let sql = "SELECT version, op_id FROM rules ORDER BY version DESC, clock DESC, op_id DESC LIMIT 1";
        let newest = conn
            .prepare_cached(sql)?
            .query_row([], |r| Ok((r.get(0)?, Some(r.get(1)?))))
            .optional()?;
        let (version, op_id): (i64, Option<Uuid>) = newest.unwrap_or((0, None));
        let kept = self.newest.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(published) = kept.filter(|p| p.version == version && p.op_id == op_id) {
            return Ok(published);
        }
        let published = Arc::new(self.newest_readable(conn)?);
        *self.newest.write().unwrap_or_else(PoisonError::into_inner) = Some(published.clone());
        Ok(published)
    }

    /// The rules of a version, where this app can read them: of several with one number those that won.
    pub(crate) fn of_version(&self, conn: &Connection, version: i64) -> Result<Option<Arc<Published>>> {
        let now = self.current(conn)?;
        if now.version == version {
            return Ok(Some(now));
        }
        let sql = "SELECT op_id, text FROM rules WHERE version = ?1 ORDER BY clock DESC, op_id DESC LIMIT 1";
        let found: Option<(Uuid, String)> = conn
            .prepare_cached(sql)?
            .query_row([version], |r| Ok((r.get(0)?, r.get(1)?)))
            .optional()?;
        Ok(found.and_then(|(op_id, text)| {
            let rules = parse(&text, self.currency).ok()?;
            let op_id = Some(op_id);
            Some(Arc::new(Published {
                version,
                op_id,
                text,
                rules,
            }))
        }))
    }

    /// The newest rules that this app can read: another till's may be newer, and its rules say what this one can't do.
    fn newest_readable(&self, conn: &Connection) -> Result<Published> {
        let sql = "SELECT version, op_id, text FROM rules ORDER BY version DESC, clock DESC, op_id DESC";
        let mut rows = conn.prepare_cached(sql)?;
        let mut rows = rows.query([])?;
        while let Some(r) = rows.next()? {
            let (version, op_id, text): (i64, Uuid, String) = (r.get(0)?, r.get(1)?, r.get(2)?);
            if let Ok(rules) = parse(&text, self.currency) {
                let op_id = Some(op_id);
                return Ok(Published {
                    version,
                    op_id,
                    text,
                    rules,
                });
            }
        }
        Ok(Published {
            version: 0,
            op_id: None,
            text: String::new(),
            rules: parse("", self.currency)?,
        })
    }
}

/// Writes the rewards and the stamp cards of a version down, for the reports.
pub(crate) fn write_down(conn: &Connection, op_id: Uuid, rules: &Rules) -> Result<()> {
    let sql = "INSERT INTO rewards (op_id, position, name, points, cost_minor) VALUES (?1, ?2, ?3, ?4, ?5)";
    for (position, reward) in rules.rewards().iter().enumerate() {
        let cost = reward.cost.map(|c| c.minor);
        let row = params![op_id, position, reward.name, reward.points, cost];
        conn.prepare_cached(sql)?.execute(row)?;
    }
    write_down_cards(conn, op_id, rules)
}

fn write_down_cards(conn: &Connection, op_id: Uuid, rules: &Rules) -> Result<()> {
    let sql = "INSERT INTO cards (op_id, position, card, name, stamps, cost_minor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    for (position, card) in rules.stamp_cards().enumerate() {
        let row = params![
            op_id,
            position,
            card.key(),
            card.gives(),
            card.buy.max(1),
            card.cost_minor
        ];
        conn.prepare_cached(sql)?.execute(row)?;
    }
    Ok(())
}

/// Writes down the stamp cards of versions that were published before there was a place for them.
pub(crate) fn write_down_old_cards(conn: &Connection) -> Result<()> {
    let currency: Option<String> = conn
        .query_row("SELECT currency FROM shop", [], |r| r.get(0))
        .optional()?;
    let Some(currency) = currency.and_then(|letters| letters.parse().ok()) else {
        return Ok(());
    };
    let sql = "SELECT op_id, text FROM rules WHERE op_id NOT IN (SELECT op_id FROM cards)";
    let mut rows = conn.prepare(sql)?;
    let old: Vec<(Uuid, String)> = rows
        .query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    // What this app can't read has no cards here.
    for (op_id, rules) in old
        .iter()
        .filter_map(|(op, text)| Some((*op, parse(text, currency).ok()?)))
    {
        write_down_cards(conn, op_id, &rules)?;
    }
    Ok(())
}

/// Parses a document.
pub(crate) fn parse(text: &str, currency: Currency) -> Result<Rules> {
    Rules::parse(text, currency).map_err(Error::Rules)
}

impl Tx<'_> {
    /// Puts new rules in force and answers their version. The same text as now in force is no new version.
    ///
    /// # Errors
    /// [`Error::Rules`] with every error of the document; a storage error.
    pub fn publish_rules(&self, op: OpId, by: &By, text: &str) -> Result<i64> {
        match self.earlier(op)? {
            Some((
                Body::RulesPublished {
                    version, text: before, ..
                },
                _,
            )) if before == text => return Ok(version),
            Some(_) => return Err(other_content()),
            None => {}
        }
        parse(text, self.shop().currency)?;
        let now = self.rules()?;
        if now.version > 0 && now.text == text {
            return Ok(now.version);
        }
        let sql = "SELECT coalesce(max(version), 0) + 1 FROM rules";
        let version = self.conn.prepare_cached(sql)?.query_row([], |r| r.get(0))?;
        self.append(
            op,
            by,
            &Body::RulesPublished {
                version,
                text: text.to_owned(),
                clock: Hlc::default(),
            },
            &Private::default(),
        )?;
        Ok(version)
    }
}
