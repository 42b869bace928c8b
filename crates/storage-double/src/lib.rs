//! For tests: a real S3 service in the test's process (`s3s` over a folder: it checks signatures as Amazon's does), and a
//! line to it that breaks on command. What a test asks of them is the test's.

use hyper_util::rt::TokioIo;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

/// The id of the key that the service knows.
pub const KEY: &str = "AKIDHARBOUR";
/// Its secret.
pub const SECRET: &str = "a secret of forty plain characters, so so";
/// The bucket there is.
pub const BUCKET: &str = "harbour";

/// The service, until it is dropped.
pub struct Service {
    folder: tempfile::TempDir,
    /// Where it listens.
    pub port: u16,
    /// The certificate of who signed the service's own, where it speaks TLS.
    pub ca: Option<PathBuf>,
    _runtime: tokio::runtime::Runtime,
}

impl Service {
    /// Starts one; with TLS by a certificate of its own.
    ///
    /// # Panics
    /// Where it can't.
    #[must_use]
    pub fn start(tls: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("root").join(BUCKET)).unwrap();
        let (ca, acceptor) = if tls {
            let (pem, acceptor) = certified();
            let ca = folder.path().join("ca.pem");
            std::fs::write(&ca, pem).unwrap();
            (Some(ca), Some(acceptor))
        } else {
            (None, None)
        };
        let service = {
            let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder.path().join("root")).unwrap());
            builder.set_auth(SimpleAuth::from_single(KEY, SECRET));
            builder.build()
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (service, acceptor) = (service.clone(), acceptor.clone());
                tokio::spawn(async move {
                    let http = hyper::server::conn::http1::Builder::new();
                    // A line that breaks is the test's own doing.
                    let _ = match acceptor {
                        None => http.serve_connection(TokioIo::new(stream), service).await,
                        Some(acceptor) => match acceptor.accept(stream).await {
                            Ok(stream) => http.serve_connection(TokioIo::new(stream), service).await,
                            Err(_) => Ok(()),
                        },
                    };
                });
            }
        });
        Self {
            folder,
            port,
            ca,
            _runtime: runtime,
        }
    }

    /// Where an object lies on the service's own disk.
    #[must_use]
    pub fn object(&self, key: &str) -> PathBuf {
        self.folder.path().join("root").join(BUCKET).join(key)
    }
}

fn certified() -> (String, tokio_rustls::TlsAcceptor) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let mut ca = rcgen::CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let own = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let own = own.signed_by(&key, &issuer).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], key)
        .unwrap();
    (ca_pem, tokio_rustls::TlsAcceptor::from(Arc::new(config)))
}

/// A file of settings for the place `shops/harbour` in the bucket at this port.
#[must_use]
pub fn settings(scheme: &str, port: u16) -> String {
    format!(
        "endpoint = \"{scheme}://127.0.0.1:{port}\"\nregion = \"eu-central-1\"\nbucket = \"{BUCKET}\"\n\
         prefix = \"shops/harbour\"\nkey_id = \"{KEY}\"\nsecret = \"{SECRET}\"\n"
    )
}

/// What the line does with uploads (PUT) or with what comes back of an object (GET of one).
#[derive(Clone)]
pub enum Trouble {
    /// Nothing.
    None,
    /// The upload is answered with this, and goes nowhere.
    Says(String),
    /// The line is cut when half of the upload went through.
    CutUpload,
    /// Half of the upload is taken for all of it.
    HalfUpload,
    /// The upload goes nowhere and nobody answers; it is told that it began.
    Holds(Sender<()>),
    /// The line is cut in the middle of what comes back.
    CutDownload,
    /// Each byte that comes back comes by itself.
    Trickles,
}

/// A line to the service.
pub struct Line {
    /// Where it listens.
    pub port: u16,
    trouble: Arc<Mutex<Trouble>>,
}

impl Line {
    /// To the service at this port.
    ///
    /// # Panics
    /// Where it can't listen.
    #[must_use]
    pub fn to(service: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let trouble = Arc::new(Mutex::new(Trouble::None));
        let now = Arc::clone(&trouble);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(stream), trouble) = (stream, now.lock().unwrap().clone()) else {
                    return;
                };
                std::thread::spawn(move || carry(stream, service, &trouble));
            }
        });
        Self { port, trouble }
    }

    /// From the next request on.
    ///
    /// # Panics
    /// After a panic elsewhere.
    pub fn set(&self, trouble: Trouble) {
        *self.trouble.lock().unwrap() = trouble;
    }

    /// Holds uploads; says when one began.
    #[must_use]
    pub fn holds(&self) -> Receiver<()> {
        let (tell, told) = channel();
        self.set(Trouble::Holds(tell));
        told
    }
}

/// One request and its answer. Whatever fails ends the connection, which is what the test wants then.
fn carry(client: TcpStream, service: u16, trouble: &Trouble) -> Option<()> {
    let mut from = BufReader::new(client.try_clone().ok()?);
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if from.read_until(b'\n', &mut head).ok()? == 0 {
            return None;
        }
    }
    let head = String::from_utf8(head).ok()?;
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length:")
            .map(str::to_owned)
    });
    let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    let upload = head.starts_with("PUT");
    let download = head.starts_with("GET") && head.lines().next()?.contains(".sealed");
    let mut to = TcpStream::connect(("127.0.0.1", service)).ok()?;
    let taken = match trouble {
        Trouble::Says(answer) if upload => {
            read_body(&mut from, length)?;
            (&client).write_all(answer.as_bytes()).ok()?;
            return None;
        }
        Trouble::Holds(tell) if upload => {
            from.read_exact(&mut [0; 1000]).ok()?;
            tell.send(()).ok()?;
            // Until the other side is gone.
            while from.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
            return None;
        }
        Trouble::CutUpload | Trouble::HalfUpload if upload => length / 2,
        _ => length,
    };
    let body = read_body(&mut from, taken)?;
    let said = match trouble {
        Trouble::HalfUpload if upload => taken,
        _ => length,
    };
    to.write_all(with_one_request(&head, said).as_bytes()).ok()?;
    to.write_all(&body).ok()?;
    match trouble {
        Trouble::CutUpload if upload => return None,
        Trouble::HalfUpload if upload => drop(read_body(&mut from, length - taken)?),
        _ => {}
    }
    let mut answer = Vec::new();
    to.read_to_end(&mut answer).ok()?;
    match trouble {
        Trouble::CutDownload if download => (&client).write_all(&answer[..answer.len() / 2]).ok(),
        Trouble::Trickles => answer.chunks(997).try_for_each(|piece| {
            std::thread::yield_now();
            (&client).write_all(piece).ok()
        }),
        _ => (&client).write_all(&answer).ok(),
    }
}

fn read_body(from: &mut BufReader<TcpStream>, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    from.read_exact(&mut body).ok()?;
    Some(body)
}

/// The head with this length of body, for a connection that ends with the answer.
fn with_one_request(head: &str, length: usize) -> String {
    let mut lines: Vec<String> = head.trim_end().lines().map(str::to_owned).collect();
    lines.retain(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    for line in &mut lines {
        if line.to_ascii_lowercase().starts_with("content-length:") {
            *line = format!("content-length: {length}");
        }
    }
    format!("{}\r\nconnection: close\r\n\r\n", lines.join("\r\n"))
}
