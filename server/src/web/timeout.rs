//! A deadline for handlers, so that a stuck request holds nothing forever.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::refusal::refusal;
use crate::error::ApiError;

/// How long a page or an ordinary call may take until its first byte.
pub const ORDINARY: Duration = Duration::from_secs(30);
/// How long a request with runs may take, its body's way included.
pub const INGEST: Duration = Duration::from_secs(300);

/// Middleware that answers 503 once the deadline has passed.
pub async fn deadline(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refusal(
            &headers,
            ApiError::unavailable(format!(
                "the request took longer than {} s; try again, or ask for less",
                limit.as_secs()
            )),
        ),
    }
}
