//! Connections that fail as soon as the engine is known to hang.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use hyper::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use tower::Service;

use super::{Breaker, NotAsked};

type BoxError = Box<dyn StdError + Send + Sync>;
type Waiting = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Opens connections that a [`Breaker`] watches.
#[derive(Clone)]
pub(crate) struct GuardedConnector {
    inner: HttpConnector,
    breaker: Arc<Breaker>,
}

impl GuardedConnector {
    pub(crate) fn new(inner: HttpConnector, breaker: Arc<Breaker>) -> Self {
        Self { inner, breaker }
    }
}

impl Service<Uri> for GuardedConnector {
    type Response = Guarded<<HttpConnector as Service<Uri>>::Response>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(BoxError::from)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = self.inner.call(uri);
        let breaker = Arc::clone(&self.breaker);
        Box::pin(async move {
            breaker.check()?;
            let counted = Counted::new(breaker);
            let mut opened = counted.opened();
            tokio::select! {
                connected = connecting => Ok(Guarded { io: connected?, opened, counted }),
                () = &mut opened => Err(NotAsked.into()),
            }
        })
    }
}

/// A place among the connections that the breaker counts.
struct Counted(Arc<Breaker>);

impl Counted {
    fn new(breaker: Arc<Breaker>) -> Self {
        if breaker.connections.fetch_add(1, Ordering::Relaxed) == 0 {
            // What was heard before belongs to other questions.
            breaker.hear();
        }
        Self(breaker)
    }

    /// Completes when the breaker is open.
    fn opened(&self) -> Waiting {
        let mut follow = self.0.follow();
        Box::pin(async move {
            if follow.wait_for(|is_open| *is_open).await.is_err() {
                // The store is gone, and this connection with it.
                std::future::pending().await
            }
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.connections.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A connection that fails when its breaker opens.
pub(crate) struct Guarded<T> {
    io: T,
    opened: Waiting,
    counted: Counted,
}

impl<T> Guarded<T> {
    fn breaker(&self) -> &Breaker {
        &self.counted.0
    }

    fn or_opened<R>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<R>> {
        match self.breaker().check() {
            Err(error) => Poll::Ready(Err(error.into())),
            Ok(()) => self.opened.as_mut().poll(context).map(|()| Err(NotAsked.into())),
        }
    }
}

impl<T: Read + Unpin> Read for Guarded<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.io).poll_read(context, buffer) {
            Poll::Ready(read) => {
                self.breaker().hear();
                Poll::Ready(read)
            }
            Poll::Pending => self.or_opened(context),
        }
    }
}

impl<T: Write + Unpin> Write for Guarded<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.breaker().check()?;
        match Pin::new(&mut self.io).poll_write(context, bytes) {
            Poll::Ready(written) => Poll::Ready(written),
            Poll::Pending => self.or_opened(context),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match Pin::new(&mut self.io).poll_flush(context) {
            Poll::Ready(flushed) => Poll::Ready(flushed),
            Poll::Pending => self.or_opened(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.breaker().check()?;
        match Pin::new(&mut self.io).poll_write_vectored(context, slices) {
            Poll::Ready(written) => Poll::Ready(written),
            Poll::Pending => self.or_opened(context),
        }
    }
}

impl<T: Connection> Connection for Guarded<T> {
    fn connected(&self) -> Connected {
        self.io.connected()
    }
}
