//! Load over 64 connections that are kept open: each sends a request, reads all of the answer, and sends the next.

use memchr::memmem;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;

/// Visitors at the same time.
const CONNECTIONS: usize = 64;
/// Threads that play them.
const THREADS: usize = 2;

/// What was seen.
pub struct Seen {
    /// Answers a second.
    pub rate: f64,
    /// How long each took.
    pub times: Vec<Duration>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Loads a server. Every answer must be a 302.
pub fn run(address: SocketAddr, requests: &[Vec<u8>], time: Duration) -> Result<Seen> {
    let began = Instant::now();
    let end = began + time;
    let times = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| scope.spawn(move || play(address, requests, end, thread)))
            .collect();
        let times = threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a thread of the load panicked")?);
        times.collect::<Result<Vec<_>, Failed>>()
    });
    let times: Vec<Duration> = times.map_err(|error| error.to_string())?.concat();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    Ok(Seen { rate, times })
}

fn play(address: SocketAddr, requests: &[Vec<u8>], end: Instant, thread: usize) -> Result<Vec<Duration>, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut visitors = JoinSet::new();
        for n in (thread..CONNECTIONS).step_by(THREADS) {
            visitors.spawn(visit(address, requests.to_vec(), end, n * 61));
        }
        let mut times = Vec::new();
        while let Some(done) = visitors.join_next().await {
            times.extend(done??);
        }
        Ok(times)
    })
}

async fn visit(
    address: SocketAddr,
    requests: Vec<Vec<u8>>,
    end: Instant,
    first: usize,
) -> Result<Vec<Duration>, Failed> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut times, mut buffer) = (Vec::new(), vec![0; 4096]);
    for request in requests.iter().cycle().skip(first % requests.len()) {
        let began = Instant::now();
        if began >= end {
            break;
        }
        stream.write_all(request).await?;
        let mut length = 0;
        while whole(&buffer[..length]).is_none_or(|whole| length < whole) {
            let read = stream.read(&mut buffer[length..]).await?;
            if read == 0 {
                return Err("the server broke off".into());
            }
            length += read;
        }
        if !buffer.starts_with(b"HTTP/1.1 302") {
            return Err(String::from_utf8_lossy(&buffer[..length.min(200)]).into());
        }
        times.push(began.elapsed());
    }
    Ok(times)
}

/// How long the answer is, once its head is there.
fn whole(said: &[u8]) -> Option<usize> {
    let head = memmem::find(said, b"\r\n\r\n")? + 4;
    let named = |name: &[u8]| memmem::find(&said[..head], name).map(|at| &said[at + name.len()..head]);
    let digits = named(b"content-length: ").or_else(|| named(b"Content-Length: "));
    let number = digits.unwrap_or_default().iter().take_while(|b| b.is_ascii_digit());
    Some(head + number.fold(0, |sum, digit| sum * 10 + usize::from(digit - b'0')))
}
