//! Takes in the bodies of pages' and ordinary calls before their handlers do, in
//! memory that organizations share, and no more slowly than others.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body::Body as _;

use crate::auth::client_ip::client_ip;
use crate::auth::identity::Identity;
use crate::rest::body::WholeBody;
use crate::state::AppState;

/// Middleware that holds the memory of a request's body until it is answered.
pub async fn gather(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let client = client_ip(request.extensions());
    let identity = request.extensions().get::<Identity>();
    let identity = identity.unwrap_or(&Identity::Anonymous);
    let holder = identity.holder(client, request.uri().path());
    let (parts, body) = request.into_parts();
    match state.intake.read_small(holder, body).await {
        Ok(WholeBody { bytes, room: _room }) => {
            next.run(Request::from_parts(parts, Body::from(bytes))).await
        }
        Err(error) => error.into_response(),
    }
}
