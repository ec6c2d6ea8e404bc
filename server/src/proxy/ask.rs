//! A request, read as far as the proxy must understand it.

use http::HeaderMap;
use model::json::without_mark;
use model::limits::MAX_RUN_BYTES;
use model::{Json, Version, edit};
use store::AnswerKey;
use upstream::{RenderedTexts, WrittenTemplates};

use super::api::Api;
use super::caching;
use super::error::ProxyError;
use super::labels::{Labels, OwnedTarget, member};
use super::sent::{self, Sent};
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
    /// Whether it gives variables for message templates.
    pub has_variables: bool,
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
    /// What an answer to it is found by; `None` when that depends on more than the
    /// request says, or is not wanted.
    pub answer_key: Option<AnswerKey>,
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
        let has_variables = api.has_variables() && member(&members, "input").is_some();
        drop(members);
        Ok(Self { api, labels, target, has_variables, body })
    }

    /// Makes what is sent, and the templates that are to be rendered in it; `in_use` is the
    /// version that `model` refers to, if it refers to one, and `provider` the name of
    /// who is asked.
    ///
    /// # Errors
    /// 400 when the variables are no object.
    pub fn prepare(
        self,
        in_use: Option<&Version>,
        provider: Option<String>,
    ) -> Result<(Ask, Option<WrittenTemplates>), ProxyError> {
        let Self { api, labels, target, body, .. } = self;
        let model = match &target {
            Some(OwnedTarget::Model(model)) => Some(model.as_str()),
            Some(OwnedTarget::InUse { .. }) => in_use.and_then(|version| version.model.as_deref()),
            None => None,
        };
        let (mut sent, templates) = sent::read(api, &body, model, in_use)?;
        drop(body);
        sent.split.version.provider = provider;
        let members = edit::members(sent.body.as_str()).unwrap_or_default();
        let wants_stream = member(&members, "stream") == Some("true");
        let options = member(&members, "stream_options").and_then(edit::members);
        let wants_usage =
            options.is_some_and(|options| member(&options, "include_usage") == Some("true"));
        let answer_key = caching::key_of(api, &labels, &sent.split, &members);
        Ok((Ask { api, labels, sent, wants_stream, wants_usage, answer_key }, templates))
    }
}

impl Ask {
    /// The request with its templates rendered.
    ///
    /// # Errors
    /// 400 when a template could not be rendered.
    pub fn rendered(self, texts: &RenderedTexts) -> Result<Self, ProxyError> {
        let sent = self.sent.rendered(texts)?;
        Ok(Self { sent, ..self })
    }

    /// About how many bytes of memory it takes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.sent.body.as_str().len() + self.sent.split.input.as_str().len()
    }
}
