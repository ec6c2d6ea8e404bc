//! `GET /openapi.json`: the REST interface for programs.

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

/// Written by hand; tests hold it against the routes and against real answers.
pub const DOCUMENT: &str = include_str!("../../data/openapi.json");

/// `GET /openapi.json`.
pub async fn openapi() -> Response {
    ([(CONTENT_TYPE, "application/json")], DOCUMENT).into_response()
}
