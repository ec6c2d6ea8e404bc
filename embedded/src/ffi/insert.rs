//! Inserts whose data arrives in pieces.

use super::api::{Api, RawInsert};
use super::connection::Connection;
use super::output::Output;
use std::ffi::CStr;
use std::marker::PhantomData;

/// A running insert. Dropping it before [`InsertStream::done`] cancels it:
/// what the engine has not written by then is not written.
pub(crate) struct InsertStream<'a> {
    api: &'static Api,
    raw: RawInsert,
    connection: PhantomData<&'a mut Connection>,
}

impl<'a> InsertStream<'a> {
    pub(super) fn new(connection: &'a mut Connection, raw: RawInsert) -> Result<Self, String> {
        let stream = Self { api: connection.api(), raw, connection: PhantomData };
        match stream.error() {
            Some(message) => Err(message),
            None => Ok(stream),
        }
    }

    /// Hands the engine the next bytes of the data, cut anywhere. Blocks
    /// while the engine is behind.
    ///
    /// # Errors
    ///
    /// The engine's message when the data or the table is at fault.
    pub(crate) fn append(&mut self, data: &[u8]) -> Result<(), String> {
        // SAFETY: the stream is alive, and the bytes are copied in the call.
        let state = unsafe { (self.api.insert_append)(self.raw, data.as_ptr().cast(), data.len()) };
        if state == 0 { Ok(()) } else { Err(self.failure()) }
    }

    /// Ends the data and waits until it is written.
    ///
    /// # Errors
    ///
    /// The engine's message; nothing of the last block is written then.
    pub(crate) fn done(self) -> Result<Output, String> {
        // SAFETY: the stream is alive; it is freed by its drop, after this.
        let raw = unsafe { (self.api.insert_done)(self.raw) };
        let output = Output::new(self.api, raw);
        // The stream knows the cause, the result at times only that there is one.
        match output.error() {
            Some(message) => Err(self.error().unwrap_or(message)),
            None => Ok(output),
        }
    }

    fn failure(&self) -> String {
        self.error().unwrap_or_else(|| "the insert failed for an unknown reason".to_owned())
    }

    fn error(&self) -> Option<String> {
        if self.raw.is_null() {
            return Some("the engine could not start the insert".to_owned());
        }
        // SAFETY: the stream is alive; its error is null or ends with NUL.
        unsafe {
            let message = (self.api.insert_error)(self.raw);
            (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned())
        }
    }
}

impl Drop for InsertStream<'_> {
    fn drop(&mut self) {
        if !self.raw.is_null() {
            // SAFETY: freed once, here; the library cancels first what is
            // not finished.
            unsafe { (self.api.insert_destroy)(self.raw) };
        }
    }
}
