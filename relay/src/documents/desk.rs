//! What an owner does about documents elsewhere, from a till or by the operator's hand: the answer to each of
//! `sync::documents::DocumentRequest`.

use loyalty::{ShopId, UtcMs};
use sync::documents::{
    DocumentAnswer, DocumentProblem, DocumentRefusal, DocumentRequest, DocumentState, DocumentTried, DocumentsState,
};

use super::What;
use super::fetch::{Found, Marks, Outside};
use super::judge::judged;
use super::kept::{self, Kept, NotKept};
use super::look::{self, Looked};
use super::normal::{hash, normal};
use super::problem::Why;
use super::source::Source;
use crate::mail::seal::Key;
use crate::mail::settings;
use crate::store::db::{Db, DbError};
use crate::store::shops;

/// Somebody who looks after a shop's documents.
pub struct Desk<'a> {
    /// Where shops are kept.
    pub db: &'a Db,
    /// How documents are read.
    pub outside: &'a Outside,
    /// The relay's key, where it has one.
    pub key: Option<&'a Key>,
    /// Whose.
    pub shop: ShopId,
    /// Now.
    pub now: UtcMs,
}

/// What was done: the answer, and the shop's newest place in its order where something was appended.
pub type Done = (DocumentAnswer, Option<i64>);

/// Why it was not done: for the owner, or because the database is away.
enum Not {
    Refused(DocumentRefusal),
    Tried(Box<DocumentTried>),
    Db(DbError),
}

impl From<DbError> for Not {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

fn no(code: &str, field: &str) -> Not {
    Not::Refused(DocumentRefusal {
        code: code.to_owned(),
        field: field.to_owned(),
    })
}

impl Desk<'_> {
    /// Does it.
    ///
    /// # Errors
    /// Where the database is away. What the owner can mend is an answer.
    pub async fn does(&self, request: DocumentRequest) -> Result<Done, DbError> {
        match self.act(request).await {
            Ok(done) => Ok(done),
            Err(Not::Db(error)) => Err(error),
            Err(Not::Refused(refused)) => Ok((
                DocumentAnswer {
                    refused: Some(refused),
                    ..DocumentAnswer::default()
                },
                None,
            )),
            Err(Not::Tried(tried)) => Ok((
                DocumentAnswer {
                    tried: Some(*tried),
                    ..DocumentAnswer::default()
                },
                None,
            )),
        }
    }

    async fn act(&self, request: DocumentRequest) -> Result<Done, Not> {
        let mut appended = None;
        match request {
            DocumentRequest::Look => {}
            DocumentRequest::Try { document, address } => {
                let (what, source) = self.named(&document, &address).await?;
                return Err(Not::Tried(Box::new(self.tried(what, &source).await?.0)));
            }
            DocumentRequest::Set { document, address } => {
                let (what, source) = self.named(&document, &address).await?;
                appended = self.set(what, source).await?;
            }
            DocumentRequest::Now { document } => {
                let claimed = kept::claim(self.db, self.shop, known(&document)?, self.now).await?;
                let claimed = claimed.ok_or_else(|| no("document_not_set", "document"))?;
                let looked = look::look(self.db, self.outside, self.key, &claimed, self.now).await?;
                if let Looked::Published { shop_seq, .. } = looked {
                    appended = shop_seq;
                }
            }
            DocumentRequest::Stop { document } => {
                if !kept::forget(self.db, self.shop, known(&document)?).await? {
                    return Err(no("document_not_set", "document"));
                }
            }
            DocumentRequest::Key { key: None } => kept::forget_account(self.db, self.shop).await?,
            DocumentRequest::Key { key: Some(text) } => {
                let key = self.key.ok_or_else(|| no("document_keeps_no_keys", "key"))?;
                let kept = kept::set_account(self.db, key, self.shop, &text, self.now).await;
                kept.map_err(|error| match error {
                    NotKept::Bad(_) => no("document_bad_key", "key"),
                    NotKept::Db(error) => error.into(),
                })?;
            }
        }
        let state = Some(self.state().await?);
        let answer = DocumentAnswer {
            state,
            ..DocumentAnswer::default()
        };
        Ok((answer, appended))
    }

    async fn named(&self, document: &str, address: &str) -> Result<(What, Source), Not> {
        let what = known(document)?;
        let source = Source::read(address).ok_or_else(|| no("document_bad_address", "address"))?;
        if matches!(source, Source::Google(_)) && kept::account_address(self.db, self.shop).await?.is_none() {
            return Err(no("document_needs_key", "key"));
        }
        Ok((what, source))
    }

