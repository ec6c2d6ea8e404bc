//! Refuses requests that another site makes a browser send.
//!
//! Browsers say where a request comes from in `Sec-Fetch-Site` and, for every
//! request that changes something, in `Origin`; programs send neither, and a
//! key in a header cannot be sent by another site unseen.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::key::{Presented, presented};
use crate::error::ApiError;
use crate::state::AppState;

/// Middleware that answers 403 to a forged request.
pub async fn refuse_forged(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    if is_trusted(request.method(), request.headers(), &state.public_url) {
        return next.run(request).await;
    }
    ApiError::new(
        StatusCode::FORBIDDEN,
        "cross_site_request",
        "the request comes from another site; open this server's own pages, and set RUNS_PUBLIC_URL to the address that browsers use",
    )
    .into_response()
}

fn is_trusted(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
        || presented(headers) != Presented::None
    {
        return true;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match (text("sec-fetch-site"), headers.contains_key(ORIGIN)) {
        (Some("same-origin" | "none"), _) => true,
        (None, false) => true,
        (_, false) => false,
        (_, true) => {
            let origin = text(ORIGIN.as_str()).unwrap_or_default();
            origin == public_url || is_host(origin, text(HOST.as_str()))
        }
    }
}

/// Whether the origin's host and port are those that the request was sent to.
fn is_host(origin: &str, host: Option<&str>) -> bool {
    let Ok(url) = Url::parse(origin) else { return false };
    let Some(name) = url.host_str() else { return false };
    let authority = url.port().map_or_else(|| name.to_owned(), |port| format!("{name}:{port}"));
    host.is_some_and(|host| host.eq_ignore_ascii_case(&authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn trusted(pairs: &[(&'static str, &str)]) -> bool {
        is_trusted(&Method::POST, &headers(pairs), "https://runs.example")
    }

    #[test]
    fn own_pages_and_programs_pass() {
        assert!(trusted(&[]));
        assert!(trusted(&[("sec-fetch-site", "same-origin"), ("origin", "https://runs.example")]));
        assert!(trusted(&[("origin", "https://runs.example"), ("host", "10.0.0.1:3000")]));
        assert!(trusted(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]));
        assert!(trusted(&[
            ("origin", "https://elsewhere.example"),
            ("authorization", "Bearer rk_0123456789abcdef")
        ]));
        assert!(is_trusted(&Method::GET, &headers(&[("sec-fetch-site", "cross-site")]), ""));
    }

    #[test]
    fn other_sites_do_not() {
        assert!(!trusted(&[("sec-fetch-site", "cross-site")]));
        assert!(!trusted(&[("sec-fetch-site", "same-site")]));
        assert!(!trusted(&[("origin", "null"), ("host", "localhost:3000")]));
        assert!(!trusted(&[("origin", "https://evil.example"), ("host", "runs.example")]));
        assert!(!trusted(&[("origin", "http://localhost:4000"), ("host", "localhost:3000")]));
    }
}
