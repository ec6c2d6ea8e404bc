//! What the server gives to pages and server functions.
//!
//! `server` makes one [`AppContext`] at start and provides it to every request
//! (`leptos_routes_with_context`, context closure: `provide_context(context.clone())`).

use std::sync::Arc;

use model::{Charge, NanoUsd};
use spool::Door;
use store::Store;
use upstream::{TemplateRenderer, Upstream};

use crate::error::AppError;
use crate::exports::Exports;
use crate::limits::Limits;
use crate::providers::Providers;

/// What pages and server functions work with. Cheap to clone.
#[derive(Clone)]
pub struct AppContext {
    /// The run store.
    pub store: Store,
    /// Where every run comes in.
    pub door: Door,
    /// The origin in links that leave the app, without a slash at its end.
    pub public_url: Arc<str>,
    /// Asks model providers.
    pub upstream: Upstream,
    /// Renders message templates.
    pub templates: TemplateRenderer,
    /// The providers that organizations can ask beside the built-in echo.
    pub providers: Providers,
    /// Exports that are under way.
    pub exports: Exports,
    /// How much is used of what organizations share.
    pub limits: Limits,
    /// What a provider charges for tokens of a model; `None` is unknown.
    pub price: fn(&Charge<'_>) -> Option<NanoUsd>,
    /// Makes a new API key; `None` when the system has no random bytes.
    pub mint_key: fn() -> Option<MintedKey>,
}

/// A new API key, shown once and kept as a hash.
pub struct MintedKey {
    /// The whole key.
    pub key: String,
    /// Its first characters, by which people tell keys apart.
    pub prefix: String,
    /// The hash under which it is kept.
    pub hash: [u8; 32],
}

impl AppContext {
    /// The context of the request that is being answered.
    ///
    /// # Errors
    /// `internal` outside of a request.
    pub fn current() -> Result<Self, AppError> {
        leptos::prelude::use_context::<Self>().ok_or_else(AppError::internal)
    }
}
