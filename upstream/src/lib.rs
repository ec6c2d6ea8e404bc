//! The client side of model providers.
//!
//! [`build_chat_request`] turns a run's version and input into a
//! [`ChatRequest`], [`Upstream::chat_stream`] sends it and streams the answer
//! as [`ChatEvent`]s, the last of which holds the whole [`Exchange`]. Requests
//! are bounded in time and size and, unless allowed, kept from reaching the
//! network that the server is in. Nothing here logs bodies or keys.

mod answer;
mod chat;
mod client;
mod echo;
mod error;
mod forward;
mod guard;
mod models;
mod provider;
mod reading;
mod request;
mod template;
mod translate;
mod vault;

pub use chat::{ChatEvent, Exchange};
pub use client::{AnswerBytes, Upstream, UpstreamOptions, UpstreamSetupError, is_plain_segment};
pub use error::UpstreamError;
pub use forward::{Forward, Forwarded};
pub use models::OfferedModel;
pub use provider::{ECHO, InvalidProvider, Provider, ProviderKind, WELL_KNOWN, WellKnown};
pub use request::{ChatRequest, Overrides, RequestError, build_chat_request};
pub use secrecy::SecretString;
pub use template::{
    Excess, MAX_BLOCKS, MAX_BRACKETS, MAX_OPERATORS, MAX_STEPS, MAX_TEMPLATE_BYTES,
    MAX_TEMPLATE_TOKENS, MAX_VALUE_DEPTH, RenderedTexts, RendererOptions, TemplateError,
    TemplateRenderer, TemplateTurn, WorkerError, WrittenTemplates, serve_templates,
};
pub use tokio_util::sync::CancellationToken;
pub use vault::{Vault, VaultError};
