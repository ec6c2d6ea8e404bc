//! A body of JSON, whatever mark some editors and libraries put before it.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use model::json::BYTE_ORDER_MARK;
use serde::de::DeserializeOwned;

/// Reads a body like [`Json`] does, and passes over a byte order mark before it.
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for JsonBody<T> {
    type Rejection = JsonRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let (parts, body) = request.into_parts();
        let bytes = Bytes::from_request(Request::from_parts(parts.clone(), body), state).await?;
        let has_mark = bytes.starts_with(BYTE_ORDER_MARK);
        let bytes = if has_mark { bytes.slice(BYTE_ORDER_MARK.len()..) } else { bytes };
        let request = Request::from_parts(parts, Body::from(bytes));
        Json::from_request(request, state).await.map(|Json(body)| Self(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_mark_before_the_body_is_passed_over() {
        for body in ["[1,2]", "\u{feff}[1,2]"] {
            let request = Request::post("/").header("content-type", "application/json");
            let request = request.body(Body::from(body)).unwrap();
            let JsonBody(read) = JsonBody::<Vec<u8>>::from_request(request, &()).await.unwrap();
            assert_eq!(read, [1, 2]);
        }
        let untyped = Request::post("/").body(Body::from("[1,2]")).unwrap();
        assert!(JsonBody::<Vec<u8>>::from_request(untyped, &()).await.is_err());
    }
}
