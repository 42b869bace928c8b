//! A mail server of the tests' own: TLS, names and passwords, and on command it refuses, puts off, hangs up, or keeps a
//! message without a word. What it was given it keeps.

use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::{HashMap, VecDeque};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// The name it lets in.
pub const USER: &str = "shop";
/// The password.
pub const PASSWORD: &str = "corner\u{e9}-secret";

/// How TLS begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// At once.
    Tls,
    /// After a word.
    Starttls,
}

/// What it does to the next mail to somebody.
#[derive(Clone)]
pub enum Act {
    /// Answers the recipient so.
    Refuse(&'static str),
    /// Answers the message so, after all of it.
    RefuseMessage(&'static str),
    /// Hangs up when the message is announced.
    HangUpBefore,
    /// Takes the whole message and hangs up without a word.
    HangUpAfter,
    /// Takes the whole message and says nothing until it is let go.
    Hold,
}

/// A message that it was given.
#[derive(Clone)]
pub struct Received {
    /// The recipient.
    pub to: String,
    /// All of it.
    pub bytes: Vec<u8>,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    acts: HashMap<String, VecDeque<Act>>,
    refused_names: usize,
    lines: usize,
    silent_after: Option<usize>,
    let_go: bool,
}

/// The server. It ends with the tests.
pub struct Smtp {
    /// Its port, on `localhost`.
    pub port: u16,
    /// Its certificate, to be trusted.
    pub certificate: String,
    state: Arc<(Mutex<State>, Condvar)>,
}

impl Smtp {
    /// Starts one.
    pub fn start(mode: Mode) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key);
        let config = Arc::new(config.unwrap());
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let smtp = Self {
            port: listener.local_addr().unwrap().port(),
            certificate: made.cert.pem(),
            state: Arc::default(),
        };
        let state = smtp.state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (state, config) = (state.clone(), config.clone());
                state.0.lock().unwrap().lines += 1;
                // Whoever hangs up in the middle has ended the talk, which is all there is to it.
                std::thread::spawn(move || Talk::begin(stream, mode, config, state).unwrap_or_default());
            }
        });
        smtp
    }

    /// What it does to the next mails to somebody, one after the other; then it takes them.
    pub fn will(&self, to: &str, acts: &[Act]) {
        let mut state = self.state.0.lock().unwrap();
        state.acts.insert(to.to_owned(), acts.iter().cloned().collect());
    }

    /// From so many messages on it takes each without a word, until it lets go.
    pub fn falls_silent_after(&self, messages: usize) {
        self.state.0.lock().unwrap().silent_after = Some(messages);
    }

    /// All it was given, also what it never acknowledged.
    pub fn received(&self) -> Vec<Received> {
        self.state.0.lock().unwrap().received.clone()
    }

    /// What it was given for somebody.
    pub fn to(&self, to: &str) -> Vec<Vec<u8>> {
        let all = self.received().into_iter().filter(|received| received.to == to);
        all.map(|received| received.bytes).collect()
    }

    /// How often somebody came with a wrong name or password, or none.
    pub fn refused_names(&self) -> usize {
        self.state.0.lock().unwrap().refused_names
    }

    /// How often somebody came at all.
    pub fn lines(&self) -> usize {
        self.state.0.lock().unwrap().lines
    }

    /// Lets go of what it holds, now and later.
    pub fn let_go(&self) {
        self.state.0.lock().unwrap().let_go = true;
        self.state.1.notify_all();
    }
}

enum Line {
    Plain(TcpStream),
    Secret(Box<StreamOwned<ServerConnection, TcpStream>>),
    Gone,
}

struct Talk {
    line: Line,
    config: Arc<ServerConfig>,
    state: Arc<(Mutex<State>, Condvar)>,
    signed_in: bool,
    to: Option<String>,
    act: Option<Act>,
}

