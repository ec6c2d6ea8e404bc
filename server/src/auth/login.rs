//! Signing in and out with a password.

use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use http::header::ACCEPT;
use http::{HeaderMap, StatusCode};
use model::Timestamp;
use model::time::DAY_US;
use serde::Deserialize;
use store::Account;

use super::attempts::Attempt;
use super::client_ip::ClientIp;
use super::cookie::{SESSION_DAYS, no_session_cookie, session_cookie, session_token};
use super::next::{encode, safe_next};
use super::password::{MAX_PASSWORD_BYTES, PasswordError, is_email};
use super::token::{random_token, token_hash};
use crate::clock::now;
use crate::error::ApiError;
use crate::state::AppState;

/// Most characters of an e-mail address (RFC 5321).
const MAX_EMAIL_CHARS: usize = 254;

/// What the sign-in page sends.
#[derive(Deserialize)]
pub struct LoginForm {
    email: String,
    password: String,
    next: Option<String>,
}

/// `POST /login`: checks the password, begins a session, leads on to `next`.
pub async fn log_in(
    State(state): State<AppState>,
    ClientIp(client): ClientIp,
    headers: HeaderMap,
    form: Result<Form<LoginForm>, FormRejection>,
) -> Response {
    let form = match form {
        Ok(Form(form)) => form,
        Err(rejection) => {
            return ApiError::bad_request("invalid_form", rejection.body_text()).into_response();
        }
    };
    let next = safe_next(form.next.as_deref());
    let attempt = Attempt::new(client, &form.email);
    let outcome = match check_counted(&state, &attempt, &form).await {
        Ok(account) => sign_in(&state, &account, next).await,
        Err(error) => Err(error),
    };
    outcome.unwrap_or_else(|error| {
        // So that only the password has to be typed again.
        let email: String = form.email.trim().chars().take(MAX_EMAIL_CHARS).collect();
        let page = format!("/login?next={}&email={}&", encode(next), encode(&email));
        back_with_error(&headers, &page, error)
    })
}

/// `POST /logout`: ends the session here and in the browser.
pub async fn log_out(State(state): State<AppState>, headers: HeaderMap) -> Response {
    if let Some(token) = session_token(&headers) {
        let hash = token_hash(&token);
        state.authenticator.forget_session(&hash);
        if let Err(error) = state.store.delete_session(hash).await {
            return ApiError::from(error).into_response();
        }
    }
    let jar = CookieJar::new().add(no_session_cookie(state.is_https()));
    (jar, Redirect::to("/login")).into_response()
}

/// Counts the attempt while it is under way, and afterwards if it failed.
async fn check_counted(
    state: &AppState,
    attempt: &Attempt,
    form: &LoginForm,
) -> Result<Account, ApiError> {
    state.sign_in_failures.count(attempt).map_err(ApiError::too_many_attempts)?;
    let checked = check(state, attempt, form).await;
    if !matches!(&checked, Err(error) if error.status == StatusCode::UNAUTHORIZED) {
        state.sign_in_failures.forgive(attempt);
    }
    checked
}

async fn check(state: &AppState, attempt: &Attempt, form: &LoginForm) -> Result<Account, ApiError> {
    // No account has such an address, and none such a password: nothing is looked
    // up for them, but the answer takes as long as any other.
    let is_possible = is_email(form.email.trim()) && form.password.len() <= MAX_PASSWORD_BYTES;
    let account = match is_possible {
        true => state.store.account_by_email(&form.email).await?,
        false => None,
    };
    let hash = account.as_ref().map(|account| account.password_hash.as_str());
    let fits =
        state.passwords.verify(attempt, &form.password, hash).await.map_err(password_error)?;
    account.filter(|_| fits).ok_or_else(|| {
        ApiError::new(StatusCode::UNAUTHORIZED, "wrong_credentials", "incorrect email or password")
    })
}

/// What a caller is told when a password could not be hashed or checked.
pub fn password_error(error: PasswordError) -> ApiError {
    match error {
        PasswordError::TooShort | PasswordError::TooLong => {
            ApiError::invalid_field("password", error)
        }
        PasswordError::Busy => ApiError::too_many_at_once(error.to_string()),
        PasswordError::Stopped => ApiError::unavailable(error.to_string()),
        PasswordError::Hashing(_) => ApiError::internal(&error),
    }
}

/// Begins a session for an account and leads on to a path.
///
/// # Errors
/// When the store does not answer or the system has no random bytes.
pub async fn sign_in(
    state: &AppState,
    account: &Account,
    next: &str,
) -> Result<Response, ApiError> {
    let token = random_token().map_err(|error| ApiError::internal(&error))?;
    let expires_at = Timestamp(now().0 + SESSION_DAYS * DAY_US);
    state.store.create_session(token_hash(&token), account.id, expires_at).await?;
    let jar = CookieJar::new().add(session_cookie(token, state.is_https()));
    Ok((jar, Redirect::to(next)).into_response())
}

/// Sends a browser back to the form, which names the error by its code; answers
/// a program with the error itself. `page` ends where another parameter can follow.
pub fn back_with_error(headers: &HeaderMap, page: &str, error: ApiError) -> Response {
    let wants_html = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    if wants_html {
        Redirect::to(&format!("{page}error={}", error.body.code)).into_response()
    } else {
        error.into_response()
    }
}
