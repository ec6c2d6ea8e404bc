//! The first start: a link in the log makes the first organization and owner, once.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use model::{OrgSlug, Role};
use serde::Deserialize;
use store::{Org, Store, StoreError};
use tokio::sync::Mutex;

use super::login::{back_with_error, password_error, sign_in};
use super::next::encode;
use super::password::is_email;
use super::token::{NoRandomness, random_token, token_hash};
use crate::error::ApiError;
use crate::state::AppState;

/// Whether the first owner is still to come, and what proves to be them.
#[derive(Default)]
pub struct Setup {
    token_hash: Mutex<Option<[u8; 32]>>,
    is_done: AtomicBool,
}

/// Why no set-up link could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No random bytes.
    #[error(transparent)]
    Token(#[from] NoRandomness),
}

/// What the set-up page sends.
#[derive(Deserialize)]
pub struct SetupForm {
    token: String,
    org: String,
    email: String,
    password: String,
}

impl Setup {
    /// A new one-time token when nobody can sign in yet.
    ///
    /// # Errors
    /// When the store does not answer or the system has no random bytes.
    pub async fn begin(&self, store: &Store) -> Result<Option<String>, SetupError> {
        if !self.is_wanted(store).await? {
            return Ok(None);
        }
        let token = random_token()?;
        *self.token_hash.lock().await = Some(token_hash(&token));
        Ok(Some(token))
    }

    /// Whether nobody can sign in yet.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn is_wanted(&self, store: &Store) -> Result<bool, StoreError> {
        // Accounts are never removed, so one look at a first account is enough.
        if self.is_done.load(Ordering::Relaxed) {
            return Ok(false);
        }
        let wanted = store.has_no_accounts().await?;
        self.is_done.store(!wanted, Ordering::Relaxed);
        Ok(wanted)
    }
}

/// `POST /setup`: makes the first organization and its owner, and signs them in.
pub async fn set_up(
    State(state): State<AppState>,
    headers: HeaderMap,
    form: Result<Form<SetupForm>, FormRejection>,
) -> Response {
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => {
            return ApiError::bad_request("invalid_form", rejection.body_text()).into_response();
        }
    };
    match make_owner(&state, &form).await {
        Ok(response) => response,
        Err(error) => {
            let page = match error.status {
                StatusCode::FORBIDDEN => "/login?".to_owned(),
                _ => format!("/setup?token={}&", encode(&form.token)),
            };
            back_with_error(&headers, &page, error)
        }
    }
}

async fn make_owner(state: &AppState, form: &SetupForm) -> Result<Response, ApiError> {
    // Held to the end, so that of two forms with one token only one succeeds.
    let mut expected = state.setup.token_hash.lock().await;
    let is_owner = *expected == Some(token_hash(&form.token));
    if !is_owner || !state.setup.is_wanted(&state.store).await? {
        return Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "setup_link_invalid",
            "this setup link has expired; use the latest link in the server log",
        ));
    }
    let slug = OrgSlug::new(&form.org).map_err(|e| ApiError::invalid_field("org", e))?;
    if !is_email(form.email.trim()) {
        return Err(ApiError::invalid_field("email", "must be an email address"));
    }
    let hash = state.passwords.hash(&form.password).await.map_err(password_error)?;
    let org = find_or_create_org(&state.store, &slug).await?;
    let account = state.store.create_account(form.email.trim(), &hash).await?;
    state.store.set_member(org.id, account.id, Role::Owner).await?;
    *expected = None;
    tracing::info!(org = %org.slug, "the first owner was set up");
    sign_in(state, &account, &format!("/{}/agents", org.slug)).await
}

/// The organization of this name, made when it is missing.
///
/// # Errors
/// When the store fails.
pub async fn find_or_create_org(store: &Store, slug: &OrgSlug) -> Result<Org, StoreError> {
    match store.org_by_slug(slug).await? {
        Some(org) => Ok(org),
        None => store.create_org(slug).await,
    }
}
