//! The line to a shop's server, kept open from one mail to the next. It tells apart what was refused before the server
//! had the message, which can be tried again, and what broke after, about which nobody knows.

use lettre::address::Envelope as Route;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::seal::{Key, KeyError};
use super::settings::{MailShop, Security};
use crate::outside::{self, Unreachable};

/// Longest wait for one answer of the server.
const ANSWER: Duration = Duration::from_secs(10);
/// Longest for opening a line, and for saying from whom to whom: both together less than a worker keeps what it claimed.
const STEP: Duration = Duration::from_secs(12);
/// Longest for the message itself.
const MESSAGE: Duration = Duration::from_secs(90);

/// What is said of a server that is elsewhere and would be spoken to in the open.
const NOT_HERE: &str = "Without TLS only a server on this machine is spoken to. Choose tls or starttls.";

/// Why a mail was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum No {
    /// The server can't be reached, or doesn't let us in: nothing to do with this mail.
    Line(String),
    /// Not now: the server's digits.
    Later(String),
    /// Never: the server's digits, and whether it is about the recipient's address.
    Never {
        /// Three digits, and the finer ones where it told them.
        code: String,
        /// Whether there is no such mailbox.
        bounced: bool,
    },
    /// It had the message, or part of it, and then the line broke.
    Unknown,
}

impl No {
    /// What an owner is told of it.
    #[must_use]
    pub fn told(self) -> String {
        match self {
            Self::Line(why) => why,
            Self::Later(code) => format!("The server says not now ({code}). Try again in a few minutes."),
            Self::Never { code, .. } => {
                format!("The server refused it ({code}). Check that it lets this name send from this address.")
            }
            Self::Unknown => "The line broke while the server had it: it may have arrived or not.".to_owned(),
        }
    }
}

/// An open line.
pub struct Line {
    connection: AsyncSmtpConnection,
}

/// A password that can be used, or why not.
fn credentials(settings: &MailShop, key: Result<&Key, &KeyError>) -> Result<Option<Credentials>, No> {
    let (Some(user), Some(sealed)) = (&settings.username, &settings.password) else {
        return Ok(None);
    };
    let key = key.map_err(|error| No::Line(error.to_string()))?;
    let password = key
        .open(settings.shop, sealed)
        .map_err(|error| No::Line(error.to_string()))?;
    Ok(Some(Credentials::new(user.clone(), password)))
}

/// Whether a name is of this very machine: without TLS nothing goes anywhere else.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Where the server is. It is looked up here and nowhere else: what was outside when it was named may have been pointed
/// inside since.
async fn located(settings: &MailShop, allow_private: bool) -> Result<Vec<SocketAddr>, No> {
    let no = |what: &str| Err(No::Line(what.to_owned()));
    let without_tls = settings.security == Security::None;
    if without_tls && !is_here(&settings.host) {
        return no(NOT_HERE);
    }
    match outside::resolved(&settings.host, settings.port, allow_private || settings.inside).await {
        Ok(at) if without_tls && !at.iter().all(|at| at.ip().is_loopback()) => no(NOT_HERE),
        Ok(at) => Ok(at),
        Err(Unreachable::Unknown) => no("The server can't be reached: nobody knows its name just now."),
        Err(Unreachable::Private) => no(
            "The server is inside the relay's own network. Name one that is on the internet, \
                                         or ask whoever runs the relay.",
        ),
    }
}

fn tls(settings: &MailShop) -> Result<TlsParameters, Error> {
    let mut parameters = TlsParameters::builder(settings.host.clone());
    if let Some(ca) = &settings.ca {
        parameters = parameters.add_root_certificate(Certificate::from_pem(ca.as_bytes())?);
    }
    parameters.build()
}

impl Line {
    /// Opens one and signs in. A server that an owner named is only looked for inside the relay's own network where that is
    /// allowed.
    ///
    /// # Errors
    /// [`No::Line`].
    pub async fn open(settings: &MailShop, key: Result<&Key, &KeyError>, allow_private: bool) -> Result<Self, No> {
        let credentials = credentials(settings, key)?;
        let opened = tokio::time::timeout(STEP, async {
            let at = located(settings, allow_private).await?;
            let connection = connect(settings, &at, credentials).await;
            connection.map_err(|error| No::Line(told(&error)))
        });
        let connection = opened
            .await
            .map_err(|_| No::Line("The server did not answer in time.".to_owned()))??;
        Ok(Self { connection })
    }

    /// Says from whom and to whom. The message has not been given to the server when this fails.
    ///
    /// # Errors
    /// [`No`], but for [`No::Unknown`].
    pub async fn address(&mut self, route: &Route) -> Result<(), No> {
        let steps = async {
            let mail = Mail::new(route.from().cloned(), Vec::new());
            self.connection
                .command(mail)
                .await
                .map_err(|error| refused(&error, false))?;
            for to in route.to() {
                let rcpt = Rcpt::new(to.clone(), Vec::new());
                self.connection
                    .command(rcpt)
                    .await
                    .map_err(|error| refused(&error, true))?;
            }
            Ok(())
        };
        match tokio::time::timeout(STEP, steps).await {
            Ok(done) => done,
            Err(_) => Err(No::Line("The server did not answer in time.".to_owned())),
        }
    }

