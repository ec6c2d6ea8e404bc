//! The default model provider.

use upstream::Provider;

use super::reader::Reader;

/// The default provider, and whether providers may be on private addresses.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// An OpenAI-compatible provider.
    pub provider: Option<Provider>,
    /// Whether providers may live on loopback and private addresses.
    pub allow_private: bool,
}

impl Upstream {
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let url = reader.text("RUNS_UPSTREAM_URL");
        let key = reader.secret("RUNS_UPSTREAM_KEY", 1);
        if key.is_some() && url.is_none() {
            reader.problem("RUNS_UPSTREAM_URL", "is missing; RUNS_UPSTREAM_KEY needs it");
        }
        let provider = url.and_then(|url| {
            Provider::from_base_url(url, key)
                .map_err(|error| reader.problem("RUNS_UPSTREAM_URL", &error.to_string()))
                .ok()
        });
        Self { provider, allow_private: reader.flag("RUNS_ALLOW_PRIVATE_UPSTREAMS") }
    }
}
