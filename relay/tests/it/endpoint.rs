//! A language model's endpoint of the tests' own: it speaks each protocol, and hangs, breaks off, floods and answers
//! rubbish on command.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// How an endpoint behaves.
#[derive(Clone, Debug)]
pub enum Manner {
    Says(String),
    Answers(u16, String),
    Hangs,
    HangsUp,
    Floods,
}

/// What it was asked: the path, the headers, the body.
pub type Asked = (String, Vec<String>, Value);

/// An endpoint, with what it was asked.
pub struct Endpoint {
    pub url: String,
    manner: Arc<Mutex<Manner>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Endpoint {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            manner: Arc::new(Mutex::new(Manner::Hangs)),
            asked: Arc::default(),
        };
        let (manner, asked) = (endpoint.manner.clone(), endpoint.asked.clone());
        std::thread::spawn(move || {
            // Those that hang stay open as long as the endpoint does.
            let mut held = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let Some(request) = request(&stream) else { continue };
                let path = request.0.clone();
                asked.lock().unwrap().push(request);
                let manner = manner.lock().unwrap().clone();
                match manner {
                    Manner::Says(text) => answer(&mut stream, 200, &spoken(&path, &text)),
                    Manner::Answers(status, text) => answer(&mut stream, status, &text),
                    Manner::Hangs => held.push(stream),
                    Manner::HangsUp => {}
                    Manner::Floods => answer(&mut stream, 200, &"x".repeat(1_000_000)),
                }
            }
        });
        endpoint
    }

    pub fn behaves(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// A text in the words of the protocol that the path is of.
fn spoken(path: &str, text: &str) -> String {
    match path {
        path if path.ends_with("/chat/completions") => {
            json!({"choices": [{"message": {"role": "assistant", "content": text}}]})
        }
        path if path.ends_with("/v1/messages") => {
            json!({"content": [{"type": "text", "text": text}], "stop_reason": "end_turn"})
        }
        _ => json!({"output": {"message": {"role": "assistant", "content": [{"text": text}]}}}),
    }
    .to_string()
}

fn request(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let (mut headers, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        if let Some(n) = line.to_lowercase().strip_prefix("content-length: ") {
            length = n.parse().ok()?;
        }
        headers.push(line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, headers, serde_json::from_slice(&body).ok()?))
}

fn answer(stream: &mut TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\nlocation: /else\r\n\r\n",
        body.len()
    );
    // Whoever has read enough hangs up.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(body.as_bytes()));
}
