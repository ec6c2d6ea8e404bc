//! `GET /v1/models`: what the provider offers.

use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use http::{HeaderMap, Method};
use upstream::{Forward, Forwarded, is_plain_segment};

use super::api::Api;
use super::error::ProxyError;
use super::handler::Let;
use super::headers::{self, OURS};
use super::providers::choose;
use crate::error::ApiError;
use crate::rest::access::Writer;
use crate::state::AppState;

/// Most bytes of a list of models.
const MAX_LIST_BYTES: usize = 16 * 1024 * 1024;

/// `GET /v1/models`.
pub async fn list(
    State(state): State<AppState>,
    writer: Let,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    pass(&state, writer, "models", query.as_deref(), &headers).await
}

/// `GET /v1/models/{model}`.
pub async fn one(
    State(state): State<AppState>,
    writer: Let,
    Path(model): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    // A path that climbs would reach other calls of the provider with its key.
    if !model.split('/').all(is_plain_segment) {
        return ProxyError::from(ApiError::not_found()).into_response_of(Api::Chat);
    }
    pass(&state, writer, &format!("models/{model}"), query.as_deref(), &headers).await
}

async fn pass(
    state: &AppState,
    writer: Let,
    path: &str,
    query: Option<&str>,
    headers: &HeaderMap,
) -> Response {
    // Only Anthropic's clients name a version of the API.
    let api = if headers.contains_key("anthropic-version") { Api::Messages } else { Api::Chat };
    let outcome = async {
        let Writer(store) = writer?;
        let name = headers.get(format!("{OURS}provider")).and_then(|value| value.to_str().ok());
        let provider = choose(state, &store, api, name).await?;
        if provider.kind() == upstream::ProviderKind::Echo {
            return Err(ProxyError::from(ApiError::not_found()));
        }
        let forward = Forward {
            method: Method::GET,
            path,
            query,
            headers: headers::to_provider(headers),
            body: None,
            max_answer_bytes: MAX_LIST_BYTES,
        };
        let forwarded = state.upstream.forward(&provider, forward).await;
        forwarded.map_err(|error| ProxyError::from(&error))
    };
    match outcome.await {
        Ok(Forwarded { status, headers, body }) => {
            let mut response = Response::new(Body::from_stream(body));
            *response.status_mut() = status;
            *response.headers_mut() = headers::to_client(&headers);
            response
        }
        Err(error) => error.into_response_of(api),
    }
}
