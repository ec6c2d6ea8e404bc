//! Which provider is asked.

use store::OrgStore;
use upstream::{ECHO, Provider, ProviderKind};

use super::api::Api;
use super::error::ProxyError;
use crate::error::ApiError;
use crate::state::AppState;

/// The provider of this name, else the first that speaks the API.
///
/// Messages go to a provider of kind Anthropic; where none is set up, to the
/// default one, since gateways offer several APIs on one address.
///
/// # Errors
/// 400 when there is none, or it does not speak the API.
pub async fn choose(
    state: &AppState,
    store: &OrgStore,
    api: Api,
    name: Option<&str>,
) -> Result<Provider, ProxyError> {
    let known = state.providers.of(store).await.map_err(ApiError::from)?;
    let Some(name) = name else {
        let wanted = match api {
            Api::Messages => ProviderKind::Anthropic,
            Api::Chat | Api::Responses => ProviderKind::OpenAiCompatible,
        };
        let fitting = known.iter().find(|provider| provider.kind() == wanted);
        return fitting.or_else(|| known.first()).cloned().ok_or_else(|| {
            ApiError::bad_request(
                "no_provider",
                "no provider is configured; add one under Settings → Providers, or set RUNS_UPSTREAM_URL",
            )
            .into()
        });
    };
    if name == ECHO {
        return match api {
            Api::Chat => Ok(Provider::echo()),
            _ => Err(ProxyError::invalid_field("provider", "echo speaks chat completions only")),
        };
    }
    let found = known.iter().find(|provider| provider.is_named(name)).cloned();
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(Provider::name).chain([ECHO]).collect();
        let names = names.join(", ");
        ProxyError::invalid_field(
            "provider",
            format!("{name:?} isn't configured; choose one of {names}"),
        )
    })
}
