//! The proxy's own errors, in the form that the provider's clients know.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};
use upstream::{TemplateError, UpstreamError};

use super::api::Api;
use crate::error::ApiError;

/// Seconds that a restart takes, roughly.
const RESTART_S: u32 = 5;

/// Why there is no answer of a provider.
#[derive(Clone, Debug, PartialEq)]
pub struct ProxyError {
    /// The HTTP status.
    pub status: StatusCode,
    /// A word for programs.
    pub code: String,
    /// A sentence for people.
    pub message: String,
    /// The field at fault.
    pub param: Option<Box<str>>,
    /// Anything more, for programs.
    pub details: Value,
    /// Seconds after which trying again can help.
    retry_after: Option<u32>,
    /// Headers that belong to the run, when there is one.
    pub headers: Option<Box<HeaderMap>>,
}

impl ProxyError {
    /// 400 that names the field at fault.
    pub fn invalid_field(field: &str, message: impl std::fmt::Display) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "invalid_field".to_owned(),
            message: format!("{field}: {message}"),
            param: Some(field.into()),
            details: json!({ "field": field }),
            retry_after: None,
            headers: None,
        }
    }

    /// The answer in the form of an API.
    #[must_use]
    pub fn into_response_of(self, api: Api) -> Response {
        let body = match api {
            Api::Messages => self.anthropic_body(),
            Api::Chat | Api::Responses => json!({ "error": self.openai_body() }),
        };
        let mut response = (self.status, Json(body)).into_response();
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        headers.extend(self.headers.into_iter().flat_map(|headers| *headers));
        response
    }

    /// As an event in the middle of a stream, where no status can be sent any more;
    /// `number` is the event's place, which events of the responses API say.
    #[must_use]
    pub fn to_event(&self, api: Api, number: u64) -> String {
        match api {
            Api::Chat => format!("data: {}\n\n", json!({ "error": self.openai_body() })),
            Api::Responses => {
                // At the top as OpenAI documents it, and in `error` as its service sends
                // it: without that its clients take the event for one among others.
                let event = json!({
                    "type": "error",
                    "code": self.code,
                    "message": self.message,
                    "param": self.param,
                    "sequence_number": number,
                    "error": self.openai_body(),
                });
                format!("event: error\ndata: {event}\n\n")
            }
            Api::Messages => format!("event: error\ndata: {}\n\n", self.anthropic_body()),
        }
    }

    fn openai_body(&self) -> Value {
        json!({
            "message": self.message,
            "type": self.openai_type(),
            "param": self.param,
            "code": self.code,
            "details": self.details,
        })
    }

    fn anthropic_body(&self) -> Value {
        let kind = match self.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::NOT_FOUND => "not_found_error",
            StatusCode::PAYLOAD_TOO_LARGE => "request_too_large",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_client_error() => "invalid_request_error",
            _ => "api_error",
        };
        json!({
            "type": "error",
            "error": {
                "type": kind,
                "message": self.message,
                "code": self.code,
                "details": self.details,
            },
        })
    }

    fn openai_type(&self) -> &'static str {
        match self.status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_client_error() => "invalid_request_error",
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => "upstream_error",
            _ => "server_error",
        }
    }
}

impl From<ApiError> for ProxyError {
    fn from(error: ApiError) -> Self {
        Self {
            status: error.status,
            code: error.body.code.to_owned(),
            message: error.body.message,
            param: error.body.details.get("field").and_then(Value::as_str).map(Box::from),
            details: error.body.details,
            retry_after: error.retry_after.map(|wait| wait.as_secs_f64().ceil().max(1.0) as u32),
            headers: None,
        }
    }
}

impl From<TemplateError> for ProxyError {
    fn from(error: TemplateError) -> Self {
        const WAIT: Duration = Duration::from_secs(2);
        if let TemplateError::Share { limit } = error {
            let message = error.to_string();
            return ApiError::too_many("too_many_templates", message, limit, WAIT).into();
        }
        if error.is_passing() {
            return ApiError::unavailable(error.to_string()).into();
        }
        let limit = error.limit();
        let field = match error {
            TemplateError::Variables { .. } => "input",
            _ => "messages",
        };
        let mut refused = Self::invalid_field(field, error);
        if let Some(limit) = limit {
            refused.details["limit"] = limit.into();
        }
        refused
    }
}

impl From<&UpstreamError> for ProxyError {
    fn from(error: &UpstreamError) -> Self {
        let status = match error {
            // Trying again cannot help, so clients must not take it for a passing failure.
            UpstreamError::PrivateAddress { .. } => StatusCode::FORBIDDEN,
            UpstreamError::Path { .. } => StatusCode::BAD_REQUEST,
            UpstreamError::Ending => StatusCode::SERVICE_UNAVAILABLE,
            UpstreamError::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            _ => StatusCode::BAD_GATEWAY,
        };
        Self {
            status,
            code: error.code().to_owned(),
            message: error.to_string(),
            param: None,
            details: Value::Null,
            retry_after: (*error == UpstreamError::Ending).then_some(RESTART_S),
            headers: None,
        }
    }
}
