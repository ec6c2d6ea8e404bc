//! `POST /v1/traces` and `POST /v1/logs`: OTLP over HTTP.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use mime::Mime;
use otlp::{
    DecodeError, Encoding, Rejections, Signal, decode_logs, decode_traces, error_body, success_body,
};
use store::OrgStore;

use super::access::Writer;
use super::body::WholeBody;
use crate::error::ApiError;
use crate::otlp::Hold;
use crate::state::AppState;

const PATHS: [&str; 2] = ["/v1/traces", "/v1/logs"];

/// `POST /v1/traces`.
pub async fn traces(
    Writer(store): Writer,
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    take(state, store, &headers, body, Signal::Traces).await
}

/// `POST /v1/logs`.
pub async fn logs(
    Writer(store): Writer,
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    take(state, store, &headers, body, Signal::Logs).await
}

/// Middleware that tells errors of the two paths as OTLP has it, whoever found
/// them, in the sender's own encoding.
pub async fn speak(request: Request, next: Next) -> Response {
    if !PATHS.contains(&request.uri().path()) {
        return next.run(request).await;
    }
    // Without a known encoding there is only JSON.
    let language = encoding(request.headers()).unwrap_or(Encoding::Json);
    let mut response = next.run(request).await;
    let Some(error) = response.extensions_mut().remove::<ApiError>() else { return response };
    let body = error_body(language, grpc_code(error.status), &error.body.message);
    response.headers_mut().insert(CONTENT_TYPE, media_type(language));
    response.headers_mut().remove(CONTENT_LENGTH);
    *response.body_mut() = Body::from(body);
    response
}

async fn take(
    state: AppState,
    store: OrgStore,
    headers: &HeaderMap,
    body: Body,
    signal: Signal,
) -> Result<Response, ApiError> {
    let encoding = encoding(headers)?;
    let WholeBody { bytes, room } = state.intake.read(store.holder(), headers, body).await?;
    // A client that leaves must not stop a write half-way, nor give back the room of what
    // is being written.
    let taken = tokio::spawn(async move {
        let taken = match signal {
            Signal::Traces => take_traces(&state, &store, encoding, bytes).await,
            Signal::Logs => take_logs(&state, &store, encoding, bytes).await,
        };
        drop(room);
        taken
    });
    let rejected = taken.await.map_err(|error| ApiError::internal(&error))??;
    let body = success_body(encoding, signal, &rejected);
    Ok(([(CONTENT_TYPE, media_type(encoding))], body).into_response())
}

async fn take_traces(
    state: &AppState,
    store: &OrgStore,
    encoding: Encoding,
    bytes: Vec<u8>,
) -> Result<Rejections, ApiError> {
    let mut traces = decode(state, store, move || decode_traces(encoding, &bytes)).await?;
    state.metrics.otlp.spans(&traces.counts, traces.rejected.count);
    let mut rejected = std::mem::take(&mut traces.rejected);
    let work = |assembly: &mut otlp::Assembly, ticket, now| assembly.traces(traces, ticket, now);
    rejected.extend(Hold::take(state, store, work).await?);
    Ok(rejected)
}

async fn take_logs(
    state: &AppState,
    store: &OrgStore,
    encoding: Encoding,
    bytes: Vec<u8>,
) -> Result<Rejections, ApiError> {
    let mut logs = decode(state, store, move || decode_logs(encoding, &bytes)).await?;
    state.metrics.otlp.records(&logs.counts, logs.rejected.count);
    let rejected = std::mem::take(&mut logs.rejected);
    let work = |assembly: &mut otlp::Assembly, ticket, now| assembly.logs(logs, ticket, now);
    Hold::take(state, store, work).await?;
    Ok(rejected)
}

async fn decode<T: Send + 'static>(
    state: &AppState,
    store: &OrgStore,
    work: impl FnOnce() -> Result<T, DecodeError> + Send + 'static,
) -> Result<T, ApiError> {
    let turn = state.parsing_turn(store.holder()).await?;
    let decoded = tokio::task::spawn_blocking(move || {
        let decoded = work();
        drop(turn);
        decoded
    });
    decoded.await.map_err(|error| ApiError::internal(&error))?.map_err(|error| match &error {
        DecodeError::TooMany { limit, .. } => ApiError::too_large(error.to_string(), *limit),
        DecodeError::Malformed(_) => ApiError::bad_request("invalid_body", error.to_string()),
    })
}

fn encoding(headers: &HeaderMap) -> Result<Encoding, ApiError> {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mime: Option<Mime> = value.and_then(|text| text.parse().ok());
    match mime.as_ref().map(Mime::essence_str) {
        Some("application/x-protobuf" | "application/protobuf") => Ok(Encoding::Protobuf),
        Some("application/json") => Ok(Encoding::Json),
        _ => Err(ApiError::unsupported_media_type(
            "content-type must be application/x-protobuf or application/json",
        )),
    }
}

fn media_type(encoding: Encoding) -> HeaderValue {
    HeaderValue::from_static(match encoding {
        Encoding::Protobuf => "application/x-protobuf",
        Encoding::Json => "application/json",
    })
}

/// The number that gRPC gives to what a status means.
fn grpc_code(status: StatusCode) -> i32 {
    match status {
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => 3,
        StatusCode::FORBIDDEN => 7,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::TOO_MANY_REQUESTS => 8,
        StatusCode::SERVICE_UNAVAILABLE => 14,
        StatusCode::UNAUTHORIZED => 16,
        _ => 13,
    }
}
