//! Referrals in the windows: a member's own link as a picture, and what the owner decides about what seemed odd. The
//! owner's lists are read from the report views.

use ledger::Key;
use loyalty::{Code, MemberId, OpId, Permission, Refusal};
use qrcode::QrCode;
use qrcode::render::svg;

use super::{Answer, App, id};
use crate::views::{LinkAdd, LinkAdded, MemberLink, RewardDecide};

impl App {
    /// What a member shows to friends: their code, and the link where the shop has a relay.
    ///
    /// # Errors
    /// `unknown_member`; `locked`; the machine's.
    pub fn member_link(&self, member_id: &str) -> Answer<MemberLink> {
        let (store, _) = self.acting(Permission::Serve)?;
        let member: MemberId = id("member_id", member_id)?;
        let found = self.told(store.member(Key::Id(member)))?;
        let found = found.ok_or_else(|| Refusal::of(Code::UnknownMember, "member_id", member_id))?;
        let url = self.told(store.friends_link(member))?;
        Ok(MemberLink {
            code: loyalty::MemberCode::read(&found.code).map_or_else(|| found.code.clone(), |code| code.to_string()),
            picture: picture(url.as_ref().unwrap_or(&found.code)),
            url,
        })
    }

    /// Decides about a reward that seemed odd, in the owner's window.
    ///
    /// # Errors
    /// `already_decided`; `locked`; the machine's.
    pub fn reward_decide(&self, decide: &RewardDecide) -> Answer<()> {
        let (store, owner) = self.owning()?;
        let (op, reward): (OpId, OpId) = (id("op_id", &decide.op_id)?, id("reward", &decide.reward)?);
        self.written(store.decide_reward(op, owner.actor(), reward, decide.allowed))
    }

    /// Makes a link of a vendor's or a campaign's, in the owner's window.
    ///
    /// # Errors
    /// `not_paired`, `offline`, what the relay refuses; `locked`; the machine's. That a name is taken, or can't be one, is
    /// an answer.
    pub fn link_add(&self, wanted: &LinkAdd) -> Answer<LinkAdded> {
        let (store, _) = self.owning()?;
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let request = link::LinkRequest {
            code: wanted.code.trim().to_owned(),
            landing: text(&wanted.landing),
            campaign: wanted.campaign.trim().to_owned(),
        };
        let line = self.linked(self.hurried(&store))?;
        let answer = self.linked(link::add_link(&store, &line, &request))?;
        Ok(LinkAdded {
            code: answer.code,
            why: answer.why,
            free: answer.free,
        })
    }

    /// A link of a vendor's or a campaign's as a picture, in the owner's window.
    ///
    /// # Errors
    /// `not_paired`; `locked`; the machine's.
    pub fn link_show(&self, code: &str) -> Answer<MemberLink> {
        let (store, _) = self.owning()?;
        let relay = self.told(store.relay())?;
        let relay = self.linked(relay.ok_or(link::LinkError::NotPaired))?;
        let url = format!("{}/ref/{}", relay.url.trim_end_matches('/'), code.trim().to_lowercase());
        Ok(MemberLink {
            code: code.trim().to_lowercase(),
            picture: picture(&url),
            url: Some(url),
        })
    }

    /// Asks the relay for the links' clicks. Whether there is news of them.
    ///
    /// # Errors
    /// `locked`; the machine's.
    pub fn clicks_look(&self) -> Answer<bool> {
        let (store, _) = self.owning()?;
        let Ok(line) = self.hurried(&store) else {
            return Ok(false);
        };
        // A relay that is away has no news.
        Ok(link::clicks(&store, &line).unwrap_or(false))
    }
}

/// A picture for a scanner, as SVG; empty where the text is too long for one.
fn picture(text: &str) -> String {
    QrCode::new(text)
        .map(|code| code.render::<svg::Color<'_>>().min_dimensions(240, 240).build())
        .unwrap_or_default()
}
