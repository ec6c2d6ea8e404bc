//! What providers answer when they do not answer.

use crate::models::{Dialect, Model};
use crate::out;
use crate::rng::Rng;

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// JSON.
    pub(crate) details: String,
}

impl Fault {
    /// Too many requests (429).
    pub(crate) fn rate_limit(model: &Model, rng: &mut Rng) -> Self {
        let (used, asked, wait) =
            (rng.between(196_000, 199_900), rng.between(600, 4_200), rng.between(120, 2_900));
        let code = match model.dialect {
            Dialect::Anthropic => "rate_limit_error",
            Dialect::OpenAiChat | Dialect::OpenAiResponses => "rate_limit_exceeded",
        };
        Self {
            code,
            message: format!(
                "Rate limit reached for {}: 200000 tokens per minute allowed, {used} used, {asked} requested. Try again in {wait} ms.",
                model.name
            ),
            details: format!(r#"{{"status":429,"retry_after_ms":{wait}}}"#),
        }
    }

    /// The provider has too much to do (503, 529).
    pub(crate) fn overloaded(model: &Model) -> Self {
        match model.dialect {
            Dialect::Anthropic => Self {
                code: "overloaded_error",
                message: "Overloaded".to_owned(),
                details: r#"{"status":529}"#.to_owned(),
            },
            Dialect::OpenAiChat | Dialect::OpenAiResponses => Self {
                code: "server_error",
                message: "The server had an error while processing your request. Please retry."
                    .to_owned(),
                details: r#"{"status":503}"#.to_owned(),
            },
        }
    }

    /// The provider refuses the content (400).
    pub(crate) fn content_filter() -> Self {
        Self {
            code: "content_filter",
            message:
                "The prompt was refused by the provider's content policy; change it and try again."
                    .to_owned(),
            details: r#"{"status":400,"category":"violence","severity":"medium"}"#.to_owned(),
        }
    }

    /// Nothing came in time.
    pub(crate) fn timeout(model: &Model, seconds: u32) -> Self {
        Self {
            code: "upstream_timeout",
            message: format!("{} did not answer within {seconds} s", model.provider),
            details: format!(r#"{{"timeout_ms":{seconds}000}}"#),
        }
    }

    /// The connection ended before the answer did.
    pub(crate) fn closed(model: &Model, bytes: usize) -> Self {
        Self {
            code: "upstream_closed",
            message: format!(
                "{} closed the connection before its answer was complete",
                model.provider
            ),
            details: format!(r#"{{"received_bytes":{bytes}}}"#),
        }
    }

    /// The answer is no JSON although it had to be.
    pub(crate) fn invalid_output(answer: &str) -> Self {
        Self {
            code: "invalid_output",
            message: format!(
                "output is no valid JSON: it ends at character {}, inside a string",
                answer.chars().count()
            ),
            details: r#"{"expected":"an object of the output schema","finish_reason":"length"}"#
                .to_owned(),
        }
    }

    /// Writes the provider's answer: a JSON object.
    pub(crate) fn write_response(&self, model: &Model, out: &mut String) {
        out::object(out, |o| match model.dialect {
            Dialect::Anthropic => {
                o.text("type", "error");
                o.object("error", |error| {
                    error.text("type", self.code);
                    error.text("message", &self.message);
                });
            }
            Dialect::OpenAiChat | Dialect::OpenAiResponses => o.object("error", |error| {
                error.text("message", &self.message);
                error.text(
                    "type",
                    if self.code == "rate_limit_exceeded" {
                        "tokens"
                    } else {
                        "invalid_request_error"
                    },
                );
                error.raw("param", "null");
                error.text("code", self.code);
            }),
        });
    }
}
