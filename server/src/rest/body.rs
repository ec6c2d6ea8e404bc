//! Reads a request's body, unpacked and bounded.

use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use axum::body::Body;
use futures::TryStreamExt;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use model::limits::MAX_REQUEST_BYTES;
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio_util::io::StreamReader;

use crate::error::ApiError;

/// The whole body after decompression.
///
/// # Errors
/// 413 past [`MAX_REQUEST_BYTES`], 415 for an unknown encoding, 400 for a body
/// that ends early or cannot be unpacked.
pub async fn read_body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, ApiError> {
    let stream = body.into_data_stream().map_err(std::io::Error::other);
    let packed = BufReader::new(StreamReader::new(stream));
    let encoding = headers.get(CONTENT_ENCODING).map(|value| value.to_str().unwrap_or("?").trim());
    match encoding.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "identity") => read_bounded(packed).await,
        Some("gzip" | "x-gzip") => {
            let mut decoder = GzipDecoder::new(packed);
            decoder.multiple_members(true);
            read_bounded(decoder).await
        }
        Some("zstd") => {
            let mut decoder = ZstdDecoder::new(packed);
            decoder.multiple_members(true);
            read_bounded(decoder).await
        }
        Some(_) => {
            Err(ApiError::unsupported_media_type("content-encoding must be gzip, zstd or identity"))
        }
    }
}

async fn read_bounded(reader: impl AsyncRead + Unpin) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    // One byte more tells a body that is too long from one that just fits.
    reader.take(MAX_REQUEST_BYTES as u64 + 1).read_to_end(&mut bytes).await.map_err(|error| {
        ApiError::bad_request("invalid_body", format!("the body cannot be read: {error}"))
    })?;
    if bytes.len() > MAX_REQUEST_BYTES {
        return Err(ApiError::too_large(
            format!(
                "a request may have at most {MAX_REQUEST_BYTES} bytes after decompression; send fewer runs at once"
            ),
            MAX_REQUEST_BYTES,
        ));
    }
    Ok(bytes)
}
