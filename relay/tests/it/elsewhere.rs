//! A server of the tests' own on which documents are: it changes, leads on, hangs, floods and refuses on command, and tells
//! what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How it answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Status, headers, body.
    Answers(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// A text with this mark; whoever shows the mark hears that it is still the same.
    Marked(&'static str, String),
    Hangs,
    HangsUp,
    /// A hundred million bytes of text, without saying so before.
    Floods,
}

/// What it was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    /// In small letters, with their values.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(one, _)| one == name);
        found.map(|(_, value)| value.as_str())
    }
}

type Says = dyn Fn(&Asked) -> Manner + Send + Sync;

/// The server.
pub struct Elsewhere {
    pub at: SocketAddr,
    says: Arc<Mutex<Arc<Says>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Elsewhere {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let nothing: Arc<Says> = Arc::new(|_: &Asked| Manner::HangsUp);
        let server = Self {
            at: listener.local_addr().unwrap(),
            says: Arc::new(Mutex::new(nothing)),
            asked: Arc::default(),
        };
        let (says, asked) = (server.says.clone(), server.asked.clone());
        std::thread::spawn(move || {
            // Those that hang stay open as long as the server does.
            let held = Arc::new(Mutex::new(Vec::new()));
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let (says, asked, held) = (says.clone(), asked.clone(), held.clone());
                std::thread::spawn(move || serve(stream, &says, &asked, &held));
            }
        });
        server
    }

    /// A path's address there.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.at)
    }

    /// All is answered so.
    pub fn says(&self, manner: Manner) {
        self.answers(move |_| manner.clone());
    }

    pub fn answers(&self, says: impl Fn(&Asked) -> Manner + Send + Sync + 'static) {
        *self.says.lock().unwrap() = Arc::new(says);
    }

    /// A plain text.
    pub fn text(&self, text: &str) {
        self.says(plain(text));
    }

    /// What it was asked since the last time.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// A plain text, without a mark.
pub fn plain(text: &str) -> Manner {
    typed("text/plain; charset=utf-8", text.as_bytes())
}

/// Bytes of a type.
pub fn typed(sort: &str, bytes: &[u8]) -> Manner {
    Manner::Answers(200, vec![("content-type", sort.to_owned())], bytes.to_owned())
}

/// A status without a text.
pub fn status(status: u16) -> Manner {
    Manner::Answers(status, Vec::new(), Vec::new())
}

/// An address that leads on.
pub fn leads_to(to: &str) -> Manner {
    Manner::Answers(302, vec![("location", to.to_owned())], Vec::new())
}

fn serve(mut stream: TcpStream, says: &Mutex<Arc<Says>>, asked: &Mutex<Vec<Asked>>, held: &Mutex<Vec<TcpStream>>) {
    let Some(question) = read(&stream) else { return };
    let says = says.lock().unwrap().clone();
    let manner = says(&question);
    asked.lock().unwrap().push(question.clone());
    match manner {
        Manner::Answers(status, headers, body) => write(&mut stream, status, &headers, &body),
        Manner::Marked(mark, _) if question.header("if-none-match") == Some(mark) => write(&mut stream, 304, &[], b""),
        Manner::Marked(mark, text) => {
            let headers = [("content-type", "text/plain".to_owned()), ("etag", mark.to_owned())];
            write(&mut stream, 200, &headers, text.as_bytes());
        }
        Manner::Hangs => held.lock().unwrap().push(stream),
        Manner::HangsUp => {}
        Manner::Floods => {
            let head = "HTTP/1.1 200 X\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n";
            let part = vec![b'#'; 100_000];
            // Whoever has read enough hangs up.
            let _ = stream.write_all(head.as_bytes());
            for _ in 0..1000 {
                if stream.write_all(&part).is_err() {
                    return;
                }
            }
        }
    }
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    Some(Asked {
        method,
        path,
        headers,
        body,
    })
}

fn write(stream: &mut TcpStream, status: u16, headers: &[(&str, String)], body: &[u8]) {
    let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\n");
    if status != 304 {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    // Whoever has read enough hangs up.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body));
}
