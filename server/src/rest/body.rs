//! Reads a request's body, unpacked and bounded.

use std::time::Duration;

use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use axum::body::Body;
use futures::TryStreamExt;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, StatusCode};
use model::limits::MAX_REQUEST_BYTES;
use shares::{Budget, Held, Holder, Refused};
use tokio::io::{AsyncRead, AsyncReadExt, BufReader};
use tokio_util::io::StreamReader;

use crate::error::ApiError;
use crate::limits::refusal;

/// Memory is taken in pieces of this size.
const PIECE_BYTES: usize = 64 * 1024;
/// How long a piece may be on its way. Slower clients would hold memory that
/// others wait for.
const PIECE_PATIENCE: Duration = Duration::from_secs(10);

/// Most bytes of a request that carries no runs.
pub const SMALL_BYTES: usize = 2 * 1024 * 1024;
/// Most bytes that strangers may send: a form, or an end user's longest comment.
const STRANGER_BYTES: usize = PIECE_BYTES;
/// Memory of all bodies of strangers that are being read at one time.
const STRANGERS_BYTES: u64 = 16 * 1024 * 1024;
/// How long a client may go on sending what is refused already.
const SWALLOW_PATIENCE: Duration = Duration::from_secs(5);

/// Reads bodies into memory that organizations share. Many large requests at once
/// must not exhaust the machine's; those that find no room are asked to come again.
pub struct Intake {
    memory: Budget,
    /// Of which those who belong to no organization have this much.
    strangers: Budget,
    patience: Duration,
}

/// Memory that is taken in pieces, given back when it is dropped.
#[derive(Debug)]
pub struct Room {
    held: Held,
    used: u64,
}

/// A whole body, and the room that it takes.
pub struct WholeBody {
    /// Its bytes after decompression.
    pub bytes: Vec<u8>,
    /// The room that it takes; to be held as long as anything made of it is in memory.
    pub room: Room,
}

impl Room {
    /// A first piece.
    ///
    /// # Errors
    /// When the holder's share or all of the memory is used up.
    pub fn new(memory: &Budget, holder: Holder) -> Result<Self, Refused> {
        Ok(Self { held: memory.take(holder, PIECE_BYTES as u64)?, used: 0 })
    }

    /// Takes room for so many more bytes.
    ///
    /// # Errors
    /// When the holder's share or all of the memory is used up.
    pub fn grow(&mut self, bytes: usize) -> Result<(), Refused> {
        self.grow_to(self.used + bytes as u64)
    }

    /// Takes room for so many bytes in all, where there is less.
    ///
    /// # Errors
    /// When the holder's share or all of the memory is used up.
    pub fn cover(&mut self, bytes: usize) -> Result<(), Refused> {
        self.grow_to(self.used.max(bytes as u64))
    }

    fn grow_to(&mut self, used: u64) -> Result<(), Refused> {
        let missing = used.saturating_sub(self.held.amount());
        if missing > 0 {
            self.held.grow(missing.next_multiple_of(PIECE_BYTES as u64))?;
        }
        self.used = used;
        Ok(())
    }
}

impl Intake {
    /// Reads into this memory.
    #[must_use]
    pub fn new(memory: Budget) -> Self {
        Self { memory, strangers: Budget::new(STRANGERS_BYTES), patience: PIECE_PATIENCE }
    }

    /// The whole body after decompression.
    ///
    /// # Errors
    /// 413 past [`MAX_REQUEST_BYTES`], 415 for an unknown encoding, 400 for a body
    /// that ends early or cannot be unpacked, 408 for one that comes too slowly, 429
    /// when the holder has its share of the memory already, 503 when there is none.
    pub async fn read(
        &self,
        holder: Holder,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<WholeBody, ApiError> {
        let stream = body.into_data_stream().map_err(std::io::Error::other);
        let mut packed = BufReader::new(StreamReader::new(stream));
        let encoding = headers.get(CONTENT_ENCODING).map(|it| it.to_str().unwrap_or("?").trim());
        let outcome = match encoding.map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "identity") => {
                self.read_bounded(holder, &mut packed, MAX_REQUEST_BYTES).await
            }
            Some("gzip" | "x-gzip") => {
                let mut decoder = GzipDecoder::new(&mut packed);
                decoder.multiple_members(true);
                self.read_bounded(holder, decoder, MAX_REQUEST_BYTES).await
            }
            Some("zstd") => {
                let mut decoder = ZstdDecoder::new(&mut packed);
                decoder.multiple_members(true);
                self.read_bounded(holder, decoder, MAX_REQUEST_BYTES).await
            }
            Some(_) => Err(ApiError::unsupported_media_type(
                "content-encoding must be gzip, zstd or identity",
            )),
        };
        if outcome.as_ref().is_err_and(|error| error.status != StatusCode::REQUEST_TIMEOUT) {
            swallow(packed).await;
        }
        outcome
    }

    /// The whole body of a call that carries no runs, as it comes.
    ///
    /// # Errors
    /// As for [`Intake::read`], with 413 past [`SMALL_BYTES`], and for those who belong to
    /// no organization past 64 KB.
    pub async fn read_small(&self, holder: Holder, body: Body) -> Result<WholeBody, ApiError> {
        let stream = body.into_data_stream().map_err(std::io::Error::other);
        let mut reader = StreamReader::new(stream);
        let limit = if is_strange(holder) { STRANGER_BYTES } else { SMALL_BYTES };
        let outcome = self.read_bounded(holder, &mut reader, limit).await;
        if outcome.as_ref().is_err_and(|error| error.status != StatusCode::REQUEST_TIMEOUT) {
            swallow(reader).await;
        }
        outcome
    }

    async fn read_bounded(
        &self,
        holder: Holder,
        mut reader: impl AsyncRead + Unpin,
        limit: usize,
    ) -> Result<WholeBody, ApiError> {
        let mut bytes = Vec::new();
        let memory = if is_strange(holder) { &self.strangers } else { &self.memory };
        let mut room = Room::new(memory, holder).map_err(refused)?;
        loop {
            room.grow(PIECE_BYTES).map_err(refused)?;
            let mut part = (&mut reader).take(PIECE_BYTES as u64);
            let read = tokio::time::timeout(self.patience, part.read_to_end(&mut bytes)).await;
            let read = read.map_err(|_| self.too_slow())?.map_err(|error| {
                ApiError::bad_request("invalid_body", format!("the body cannot be read: {error}"))
            })?;
            if bytes.len() > limit {
                return Err(too_large(limit));
            }
            if read < PIECE_BYTES {
                return Ok(WholeBody { bytes, room });
            }
        }
    }

    fn too_slow(&self) -> ApiError {
        let seconds = self.patience.as_secs();
        ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "request_timeout",
            format!(
                "the body arrives too slowly: each {PIECE_BYTES} bytes must arrive within {seconds} s"
            ),
        )
        .with_details(serde_json::json!({ "limit": seconds }))
    }
}

