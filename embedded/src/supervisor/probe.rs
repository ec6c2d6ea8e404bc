//! Finds out whether an engine still answers.

use crate::endpoint::EngineEndpoint;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, HOST};
use http::{Request, StatusCode};
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use std::error::Error as StdError;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// The path of the question.
const QUESTION: &str = "/?query=SELECT%201";

/// So many questions are asked within the time after which an engine hangs.
const QUESTIONS: u32 = 8;

/// Completes once the engine has answered nothing for so long.
pub(super) async fn hangs(endpoint: &EngineEndpoint, hung_after: Duration) {
    let pause = hung_after / QUESTIONS;
    let mut answered = Instant::now();
    loop {
        sleep(pause).await;
        // On a connection of its own, so that nothing stands before it.
        let left = hung_after.saturating_sub(answered.elapsed()).max(pause);
        match timeout(left, ask(endpoint)).await {
            // A refusal comes from an engine that is alive.
            Ok(Ok(status)) => {
                if !status.is_success() {
                    tracing::warn!(%status, "the engine refuses SELECT 1");
                }
                answered = Instant::now();
            }
            Ok(Err(error)) => tracing::warn!("the engine cannot be asked: {error}"),
            Err(_) => {}
        }
        if answered.elapsed() >= hung_after {
            return;
        }
    }
}

async fn ask(endpoint: &EngineEndpoint) -> Result<StatusCode, Box<dyn StdError + Send + Sync>> {
    let address = endpoint.url.trim_start_matches("http://");
    let io = TokioIo::new(TcpStream::connect(address).await?);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    let credentials = BASE64_STANDARD.encode(format!("{}:{}", endpoint.user, endpoint.password));
    let request = Request::get(QUESTION)
        .header(HOST, address)
        .header(AUTHORIZATION, format!("Basic {credentials}"))
        .body(Empty::<Bytes>::new())?;
    tokio::select! {
        biased;
        answer = sender.send_request(request) => Ok(answer?.status()),
        broken = connection => Err(broken.err().map_or_else(|| "it hung up".into(), Into::into)),
    }
}
