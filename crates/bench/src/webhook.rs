//! A sale sent over HTTP on loopback, from the first byte to the answer, durable: against the same exchange with
//! nothing recorded, against the same sale recorded without HTTP, and against the same rows written raw.

use intake::{Config, Intake};
use pos::signature::standard::{self, Secret};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::credit::MEMBERS;
use crate::figures::Figure;
use crate::raw::Raw;
use crate::shop::{self, by};
use crate::{Result, Size};

/// One connection, kept open, as a till has it.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    /// Sends a request and waits for all of its answer; how long that took.
    fn send(&mut self, request: &[u8]) -> Result<Duration> {
        let start = Instant::now();
        self.0.get_mut().write_all(request)?;
        let status = exchange(&mut self.0, "HTTP/1.1 200")?;
        let took = start.elapsed();
        if status {
            Ok(took)
        } else {
            Err("a sale was refused".into())
        }
    }
}

/// Reads a message with a length; whether its first line begins like this.
fn exchange(from: &mut impl BufRead, begins: &str) -> io::Result<bool> {
    let (mut line, mut fits, mut length, mut first) = (String::new(), false, 0, true);
    loop {
        line.clear();
        if from.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if first {
            fits = line.starts_with(begins);
            first = false;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line == "\r\n" {
            break;
        }
    }
    io::copy(&mut from.take(length), &mut io::sink())?;
    Ok(fits)
}

/// A server that answers every request with as many bytes as ours does, and does nothing else.
fn bare() -> io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    std::thread::spawn(move || -> io::Result<()> {
        let (stream, _) = listener.accept()?;
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        let body = "x".repeat(230);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        while exchange(&mut stream, "POST").is_ok() {
            stream.get_mut().write_all(answer.as_bytes())?;
        }
        Ok(())
    });
    Ok(addr)
}

fn request(secret: &Secret, now: loyalty::UtcMs, id: &str, n: usize) -> Vec<u8> {
    let phone = shop::phone(n);
    let body = format!(
        r#"{{"sale_id":"{id}","phone":"{}","total":"12.50","occurred_at":"{}","items":[{{"name":"Flat white","quantity":2,"price":"4.50"}},{{"name":"Bagel","price":"3.50"}}]}}"#,
        phone.e164(),
        now.rfc3339()
    );
    let signed = standard::sign(std::slice::from_ref(secret), id, now, body.as_bytes());
    format!(
        "POST /pos/sale HTTP/1.1\r\nhost: till\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{}: {}\r\n{}: {}\r\n{}: {}\r\n\r\n{body}",
        body.len(),
        standard::ID_HEADER,
        signed.id,
        standard::TIMESTAMP_HEADER,
        signed.timestamp,
        standard::SIGNATURE_HEADER,
        signed.signature,
    )
    .into_bytes()
}

pub fn measure(dir: &Path, size: Size) -> Result<Vec<Figure>> {
    let store = Arc::new(shop::make(dir)?);
    for n in 0..MEMBERS {
        store.write(move |tx| tx.enrol(tx.new_op(), &by(), &ledger::NewMember::with_phone(shop::phone(n))))?;
    }
    let mut rows = Raw::new(&dir.join("bare.db"), MEMBERS, &[])?;
    let secret = Secret::from_random([7; 32]);
    let config = Config {
        listen: "127.0.0.1:0".parse()?,
        ..Config::new([secret.clone()])
    };
    let server = Intake::start(Arc::clone(&store), config)?;
    let (mut ours, mut bare) = (Client::connect(server.addr())?, Client::connect(bare()?)?);
    let mut times = vec![Vec::new(); 4];
    for round in 0..=size.rounds {
        let mut of_round = vec![Vec::new(); 4];
        // In turns, so that what else the machine does falls on all alike.
        for n in 0..size.credits {
            let sent = request(&secret, store.now(), &format!("w{round}-{n}"), n % MEMBERS);
            of_round[0].push(ours.send(&sent)?);
            of_round[1].push(bare.send(&sent)?);
            let sale = shop::sale(&store, format!("d{round}-{n}"), n % MEMBERS);
            let (op, start) = (store.new_op(), Instant::now());
            store.credit(op, by(), sale)?;
            of_round[2].push(start.elapsed());
            of_round[3].push(rows.credit(1)?);
        }
        // The first round warms up.
        if round > 0 {
            times.iter_mut().zip(of_round).for_each(|(all, one)| all.push(one));
        }
    }
    let names = [
        "webhook: one durable sale over HTTP",
        "raw: the same exchange, nothing recorded",
        "the same sale, credited without HTTP",
        "raw: the same rows in bare tables, beside the webhook",
    ];
    let figures: Vec<Figure> = names
        .iter()
        .zip(&mut times)
        .map(|(name, t)| Figure::time(name, t))
        .collect();
    let baselines = figures[1..].iter();
    let mut all: Vec<Figure> = baselines.clone().map(|b| figures[0].clone().against(b)).collect();
    all.extend(baselines.cloned());
    Ok(all)
}
