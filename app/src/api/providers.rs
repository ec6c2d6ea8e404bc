//! Model providers of an organization.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::settings::{ProviderDraft, ProvidersDoc};
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// Most characters of a provider's name.
#[cfg(feature = "ssr")]
const MAX_NAME_CHARS: usize = 60;
/// Most characters of a key and of a base URL.
#[cfg(feature = "ssr")]
const MAX_TEXT_CHARS: usize = 2_000;

/// The providers of an organization.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn list_providers(org: String) -> Call<ProvidersDoc> {
    Call::of(serve_providers(org))
}

#[server(endpoint = "settings/providers", input = Json, output = WireJson)]
async fn serve_providers(org: String) -> Result<Wire, AppError> {
    use crate::data::settings::ProviderDoc;

    let well_known = upstream::WELL_KNOWN.iter().map(|known| ProviderDraft {
        name: known.name.to_owned(),
        kind: known.kind.as_str().to_owned(),
        base_url: known.base_url.to_owned(),
        key: String::new(),
    });
    let access = crate::auth::access(&org)?;
    let context = crate::context::AppContext::current()?;
    let providers = access.store.providers().await?.into_iter().map(|it| ProviderDoc {
        name: it.name,
        kind: it.kind,
        base_url: it.base_url,
        has_key: !it.sealed_key.is_empty(),
        created_at: it.created_at,
    });
    Wire::of(&ProvidersDoc {
        providers: providers.collect(),
        shared: context.providers.shared(),
        well_known: well_known.collect(),
        can_manage: access.role >= model::Role::Admin,
        now: crate::read::now(),
    })
}

/// Sets a provider up, or changes the one of this name.
///
/// # Errors
/// `forbidden` below admin, `invalid` for what cannot be a provider.
pub fn put_provider(org: String, draft: ProviderDraft) -> Call<()> {
    Call::of(serve_new_provider(org, draft))
}

#[server(endpoint = "settings/providers/put", input = Json, output = WireJson)]
async fn serve_new_provider(org: String, draft: ProviderDraft) -> Result<Wire, AppError> {
    use upstream::{Provider, ProviderKind, SecretString};

    use crate::providers::{NewProvider, ProviderError};

    let access = crate::auth::access(&org)?;
    access.require(model::Role::Admin)?;
    let name = draft.name.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || name.len() > MAX_NAME_CHARS || !name.chars().all(is_name) {
        let rule = format!("give 1 to {MAX_NAME_CHARS} letters, digits, dots, - and _");
        return Err(AppError::invalid("name", rule));
    }
    if name == upstream::ECHO {
        return Err(AppError::invalid("name", "this name belongs to the built-in model"));
    }
    let kind = ProviderKind::read(&draft.kind)
        .ok_or_else(|| AppError::invalid("kind", "choose one of those offered"))?;
    let key = draft.key.trim();
    for (field, text) in [("base_url", draft.base_url.as_str()), ("key", key)] {
        if text.len() > MAX_TEXT_CHARS {
            return Err(AppError::invalid(
                field,
                format!("give at most {MAX_TEXT_CHARS} characters"),
            ));
        }
    }
    if !key.chars().all(|c| c.is_ascii_graphic()) {
        return Err(AppError::invalid("key", "must hold no spaces and no characters beyond ASCII"));
    }
    let new = NewProvider {
        name: name.to_owned(),
        kind,
        base_url: draft.base_url.trim().to_owned(),
        key: (!key.is_empty()).then(|| SecretString::from(key)),
    };
    let context = crate::context::AppContext::current()?;
    if let Ok(provider) = Provider::from_base_url(&new.base_url, None) {
        let admitted = context.upstream.admit(&provider).await;
        admitted.map_err(|error| AppError::invalid("base_url", error))?;
    }
    context.providers.put(&access.store, new).await.map_err(|error| match error {
        ProviderError::Invalid(error) => AppError::invalid("base_url", error),
        ProviderError::Store(error) => error.into(),
        ProviderError::Vault(error) => {
            tracing::error!(%error, "a provider's key cannot be kept");
            AppError::internal()
        }
    })?;
    tracing::info!(org = %access.org.slug, provider = name, "provider set up");
    Wire::of(&())
}

/// Removes a provider with its key.
///
/// # Errors
/// `forbidden` below admin.
pub fn remove_provider(org: String, name: String) -> Call<()> {
    Call::of(serve_removal(org, name))
}

#[server(endpoint = "settings/providers/remove", input = Json, output = WireJson)]
async fn serve_removal(org: String, name: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    access.require(model::Role::Admin)?;
    let context = crate::context::AppContext::current()?;
    context.providers.remove(&access.store, &name).await?;
    tracing::info!(org = %access.org.slug, provider = name, "provider removed");
    Wire::of(&())
}
