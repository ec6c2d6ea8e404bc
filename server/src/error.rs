//! The one error of the REST interface and its way into a response.
//!
//! Libraries have errors of their own; handlers turn them into an [`ApiError`],
//! which decides the status and what the caller is told. The cause of an error
//! that is no fault of the caller is logged here, once, and nowhere shown.

use std::error::Error as StdError;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::Value;
use spool::{DoorError, NoRoom};
use store::StoreError;

/// When a client may try again that found no room on the disk.
const ROOM_WAIT: Duration = Duration::from_secs(10);

/// What a caller is told when a request fails: `{"error":{"code","message","details"}}`.
///
/// Its response carries it as an extension too, for doors that tell errors in
/// another form.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// What the body says.
    pub body: ErrorBody,
    /// When trying again can help.
    pub retry_after: Option<Duration>,
}

/// The inner object of an error's body.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ErrorBody {
    /// A word for programs.
    pub code: &'static str,
    /// A sentence for people: what is wrong and what would be right.
    pub message: String,
    /// Anything more, for programs.
    pub details: Value,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a ErrorBody,
}

impl ApiError {
    /// An error without details.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let body = ErrorBody { code, message: message.into(), details: Value::Null };
        Self { status, body, retry_after: None }
    }

    /// 400 with a code of its own.
    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 that names the field at fault.
    pub fn invalid_field(field: &str, message: impl std::fmt::Display) -> Self {
        Self::bad_request("invalid_field", format!("{field}: {message}"))
            .with_details(serde_json::json!({ "field": field }))
    }

    /// 401: no key and no session, or a key that opens nothing.
    #[must_use]
    pub fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "send a valid API key, as Authorization: Bearer rk_… or as x-api-key",
        )
    }

    /// 403: known, but without the scope or role that this takes.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// 404: it does not exist, was deleted, or belongs to others. All look the same.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "not found")
    }

    /// 413 that names the limit.
    pub fn too_large(message: impl Into<String>, limit: usize) -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
            .with_details(serde_json::json!({ "limit": limit }))
    }

    /// 415 that says what is read.
    pub fn unsupported_media_type(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message)
    }

    /// 429 with the time to wait.
    #[must_use]
    pub fn too_many_attempts(wait: Duration) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_attempts",
            "too many failed attempts; wait before you try again",
        )
        .with_retry_after(wait)
    }

    /// 429 for who sends more at once than is their share.
    pub fn too_many_at_once(message: impl Into<String>) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_at_once", message)
            .with_retry_after(Duration::from_secs(1))
    }

    /// 429: whoever asks has its share of something already, which comes back.
    pub fn too_many(
        code: &'static str,
        message: impl Into<String>,
        limit: u64,
        wait: Duration,
    ) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, message)
            .with_details(serde_json::json!({ "limit": limit }))
            .with_retry_after(wait)
    }

    /// 503: trying again can help.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
            .with_retry_after(Duration::from_secs(2))
    }

    /// 503 for want of disk: trying again can help, but hardly at once.
    pub fn no_room(message: impl Into<String>) -> Self {
        Self::unavailable(message).with_retry_after(ROOM_WAIT)
    }

    /// 500; the cause goes to the log.
    pub fn internal(cause: &(dyn StdError + 'static)) -> Self {
        tracing::error!(cause = %Chain(cause), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong; the server's log has the cause under this x-request-id",
        )
    }

    /// Adds details for programs.
    #[must_use]
    pub fn with_details(mut self, details: Value) -> Self {
        self.body.details = details;
        self
    }

    fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        match &error {
            StoreError::Unavailable(cause) => {
                tracing::warn!(cause = %Chain(cause), "the database does not answer");
                Self::unavailable(message)
            }
            StoreError::TooManyQueries { limit } => {
                Self::too_many("too_many_queries", message, *limit, Duration::from_secs(1))
            }
            StoreError::TooManyDeletions { limit } => {
                Self::too_many("too_many_deletions", message, *limit, Duration::from_secs(1))
            }
            StoreError::TooSlow => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "search_too_slow", message)
                    .with_retry_after(ROOM_WAIT)
            }
            StoreError::TooBroad => Self::bad_request("search_too_broad", message),
            StoreError::InvalidSearch(_) => Self::bad_request("invalid_query", message),
            StoreError::AlreadyExists { .. } => {
                Self::new(StatusCode::CONFLICT, "already_exists", message)
            }
            StoreError::TooMany { .. } => Self::new(StatusCode::CONFLICT, "too_many", message),
            _ => Self::internal(&error),
        }
    }
}

impl From<JsonRejection> for ApiError {
    fn from(rejection: JsonRejection) -> Self {
        match &rejection {
            JsonRejection::MissingJsonContentType(_) => {
                Self::unsupported_media_type("content-type must be application/json")
            }
            _ if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
                Self::too_large("the body may have at most 2 MB", 2_000_000)
            }
            _ => Self::bad_request("invalid_body", rejection.body_text()),
        }
    }
}

impl From<DoorError> for ApiError {
    fn from(error: DoorError) -> Self {
        match error {
            DoorError::Store(error) => error.into(),
            DoorError::Full(NoRoom::Share { limit, .. }) => {
                Self::too_many("spool_share", error.to_string(), limit, ROOM_WAIT)
            }
            DoorError::Full(_) | DoorError::Disk(_) => Self::no_room(error.to_string()),
            DoorError::Closed | DoorError::Remote(_) => Self::unavailable(error.to_string()),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(Envelope { error: &self.body })).into_response();
        response.extensions_mut().insert(self.clone());
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs_f64().ceil().max(1.0) as u64;
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// An error with its causes, joined by colons, for one log field.
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl std::fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
