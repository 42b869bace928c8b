//! What every mail says beside the shop's own words, in each language.

use crate::kind::{Kind, Language};

/// One language's.
pub struct Words {
    /// Why a member gets this mail; `{}` is the shop.
    pub why: &'static str,
    /// Why somebody who asked for nothing does.
    pub why_partner: &'static str,
    /// On the link to stop it.
    pub stop: &'static str,
    /// Over the address, in the text part.
    pub stop_text: &'static str,
}

impl Words {
    /// Why its reader gets a mail.
    pub fn why(&self, kind: Kind) -> &'static str {
        if kind == Kind::PartnerOutreach {
            self.why_partner
        } else {
            self.why
        }
    }
}

/// In a language.
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &Words {
            why: "You get this because you asked {} to write to you.",
            why_partner: "{} wrote to you as one shop to another.",
            stop: "Stop these mails",
            stop_text: "Stop these mails:",
        },
        Language::Es => &Words {
            why: "Recibes esto porque pediste a {} que te escribiera.",
            why_partner: "{} os escribe de tienda a tienda.",
            stop: "No quiero más correos",
            stop_text: "No quiero más correos:",
        },
    }
}
