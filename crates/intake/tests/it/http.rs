//! HTTP as a till speaks it: one connection, kept open. Just enough to send what a real client would not.

use serde_json::Value;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection.
pub struct Client(BufReader<TcpStream>);

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub json: Value,
}

impl Client {
    pub fn connect(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and reads its answer.
    pub fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> io::Result<Reply> {
        let mut request = format!(
            "{method} {path} HTTP/1.1\r\nhost: till\r\ncontent-length: {}\r\n",
            body.len()
        );
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        self.write(&[request.as_bytes(), b"\r\n", body].concat())?;
        self.reply()
    }

    /// Sends bytes as they are.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    /// Reads one answer.
    pub fn reply(&mut self) -> io::Result<Reply> {
        let broken = |what: &str| io::Error::new(io::ErrorKind::InvalidData, what.to_owned());
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_ascii_lowercase();
        let status = head.split(' ').nth(1).and_then(|s| s.parse().ok());
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let mut body = vec![0; length.ok_or_else(|| broken("no length"))?];
        self.0.read_exact(&mut body)?;
        let json = serde_json::from_slice(&body).map_err(|_| broken("no JSON"))?;
        let status = status.ok_or_else(|| broken("no status"))?;
        Ok(Reply { status, head, json })
    }

    /// Waits until the other side asks for the body.
    pub fn wait_for_continue(&mut self) -> io::Result<()> {
        let (mut first, mut blank) = (String::new(), String::new());
        self.0.read_line(&mut first)?;
        self.0.read_line(&mut blank)?;
        let asked = first.starts_with("HTTP/1.1 100 ");
        asked.then_some(()).ok_or_else(|| io::ErrorKind::InvalidData.into())
    }

    /// Whether the other side closed the connection and said nothing more.
    pub fn is_closed(&mut self) -> bool {
        matches!(self.0.read(&mut [0]), Ok(0))
    }
}
