//! Listening, and ending well: what was accepted is finished, and nothing new is.

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use ledger::Store;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use crate::book::Book;
pub use crate::book::Heard;
use crate::config::Config;
use crate::routes::{App, CALLS_MAX, router};

/// How many senders may be connected at the same time; more wait in the system's queue.
const CONNECTIONS_MAX: usize = 256;
/// How long the head of a request may take, and how long a connection may be idle between two.
const HEAD_TIME: Duration = Duration::from_secs(30);
/// How long what was accepted may take to be finished: longer than any limit on a single request.
const STOP_TIME: Duration = Duration::from_secs(45);
/// How long to wait when the system has no connection to give, before asking again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address is not of this machine alone, and that was not allowed.
    #[error("{0} can be reached from the network. Allow that, or listen on 127.0.0.1.")]
    Network(SocketAddr),
    /// The address can't be listened on.
    #[error("{addr} can't be listened on ({source}). Close the program that has this port, or choose another.")]
    Listen {
        /// The address.
        addr: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The machine has no thread left.
    #[error("The server could not be started: {0}.")]
    Threads(io::Error),
}

/// The server.
pub struct Intake;

impl Intake {
    /// Starts it on threads of its own. It listens when this returns.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(store: Arc<Store>, config: Config) -> Result<Handle, StartError> {
        Self::start_heard(store, config, Arc::new(|_| {}))
    }

    /// The same; `heard` is told of every message.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start_heard(store: Arc<Store>, config: Config, heard: Heard) -> Result<Handle, StartError> {
        let listen = config.listen;
        if !config.allow_network && !listen.ip().to_canonical().is_loopback() {
            return Err(StartError::Network(listen));
        }
        let unheard = |source| StartError::Listen { addr: listen, source };
        let socket = std::net::TcpListener::bind(listen).map_err(unheard)?;
        socket.set_nonblocking(true).map_err(unheard)?;
        let addr = socket.local_addr().map_err(unheard)?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("intake")
            .worker_threads(2)
            .max_blocking_threads(CALLS_MAX)
            .enable_all()
            .build()
            .map_err(StartError::Threads)?;
        let inside = runtime.enter();
        let listener = TcpListener::from_std(socket).map_err(unheard)?;
        drop(inside);
        let (stop, stopped) = watch::channel(false);
        let book = Arc::new(Book::new(store, config, heard));
        let server = runtime.spawn(serve(listener, App::new(Arc::clone(&book)), stopped));
        Ok(Handle {
            addr,
            book,
            stop,
            running: Some((runtime, server)),
        })
    }
}

/// A server that runs. Dropping it stops it as [`Handle::stop`] does. Not to be dropped by an async task: it blocks.
pub struct Handle {
    addr: SocketAddr,
    book: Arc<Book>,
    stop: watch::Sender<bool>,
    running: Option<(Runtime, JoinHandle<()>)>,
}

impl Handle {
    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// From the next message on, this is what counts, but for where it listens.
    pub fn set(&self, config: Config) {
        self.book.set(config);
    }

    /// Accepts nothing new, finishes what was accepted, and returns when that is done. Nothing happens the second time.
    pub fn stop(&mut self) {
        let Some((runtime, server)) = self.running.take() else {
            return;
        };
        self.stop.send_replace(true);
        // A server that panicked has nothing left to finish.
        let _ = runtime.block_on(server);
        // Only a call of the store can still be under way, and that ends by itself.
        runtime.shutdown_timeout(STOP_TIME);
    }

    /// From here on the process is not ended by SIGINT or SIGTERM (Ctrl-C elsewhere): they are waited for.
    ///
    /// # Errors
    /// Where the system refuses.
    pub fn signals(&self) -> io::Result<Signals> {
        let (runtime, _) = self.running.as_ref().ok_or_else(|| io::Error::other("stopped"))?;
        let inside = runtime.enter();
        let signals = Signals::listen(runtime.handle().clone());
        drop(inside);
        signals
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The signals that end a process, caught.
pub struct Signals {
    runtime: tokio::runtime::Handle,
    #[cfg(unix)]
    caught: [tokio::signal::unix::Signal; 2],
}

impl Signals {
    #[cfg(unix)]
    fn listen(runtime: tokio::runtime::Handle) -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let caught = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?];
        Ok(Self { runtime, caught })
    }

    #[cfg(not(unix))]
    fn listen(runtime: tokio::runtime::Handle) -> io::Result<Self> {
        Ok(Self { runtime })
    }

    /// Waits for the first.
    ///
    /// # Errors
    /// Where the system refuses.
    #[cfg(unix)]
    pub fn wait(mut self) -> io::Result<()> {
        let [interrupt, terminate] = &mut self.caught;
        self.runtime.block_on(async {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
        });
        Ok(())
    }

    /// Waits for the first.
    ///
    /// # Errors
    /// Where the system refuses.
    #[cfg(not(unix))]
    pub fn wait(self) -> io::Result<()> {
        self.runtime.block_on(tokio::signal::ctrl_c())
    }
}

async fn serve(listener: TcpListener, app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    let service = TowerToHyperService::new(router(app));
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await.ok()?;
            Some((accept(&listener).await, slot))
        };
        let (stream, slot) = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            next = next => match next {
                Some(next) => next,
                None => break,
            },
        };
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .serve_connection(TokioIo::new(stream), service.clone());
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A sender that breaks off hears nothing, and sends again.
            let _ = connection.await;
            drop(slot);
        });
    }
    drop(listener);
    // Whoever is slower than every limit allows is not waited for.
    let _ = tokio::time::timeout(STOP_TIME, graceful.shutdown()).await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                // Without it answers come late; with an error they come all the same.
                let _ = stream.set_nodelay(true);
                return stream;
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}
