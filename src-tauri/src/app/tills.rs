//! The shop's tills, from the owner's window: making one shop of several, adding, renaming, removing. What runs beside
//! the windows is in `line`.

use std::sync::Arc;

use link::{LinkError, TillSeen, TillsRequest};
use loyalty::{Origin, UtcMs};

use super::{Answer, App, id};
use crate::views::{AddedTill, Failure, StorageCode, StorageProblem, Till, Tills, small};

impl App {
    /// The shop's tills, as the relay last told.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn tills(&self) -> Answer<Tills> {
        let (store, _) = self.owning()?;
        let here = store.shop().till_id;
        let tills = self.told(store.tills())?;
        let tills = tills.into_iter().map(|t| {
            let plain = Till {
                till_id: t.till.to_string(),
                here: t.till == here,
                name: t.name,
                seen_at: t.seen_at.map(UtcMs::rfc3339),
                app_version: t.app_version,
                pending: small(t.pending),
                held_points: small(t.held_points),
                skew_s: small(t.skew_ms / 1000),
                revoked: t.revoked,
                ..Till::default()
            };
            (t.till, plain)
        });
        let tills = tills.collect();
        self.tills_view(&store, tills)
    }

    /// Makes this shop one of several tills, with a code that the relay made for it. Its whole log goes up afterwards.
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
        self.tills()
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

    /// Tries to reach the relay now.
    ///
    /// # Errors
    /// `locked`.
    pub fn tills_try(&self) -> Answer<()> {
        self.owning()?;
        self.line.hurry();
        Ok(())
    }

    fn ask_tills(&self, request: &TillsRequest) -> Answer<Tills> {
        let (store, _) = self.owning()?;
        let answer = link::tills(&store, &self.vault.another()?, request);
        let answer = self.linked(answer)?;
        self.line.hurry();
        let here = store.shop().till_id;
        let tills = answer.tills.into_iter().map(|t| (t.till, seen(t, here))).collect();
        self.tills_view(&store, tills)
    }

    fn tills_view(&self, store: &ledger::Store, tills: Vec<(Origin, Till)>) -> Answer<Tills> {
        let lost = self.told(store.lost_tills())?;
        let exposed = |(till, plain): (Origin, Till)| -> Answer<Till> {
            let exposure = self.told(store.exposure(till))?;
            Ok(Till {
                lost: lost.contains(&till),
                exposed_members: small(exposure.members),
                exposed_points: small(exposure.points),
                exposed_minor: self.cost_of(store, exposure.points)?,
                ..plain
            })
        };
        let tills = tills.into_iter().map(exposed).collect::<Answer<_>>()?;
        let address = self.told(store.relay())?.map(|relay| relay.url);
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

fn seen(t: TillSeen, here: Origin) -> Till {
    Till {
        till_id: t.till.to_string(),
        here: t.till == here,
        name: t.name,
        seen_at: t.seen_at.map(UtcMs::rfc3339),
        app_version: t.app_version,
        pending: small(t.pending),
        held_points: small(t.held_points),
        skew_s: small(t.skew_ms / 1000),
        revoked: t.revoked,
        ..Till::default()
    }
}
