//! Answers: whole, streamed, failed.

use super::lost;
use crate::cancel::CancelOnDrop;
use crate::compress::Encoding;
use crate::exception::Exception;
use crate::format::content_type;
use crate::query::{Counts, Part};
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures::{Stream, stream};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use rand::distr::{Alphanumeric, SampleString};
use std::io;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Receiver;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

/// How long an answer is held back after its first piece: one that is whole
/// by then goes out with its length, which spares the client a wait.
const HOLD: Duration = Duration::from_millis(2);

/// Time for the socket to take an error that comes half-way, before the
/// connection is cut.
const FAREWELL: Duration = Duration::from_millis(20);

/// "Ok." for those who only ask whether anybody is there.
pub(super) fn ok_text() -> Response {
    let mut response = Response::new(Body::from("Ok.\n"));
    let plain = HeaderValue::from_static("text/html; charset=UTF-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// For paths that mean nothing; queries go to `/`.
pub(super) fn no_such_path() -> Response {
    let mut response = Response::new(Body::from("There is no such path; queries go to /\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// What all answers to a request share.
pub(super) struct Frame {
    version: String,
    started: Instant,
    headers: HeaderMap,
    encoding: Encoding,
}

impl Frame {
    pub(super) fn new(version: &str, started: Instant) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(name("x-clickhouse-server-display-name"), value("runs"));
        headers.insert(name("x-clickhouse-timezone"), value("UTC"));
        Self { version: version.to_owned(), started, headers, encoding: Encoding::Plain }
    }

    /// Names the query, after the client or at random.
    pub(super) fn query_id(&mut self, given: Option<&str>) {
        let id = given.map_or_else(random, str::to_owned);
        if let Ok(id) = HeaderValue::from_str(&id) {
            self.headers.insert(name("x-clickhouse-query-id"), id);
        }
    }

    pub(super) fn encoding(&mut self, encoding: Encoding) {
        self.encoding = encoding;
    }

    pub(super) fn format(&mut self, format: &str) {
        if let Ok(format) = HeaderValue::from_str(format) {
            self.headers.insert(name("x-clickhouse-format"), format);
        }
        self.headers.insert(CONTENT_TYPE, value(content_type(format)));
    }

    /// Answers with what a worker sends: whole if it is short, else streamed.
    pub(super) async fn answer(
        &self,
        mut parts: Receiver<Part>,
        guard: CancelOnDrop,
        closing: CancellationToken,
    ) -> Result<Response, Exception> {
        let first = match parts.recv().await {
            Some(Part::Data(bytes)) => bytes,
            Some(Part::End(counts)) => return Ok(self.complete(Bytes::new(), counts)),
            Some(Part::Failed(exception)) => return Err(exception),
            None => return Err(lost()),
        };
        let second = match timeout(HOLD, parts.recv()).await {
            Ok(Some(Part::End(counts))) => return Ok(self.complete(first, counts)),
            Ok(Some(Part::Failed(exception))) => return Err(exception),
            Ok(None) => return Err(lost()),
            Ok(Some(part)) => Some(part),
            Err(_) => None,
        };
        let tag = random();
        let mut response = self.head();
        response.headers_mut().extend(self.body_headers());
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            response.headers_mut().insert(name("x-clickhouse-exception-tag"), tag);
        }
        let feed = Feed {
            waiting: [Some(Part::Data(first)), second],
            parts,
            tag,
            version: self.version.clone(),
            encoding: self.encoding,
            ending: Ending::Open,
            closing,
            _guard: guard,
        };
        *response.body_mut() = Body::from_stream(feed.into_stream());
        Ok(response)
    }

    /// An answer that is all there.
    pub(super) fn complete(&self, body: Bytes, counts: Counts) -> Response {
        let mut response = self.head();
        if !body.is_empty() {
            response.headers_mut().extend(self.body_headers());
        }
        if let Ok(summary) = HeaderValue::from_str(&summary(counts, self.started.elapsed())) {
            response.headers_mut().insert(name("x-clickhouse-summary"), summary);
        }
        *response.body_mut() = Body::from(body);
        response
    }

    /// An error before anything was sent.
    pub(super) fn failure(&self, exception: &Exception) -> Response {
        let mut response = self.head();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, value("text/plain; charset=UTF-8"));
        headers.insert(name("x-clickhouse-exception-code"), exception.code().into());
        if exception.status() == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, value("Basic realm=\"ClickHouse server HTTP API\""));
        }
        *response.status_mut() = exception.status();
        *response.body_mut() = Body::from(exception.render(&self.version));
        response
    }

    fn head(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn body_headers(&self) -> Option<(HeaderName, HeaderValue)> {
        (self.encoding == Encoding::Lz4Frame).then(|| (CONTENT_ENCODING, value("lz4")))
    }
}

/// A body that follows a worker. Dropping it cancels the query.
struct Feed {
    waiting: [Option<Part>; 2],
    parts: Receiver<Part>,
    tag: String,
    version: String,
    encoding: Encoding,
    ending: Ending,
    closing: CancellationToken,
    _guard: CancelOnDrop,
}

enum Ending {
    Open,
    /// The error is on its way; the connection is to be cut.
    Failed,
    Done,
}

impl Feed {
    fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        stream::unfold(self, |mut feed| async move {
            let piece = feed.next().await?;
            Some((piece, feed))
        })
    }

    async fn next(&mut self) -> Option<io::Result<Bytes>> {
        match self.ending {
            Ending::Open => {}
            Ending::Failed => {
                // Clients that do not look for the error must still not take
                // half a result for a whole one.
                sleep(FAREWELL).await;
                self.ending = Ending::Done;
                return Some(Err(io::Error::other("the query failed half-way")));
            }
            Ending::Done => return None,
        }
        let waiting = self.waiting.iter_mut().find_map(Option::take);
        let part = match waiting {
            Some(part) => Some(part),
            None => self.closing.run_until_cancelled(self.parts.recv()).await.flatten(),
        };
        let exception = match part {
            Some(Part::Data(bytes)) => return Some(Ok(bytes)),
            Some(Part::End(_)) => {
                self.ending = Ending::Done;
                return None;
            }
            Some(Part::Failed(exception)) => exception,
            None => lost(),
        };
        self.ending = Ending::Failed;
        let block = exception_block(&exception, &self.version, &self.tag);
        Some(self.encoding.encode(block.as_bytes()).map_err(|_| io::Error::other("half-way")))
    }
}

/// The block that tells a client about an error half-way.
fn exception_block(exception: &Exception, version: &str, tag: &str) -> String {
    let message = exception.render(version);
    let length = message.len();
    format!("\r\n__exception__\r\n{tag}\r\n{message}{length} {tag}\r\n__exception__\r\n")
}

fn summary(counts: Counts, elapsed: Duration) -> String {
    let Counts { read_rows, read_bytes, written_rows, written_bytes, .. } = counts;
    let Counts { result_rows, result_bytes, .. } = counts;
    let elapsed = elapsed.as_nanos();
    format!(
        r#"{{"read_rows":"{read_rows}","read_bytes":"{read_bytes}","written_rows":"{written_rows}","written_bytes":"{written_bytes}","total_rows_to_read":"0","result_rows":"{result_rows}","result_bytes":"{result_bytes}","elapsed_ns":"{elapsed}"}}"#
    )
}

/// A name that nobody else has: query ids and exception tags.
fn random() -> String {
    Alphanumeric.sample_string(&mut rand::rng(), 16).to_ascii_lowercase()
}

fn name(name: &'static str) -> HeaderName {
    HeaderName::from_static(name)
}

fn value(value: &'static str) -> HeaderValue {
    HeaderValue::from_static(value)
}
