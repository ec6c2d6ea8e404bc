//! A request, read as far as the proxy must understand it.

use http::HeaderMap;
use model::json::without_mark;
use model::limits::MAX_RUN_BYTES;
use model::{Json, Version, edit};

use super::api::Api;
use super::error::ProxyError;
use super::labels::{Labels, OwnedTarget, member};
use super::sent::{self, Sent, Templates};
use crate::error::ApiError;

/// A request whose model may yet have to be looked up.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The API that it was sent to.
    pub api: Api,
    /// What it says to Runs.
    pub labels: Labels,
    /// What `model` asks for.
    pub target: Option<OwnedTarget>,
    body: Json,
}

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The API that it was sent to.
    pub api: Api,
    /// What it says to Runs.
    pub labels: Labels,
    /// What goes to the provider, and the run's version and input.
    pub sent: Sent,
    /// Whether the client wants events.
    pub wants_stream: bool,
    /// Whether the client wants the usage among the events.
    pub wants_usage: bool,
}

impl Draft {
    /// Reads a request.
    ///
    /// # Errors
    /// 413 past the size of a run, 400 for what is no JSON object and for labels
    /// that cannot be.
    pub fn read(api: Api, headers: &HeaderMap, bytes: &[u8]) -> Result<Self, ProxyError> {
        if bytes.len() > MAX_RUN_BYTES {
            return Err(ApiError::too_large(
                format!("a run may have at most {MAX_RUN_BYTES} bytes"),
                MAX_RUN_BYTES,
            )
            .into());
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|_| ApiError::bad_request("invalid_utf8", "the body is not UTF-8"))?;
        let body = Json::from_text(without_mark(text)).map_err(|error| {
            ApiError::bad_request("invalid_json", format!("the body is not JSON: {error}"))
        })?;
        let Some(members) = edit::members(body.as_str()) else {
            let message = "the body is not a JSON object";
            return Err(ApiError::bad_request("invalid_json", message).into());
        };
        let (labels, target) = Labels::read(headers, &members)?;
        drop(members);
        Ok(Self { api, labels, target, body })
    }

    /// Whether it gives variables for message templates.
    #[must_use]
    pub fn has_variables(&self) -> bool {
        let members = edit::members(self.body.as_str()).unwrap_or_default();
        self.api.has_variables() && member(&members, "input").is_some()
    }

    /// Makes what is sent; `in_use` is the version that `model` refers to, if it
    /// refers to one.
    ///
    /// # Errors
    /// 400 when a template cannot be rendered or there is no model, 503 when there are
    /// too many to render.
    pub async fn finish(
        self,
        in_use: Option<&Version>,
        templates: Templates<'_>,
    ) -> Result<Ask, ProxyError> {
        let Self { api, labels, target, body } = self;
        let model = match &target {
            Some(OwnedTarget::Model(model)) => Some(model.as_str()),
            Some(OwnedTarget::InUse { .. }) => in_use.and_then(|version| version.model.as_deref()),
            None => None,
        };
        let sent = sent::read(api, &body, model, in_use, templates).await?;
        let members = edit::members(sent.body.as_str()).unwrap_or_default();
        let wants_stream = member(&members, "stream") == Some("true");
        let options = member(&members, "stream_options").and_then(edit::members);
        let wants_usage =
            options.is_some_and(|options| member(&options, "include_usage") == Some("true"));
        Ok(Ask { api, labels, sent, wants_stream, wants_usage })
    }
}
