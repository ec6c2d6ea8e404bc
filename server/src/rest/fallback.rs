//! Answers to calls that do not exist.

use axum::response::{IntoResponse, Response};
use http::header::ALLOW;
use http::{HeaderValue, Method, StatusCode};

use super::access::Reader;
use crate::error::ApiError;

/// Any path below `/v1` that is no call.
pub async fn unknown_path() -> ApiError {
    ApiError::not_found()
}

/// A call with a method that it does not have.
pub async fn wrong_method(method: Method) -> ApiError {
    ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        format!("this address has no method {method}; the header Allow lists those it has"),
    )
}

/// `DELETE …/runs/{run}`: runs are only deleted with their agent.
pub async fn delete_run(_: Reader) -> Response {
    let error = ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method_not_allowed",
        "a single run cannot be deleted; delete its agent, DELETE /v1/{org}/agents/{agent}",
    );
    let mut response = error.into_response();
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
    response
}
