//! The models that a provider offers.

use bytes::BytesMut;
use futures::StreamExt;
use model::json::bytes_without_mark;
use serde_json::Value;

use crate::provider::{ECHO, Provider, ProviderKind};
use crate::reading::provider_error;
use crate::{Upstream, UpstreamError};

/// A model that can be asked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct OfferedModel {
    /// The name of its provider.
    pub provider: String,
    /// The model as the provider names it.
    pub id: String,
    /// Whether it only repeats what it is told, and is no language model.
    pub is_echo: bool,
}

impl OfferedModel {
    /// The built-in model, which is always there.
    #[must_use]
    pub fn echo() -> Self {
        Self { provider: ECHO.to_owned(), id: ECHO.to_owned(), is_echo: true }
    }
}

impl Upstream {
    /// The models of a provider, sorted by name.
    ///
    /// # Errors
    /// When the provider cannot be asked or answers with something else than a list.
    pub async fn models(&self, provider: &Provider) -> Result<Vec<OfferedModel>, UpstreamError> {
        if provider.kind() == ProviderKind::Echo {
            return Ok(vec![OfferedModel::echo()]);
        }
        let host = provider.host();
        let response = self.get(provider, "models").await?;
        let status = response.status().as_u16();
        let mut chunks = self.bounded(host.clone(), response);
        let mut body = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            body.extend_from_slice(&chunk?);
        }
        if !(200..300).contains(&status) {
            return Err(provider_error(&host, status, &body));
        }
        let answer: Value = serde_json::from_slice(bytes_without_mark(&body)).unwrap_or_default();
        let data = answer.get("data").and_then(Value::as_array).ok_or_else(|| {
            UpstreamError::Invalid { host, reason: "the list of models has no data".to_owned() }
        })?;
        let mut models: Vec<OfferedModel> = data
            .iter()
            .filter_map(|model| model.get("id")?.as_str())
            .map(|id| OfferedModel {
                provider: provider.name().to_owned(),
                id: id.to_owned(),
                is_echo: false,
            })
            .collect();
        models.sort();
        models.dedup();
        Ok(models)
    }
}
