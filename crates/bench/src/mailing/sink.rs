//! A mail server that takes everything and counts it, as a process of its own. It speaks SMTP, and one word more: `COUNT`.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};

use crate::Result;
use crate::refs::servers::{self, Server};

/// What it is called among the servers.
pub const NAME: &str = "sink";

/// Starts one.
pub fn start() -> Result<Server> {
    servers::this(NAME)
}

/// How many messages it has taken.
pub fn count(sink: SocketAddr) -> Result<usize> {
    let mut line = BufReader::new(TcpStream::connect(sink)?);
    let mut said = String::new();
    line.read_line(&mut said)?;
    line.get_mut().write_all(b"COUNT\r\n")?;
    said.clear();
    line.read_line(&mut said)?;
    let number = said.trim_end().strip_prefix("250 ").ok_or("the sink does not count")?;
    Ok(number.parse()?)
}

/// Is one until it is told to stop.
pub async fn serve() -> Result {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    println!("{}", serde_json::json!({"listening": listener.local_addr()?}));
    let taken = Arc::new(AtomicUsize::new(0));
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // Whoever hangs up has ended the talk.
        tokio::spawn(talk(tokio::io::BufStream::new(stream), taken.clone()));
    }
}

async fn talk(mut line: tokio::io::BufStream<tokio::net::TcpStream>, taken: Arc<AtomicUsize>) -> std::io::Result<()> {
    let mut said = Vec::new();
    let mut answer: String = "220 sink ready\r\n".to_owned();
    loop {
        line.write_all(answer.as_bytes()).await?;
        line.flush().await?;
        said.clear();
        if line.read_until(b'\n', &mut said).await? == 0 {
            return Ok(());
        }
        let word = said.get(..4).unwrap_or_default().to_ascii_uppercase();
        answer = match &word[..] {
            b"EHLO" => "250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n".to_owned(),
            b"COUN" => format!("250 {}\r\n", taken.load(Ordering::Relaxed)),
            b"DATA" => {
                line.write_all(b"354 go on\r\n").await?;
                line.flush().await?;
                if !message(&mut line, &mut said).await? {
                    return Ok(());
                }
                taken.fetch_add(1, Ordering::Relaxed);
                "250 2.0.0 taken\r\n".to_owned()
            }
            b"QUIT" => {
                line.write_all(b"221 bye\r\n").await?;
                return line.flush().await;
            }
            _ => "250 2.0.0 fine\r\n".to_owned(),
        };
    }
}

/// All of a message; whether it came to its end.
async fn message(line: &mut tokio::io::BufStream<tokio::net::TcpStream>, said: &mut Vec<u8>) -> std::io::Result<bool> {
    loop {
        said.clear();
        if line.read_until(b'\n', said).await? == 0 {
            return Ok(false);
        }
        if said == b".\r\n" {
            return Ok(true);
        }
    }
}
