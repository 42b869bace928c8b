//! What a till does about rights besides redeeming: giving back, closing down, and what the owner says there of lost
//! tills.

use link::LinkError;
use loyalty::{MemberId, Origin};
use sync::ProblemCode;
use sync::wire::{TillsAnswer, TillsRequest};

use crate::till::{Checked, Till, Went};

impl Till {
    /// Gives a member's points back.
    ///
    /// # Errors
    /// What must not be.
    pub fn give_back(&mut self, member: MemberId) -> Checked<Went> {
        let Some((store, _)) = &self.open else {
            return Ok(Went::Down);
        };
        let done = store.return_rights(member);
        if self.disk.is_dead() {
            self.close();
            return Ok(Went::Down);
        }
        match done {
            Ok(points) => Ok(Went::Well(format!("{points} go back"))),
            Err(_) if self.disk.is_faulty() => Ok(Went::Down),
            Err(_) if self.knows_it_is_lost() => Ok(Went::Well("it is lost, and must sync first".into())),
            Err(e) => Err(format!("it can't give points back: {e}")),
        }
    }

    /// Is closed for the day: it gives all back, where it can reach the relay, and goes off.
    ///
    /// # Errors
    /// What must not be.
    pub fn close_down(&mut self) -> Checked<Went> {
        let Some((store, _)) = &self.open else {
            return Ok(Went::Down);
        };
        let done = link::close(store, &self.client);
        let faulty = self.disk.is_faulty() || self.knows_it_is_lost();
        self.close();
        match done {
            Ok(members) => Ok(Went::Well(format!("with the points of {members} members given back"))),
            Err(LinkError::Offline(why)) => Ok(Went::Well(why)),
            Err(e) if e.passes() || faulty => Ok(Went::Well(e.to_string())),
            Err(LinkError::Refused(problem)) if self.lost && problem.code == ProblemCode::Revoked => {
                Ok(Went::Well("it is lost".into()))
            }
            Err(e) => Err(format!("it can't be closed: {e:?}")),
        }
    }

    /// The origin that the relay knows it by.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        let (store, _) = self.on()?;
        Some(store.renews().ok()?.unwrap_or(store.shop().till_id))
    }

    /// Asks the relay something about the shop's tills; whether it was done.
    ///
    /// # Errors
    /// What must not be.
    pub fn ask_of_tills(&self, request: &TillsRequest) -> Checked<bool> {
        match self.client.post::<TillsAnswer>("/v1/tills", request) {
            Ok(_) => Ok(true),
            Err(LinkError::Refused(problem)) if self.lost && problem.code == ProblemCode::Revoked => Ok(false),
            // A till that the relay knows by another number yet.
            Err(LinkError::Refused(problem)) if problem.code == ProblemCode::BadRequest => Ok(false),
            Err(e) if e.passes() => Ok(false),
            Err(e) => Err(format!("it can't look after the tills: {e:?}")),
        }
    }
}
