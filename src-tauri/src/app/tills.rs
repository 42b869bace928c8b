//! The shop's tills, from the owner's window: making one shop of several, adding, renaming, removing. What runs beside
//! the windows is in `line`.

use std::sync::Arc;

use link::{Client, LinkError, Report, TillSeen, TillsRequest};
use loyalty::{Code, Refusal, UtcMs};

use super::start::Opened;
use super::{Answer, App, id, lock};
use crate::views::{AddedTill, Failure, StorageCode, StorageProblem, Till, Tills, small};

impl App {
    /// The shop's tills, as the relay last told.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn tills(&self) -> Answer<Tills> {
        let (store, _) = self.owning()?;
        let tills = self.told(store.tills())?;
        let tills = tills.into_iter().map(|t| TillSeen {
            till: t.till,
            name: t.name,
            seen_at: t.seen_at,
            app_version: t.app_version,
            pending: t.pending,
            held_points: t.held_points,
            skew_ms: t.skew_ms,
            revoked: t.revoked,
        });
        let tills = tills.collect();
        self.tills_view(&store, tills)
    }

    /// Makes this shop one of several tills, with a code that the relay made for it. Its whole log goes up afterwards.
    /// Also connects a till again that its relay forgot.
    ///
    /// # Errors
    /// `bad_code` and `bad_address` with their field, `offline`, what the relay refuses; `already_paired`; `locked`;
    /// the machine's.
    pub fn tills_connect(self: &Arc<Self>, address: &str, code: &str) -> Answer<Tills> {
        let (store, _) = self.owning()?;
        let secrets = self.vault.another()?;
        let name = store.shop().till_name.clone();
        let paired = link::pair(self.place.folder(), &secrets, code, address, &name);
        self.linked(paired)?;
        self.begin_line();
        // Where it ran before, it has waited since the relay said no.
        self.line.hurry();
        self.tills()
    }

    /// Makes this till's file anew, which does not fit the relay's log, and keeps what was done here. The app has to start
    /// again after it: the shop is then downloaded, as after joining. Answers whether there was any need.
    ///
    /// # Errors
    /// `not_paired`, `offline`, what the relay refuses; `locked`; the machine's. The till goes on as it was then.
    pub fn tills_start_over(self: &Arc<Self>) -> Answer<bool> {
        self.owning()?;
        let secrets = self.vault.another()?;
        self.end_line();
        self.end_sales_in();
        let mut opened = lock(&self.opened);
        let folder = match std::mem::take(&mut *opened) {
            Opened::Shop { folder, .. } | Opened::Empty { folder } => folder,
            Opened::Nothing => return Err(Refusal::from(Code::NotInitialised).into()),
        };
        let done = link::start_over(self.place.folder(), &secrets, self.options.clone());
        // The next look opens what is there now, old or new.
        *opened = Opened::Empty { folder };
        drop(opened);
        self.open()?;
        self.begin_sales_in();
        self.begin_line();
        Ok(self.linked(done)?.is_some())
    }

    /// Makes a code for a new till: it works once, for ten minutes.
    ///
    /// # Errors
    /// `not_paired`, `offline`, what the relay refuses; `locked`; the machine's.
    pub fn tills_add(&self) -> Answer<AddedTill> {
        let (store, _) = self.owning()?;
        let added = link::add_till(&store, &self.vault.another()?);
        let added = self.linked(added)?;
        Ok(AddedTill {
            code: added.code,
            expires_at: added.expires_at.map(UtcMs::rfc3339),
        })
    }

    /// Calls a till otherwise.
    ///
    /// # Errors
    /// `bad_name`; as [`App::tills_add`].
    pub fn tills_rename(&self, till: &str, name: &str) -> Answer<Tills> {
        let till = id("till_id", till)?;
        let name = loyalty::contact::name(name)?;
        self.ask_tills(&TillsRequest::Rename { till, name })
    }

    /// Removes a till, at once.
    ///
    /// # Errors
    /// As [`App::tills_add`].
    pub fn tills_revoke(&self, till: &str) -> Answer<Tills> {
        let till = id("till_id", till)?;
        self.ask_tills(&TillsRequest::Revoke { till })
    }

    /// Gives a till up: it is removed, and what it held waits, for nobody to spend.
    ///
    /// # Errors
    /// As [`App::tills_add`].
    pub fn tills_lose(&self, till: &str) -> Answer<Tills> {
        let (till, by) = (id("till_id", till)?, self.owners_word()?);
        self.ask_and_hear(&TillsRequest::Lose { till, by })
    }

    /// A till that was given up is back: it may send what it did, and goes on.
    ///
    /// # Errors
    /// As [`App::tills_add`].
    pub fn tills_find(&self, till: &str) -> Answer<Tills> {
        let till = id("till_id", till)?;
        self.ask_and_hear(&TillsRequest::Find { till })
    }

    /// What a till that was given up held may be spent again, whatever it spent unheard.
    ///
    /// # Errors
    /// As [`App::tills_add`].
    pub fn tills_release(&self, till: &str) -> Answer<Tills> {
        let (till, by) = (id("till_id", till)?, self.owners_word()?);
        let member = None;
        self.ask_and_hear(&TillsRequest::Release { till, member, by })
    }

    /// Tries to reach the relay now.
    ///
    /// # Errors
    /// `locked`.
    pub fn tills_try(&self) -> Answer<()> {
        self.owning()?;
        self.line.hurry();
        Ok(())
    }

    /// Who signs what the relay writes on the owner's word.
    fn owners_word(&self) -> Answer<String> {
        let (_, owner) = self.owning()?;
        Ok(owner.actor().by.to_string())
    }

    /// Asks, and hears of what the relay wrote, so that the answer shows it.
    fn ask_and_hear(&self, request: &TillsRequest) -> Answer<Tills> {
        self.ask_tills(request)?;
        let (store, _) = self.owning()?;
        let heard = Client::of_till(&store, &self.vault.another()?)
            .and_then(|line| link::round(&store, &line, &mut Report::default(), |_| {}));
        // It was done: what was not heard now is heard later.
        drop(heard);
        self.tills()
    }

    fn ask_tills(&self, request: &TillsRequest) -> Answer<Tills> {
        let (store, _) = self.owning()?;
        let answer = link::tills(&store, &self.vault.another()?, request);
        let answer = self.linked(answer)?;
        self.line.hurry();
        self.tills_view(&store, answer.tills)
    }

    fn tills_view(&self, store: &ledger::Store, tills: Vec<TillSeen>) -> Answer<Tills> {
        let address = self.told(store.relay())?.map(|relay| relay.url);
        let lost = self.told(store.lost_tills())?;
        let tills = tills
            .into_iter()
            .map(|t| {
                let exposed = self.told(store.exposure(t.till))?;
                Ok(Till {
                    till_id: t.till.to_string(),
                    here: t.till == store.shop().till_id,
                    name: t.name,
                    seen_at: t.seen_at.map(UtcMs::rfc3339),
                    app_version: t.app_version,
                    pending: small(t.pending),
                    held_points: small(t.held_points),
                    skew_s: small(t.skew_ms / 1000),
                    revoked: t.revoked,
                    lost: lost.contains(&t.till),
                    exposed_members: small(exposed.members),
                    exposed_points: small(exposed.points),
                    exposed_minor: self.cost_of(store, exposed.points)?,
                })
            })
            .collect::<Answer<_>>()?;
        Ok(Tills {
            relay: self.relay_state(store),
            address: address.unwrap_or_default(),
            tills,
        })
    }

    /// Hands an answer of the line on as a window understands it.
    pub(super) fn linked<T>(&self, result: link::Result<T>) -> Answer<T> {
        result.map_err(|error| match error {
            LinkError::Ledger(error) => error.into(),
            LinkError::Secrets(error) => Failure::Storage {
                problem: StorageProblem {
                    code: StorageCode::Secrets,
                    path: self.place.folder().display().to_string(),
                    detail: error.to_string(),
                },
            },
            error => {
                let code = error.code();
                let field = match code {
                    "bad_code" => "code",
                    "bad_address" => "address",
                    _ => "",
                };
                Failure::Refused {
                    code: code.to_owned(),
                    field: field.to_owned(),
                    value: String::new(),
                    number: None,
                }
            }
        })
    }
}
