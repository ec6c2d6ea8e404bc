//! What somebody sees whose page cannot even be begun.

use axum::response::{Html, IntoResponse, Response};
use http::HeaderMap;
use http::header::ACCEPT;

use crate::error::ApiError;

/// An error as a page for those who ask for one, else as it is.
pub fn refusal(headers: &HeaderMap, error: ApiError) -> Response {
    let reads_pages = headers
        .get_all(ACCEPT)
        .iter()
        .any(|accepted| accepted.to_str().is_ok_and(|accepted| accepted.contains("text/html")));
    if !reads_pages {
        return error.into_response();
    }
    let page = page(&error.body.message, error.status.is_server_error());
    let mut response = error.into_response();
    let (html, body) = Html(page).into_response().into_parts();
    response.headers_mut().remove(http::header::CONTENT_LENGTH);
    response.headers_mut().extend(html.headers);
    *response.body_mut() = body;
    response
}

/// Messages are this program's own words and hold nothing of a request's.
fn page(message: &str, comes_back: bool) -> String {
    let message = message.replace('&', "&amp;").replace('<', "&lt;");
    let again = if comes_back { "<meta http-equiv=\"refresh\" content=\"5\">" } else { "" };
    let word = if comes_back { "<p>This page tries again every few seconds.</p>" } else { "" };
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"color-scheme\" content=\"light dark\">{again}\
         <title>Not available just now – Runs</title></head>\
         <body><main><h1>Not available just now</h1><p>{message}.</p>{word}</main></body></html>"
    )
}

#[cfg(test)]
mod tests {
    use http::header::{CONTENT_TYPE, RETRY_AFTER};
    use http::{HeaderValue, StatusCode};

    use super::*;

    #[test]
    fn readers_get_a_page_and_programs_their_json() {
        let mut headers = HeaderMap::new();
        let away = || ApiError::unavailable("the database does not answer");
        let kind = |response: &Response| response.headers()[CONTENT_TYPE].clone();
        let json = refusal(&headers, away());
        assert_eq!(kind(&json), "application/json");
        headers.insert(ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        let html = refusal(&headers, away());
        assert_eq!(kind(&html), "text/html; charset=utf-8");
        for answer in [json, html] {
            assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(answer.headers().contains_key(RETRY_AFTER));
        }
        assert!(page("a <b> & c", true).contains("a &lt;b> &amp; c"));
    }
}
