//! Whether the process lives, whether it can work, and what it has counted.

use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::StatusCode;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use model::{Role, Scope};
use serde_json::json;

use crate::auth::client_ip::is_local;
use crate::auth::identity::Identity;
use crate::error::ApiError;
use crate::state::AppState;

/// The media type of the text that `prometheus-client` writes.
const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PATIENCE: Duration = Duration::from_secs(2);

/// `GET /healthz`: the process lives.
pub async fn healthz() -> &'static str {
    "ok"
}

/// `GET /readyz`: the engine answers and migrations are applied.
pub async fn readyz(State(state): State<AppState>) -> Response {
    match tokio::time::timeout(PATIENCE, state.store.is_migrated()).await {
        Ok(Ok(true)) => Json(json!({ "status": "ready" })).into_response(),
        Ok(Ok(false)) => not_ready("migrations are not applied"),
        Ok(Err(_)) | Err(_) => not_ready("the engine does not answer"),
    }
}

/// 503 with the reason.
pub fn not_ready(reason: &str) -> Response {
    let body = Json(json!({ "status": "unavailable", "reason": reason }));
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], body).into_response()
}

/// Whether nobody but this machine can have asked. Where proxies are trusted, one may be
/// on this machine and say nothing of whom it speaks for.
fn is_open(state: &AppState, request: &Request) -> bool {
    state.trusted_proxies.is_empty() && is_local(request.extensions(), request.headers())
}

/// `GET /metrics`, for this machine and for keys and people with the right.
pub async fn metrics(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    request: Request,
) -> Result<Response, ApiError> {
    let allowed = match &identity {
        _ if is_open(&state, &request) => true,
        Identity::Anonymous => return Err(ApiError::unauthorized()),
        Identity::Key(key) => key.scopes.contains(&Scope::Admin),
        Identity::Member(session) => {
            session.memberships.iter().any(|(_, role)| *role >= Role::Admin)
        }
    };
    if !allowed {
        return Err(ApiError::forbidden("metrics need a key with the scope admin"));
    }
    let text = state.metrics.render().map_err(|error| ApiError::internal(&error))?;
    Ok(([(CONTENT_TYPE, OPENMETRICS)], text).into_response())
}
