//! A connection to the engine.

use super::api::{Api, OuterHandle, QueryWithParams, RawAnalysis};
use super::insert::InsertStream;
use super::output::{Output, RowStream};
use std::ffi::{CString, c_char, c_int};
use std::ptr;

/// Query parameters by name, values escaped as the client sent them.
pub(crate) type Params = [(String, String)];

/// An open connection: settings, current database, one statement at a time.
pub(crate) struct Connection {
    api: &'static Api,
    outer: OuterHandle,
}

// SAFETY: the library binds a connection to no thread; it only forbids using
// one from two threads at once, which `&mut self` rules out.
unsafe impl Send for Connection {}

/// What a text would do, as the engine's own parser sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Analysis {
    /// Statements in the text; 0 when it does not parse or is empty.
    pub(crate) statements: u32,
    /// The most far-reaching thing that any of them does.
    pub(crate) class: Class,
}

/// What a statement does to state that outlives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// It reads only.
    Read,
    /// It changes a database.
    Mutating,
    /// It changes users, functions and other things beside the databases.
    Global,
    /// It changes the session or the process, or writes outside the engine.
    Control,
    /// The engine cannot say.
    Unknown,
}

impl Connection {
    /// Opens a connection; the first one of the process starts the engine.
    /// `None` is failure, whose reason the library prints on standard error.
    pub(crate) fn open(api: &'static Api, args: &[CString]) -> Option<Self> {
        let mut argv: Vec<*mut c_char> = args.iter().map(|arg| arg.as_ptr().cast_mut()).collect();
        let argc = c_int::try_from(argv.len()).ok()?;
        argv.push(ptr::null_mut());
        // SAFETY: `argv` holds `argc` strings that end with NUL, and a null
        // pointer after them; the library copies them and changes none.
        let outer = unsafe { (api.connect)(argc, argv.as_mut_ptr()) };
        (!outer.is_null()).then_some(Self { api, outer })
    }

    /// Parses a text without running it.
    pub(crate) fn classify(&mut self, sql: &str) -> Analysis {
        let size = u32::try_from(size_of::<RawAnalysis>()).unwrap_or(0);
        let mut raw =
            RawAnalysis { struct_size: size, statement_count: 0, flags: 0, query_class: 4 };
        // SAFETY: the text is alive for the call, no database is named, and
        // `raw` is writable and says its own size.
        let state = unsafe {
            (self.api.classify)(
                self.handle(),
                sql.as_ptr().cast(),
                sql.len(),
                ptr::null(),
                0,
                &raw mut raw,
            )
        };
        let class = match raw.query_class {
            _ if state != 0 => Class::Unknown,
            0 => Class::Read,
            1 => Class::Mutating,
            2 => Class::Global,
            3 => Class::Control,
            _ => Class::Unknown,
        };
        Analysis { statements: raw.statement_count, class }
    }

    /// Runs a statement and returns its whole result.
    pub(crate) fn query(&mut self, sql: &str, format: &str, params: &Params) -> Output {
        let raw = self.call(self.api.query, sql, format, params);
        Output::new(self.api, raw)
    }

    /// Starts a SELECT whose result is fetched piece by piece.
    ///
    /// # Errors
    ///
    /// The engine's message when the text does not parse or cannot stream.
    pub(crate) fn stream(
        &mut self,
        sql: &str,
        format: &str,
        params: &Params,
    ) -> Result<RowStream<'_>, String> {
        let raw = self.call(self.api.stream_query, sql, format, params);
        let state = Output::new(self.api, raw);
        match state.error() {
            Some(message) => Err(message),
            None => Ok(RowStream::new(self, state)),
        }
    }

    /// Starts an insert whose data follows; `sql` has no FORMAT clause.
    ///
    /// # Errors
    ///
    /// The engine's message, as when the table or the format is unknown.
    pub(crate) fn insert(
        &mut self,
        sql: &str,
        format: &str,
        params: &Params,
    ) -> Result<InsertStream<'_>, String> {
        let raw = self.call(self.api.insert_begin, sql, format, params);
        InsertStream::new(self, raw)
    }

    fn call<R>(
        &mut self,
        function: QueryWithParams<R>,
        sql: &str,
        format: &str,
        params: &Params,
    ) -> R {
        let names: Vec<_> = params.iter().map(|(name, _)| name.as_ptr().cast()).collect();
        let name_lengths: Vec<_> = params.iter().map(|(name, _)| name.len()).collect();
        let values: Vec<_> = params.iter().map(|(_, value)| value.as_ptr().cast()).collect();
        let value_lengths: Vec<_> = params.iter().map(|(_, value)| value.len()).collect();
        // SAFETY: every pointer comes with its length, the four arrays have
        // as many entries as the last argument says, and all of them outlive
        // the call; the library copies what it keeps.
        unsafe {
            function(
                self.handle(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                names.as_ptr(),
                name_lengths.as_ptr(),
                values.as_ptr(),
                value_lengths.as_ptr(),
                params.len(),
            )
        }
    }

    pub(super) fn api(&self) -> &'static Api {
        self.api
    }

    pub(super) fn handle(&self) -> super::api::Handle {
        // SAFETY: `outer` came from a successful connect and is closed only
        // when this value is dropped.
        unsafe { *self.outer }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        // SAFETY: closed once, here; nothing runs on it, because streams
        // borrow the connection and end before it does.
        unsafe { (self.api.close)(self.outer) };
    }
}
