//! Refuses query parameters that a call does not have, by name: a misspelt filter must not
//! give all runs.
//!
//! What a call takes is read from the document of the interface, so that the two agree.

use std::collections::HashMap;
use std::sync::LazyLock;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;
use serde_json::{Value, json};

use super::openapi::DOCUMENT;
use crate::auth::identity::Identity;
use crate::error::ApiError;

/// The query parameters of the calls, by method in lower case and path.
static PARAMETERS: LazyLock<HashMap<(String, String), Vec<String>>> =
    LazyLock::new(|| read(&serde_json::from_str(DOCUMENT).unwrap_or_default()));

/// Middleware that answers 400 to a parameter that the call does not have. Who shows no key
/// and no session is told that first, by the handler.
pub async fn refuse_unknown(request: Request, next: Next) -> Response {
    let is_known = !matches!(request.extensions().get(), None | Some(Identity::Anonymous));
    match unknown(&request).filter(|_| is_known) {
        Some(error) => error.into_response(),
        None => next.run(request).await,
    }
}

fn unknown(request: &Request) -> Option<ApiError> {
    let query = request.uri().query()?;
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let allowed = PARAMETERS.get(&(method.as_str().to_lowercase(), path.to_owned()))?;
    let mut given = form_urlencoded::parse(query.as_bytes()).map(|(name, _)| name);
    let name = given.find(|name| !allowed.iter().any(|allowed| allowed == name))?;
    let takes = match allowed.as_slice() {
        [] => "this call takes none in the query string".to_owned(),
        names => format!("this call takes {}", names.join(", ")),
    };
    let message = format!("unknown parameter {name:?}; {takes}");
    let details = json!({ "parameter": name, "allowed": allowed });
    Some(ApiError::bad_request("unknown_parameter", message).with_details(details))
}

fn read(document: &Value) -> HashMap<(String, String), Vec<String>> {
    let mut parameters = HashMap::new();
    for (path, calls) in document["paths"].as_object().into_iter().flatten() {
        for (method, call) in calls.as_object().into_iter().flatten() {
            let named = call["parameters"].as_array().into_iter().flatten().filter_map(|item| {
                let reference = item["$ref"].as_str().and_then(|text| text.strip_prefix('#'));
                let parameter = match reference {
                    Some(pointer) => document.pointer(pointer)?,
                    None => item,
                };
                let is_in_query = parameter["in"] == "query";
                is_in_query.then(|| parameter["name"].as_str().map(str::to_owned)).flatten()
            });
            parameters.insert((method.clone(), path.clone()), named.collect());
        }
    }
    parameters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_read() {
        let of = |method: &str, path: &str| {
            PARAMETERS.get(&(method.to_owned(), path.to_owned())).map(Vec::as_slice)
        };
        let expected = ["q", "limit", "cursor", "sort", "count"].map(str::to_owned);
        assert_eq!(of("get", "/v1/{org}/runs"), Some(&expected[..]));
        assert_eq!(of("delete", "/v1/{org}/agents/{agent}"), Some(&[][..]));
    }
}
