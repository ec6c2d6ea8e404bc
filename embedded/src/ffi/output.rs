//! Results, whole or piece by piece.

use super::api::{Api, RawResult};
use super::connection::Connection;
use std::ffi::CStr;
use std::slice;

/// One result of the engine, freed when it is dropped.
pub(crate) struct Output {
    api: &'static Api,
    raw: RawResult,
}

impl Output {
    pub(super) fn new(api: &'static Api, raw: RawResult) -> Self {
        Self { api, raw }
    }

    /// The engine's message, when this result is a failure.
    pub(crate) fn error(&self) -> Option<String> {
        if self.raw.is_null() {
            return Some("the engine gave no result".to_owned());
        }
        // SAFETY: the result is alive; its error is null or ends with NUL.
        unsafe {
            let message = (self.api.result_error)(self.raw);
            (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned())
        }
    }

    /// The formatted bytes.
    pub(crate) fn data(&self) -> &[u8] {
        if self.raw.is_null() {
            return &[];
        }
        // SAFETY: buffer and length belong together and live as long as the
        // result, which outlives the borrow.
        unsafe {
            let buffer = (self.api.result_buffer)(self.raw);
            let length = (self.api.result_length)(self.raw);
            if buffer.is_null() || length == 0 {
                return &[];
            }
            slice::from_raw_parts(buffer.cast(), length)
        }
    }

    /// Rows in this result.
    pub(crate) fn rows(&self) -> u64 {
        self.count(self.api.result_rows_read)
    }

    /// Rows and bytes that were read from tables.
    pub(crate) fn read(&self) -> (u64, u64) {
        (
            self.count(self.api.result_storage_rows_read),
            self.count(self.api.result_storage_bytes_read),
        )
    }

    /// Rows and bytes that were written, those of materialized views included.
    pub(crate) fn written(&self) -> (u64, u64) {
        (self.count(self.api.result_rows_written), self.count(self.api.result_bytes_written))
    }

    fn count(&self, counter: unsafe extern "C" fn(RawResult) -> u64) -> u64 {
        if self.raw.is_null() {
            return 0;
        }
        // SAFETY: the result is alive.
        unsafe { counter(self.raw) }
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: freed once, here.
            unsafe { (self.api.destroy_result)(self.raw) };
        }
    }
}

/// A running SELECT. Dropping it early cancels it.
pub(crate) struct RowStream<'a> {
    connection: &'a mut Connection,
    state: Output,
    finished: bool,
}

impl<'a> RowStream<'a> {
    pub(super) fn new(connection: &'a mut Connection, state: Output) -> Self {
        Self { connection, state, finished: false }
    }

    /// The next piece: a whole document of the format, or `None` at the end.
    ///
    /// # Errors
    ///
    /// The engine's message when the query fails, now or half-way.
    pub(crate) fn next(&mut self) -> Result<Option<Output>, String> {
        let api = self.connection.api();
        // SAFETY: connection and state are alive and belong together, and
        // `&mut self` keeps other calls away from them.
        let raw = unsafe { (api.stream_fetch)(self.connection.handle(), self.state.raw) };
        let piece = Output::new(api, raw);
        if let Some(message) = piece.error() {
            self.finished = true;
            return Err(message);
        }
        if piece.data().is_empty() {
            self.finished = true;
            return Ok(None);
        }
        Ok(Some(piece))
    }
}

impl Drop for RowStream<'_> {
    fn drop(&mut self) {
        if !self.finished {
            let api = self.connection.api();
            // SAFETY: connection and state are alive and belong together; the
            // state itself is freed after this, by its own drop.
            unsafe { (api.stream_cancel)(self.connection.handle(), self.state.raw) };
        }
    }
}