impl Talk {
    fn begin(
        stream: TcpStream,
        mode: Mode,
        config: Arc<ServerConfig>,
        state: Arc<(Mutex<State>, Condvar)>,
    ) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut talk = Self {
            line: Line::Plain(stream),
            config,
            state,
            signed_in: false,
            to: None,
            act: None,
        };
        if mode == Mode::Tls {
            talk.hide();
        }
        talk.say("220 localhost ready")?;
        while let Some(said) = talk.hear()? {
            if !talk.answer(&said)? {
                break;
            }
        }
        Ok(())
    }

    fn hide(&mut self) {
        if let Line::Plain(stream) = std::mem::replace(&mut self.line, Line::Gone) {
            let connection = ServerConnection::new(self.config.clone()).unwrap();
            self.line = Line::Secret(Box::new(StreamOwned::new(connection, stream)));
        }
    }

    fn say(&mut self, text: &str) -> std::io::Result<()> {
        let text = format!("{text}\r\n");
        match &mut self.line {
            Line::Plain(stream) => stream.write_all(text.as_bytes()),
            Line::Secret(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
            Line::Gone => Ok(()),
        }
    }

    fn hear(&mut self) -> std::io::Result<Option<String>> {
        let mut bytes = Vec::new();
        let mut one = [0];
        while !bytes.ends_with(b"\r\n") {
            let read = match &mut self.line {
                Line::Plain(stream) => stream.read(&mut one)?,
                Line::Secret(stream) => stream.read(&mut one)?,
                Line::Gone => 0,
            };
            if read == 0 {
                return Ok(None);
            }
            bytes.push(one[0]);
        }
        bytes.truncate(bytes.len() - 2);
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Answers a command; whether the talk goes on.
    fn answer(&mut self, said: &str) -> std::io::Result<bool> {
        let upper = said.to_uppercase();
        let secret = matches!(self.line, Line::Secret(_));
        if upper.starts_with("EHLO") {
            let more = if secret { "AUTH PLAIN LOGIN" } else { "STARTTLS" };
            self.say(&format!("250-localhost\r\n250-8BITMIME\r\n250 {more}"))?;
        } else if upper == "STARTTLS" {
            self.say("220 go")?;
            self.hide();
        } else if let Some(given) = said.strip_prefix("AUTH PLAIN ") {
            self.sign_in(given)?;
        } else if upper.starts_with("MAIL FROM") {
            let refusal = if !secret {
                Some("530 5.7.0 Must issue a STARTTLS command first")
            } else if !self.signed_in {
                Some("530 5.7.0 Authentication required")
            } else {
                None
            };
            self.to = None;
            self.say(refusal.unwrap_or("250 2.1.0 fine"))?;
        } else if upper.starts_with("RCPT TO") {
            let to = said.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
            let act = self
                .state
                .0
                .lock()
                .unwrap()
                .acts
                .get_mut(&to)
                .and_then(VecDeque::pop_front);
            if let Some(Act::Refuse(answer)) = act {
                self.say(answer)?;
            } else {
                (self.to, self.act) = (Some(to), act);
                self.say("250 2.1.5 fine")?;
            }
        } else if upper == "DATA" {
            return self.data();
        } else if upper == "QUIT" {
            self.say("221 bye")?;
            return Ok(false);
        } else {
            self.say("250 fine")?;
        }
        Ok(true)
    }

    fn sign_in(&mut self, given: &str) -> std::io::Result<()> {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(given)
            .unwrap_or_default();
        self.signed_in = bytes == format!("\0{USER}\0{PASSWORD}").as_bytes();
        if self.signed_in {
            return self.say("235 2.7.0 welcome");
        }
        self.state.0.lock().unwrap().refused_names += 1;
        self.say("535 5.7.8 Authentication credentials invalid")
    }

    fn data(&mut self) -> std::io::Result<bool> {
        let act = self.act.take();
        if matches!(act, Some(Act::HangUpBefore)) {
            return Ok(false);
        }
        self.say("354 go on")?;
        let mut bytes = Vec::new();
        loop {
            let Some(line) = self.hear()? else {
                return Ok(false);
            };
            if line == "." {
                break;
            }
            bytes.extend_from_slice(line.strip_prefix('.').unwrap_or(&line).as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        if let Some(Act::RefuseMessage(answer)) = act {
            self.say(answer)?;
            return Ok(true);
        }
        let received = Received {
            to: self.to.take().unwrap_or_default(),
            bytes,
        };
        let (state, changed) = &*self.state;
        let mut state = state.lock().unwrap();
        state.received.push(received);
        let silent = state.silent_after.is_some_and(|after| state.received.len() > after);
        match act {
            None if silent => drop(changed.wait_while(state, |state| !state.let_go).unwrap()),
            Some(Act::HangUpAfter) => return Ok(false),
            Some(Act::Hold) => drop(changed.wait_while(state, |state| !state.let_go).unwrap()),
            _ => drop(state),
        }
        self.say("250 2.0.0 taken")?;
        Ok(true)
    }
}
