//! The built web app's files.

use std::future::ready;
use std::path::Path;

use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::map_response;
use axum::response::Response;
use http::HeaderValue;
use tower_http::services::{ServeDir, ServeFile};

use crate::config::Site;

/// A name with a hash never changes its content.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Any other file may, so the browser asks each time.
const ASK: HeaderValue = HeaderValue::from_static("no-cache");

/// Routes for `/pkg` and for every other file or folder of the site.
pub fn routes(site: &Site) -> Router {
    let Some(root) = &site.root else {
        tracing::warn!("the built web app was not found; pages come without style and script");
        return Router::new();
    };
    let lifetime = if site.hash_file.is_some() { FOREVER } else { ASK };
    let pkg = Router::new()
        .nest_service("/pkg", folder(&root.join("pkg")))
        .layer(map_response(move |response| ready(keep(response, lifetime.clone()))));
    pkg.merge(others(root).layer(map_response(|response| ready(keep(response, ASK)))))
}

fn others(root: &Path) -> Router {
    let entries = std::fs::read_dir(root).into_iter().flatten().flatten();
    entries.fold(Router::new(), |router, entry| {
        let path = entry.path();
        match entry.file_name().to_str() {
            // Braces would make a route with parameters.
            None | Some("pkg" | "hash.txt" | "index.html") => router,
            Some(name) if name.contains(['{', '}']) || name.starts_with('.') => router,
            Some(name) if path.is_dir() => router.nest_service(&format!("/{name}"), folder(&path)),
            Some(name) if name.ends_with(".br") || name.ends_with(".gz") => router,
            Some(name) => router.route_service(
                &format!("/{name}"),
                ServeFile::new(&path).precompressed_br().precompressed_gzip(),
            ),
        }
    })
}

fn folder(path: &Path) -> ServeDir {
    ServeDir::new(path)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip()
}

/// An error must not be kept.
fn keep(mut response: Response, lifetime: HeaderValue) -> Response {
    if !response.status().is_client_error() && !response.status().is_server_error() {
        response.headers_mut().insert(CACHE_CONTROL, lifetime);
    }
    response
}
