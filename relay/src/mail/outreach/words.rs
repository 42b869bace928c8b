//! The words of one mail to another shop, as a voice's section is written: a subject line, an empty line, the text.

use ::mail::{Kind, Language, Problem, Voice, alone, section};

use crate::mail::compose::Shared;
use crate::mail::voices;
use crate::store::db::{Db, DbError, Result};

/// Words that were read without a problem.
#[derive(Clone, Debug)]
pub struct Read {
    /// As they are written.
    pub text: String,
    /// To say them with.
    pub voice: Voice,
}

/// Reads words that somebody wrote in the shop's language.
///
/// # Errors
/// All that is wrong with them, at their own lines.
pub fn read(text: &str, language: Language) -> std::result::Result<Read, Vec<Problem>> {
    let voice = Voice::read(&alone(text, Kind::PartnerOutreach, language)).map_err(|mut found| {
        for problem in &mut found {
            // The head is a line of ours.
            problem.line = problem.line.saturating_sub(1).max(1);
        }
        found
    })?;
    let text = text.to_owned();
    Ok(Read { text, voice })
}

/// The words of `[partner outreach]` in force, in the shop's language.
///
/// # Errors
/// Where the database is away.
pub async fn in_force(db: &Db, shared: &Shared) -> Result<Read> {
    let (published, language) = (voices::newest(db, shared.shop.shop_id).await?, shared.language());
    let written = published.and_then(|(_, text)| section(&text, Kind::PartnerOutreach, language));
    let text = written.or_else(|| section(Voice::built_in(language), Kind::PartnerOutreach, language));
    // Both were read before: the one when it was published, the other by a test.
    read(&text.unwrap_or_default(), language).map_err(|found| {
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        DbError::Broken(format!("the published voice can't be read: {}", said.join(" ")))
    })
}
