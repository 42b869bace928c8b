//! The message as it goes over the wire: its headers, both parts.

use crate::dkim::Signer;
use crate::fill::plain;
use crate::render::Rendered;
use lettre::address::{AddressError, Envelope as Route};
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};
use lettre::{Address, error::Error};
use std::time::{Duration, SystemTime};

/// Longest name of a sender, in characters.
const NAME_MAX: usize = 80;

/// From whom to whom.
#[derive(Clone, Debug)]
pub struct Envelope<'a> {
    /// The name that is shown.
    pub from_name: &'a str,
    /// The sender's address.
    pub from: &'a str,
    /// Where answers go, where that is elsewhere.
    pub reply_to: Option<&'a str>,
    /// The recipient's address.
    pub to: &'a str,
    /// Who signs it, where the shop has a key of its own.
    pub signer: Option<&'a Signer>,
}

/// What the message says of itself.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Its own name, unique for ever; letters, digits and `-`.
    pub id: &'a str,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Where a mail program unsubscribes by a POST.
    pub stop: Option<&'a str>,
    /// Whether it goes out by Postmark, which tells back only what stands in a header of its own.
    pub postmark: bool,
}

/// Why there is no message.
#[derive(Debug, thiserror::Error)]
pub enum MessageError {
    /// An address is not one.
    #[error("{0:?} is not an address that mail can be sent to or from.")]
    Address(String, #[source] AddressError),
    /// Something else is missing.
    #[error("The message can't be built: {0}")]
    Broken(#[from] Error),
}

macro_rules! said {
    ($($header:ident = $name:literal),+ $(,)?) => {$(
        #[derive(Clone)]
        struct $header(String);
        impl Header for $header {
            fn name() -> HeaderName { HeaderName::new_from_ascii_str($name) }
            fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> { Ok(Self(text.to_owned())) }
            fn display(&self) -> HeaderValue {
                // Short ASCII that we made ourselves: folding or encoding it would break what reads it.
                HeaderValue::dangerous_new_pre_encoded(Self::name(), self.0.clone(), self.0.clone())
            }
        }
    )+};
}

said!(
    ListUnsubscribe = "List-Unsubscribe",
    ListUnsubscribePost = "List-Unsubscribe-Post",
    AutoSubmitted = "Auto-Submitted",
    OurName = "X-Regulars-Mail",
    PostmarksName = "X-PM-Metadata-mail",
);

fn address(text: &str) -> Result<Address, MessageError> {
    text.parse()
        .map_err(|error| MessageError::Address(text.to_owned(), error))
}

/// Builds it: who it goes to by SMTP, and its bytes.
///
/// # Errors
/// See [`MessageError`].
pub fn message(envelope: &Envelope<'_>, facts: &Facts<'_>, mail: &Rendered) -> Result<(Route, Vec<u8>), MessageError> {
    let from = address(envelope.from)?;
    let domain = from.domain().to_owned();
    let name = Some(plain(envelope.from_name, NAME_MAX)).filter(|name| !name.is_empty());
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(facts.at_ms.max(0).unsigned_abs());
    let mut builder = Message::builder()
        .from(Mailbox::new(name, from))
        .to(Mailbox::new(None, address(envelope.to)?))
        .subject(mail.subject.as_str())
        .date(at)
        .message_id(Some(format!("<{}@{domain}>", facts.id)))
        .header(AutoSubmitted("auto-generated".to_owned()))
        // Services that give a mail another `Message-ID` tell this one back.
        .header(OurName(facts.id.to_owned()));
    if facts.postmark {
        builder = builder.header(PostmarksName(facts.id.to_owned()));
    }
    if let Some(reply_to) = envelope.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address(reply_to)?));
    }
    if let Some(stop) = facts.stop {
        builder = builder
            .header(ListUnsubscribe(format!("<{stop}>")))
            .header(ListUnsubscribePost("List-Unsubscribe=One-Click".to_owned()));
    }
    let part = |kind: ContentType, text: &str| {
        // Short lines of ASCII, whatever the text: servers that know nothing else take it, and signatures stay whole.
        let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable);
        let body = body.unwrap_or_else(Body::new);
        SinglePart::builder().header(kind).body(body)
    };
    let parts = MultiPart::alternative()
        // `=_` can't be in a part: there every `=` is written as `=3D`.
        .boundary(format!("=_{}", facts.id))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.html));
    let mut message = builder.multipart(parts)?;
    if let Some(signer) = envelope.signer {
        signer.sign(&mut message);
    }
    Ok((message.envelope().clone(), message.formatted()))
}
