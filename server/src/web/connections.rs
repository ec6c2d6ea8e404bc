//! Takes in connections within bounds, so that clients that send or read nothing
//! do not hold them for ever.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::auth::client_ip::network;
use crate::auth::proxies::TrustedProxies;

/// How long to wait before the next try when the system has no more sockets.
const NO_SOCKETS: Duration = Duration::from_millis(500);

/// What a client is told that has too many connections.
const TOO_MANY: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nretry-after: 1\r\n\
    content-type: application/json\r\ncontent-length: 97\r\nconnection: close\r\n\r\n\
    {\"error\":{\"code\":\"too_many_connections\",\"message\":\"close some connections first\",\"details\":null}}";

/// Bounds of the connections of a listener.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Most connections at once; more wait in the system's queue.
    pub connections: usize,
    /// Most connections of one address at once; more are refused. A trusted proxy, which
    /// has those of many, is not held to it.
    pub per_address: usize,
    /// The same of an address of this machine, where a proxy may have those of many without
    /// being known as one.
    pub per_local_address: usize,
    /// How long a client may take for a request's head, and how long a connection
    /// may rest between two requests.
    pub head: Duration,
    /// How long a client may take nothing of what is sent to it.
    pub stalled: Duration,
}

/// Files that are open beside connections and what they lead to.
const OTHER_FILES: u64 = 256;

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_address: 1_000,
            per_local_address: 10_000,
            head: Duration::from_secs(60),
            stalled: Duration::from_secs(120),
        }
    }
}

impl Bounds {
    /// Those of a process that may have so many files open: each connection may need
    /// another one, to a provider or to the database.
    #[must_use]
    pub fn within(files: u64) -> Self {
        let bounds = Self::default();
        let room = usize::try_from(files.saturating_sub(OTHER_FILES) / 2).unwrap_or(usize::MAX);
        let connections = room.clamp(1, bounds.connections);
        let per_address = connections.div_ceil(2).min(bounds.per_address);
        Self { connections, per_address, per_local_address: connections, ..bounds }
    }

    /// Most connections of a peer at once.
    fn of_peer(&self, peer: IpAddr, proxies: &TrustedProxies) -> usize {
        match peer.to_canonical() {
            peer if proxies.contains(peer) => usize::MAX,
            peer if peer.is_loopback() => self.per_local_address,
            _ => self.per_address,
        }
    }
}

/// Answers what comes in until `closing`, then finishes the requests that are
/// under way. Dropped, it cuts them off.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    proxies: TrustedProxies,
    closing: CancellationToken,
) {
    let room = Arc::new(Semaphore::new(bounds.connections));
    let addresses = Addresses::default();
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = closing.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((socket, peer, place)) = accepted else { continue };
        let most = bounds.of_peer(peer.ip(), &proxies);
        let Some(share) = addresses.enter(peer.ip(), most) else {
            refuse(&socket, peer);
            continue;
        };
        let (router, closing) = (router.clone(), closing.clone());
        connections.spawn(async move {
            connection(socket, peer, router, bounds, closing).await;
            drop((place, share));
        });
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// How many connections each address has.
#[derive(Clone, Default)]
struct Addresses(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection of an address, until it is dropped.
struct Share {
    addresses: Addresses,
    network: IpAddr,
}

impl Addresses {
    /// Counts one more, unless there are that many already.
    fn enter(&self, address: IpAddr, most: usize) -> Option<Share> {
        let network = network(address.to_canonical());
        let mut counts = self.lock();
        let count = counts.entry(network).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(Share { addresses: self.clone(), network })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.addresses.lock().entry(self.network) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

/// Says why, as far as that fits into the socket at once: nobody waits for such a client.
fn refuse(socket: &TcpStream, peer: SocketAddr) {
    if let Err(error) = socket.try_write(TOO_MANY) {
        tracing::debug!(%peer, %error, "a client with too many connections was not told");
    }
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(room).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((socket, peer)) => Some((socket, peer, place)),
        Err(error) => {
            let is_the_client_s = matches!(
                error.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::ConnectionReset
            );
            if !is_the_client_s {
                tracing::error!(%error, "cannot accept a connection");
                tokio::time::sleep(NO_SOCKETS).await;
            }
            None
        }
    }
}

async fn connection(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    bounds: Bounds,
    closing: CancellationToken,
) {
    // Small answers must not wait for the client's acknowledgement.
    if let Err(error) = socket.set_nodelay(true) {
        tracing::debug!(%error, "cannot set TCP_NODELAY");
    }
    let mut socket = TimeoutStream::new(socket);
    socket.set_write_timeout(Some(bounds.stalled));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let router = router.clone();
        async move {
            Ok::<_, Infallible>(
                router.oneshot(request).await.unwrap_or_else(|never| match never {}),
            )
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head)
        .serve_connection(TokioIo::new(Box::pin(socket)), service);
    let mut connection = pin!(connection);
    let outcome = tokio::select! {
        outcome = connection.as_mut() => outcome,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = outcome {
        tracing::debug!(%peer, %error, "a connection broke");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_fit_the_files_that_may_be_open() {
        for (files, connections, per_address) in [
            (1_024, 384, 192),
            (4_096, 1_920, 960),
            (20_256, 10_000, 1_000),
            (u64::MAX, 10_000, 1_000),
            (0, 1, 1),
        ] {
            let bounds = Bounds::within(files);
            assert_eq!((bounds.connections, bounds.per_address), (connections, per_address));
            assert!(2 * bounds.connections as u64 <= files.max(2), "{files}");
        }
    }

    #[test]
    fn a_proxy_on_this_machine_has_the_connections_of_many() {
        let bounds = Bounds::default();
        let proxies: TrustedProxies = "10.0.0.1".parse().unwrap();
        for (peer, most) in [
            ("127.0.0.1", 10_000),
            ("::1", 10_000),
            ("::ffff:127.0.0.1", 10_000),
            ("192.0.2.1", 1_000),
            ("10.0.0.1", usize::MAX),
        ] {
            assert_eq!(bounds.of_peer(peer.parse().unwrap(), &proxies), most, "{peer}");
        }
    }
}
