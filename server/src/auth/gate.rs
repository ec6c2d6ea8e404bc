//! Who may see pages: signed out, every page leads to sign-in, whether it exists or not.

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use http::HeaderValue;
use http::header::ACCEPT;
use model::Scope;

use super::client_ip::client_ip;
use super::identity::Identity;
use super::next::{login_path, safe_next};
use crate::error::ApiError;
use crate::proxy::api::Api;
use crate::proxy::error::ProxyError;
use crate::state::AppState;
use crate::web::refusal::refusal;

/// Middleware that finds out who asks, for handlers (`Identity`) and pages (`Viewer`).
pub async fn identify(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let client = client_ip(request.extensions());
    let identity = match state.authenticator.identify(request.headers(), client).await {
        Ok(identity) => identity,
        Err(error) => return refused(&request, error),
    };
    let extensions = request.extensions_mut();
    extensions.insert(identity.viewer());
    extensions.insert(identity);
    next.run(request).await
}

/// A refusal, in the form that readers of pages and clients of a proxied API know.
fn refused(request: &Request, error: ApiError) -> Response {
    match Api::of_request(request.uri().path()) {
        Some(api) => ProxyError::from(error).into_response_of(api),
        None => refusal(request.headers(), error),
    }
}

/// Middleware that lets only those who may read reach a page.
pub async fn open_pages(
    State(state): State<AppState>,
    Extension(identity): Extension<Identity>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path();
    // A page's address of that many words also fits unknown calls.
    if path == "/v1" || path.starts_with("/v1/") {
        return ApiError::not_found().into_response();
    }
    // Server functions check for themselves and answer with an error that the page can show.
    if path.starts_with("/api/") || path.starts_with("/share/") {
        return next.run(request).await;
    }
    // Leptos redirects only those who ask for HTML by name, and a page is nothing else.
    request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/html"));
    let path = request.uri().path();
    match (path, &identity) {
        ("/setup" | "/login", Identity::Anonymous) => {
            match state.setup.is_wanted(&state.store).await {
                // Before the first owner there is only set-up, and afterwards none.
                Ok(is_wanted) if is_wanted == (path == "/setup") => next.run(request).await,
                Ok(true) => Redirect::to("/setup").into_response(),
                Ok(false) => Redirect::to("/login").into_response(),
                Err(error) => refusal(request.headers(), error.into()),
            }
        }
        (_, Identity::Anonymous) => {
            let wanted = request.uri().path_and_query().map_or("/", |it| it.as_str());
            Redirect::to(&login_path(wanted)).into_response()
        }
        (_, Identity::Key(key)) if !key.scopes.contains(&Scope::Read) => {
            ApiError::forbidden("this key lacks the scope read").into_response()
        }
        ("/login" | "/setup", _) => {
            Redirect::to(safe_next(next_of(&request).as_deref())).into_response()
        }
        ("/", _) => match identity.viewer().memberships.first() {
            Some((org, _)) => Redirect::to(&format!("/{}/agents", org.slug)).into_response(),
            None => next.run(request).await,
        },
        (path, _) => match own_org(path, &identity) {
            Some(agents) => Redirect::to(&agents).into_response(),
            None => next.run(request).await,
        },
    }
}

/// Where the bare address of one of the viewer's organizations leads: to its agents.
fn own_org(path: &str, identity: &Identity) -> Option<String> {
    let name = path.strip_prefix('/')?;
    let name = name.strip_suffix('/').unwrap_or(name);
    let viewer = identity.viewer();
    let (org, _) = viewer.memberships.iter().find(|(org, _)| org.slug.as_str() == name)?;
    Some(format!("/{}/agents", org.slug))
}

/// Where the sign-in page would have led.
fn next_of(request: &Request) -> Option<String> {
    form_urlencoded::parse(request.uri().query()?.as_bytes())
        .find(|(name, _)| name == "next")
        .map(|(_, value)| value.into_owned())
}
