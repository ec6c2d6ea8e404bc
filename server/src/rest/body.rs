//! Reads a request's body, unpacked and bounded.

use std::sync::Arc;
use std::time::Duration;

use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use axum::body::Body;
use futures::TryStreamExt;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use model::limits::MAX_REQUEST_BYTES;
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::io::StreamReader;

use crate::error::ApiError;

/// Memory of all bodies that are being read or checked at one time.
const BUDGET_BYTES: usize = 512 * 1024 * 1024;
/// Memory is taken in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;

/// How long a client may go on sending what is refused already.
const SWALLOW_PATIENCE: Duration = Duration::from_secs(5);

/// Memory for bodies. Many large requests at once must not exhaust the
/// machine's; those that find no room are asked to come again.
pub struct Intake {
    pieces: Arc<Semaphore>,
}

/// Room for a body, given back when it is dropped.
#[derive(Debug)]
pub struct Room(#[expect(dead_code, reason = "held, not used")] OwnedSemaphorePermit);

/// A whole body, and the room that it takes.
pub struct WholeBody {
    /// Its bytes after decompression.
    pub bytes: Vec<u8>,
    /// The room that it takes; to be held as long as anything made of it is in memory.
    pub room: Room,
}

impl Default for Intake {
    fn default() -> Self {
        Self { pieces: Arc::new(Semaphore::new(BUDGET_BYTES / PIECE_BYTES)) }
    }
}

impl Intake {
    /// The whole body after decompression.
    ///
    /// # Errors
    /// 413 past [`MAX_REQUEST_BYTES`], 415 for an unknown encoding, 400 for a body
    /// that ends early or cannot be unpacked, 503 when there is no room now.
    pub async fn read(&self, headers: &HeaderMap, body: Body) -> Result<WholeBody, ApiError> {
        let stream = body.into_data_stream().map_err(std::io::Error::other);
        let mut packed = BufReader::new(StreamReader::new(stream));
        let encoding = headers.get(CONTENT_ENCODING).map(|it| it.to_str().unwrap_or("?").trim());
        let outcome = match encoding.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "identity") => self.read_bounded(&mut packed).await,
            Some("gzip" | "x-gzip") => {
                let mut decoder = GzipDecoder::new(&mut packed);
                decoder.multiple_members(true);
                self.read_bounded(decoder).await
            }
            Some("zstd") => {
                let mut decoder = ZstdDecoder::new(&mut packed);
                decoder.multiple_members(true);
                self.read_bounded(decoder).await
            }
            Some(_) => Err(ApiError::unsupported_media_type(
                "content-encoding must be gzip, zstd or identity",
            )),
        };
        if outcome.is_err() {
            swallow(packed).await;
        }
        outcome
    }

    async fn read_bounded(
        &self,
        mut reader: impl AsyncRead + Unpin,
    ) -> Result<WholeBody, ApiError> {
        let mut bytes = Vec::new();
        let mut room = self.piece()?;
        loop {
            let mut part = (&mut reader).take(PIECE_BYTES as u64);
            let read = part.read_to_end(&mut bytes).await.map_err(|error| {
                ApiError::bad_request("invalid_body", format!("the body cannot be read: {error}"))
            })?;
            if bytes.len() > MAX_REQUEST_BYTES {
                return Err(ApiError::too_large(
                    format!(
                        "the request exceeds {MAX_REQUEST_BYTES} bytes after decompression; nothing was stored, send fewer runs at once"
                    ),
                    MAX_REQUEST_BYTES,
                ));
            }
            if read < PIECE_BYTES {
                return Ok(WholeBody { bytes, room: Room(room) });
            }
            room.merge(self.piece()?);
        }
    }

    fn piece(&self) -> Result<OwnedSemaphorePermit, ApiError> {
        Arc::clone(&self.pieces).try_acquire_owned().map_err(|_| {
            ApiError::unavailable("the server is busy with too many large requests; try again")
        })
    }
}

/// Takes in what the client still sends, within bounds: a connection that is
/// closed under a client that is sending loses the answer that says why.
async fn swallow(reader: impl AsyncRead + Unpin) {
    let mut rest = reader.take(MAX_REQUEST_BYTES as u64);
    let mut nowhere = tokio::io::sink();
    let copied = tokio::io::copy(&mut rest, &mut nowhere);
    // However it ends, the answer is sent now.
    let _ = tokio::time::timeout(SWALLOW_PATIENCE, copied).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intake(pieces: usize) -> Intake {
        Intake { pieces: Arc::new(Semaphore::new(pieces)) }
    }

    #[tokio::test]
    async fn bodies_come_whole_and_give_their_room_back() {
        let intake = intake(4);
        for size in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let body = intake.read(&HeaderMap::new(), Body::from(vec![7; size])).await.unwrap();
            assert_eq!(body.bytes, vec![7; size]);
            drop(body);
            assert_eq!(intake.pieces.available_permits(), 4, "{size}");
        }
    }

    #[tokio::test]
    async fn without_room_the_client_is_to_come_again() {
        let intake = intake(2);
        let held = intake.read(&HeaderMap::new(), Body::from(vec![7; 10])).await.unwrap();
        let large = || Body::from(vec![7; 2 * PIECE_BYTES]);
        let refused = intake.read(&HeaderMap::new(), large()).await.err().unwrap();
        assert_eq!(refused.status, http::StatusCode::SERVICE_UNAVAILABLE);
        assert!(refused.retry_after.is_some());
        drop(held);
        assert_eq!(intake.pieces.available_permits(), 2);
    }
}