    /// What is there, as it would be published; and as it was found.
    async fn tried(&self, what: What, source: &Source) -> Result<(DocumentTried, Option<Found>), Not> {
        let db = self.db;
        let none = Marks::default();
        let found = look::read(db, self.outside, self.key, self.shop, source, &none, self.now).await?;
        let facts = shops::get(db, self.shop).await?;
        let facts = facts.ok_or_else(|| no("document_unknown", ""))?;
        let currency = look::currency(&facts)?;
        let text = found.as_ref().map_err(Why::clone).and_then(|found| match found {
            Found::Text(text, _) => judged(what, text, currency),
            // Nothing was asked that can be answered so.
            Found::Same => Err(Why::Answer(304)),
        });
        let mut tx = db.begin().await?;
        let newest = look::in_force(&mut tx, self.shop, what).await?;
        let tried = match text {
            Ok(text) => DocumentTried {
                in_force: newest.is_some_and(|(_, before)| normal(&before) == text),
                text: Some(text),
                problem: None,
            },
            Err(why) => DocumentTried {
                text: None,
                in_force: false,
                problem: Some(why.told(self.now)),
            },
        };
        Ok((tried, found.ok()))
    }

    /// From now on this document, if it can be published now.
    async fn set(&self, what: What, source: Source) -> Result<Option<i64>, Not> {
        let facts = shops::get(self.db, self.shop).await?;
        if what == What::Rules && facts.is_none_or(|facts| facts.shop_seq == 0) {
            // The first till may still bring a log of its own along.
            return Err(no("document_no_till", ""));
        }
        let (tried, found) = self.tried(what, &source).await?;
        let Some(found) = found.filter(|_| tried.problem.is_none()) else {
            return Err(Not::Tried(Box::new(tried)));
        };
        let mut tx = self.db.begin().await?;
        shops::lock(&mut tx, self.shop).await?;
        let before = kept::within(&mut tx, self.shop, what).await?;
        let kept = Kept {
            shop: self.shop,
            what,
            source,
            set_at: self.now,
            // Looks that are under way at what was there have no say.
            looks: before.map_or(0, |before| before.looks) + 1,
            due_at: kept::next_look(self.shop, what, self.now),
            looked_at: None,
            hash: None,
            marks: Marks::default(),
            published_at: None,
            version: None,
            problem: None,
        };
        kept.write(&mut tx).await?;
        tx.commit().await?;
        match look::conclude(self.db, &kept, Ok(found), self.now).await? {
            Looked::Published { shop_seq, .. } => Ok(shop_seq),
            _ => Ok(None),
        }
    }

    async fn state(&self) -> Result<DocumentsState, DbError> {
        let mut documents = Vec::new();
        for kept in kept::all(self.db, self.shop).await? {
            let mut tx = self.db.begin().await?;
            let newest = look::in_force(&mut tx, self.shop, kept.what).await?;
            documents.push(shown(kept, newest.map(|(_, text)| text)));
        }
        let mail = settings::get(self.db, self.shop).await?;
        Ok(DocumentsState {
            documents,
            google: kept::account_address(self.db, self.shop).await?,
            keeps_keys: self.key.is_some(),
            mails_owner: mail.is_some_and(|mail| mail.owner.is_some() && !mail.paused),
        })
    }
}

fn known(document: &str) -> Result<What, Not> {
    What::named(document).ok_or_else(|| no("document_unknown", "document"))
}

fn shown(kept: Kept, in_force: Option<String>) -> DocumentState {
    let (taken, now) = (kept.hash, in_force.map(|text| hash(&normal(&text))));
    DocumentState {
        document: kept.what.key().to_owned(),
        address: kept.source.address(),
        google: matches!(kept.source, Source::Google(_)),
        set_at: kept.set_at,
        looked_at: kept.looked_at,
        next_at: kept.due_at,
        published_at: kept.published_at,
        version: kept.version,
        by_hand: taken.is_some() && taken != now,
        problem: kept.problem,
    }
}

/// The first sentence of a refusal, for the command line.
#[must_use]
pub fn refusal(refused: &DocumentRefusal) -> &'static str {
    match refused.code.as_str() {
        "document_bad_address" => {
            "This is no address of a document. Write one like https://example.com/rules.txt, or a Google Doc's link."
        }
        "document_not_set" => "The shop keeps no such document elsewhere. Say where it is with --set ADDRESS.",
        "document_needs_key" => {
            "Google Docs are read by a service account. Name its key first: --google-key FILE. Or share the document by link, and use its address …/export?format=txt."
        }
        "document_bad_key" => {
            "This is not the key of a service account. In Google's console, make a key of type JSON and name that file."
        }
        "document_keeps_no_keys" => "The relay keeps no key without one of its own: name it with --key-file FILE.",
        "document_no_till" => "The shop has no till yet. Pair its first till, then say where its rules are.",
        _ => "There is no such document. There are rules and voice.",
    }
}

/// A problem in words, for the command line.
#[must_use]
pub fn in_words(problem: &DocumentProblem) -> String {
    super::problem::words(problem, ::mail::Language::En)
}
