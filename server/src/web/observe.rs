//! One span, one log line and one measurement per request, under one id.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue};
use tracing::Instrument;
use uuid::Uuid;

use crate::error::ApiError;
use crate::state::AppState;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_REQUEST_ID_CHARS: usize = 64;
/// The label of requests that match no route, so that made-up paths cost no memory.
const UNMATCHED: &str = "unmatched";
/// Asked every few seconds by whoever watches the server.
const PROBES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Middleware that names, logs and measures a request. Paths carry no secrets
/// but query strings do, so only the matched route is logged.
pub async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or(UNMATCHED, MatchedPath::as_str);
    let span = tracing::info_span!(
        "request",
        request_id = id.to_str().unwrap_or_default(),
        method = %method,
        route,
    );
    let started = Instant::now();
    async {
        let mut response = run(request, next).await;
        let elapsed = started.elapsed();
        let status = response.status().as_u16();
        state.metrics.request(&method, route, status, elapsed);
        let duration_ms = elapsed.as_secs_f64() * 1e3;
        if status >= 500 {
            tracing::warn!(status, duration_ms, "request failed");
        } else if PROBES.contains(&route) {
            tracing::debug!(status, duration_ms, "request answered");
        } else {
            tracing::info!(status, duration_ms, "request answered");
        }
        // A proxied answer has its provider's, by which the provider knows it.
        response.headers_mut().entry(REQUEST_ID).or_insert(id);
        response
    }
    .instrument(span)
    .await
}

/// A proxy's tunnel or `OPTIONS *` names no path, which handlers count on.
async fn run(request: Request, next: Next) -> Response {
    if request.uri().path().starts_with('/') && request.uri().path_and_query().is_some() {
        next.run(request).await
    } else {
        ApiError::bad_request("invalid_request", "the request names no path").into_response()
    }
}

/// The id that a proxy in front gave, if it is a plain word, else a new one.
fn request_id(request: &Request) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|value| {
        let bytes = value.as_bytes();
        (1..=MAX_REQUEST_ID_CHARS).contains(&bytes.len())
            && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(b))
    });
    match given {
        Some(value) => value.clone(),
        // A UUID's digits are always a valid header.
        None => HeaderValue::from_str(&Uuid::now_v7().simple().to_string())
            .unwrap_or(HeaderValue::from_static(UNMATCHED)),
    }
}
