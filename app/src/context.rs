//! What the server gives to pages and server functions.
//!
//! `server` makes one [`AppContext`] at start and provides it to every request
//! (`leptos_routes_with_context`, context closure: `provide_context(context.clone())`).

use store::Store;

use crate::error::AppError;

/// What pages and server functions work with. Cheap to clone.
#[derive(Clone)]
pub struct AppContext {
    /// The run store.
    pub store: Store,
    /// The origin in links that leave the app, without a slash at its end.
    pub public_url: String,
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