/// Whether somebody belongs to no organization.
fn is_strange(holder: Holder) -> bool {
    holder.org == 0
}

fn too_large(limit: usize) -> ApiError {
    let message = match limit {
        MAX_REQUEST_BYTES => format!(
            "the request exceeds {limit} bytes after decompression; nothing was stored, send fewer runs at once"
        ),
        _ => format!("the body exceeds {limit} bytes"),
    };
    ApiError::too_large(message, limit)
}

fn refused(refused: Refused) -> ApiError {
    refusal("too_many_bytes", "the memory for requests", refused)
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
    use futures::StreamExt;

    use super::*;

    const A: Holder = Holder { org: 1, key: 1 };
    const B: Holder = Holder { org: 2, key: 1 };

    fn intake(pieces: u64) -> Intake {
        Intake::new(Budget::new(pieces * PIECE_BYTES as u64))
    }

    async fn read(intake: &Intake, holder: Holder, size: usize) -> Result<WholeBody, ApiError> {
        intake.read(holder, &HeaderMap::new(), Body::from(vec![7; size])).await
    }

    #[tokio::test]
    async fn bodies_come_whole_and_give_their_room_back() {
        let intake = intake(8);
        for size in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES] {
            let body = read(&intake, A, size).await.unwrap();
            assert_eq!(body.bytes, vec![7; size]);
            assert!(intake.memory.usage(1).all >= size as u64);
            drop(body);
            assert_eq!(intake.memory.usage(1).all, 0, "{size}");
        }
    }

    #[tokio::test]
    async fn whoever_has_its_share_is_to_come_again_and_others_find_room() {
        let intake = intake(16);
        let mut held = Vec::new();
        let refused = loop {
            match read(&intake, A, PIECE_BYTES).await {
                Ok(body) => held.push(body),
                Err(error) => break error,
            }
        };
        assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.body.code, "too_many_bytes");
        assert!(refused.retry_after.is_some() && refused.body.details["limit"].is_number());
        drop(read(&intake, B, PIECE_BYTES).await.unwrap());
        drop(held);
        assert_eq!(intake.memory.usage(1).all, 0);
    }

    #[tokio::test]
    async fn strangers_have_little_and_take_nothing_from_others() {
        let intake = intake(16);
        let stranger = |key| Holder { org: 0, key };
        let body = |size| Body::from(vec![7; size]);
        let whole = intake.read_small(stranger(1), body(STRANGER_BYTES)).await.unwrap();
        assert_eq!(whole.bytes.len(), STRANGER_BYTES);
        let error = intake.read_small(stranger(1), body(STRANGER_BYTES + 1)).await.err().unwrap();
        assert_eq!(error.status, StatusCode::PAYLOAD_TOO_LARGE);
        assert!(intake.read_small(A, body(STRANGER_BYTES + 1)).await.is_ok());
        let mut held = vec![whole];
        let refused = (2..).map(|key| intake.read_small(stranger(key), body(1)));
        for one in refused {
            match one.await {
                Ok(whole) => held.push(whole),
                Err(error) => {
                    assert_eq!(error.body.code, "too_many_bytes");
                    break;
                }
            }
        }
        assert!(held.len() as u64 <= STRANGERS_BYTES / PIECE_BYTES as u64);
        assert_eq!(intake.memory.usage(1).all, 0);
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_let_go() {
        let patience = Duration::from_millis(50);
        let intake = Intake { patience, ..intake(8) };
        let half = futures::stream::once(async { Ok::<_, std::io::Error>(vec![7; 10]) })
            .chain(futures::stream::pending());
        let body = Body::from_stream(half);
        let error = intake.read(A, &HeaderMap::new(), body).await.err().unwrap();
        assert_eq!(error.status, StatusCode::REQUEST_TIMEOUT);
        assert_eq!(intake.memory.usage(1).all, 0);
    }
}