    /// Gives the server the message. Whatever can't be told for sure is [`No::Unknown`].
    ///
    /// # Errors
    /// [`No`].
    pub async fn give(&mut self, message: &[u8]) -> Result<(), No> {
        let steps = async {
            // Until the server has answered this, it has nothing of the message.
            self.connection
                .command(Data)
                .await
                .map_err(|error| refused(&error, true))?;
            let taken = match whole(message) {
                Some(whole) => self.connection.command(whole).await,
                None => self.connection.message(message).await,
            };
            taken.map(drop).map_err(|error| match error.status() {
                Some(_) => refused(&error, true),
                None => No::Unknown,
            })
        };
        tokio::time::timeout(MESSAGE, steps).await.unwrap_or(Err(No::Unknown))
    }

    /// Whether it can be used again.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.connection.has_broken()
    }

    /// After a refusal: forgets the recipients so far. Answers whether the line can be used again.
    pub async fn reset(&mut self) -> bool {
        let reset = self.connection.command(lettre::transport::smtp::commands::Rset);
        matches!(tokio::time::timeout(ANSWER, reset).await, Ok(Ok(_)))
    }

    /// Ends it in order.
    pub async fn close(mut self) {
        // A server that has gone needs no farewell.
        let _ = tokio::time::timeout(ANSWER, self.connection.quit()).await;
    }
}

/// All of a message with its end, to be written at once; none where it is no text. In two pieces, as lettre writes it, the
/// second waits until the server's machine has confirmed the first, which it puts off for 40 ms.
fn whole(message: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(message).ok()?;
    let text = text.strip_suffix("\r\n").unwrap_or(text);
    // A line that begins with a dot would end it (RFC 5321, section 4.5.2).
    let dot = if text.starts_with('.') { "." } else { "" };
    Some(format!("{dot}{}\r\n.\r\n", text.replace("\r\n.", "\r\n..")))
}

async fn connect(
    settings: &MailShop,
    at: &[SocketAddr],
    credentials: Option<Credentials>,
) -> Result<AsyncSmtpConnection, Error> {
    let name = settings.sender.rsplit('@').next().unwrap_or("localhost");
    let hello = ClientId::Domain(name.to_owned());
    let at_once = (settings.security == Security::Tls)
        .then(|| tls(settings))
        .transpose()?;
    // By its address; who it has to be is said by its name all the same.
    let mut connection = AsyncSmtpConnection::connect_tokio1(at, Some(ANSWER), &hello, at_once, None).await?;
    if settings.security == Security::Starttls {
        connection.starttls(tls(settings)?, &hello).await?;
    }
    if let Some(credentials) = credentials {
        connection
            .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
            .await?;
    }
    Ok(connection)
}

/// What an owner is told of a line that can't be opened: the server's digits or the system's words, never an address.
fn told(error: &Error) -> String {
    match error.status() {
        Some(code) if u16::from(code) == 535 => "The server refused the name or the password (535).".to_owned(),
        Some(code) => format!("The server refused: {code}."),
        None => format!("The server can't be reached: {error}"),
    }
}

/// What a refusal before the message means; `about_recipient`: of whom it can be.
fn refused(error: &Error, about_recipient: bool) -> No {
    let Some(status) = error.status() else {
        return No::Line(told(error));
    };
    let fine = finer(&error_text(error));
    let code = fine
        .as_ref()
        .map_or_else(|| status.to_string(), |fine| format!("{status} {fine}"));
    if !error.is_permanent() {
        return No::Later(code);
    }
    // 5.1.x: there is no such address. Without finer digits the usual answers for it.
    let bounced = about_recipient
        && match &fine {
            Some(fine) => fine.starts_with("5.1."),
            None => matches!(u16::from(status), 550 | 551 | 553),
        };
    No::Never { code, bounced }
}

fn error_text(error: &Error) -> String {
    let mut text = error.to_string();
    let mut inner = std::error::Error::source(error);
    while let Some(source) = inner {
        text.push(' ');
        text.push_str(&source.to_string());
        inner = source.source();
    }
    text
}

/// The finer digits (RFC 3463) in a server's answer: `5.1.1`.
fn finer(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let digits = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        let whole = parts.len() == 3 && matches!(parts[0], "2" | "4" | "5") && parts.iter().all(digits);
        whole.then(|| word.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn finer_digits_are_found_and_addresses_are_not() {
        assert_eq!(finer("550 5.1.1 <ana@example.com> unknown"), Some("5.1.1".into()));
        assert_eq!(finer("550-5.7.26 see https://x.example/1.2.3.4"), Some("5.7.26".into()));
        assert_eq!(finer("550 no such user at 10.0.0.1"), None);
    }

    #[test]
    fn nothing_goes_elsewhere_without_tls() {
        assert!(is_here("127.0.0.1") && is_here("::1") && is_here("localhost"));
        assert!(!is_here("10.0.0.1") && !is_here("mail.example.com") && !is_here("127.0.0.1.example.com"));
    }

    proptest! {
        #[test]
        fn a_server_reads_the_lines_that_were_given(lines in proptest::collection::vec("[.a\u{e9}]{0,4}", 1..6)) {
            let given = whole(format!("{}\r\n", lines.join("\r\n")).as_bytes()).unwrap();
            let mut read: Vec<&str> = given.split("\r\n").collect();
            prop_assert_eq!((read.pop(), read.pop()), (Some(""), Some(".")));
            // Nothing before its end looks like its end.
            prop_assert!(!read.contains(&"."));
            let read: Vec<&str> = read.iter().map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            prop_assert_eq!(read, lines);
        }

        #[test]
        fn nothing_makes_the_reader_panic(text in "\\PC{0,60}|[0-9. ]{0,20}") {
            let _ = finer(&text);
        }
    }
}
