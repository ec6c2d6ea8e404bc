//! Why an exchange with a provider failed.

use std::time::Duration;

use model::{Json, RunError};
use serde_json::json;

/// Why a provider could not be asked, or did not answer well.
///
/// Messages name the host, never the key or anything of the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The provider lives where requests may not go.
    #[error(
        "{host} is a loopback, private or otherwise internal address; set RUNS_ALLOW_PRIVATE_UPSTREAMS=1 to allow it"
    )]
    PrivateAddress {
        /// The host of the base URL.
        host: String,
    },
    /// The path could lead out of the provider's API.
    #[error("a path below {host} may hold no empty or dotted part, no % and no \\")]
    Path {
        /// The host of the base URL.
        host: String,
    },
    /// No connection came about.
    #[error("cannot connect to {host}: {reason}; check the provider's base URL")]
    Unreachable {
        /// The host of the base URL.
        host: String,
        /// What the network said.
        reason: String,
    },
    /// Nothing came for longer than the limit, or the answer took longer than it may.
    #[error("{host} did not go on within {} s; try again or ask for less", limit.as_secs_f64())]
    Timeout {
        /// The host of the base URL.
        host: String,
        /// The limit that ran out.
        limit: Duration,
    },
    /// The connection ended before the answer did.
    #[error("{host} closed the connection before its answer was complete")]
    Closed {
        /// The host of the base URL.
        host: String,
    },
    /// The answer is not what this kind of provider sends.
    #[error("{host} sent an answer that cannot be read: {reason}")]
    Invalid {
        /// The host of the base URL.
        host: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer sends the request elsewhere.
    #[error(
        "{host} answered with a redirect (HTTP {status}), and those are not followed; set the final address as the provider's base URL"
    )]
    Redirect {
        /// The host of the base URL.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The answer is larger than may be kept.
    #[error("{host} sent more than {limit_bytes} bytes, the most that one answer may have")]
    TooLarge {
        /// The host of the base URL.
        host: String,
        /// The limit.
        limit_bytes: usize,
    },
    /// The provider answered with an error of its own.
    #[error("{message}")]
    Provider {
        /// The HTTP status, 200 when the error came inside an answer.
        status: u16,
        /// The provider's word for it, else `http_` and the status.
        code: String,
        /// The provider's sentence.
        message: String,
    },
    /// The caller stopped the request.
    #[error("the request was stopped before the answer was complete")]
    Stopped,
    /// This process is about to end.
    #[error("the server is stopping, and the answer was cut off; ask again in a moment")]
    Ending,
}

impl UpstreamError {
    /// The word for programs: our own words, or the provider's.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::PrivateAddress { .. } => "upstream_private_address",
            Self::Path { .. } => "invalid_path",
            Self::Unreachable { .. } => "upstream_unreachable",
            Self::Timeout { .. } => "upstream_timeout",
            Self::Closed { .. } => "upstream_closed",
            Self::Invalid { .. } | Self::TooLarge { .. } | Self::Redirect { .. } => {
                "upstream_invalid"
            }
            Self::Provider { code, .. } => code,
            Self::Stopped => "client_closed",
            Self::Ending => "server_stopping",
        }
    }

    /// As the error of a run or of an attempt; the details carry the HTTP status.
    #[must_use]
    pub fn to_run_error(&self) -> RunError {
        let details = match self {
            Self::Provider { status, .. } => Some(Json::from(&json!({ "status": status }))),
            _ => None,
        };
        RunError { code: self.code().to_owned(), message: self.to_string(), details }
    }
}
