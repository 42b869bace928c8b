//! Connections: how many, how slow they may be, and how they end when the relay stops.

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

/// How long the head of a request may take, and how long a connection may be idle between two.
const HEAD_TIME: Duration = Duration::from_secs(60);
/// How long what was accepted may take to be finished once the relay stops.
const STOP_TIME: Duration = Duration::from_secs(35);
/// How long to wait when the system has no connection to give, before asking again.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until told to stop; then takes nothing new, and ends when what it took is finished.
pub async fn serve(listener: TcpListener, router: Router, max: NonZeroU32, mut stopped: watch::Receiver<bool>) {
    let slots = Arc::new(Semaphore::new(
        usize::try_from(max.get()).unwrap_or(Semaphore::MAX_PERMITS),
    ));
    let graceful = GracefulShutdown::new();
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await.ok()?;
            Some((accept(&listener).await, slot))
        };
        let ((stream, peer), slot) = tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => break,
            next = next => match next {
                Some(next) => next,
                None => break,
            },
        };
        let router = router.clone();
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request: Request = request.map(axum::body::Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .serve_connection(TokioIo::new(stream), service);
        let connection = graceful.watch(connection);
        metrics::gauge!("regulars_relay_connections").increment(1);
        tokio::spawn(async move {
            // A client that breaks off hears nothing, and asks again.
            let _ = connection.await;
            metrics::gauge!("regulars_relay_connections").decrement(1);
            drop(slot);
        });
    }
    drop(listener);
    // Whoever is slower than every limit allows is not waited for.
    let _ = tokio::time::timeout(STOP_TIME, graceful.shutdown()).await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without it answers come late; with an error they come all the same.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
}
