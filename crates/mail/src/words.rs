//! What every mail says beside the shop's own words, in each language.

use crate::kind::Language;

/// One language's.
pub struct Words {
    /// Why somebody gets this mail; `{}` is the shop.
    pub why: &'static str,
    /// On the link to stop it.
    pub stop: &'static str,
    /// Over the address, in the text part.
    pub stop_text: &'static str,
}

/// In a language.
pub fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &Words {
            why: "You get this because you asked {} to write to you.",
            stop: "Stop these mails",
            stop_text: "Stop these mails:",
        },
        Language::Es => &Words {
            why: "Recibes esto porque pediste a {} que te escribiera.",
            stop: "No quiero más correos",
            stop_text: "No quiero más correos:",
        },
    }
}
