//! The built web app's files.

use std::future::ready;
use std::path::Path;

use axum::Router;
use axum::http::header::CACHE_CONTROL;
use axum::middleware::map_response;
use axum::response::{Redirect, Response};
use axum::routing::get;
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
    // Browsers ask for this name unasked.
    let icon = get(|| ready(Redirect::permanent("/favicon.svg")));
    let others = others(root).route("/favicon.ico", icon);
    pkg.merge(others.layer(map_response(|response| ready(keep(response, ASK)))))
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::header::CONTENT_ENCODING;
    use http::{Request, StatusCode};
    use tower::ServiceExt;

    use super::*;

    async fn get(site: &Site, path: &str) -> Response {
        let request = Request::get(path).header("accept-encoding", "br").body(Body::empty());
        routes(site).oneshot(request.unwrap()).await.unwrap()
    }

    fn header(response: &Response, name: http::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[tokio::test]
    async fn only_parts_that_are_there_and_carry_a_hash_are_kept_forever() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().to_owned();
        std::fs::create_dir(root.join("pkg")).unwrap();
        for name in ["pkg/runs.1.js", "pkg/runs.1.js.br", "robots.txt", "hash.txt"] {
            std::fs::write(root.join(name), name).unwrap();
        }
        let hashed = Site { hash_file: Some(root.join("hash.txt")), root: Some(root.clone()) };
        let plain = Site { hash_file: None, root: Some(root) };

        let script = get(&hashed, "/pkg/runs.1.js").await;
        assert_eq!(header(&script, CACHE_CONTROL), FOREVER);
        assert_eq!(header(&script, CONTENT_ENCODING), "br");
        assert_eq!(header(&get(&plain, "/pkg/runs.1.js").await, CACHE_CONTROL), ASK);
        assert_eq!(header(&get(&hashed, "/robots.txt").await, CACHE_CONTROL), ASK);
        let icon = get(&hashed, "/favicon.ico").await;
        assert_eq!(header(&icon, http::header::LOCATION), "/favicon.svg");
        for path in ["/pkg/runs.2.js", "/pkg/", "/pkg/../hash.txt", "/hash.txt"] {
            let missing = get(&hashed, path).await;
            assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(header(&missing, CACHE_CONTROL), "", "{path}");
        }
    }
}
