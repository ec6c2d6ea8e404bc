//! The cookie that carries a session.

use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use http::HeaderMap;

/// How long a session lasts.
pub const SESSION_DAYS: i64 = 30;
const NAME: &str = "runs_session";

/// The session's token in a request.
#[must_use]
pub fn session_token(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers).get(NAME).map(|cookie| cookie.value().to_owned())
}

/// The cookie of a new session; `secure` when the public address is https.
#[must_use]
pub fn session_cookie(token: String, secure: bool) -> Cookie<'static> {
    Cookie::build((NAME, token))
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(secure)
        .path("/")
        .max_age(time::Duration::days(SESSION_DAYS))
        .build()
}

/// The cookie that ends a session in the browser.
#[must_use]
pub fn no_session_cookie(secure: bool) -> Cookie<'static> {
    let mut cookie = session_cookie(String::new(), secure);
    cookie.make_removal();
    cookie
}
