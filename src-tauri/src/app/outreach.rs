//! The mails to other shops, from the owner's window: they are the relay's, which is asked each time. Whoever opened the
//! window is named with what they do.

use link::mail_messages::MailSaid as Said;
use link::outreach_messages::{self as wire, OutreachAnswer, OutreachRequest};
use loyalty::UtcMs;

use super::mail::{not_understood, refused, said, voice_errors};
use super::{Answer, App, id};
use crate::views::{
    MailSaid, Outreach, OutreachMail, OutreachPassed, OutreachSeen, OutreachTo, OutreachTried, OutreachVendor, small,
};

impl App {
    /// How the mails to other shops stand.
    ///
    /// # Errors
    /// `not_paired`, `relay_too_old`, `offline`, what the relay refuses; `locked`; the machine's.
    pub fn outreach(&self) -> Answer<Outreach> {
        self.outreach_state(|_| OutreachRequest::Look)
    }

    /// How many wait for a yes.
    ///
    /// # Errors
    /// As [`App::outreach`].
    pub fn outreach_count(&self) -> Answer<i32> {
        let answer = self.ask_outreach(|_| OutreachRequest::Count)?;
        answer.waiting.map(small).ok_or_else(not_understood)
    }

    /// Drafts a mail to each of these. Nothing goes out.
    ///
    /// # Errors
    /// `mail_bad_address` and `mail_missing` with the vendor's code for a field, `mail_not_set`; as [`App::outreach`].
    pub fn outreach_draft(&self, to: Vec<OutreachTo>) -> Answer<Outreach> {
        let to = to.into_iter().map(|one| wire::OutreachTo {
            code: one.code,
            name: one.name,
            address: one.address,
        });
        let to: Vec<_> = to.collect();
        self.outreach_state(|by| OutreachRequest::Draft { to, by })
    }

    /// How other words would read, and what is wrong with them.
    ///
    /// # Errors
    /// `outreach_gone`; as [`App::outreach`].
    pub fn outreach_try(&self, mail: &str, words: String) -> Answer<OutreachTried> {
        let mail = id("mail", mail)?;
        let answer = self.ask_outreach(|_| OutreachRequest::Try { mail, words })?;
        Ok(OutreachTried {
            said: answer.said.map(said),
            errors: voice_errors(answer.problems.unwrap_or_default()),
        })
    }

    /// Other words for a mail that waits.
    ///
    /// # Errors
    /// `mail_bad_voice`, `outreach_gone`; as [`App::outreach`].
    pub fn outreach_edit(&self, mail: &str, words: String) -> Answer<Outreach> {
        let mail = id("mail", mail)?;
        self.outreach_state(|by| OutreachRequest::Edit { mail, words, by })
    }

    /// Yes or no to all of these, as they were seen, or to none.
    ///
    /// # Errors
    /// `outreach_gone`, `outreach_changed`; as [`App::outreach`].
    pub fn outreach_decide(&self, mails: Vec<OutreachSeen>, approve: bool) -> Answer<Outreach> {
        let named = |one: OutreachSeen| -> Answer<_> {
            Ok(wire::OutreachSeen {
                mail: id("mail", &one.mail)?,
                seen: one.seen,
            })
        };
        let mails = mails.into_iter().map(named).collect::<Answer<_>>()?;
        self.outreach_state(|by| OutreachRequest::Decide { mails, approve, by })
    }

    /// These wait for a yes again.
    ///
    /// # Errors
    /// `outreach_gone` where they have gone, `outreach_waits` where another one to the same shop waits; as
    /// [`App::outreach`].
    pub fn outreach_undo(&self, mails: Vec<String>) -> Answer<Outreach> {
        let named = |mail: String| Ok(id("mail", &mail)?);
        let mails = mails.into_iter().map(named).collect::<Answer<_>>()?;
        self.outreach_state(|_| OutreachRequest::Undo { mails })
    }

    /// What a mail said.
    ///
    /// # Errors
    /// `outreach_gone`; as [`App::outreach`].
    pub fn outreach_show(&self, mail: &str) -> Answer<MailSaid> {
        let mail = id("mail", mail)?;
        let shown: Option<Said> = self.ask_outreach(|_| OutreachRequest::Show { mail })?.said;
        shown.map(said).ok_or_else(not_understood)
    }

    fn outreach_state(&self, request: impl FnOnce(String) -> OutreachRequest) -> Answer<Outreach> {
        let answer = self.ask_outreach(request)?;
        let state = answer.state.ok_or_else(not_understood)?;
        Ok(shown(state, answer.passed.unwrap_or_default()))
    }

    /// Asks in the name of whoever opened the owner's window.
    fn ask_outreach(&self, request: impl FnOnce(String) -> OutreachRequest) -> Answer<OutreachAnswer> {
        let (store, owner) = self.owning()?;
        let asked = link::outreach(&store, &self.vault.another()?, &request(owner.name));
        let mut answer = self.linked(asked)?;
        match answer.refused.take() {
            None => Ok(answer),
            Some(no) => Err(refused(no)),
        }
    }
}

fn shown(state: wire::OutreachState, passed: Vec<wire::OutreachPassed>) -> Outreach {
    let passed = passed.into_iter().map(|one| OutreachPassed {
        code: one.code,
        why: one.why,
    });
    let vendors = state.vendors.into_iter().map(|one| OutreachVendor {
        code: one.code,
        campaign: one.campaign,
        name: one.name,
        address: one.address,
        last_at: one.last_at.map(UtcMs::rfc3339),
        waits: one.waits,
        closed: one.closed,
    });
    Outreach {
        sends: state.sends,
        vendors: vendors.collect(),
        mails: state.mails.into_iter().map(mail).collect(),
        waiting: small(state.waiting),
        passed: passed.collect(),
    }
}

fn mail(one: wire::OutreachMail) -> OutreachMail {
    OutreachMail {
        mail: one.mail.to_string(),
        code: one.code,
        name: one.name,
        address: one.address,
        subject: one.subject,
        state: one.state,
        at: one.at.rfc3339(),
        why: one.why,
        undo: one.undo,
        seen: one.seen,
        words: one.words,
        said: one.said.map(said),
        drafted_by: one.drafted_by,
        drafted_at: one.drafted_at.rfc3339(),
        edited_by: one.edited_by,
        edited_at: one.edited_at.map(UtcMs::rfc3339),
        decided_by: one.decided_by,
        decided_at: one.decided_at.map(UtcMs::rfc3339),
    }
}
