//! Clients that hold connections without using them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures::{StreamExt, stream};
use server::auth::proxies::TrustedProxies;
use server::web::connections::{Bounds, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_millis(300);
const NEVER: Duration = Duration::from_secs(3_600);
const REQUEST: &[u8] = b"GET /hello HTTP/1.1\r\nhost: a\r\n\r\n";

struct Serving {
    address: SocketAddr,
    closing: CancellationToken,
    server: tokio::task::JoinHandle<()>,
}

async fn serving(bounds: Bounds) -> Serving {
    behind(bounds, TrustedProxies::default()).await
}

async fn behind(bounds: Bounds, proxies: TrustedProxies) -> Serving {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let closing = CancellationToken::new();
    let endless = || async {
        let piece = Bytes::from(vec![b'x'; 64 * 1024]);
        Body::from_stream(stream::repeat(piece).map(Ok::<_, Infallible>))
    };
    let router =
        Router::new().route("/hello", get(|| async { "hello" })).route("/endless", get(endless));
    let server = tokio::spawn(serve(listener, router, bounds, proxies, closing.clone()));
    Serving { address, closing, server }
}

/// What comes until the server closes.
async fn rest(socket: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let _ = socket.read_to_end(&mut text).await;
    String::from_utf8_lossy(&text).into_owned()
}

async fn hello(socket: &mut TcpStream) {
    socket.write_all(REQUEST).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"hello") {
        assert_ne!(socket.read_buf(&mut answer).await.unwrap(), 0, "it was closed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_does_not_come_ends_the_connection() {
    let bounds = Bounds { head: SOON, ..Bounds::default() };
    let serving = serving(bounds).await;
    let mut slow = TcpStream::connect(serving.address).await.unwrap();
    slow.write_all(b"GET /hello HTTP/1.1\r\nx-never: ").await.unwrap();
    assert!(!rest(&mut slow).await.contains("hello"));
    let mut quick = TcpStream::connect(serving.address).await.unwrap();
    hello(&mut quick).await;
    hello(&mut quick).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_past_the_bound_wait_for_a_place() {
    let bounds = Bounds { connections: 1, head: NEVER, stalled: NEVER, ..Bounds::default() };
    let serving = serving(bounds).await;
    let mut first = TcpStream::connect(serving.address).await.unwrap();
    hello(&mut first).await;
    let mut second = TcpStream::connect(serving.address).await.unwrap();
    assert!(tokio::time::timeout(SOON, hello(&mut second)).await.is_err());
    drop(first);
    let mut answer = vec![0; 8];
    second.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_address_cannot_have_all_connections() {
    let few = Bounds { per_address: 2, per_local_address: 2, ..Bounds::default() };
    let bounds = Bounds { connections: 10, head: NEVER, stalled: NEVER, ..few };
    let serving = serving(bounds).await;
    let mut held = Vec::new();
    for _ in 0..bounds.per_address {
        let mut socket = TcpStream::connect(serving.address).await.unwrap();
        hello(&mut socket).await;
        held.push(socket);
    }
    let mut third = TcpStream::connect(serving.address).await.unwrap();
    let refused = rest(&mut third).await;
    assert!(refused.starts_with("HTTP/1.1 429 ") && refused.contains("retry-after"), "{refused}");
    let (head, body) = refused.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{refused}");
    assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
    hello(&mut socket.connect(serving.address).await.unwrap()).await;
    held.pop();
    until_welcome(serving.address).await;
}

/// The place of a connection that was closed is free a moment later.
async fn until_welcome(address: SocketAddr) {
    let welcome = async {
        loop {
            let mut socket = TcpStream::connect(address).await.unwrap();
            socket.write_all(REQUEST).await.unwrap();
            let mut answer = vec![0; 12];
            if socket.read_exact(&mut answer).await.is_ok() && answer.ends_with(b"200") {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), welcome).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trusted_proxy_has_the_connections_of_many() {
    let bounds = Bounds { per_address: 1, per_local_address: 1, ..Bounds::default() };
    let serving = behind(bounds, "127.0.0.1".parse().unwrap()).await;
    let mut first = TcpStream::connect(serving.address).await.unwrap();
    hello(&mut first).await;
    let mut second = TcpStream::connect(serving.address).await.unwrap();
    hello(&mut second).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_is_let_go() {
    let bounds = Bounds { stalled: SOON, ..Bounds::default() };
    let serving = serving(bounds).await;
    let mut deaf = TcpStream::connect(serving.address).await.unwrap();
    deaf.write_all(b"GET /endless HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    deaf.read_exact(&mut [0; 8]).await.unwrap();
    // The server ends once all answers under way have, and this one has no end.
    serving.closing.cancel();
    serving.server.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_connections_that_rest() {
    let serving =
        serving(Bounds { connections: 10, head: NEVER, stalled: NEVER, ..Bounds::default() }).await;
    let mut idle = TcpStream::connect(serving.address).await.unwrap();
    hello(&mut idle).await;
    serving.closing.cancel();
    serving.server.await.unwrap();
    assert_eq!(rest(&mut idle).await, "");
    assert!(TcpStream::connect(serving.address).await.is_err());
}
