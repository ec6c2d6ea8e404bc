//! A request's body, in pieces.

use crate::exception::{Exception, code};
use axum::body::{Body, BodyDataStream};
use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

/// A body that is read piece by piece, each within a time.
pub(super) struct Data {
    front: Option<Bytes>,
    rest: Option<BodyDataStream>,
    patience: Duration,
}

impl Data {
    pub(super) fn new(body: Body, patience: Duration) -> Self {
        Self { front: None, rest: Some(body.into_data_stream()), patience }
    }

    /// Puts bytes before what is still to come.
    pub(super) fn push_front(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.front = Some(bytes);
        }
    }

    /// Leaves what is still to come unread.
    pub(super) fn discard(&mut self) {
        self.rest = None;
    }

    /// The next piece, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Result<Bytes, Exception>> {
        if let Some(front) = self.front.take() {
            return Some(Ok(front));
        }
        let rest = self.rest.as_mut()?;
        match timeout(self.patience, rest.next()).await {
            Ok(None) => None,
            Ok(Some(Ok(bytes))) => Some(Ok(bytes)),
            Ok(Some(Err(_))) => Some(Err(broken("the client stopped sending half-way"))),
            Err(_) => Some(Err(broken("the client sent nothing for too long"))),
        }
    }

    /// Reads until at least `enough` bytes are there, or the end.
    pub(super) async fn gather(&mut self, enough: usize) -> Result<Bytes, Exception> {
        let mut gathered = match self.next().await {
            Some(first) => BytesMut::from(first?),
            None => return Ok(Bytes::new()),
        };
        while gathered.len() < enough {
            match self.next().await {
                Some(piece) => gathered.extend_from_slice(&piece?),
                None => break,
            }
        }
        Ok(gathered.freeze())
    }
}

/// For readers that want a stream, such as that of a form.
impl Stream for Data {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(front) = self.front.take() {
            return Poll::Ready(Some(Ok(front)));
        }
        match &mut self.rest {
            Some(rest) => rest.poll_next_unpin(context),
            None => Poll::Ready(None),
        }
    }
}

fn broken(why: &str) -> Exception {
    let text = format!("Cannot read all data of the request: {why}");
    Exception::new(code::CANNOT_READ_ALL_DATA, "CANNOT_READ_ALL_DATA", text)
}
