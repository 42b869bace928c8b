//! Where a document is: a web address, or a Google Doc. What an owner pastes is read here, and nothing is asked.

use url::Url;

/// Longest address that stands in the log as who published.
const BY_MAX: usize = 200;

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// At a web address.
    Web(Url),
    /// In Google Docs, read by the service account: its id.
    Google(String),
}

impl Source {
    /// Reads what an owner pasted; none where it is nothing of the sort. Whether the address may be asked is seen when it
    /// is. A link for everybody (`…/pub`, `…/export?…`) is a web address like any other.
    #[must_use]
    pub fn read(pasted: &str) -> Option<Self> {
        let pasted = pasted.trim();
        if is_google_id(pasted) {
            return Some(Self::Google(pasted.to_owned()));
        }
        let mut url = Url::parse(pasted).ok()?;
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !matches!(url.scheme(), "https" | "http") || url.host_str().is_none_or(str::is_empty) {
            return None;
        }
        if let Some(id) = google_id(&url) {
            return Some(Self::Google(id));
        }
        url.set_fragment(None);
        Some(Self::Web(url))
    }

    /// As it is stored: which sort, and where.
    #[must_use]
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Web(url) => ("url", url.as_str()),
            Self::Google(id) => ("google", id),
        }
    }

    /// The one that is stored so.
    #[must_use]
    pub fn stored(sort: &str, place: &str) -> Option<Self> {
        match sort {
            "google" => Some(Self::Google(place.to_owned())),
            _ => Url::parse(place).ok().map(Self::Web),
        }
    }

    /// As it is shown: an address that opens it.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Web(url) => url.to_string(),
            Self::Google(id) => format!("https://docs.google.com/document/d/{id}/edit"),
        }
    }

    /// As it stands in the log, which is kept for ever: without what follows `?`, where secrets may be.
    #[must_use]
    pub fn by(&self) -> String {
        let mut shown = match self {
            Self::Web(url) => {
                let mut url = url.clone();
                url.set_query(None);
                url.to_string()
            }
            Self::Google(id) => format!("https://docs.google.com/document/d/{id}"),
        };
        // An address has no other characters than those of ASCII.
        shown.truncate(BY_MAX);
        format!("document {shown}")
    }
}

fn is_google_id(text: &str) -> bool {
    (20..=128).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// The id in a link to a Google Doc.
fn google_id(url: &Url) -> Option<String> {
    let parts: Vec<&str> = url.path_segments()?.filter(|part| !part.is_empty()).collect();
    let id = match (url.host_str()?, parts.as_slice()) {
        // Links of several accounts have `u/0` in front.
        ("docs.google.com", ["document", "u", _, "d", id, rest @ ..] | ["document", "d", id, rest @ ..])
            if !matches!(rest.first(), Some(&"pub" | &"export")) =>
        {
            (*id).to_owned()
        }
        ("drive.google.com", ["file", "d", id, ..]) => (*id).to_owned(),
        ("drive.google.com", ["open"]) => {
            let id = url.query_pairs().find(|(name, _)| name == "id");
            id.map(|(_, id)| id.into_owned())?
        }
        _ => return None,
    };
    is_google_id(&id).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "1aBcDeFgHiJkLmNoPqRsTuVwXyZ-0123456789_abc";

    #[test]
    fn links_to_google_docs_are_known_by_their_id() {
        for link in [
            ID.to_owned(),
            format!("  {ID}\n"),
            format!("https://docs.google.com/document/d/{ID}/edit?usp=sharing#heading=h.x"),
            format!("https://docs.google.com/document/d/{ID}"),
            format!("https://docs.google.com/document/u/1/d/{ID}/edit"),
            format!("https://drive.google.com/file/d/{ID}/view"),
            format!("https://drive.google.com/open?usp=x&id={ID}"),
        ] {
            assert_eq!(Source::read(&link), Some(Source::Google(ID.to_owned())), "{link}");
        }
        for web in [
            format!("https://docs.google.com/document/d/{ID}/export?format=txt"),
            format!("https://docs.google.com/document/d/e/{ID}/pub"),
            format!("https://docs.google.com.example.com/document/d/{ID}/edit"),
            "https://docs.google.com/document/d/short/edit".to_owned(),
        ] {
            assert!(matches!(Source::read(&web), Some(Source::Web(_))), "{web}");
        }
    }

    #[test]
    fn an_address_is_one_of_the_web_and_keeps_its_secrets_out_of_the_log() {
        for no in [
            "",
            "rules",
            "example.com/rules.txt",
            "ftp://example.com/x",
            "file:///etc/passwd",
            "https://",
            "data:text/plain,x",
            "https://me:secret@example.com/x",
            "javascript:alert(1)",
        ] {
            assert_eq!(Source::read(no), None, "{no}");
        }
        let web = Source::read("https://example.com/r.txt?token=secret#x").unwrap();
        assert_eq!(web.address(), "https://example.com/r.txt?token=secret");
        assert_eq!(web.by(), "document https://example.com/r.txt");
        let google = Source::Google(ID.into());
        assert_eq!(Source::read(&google.address()), Some(google.clone()));
        let long = Source::read(&format!("https://example.com/{}", "x".repeat(1000))).unwrap();
        assert!(long.by().len() < 300);
    }

    proptest! {
        #[test]
        fn whatever_is_pasted_is_read_again_as_it_is_stored(pasted in "\\PC{0,80}|https?://[a-z.]{1,20}/[!-~]{0,40}") {
            if let Some(source) = Source::read(&pasted) {
                let (sort, place) = source.parts();
                prop_assert_eq!(Source::stored(sort, place), Some(source.clone()));
                prop_assert_eq!(Source::read(&source.address()), Some(source.clone()));
                prop_assert!(source.by().is_ascii() && !source.by().contains('?'));
            }
        }
    }
}
