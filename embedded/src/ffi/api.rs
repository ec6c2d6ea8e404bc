//! The C functions, looked up once per process.

use crate::error::EngineError;
use libloading::Library;
use std::ffi::{c_char, c_int, c_void};
use std::path::Path;
use std::sync::OnceLock;

/// What `chdb_connect` returns: a pointer to the handle that queries take.
pub(super) type OuterHandle = *mut Handle;
/// The handle of an open connection.
pub(super) type Handle = *mut c_void;
/// A result, or the state of a streaming query.
pub(super) type RawResult = *mut c_void;
/// The state of a streaming insert.
pub(super) type RawInsert = *mut c_void;

/// What `chdb_classify_query_n` fills in, of the library's own layout.
#[repr(C)]
pub(super) struct RawAnalysis {
    pub(super) struct_size: u32,
    pub(super) statement_count: u32,
    pub(super) flags: u32,
    pub(super) query_class: u32,
}

/// A query with parameters: connection, text, format, then names and values
/// with their lengths, and how many of them there are.
pub(super) type QueryWithParams<R> = unsafe extern "C" fn(
    Handle,
    *const c_char,
    usize,
    *const c_char,
    usize,
    *const *const c_char,
    *const usize,
    *const *const c_char,
    *const usize,
    usize,
) -> R;

/// The functions of the library. They are valid for the life of the process,
/// because the library is never unloaded.
pub(crate) struct Api {
    pub(super) connect: unsafe extern "C" fn(c_int, *mut *mut c_char) -> OuterHandle,
    pub(super) close: unsafe extern "C" fn(OuterHandle),
    pub(super) query: QueryWithParams<RawResult>,
    pub(super) stream_query: QueryWithParams<RawResult>,
    pub(super) stream_fetch: unsafe extern "C" fn(Handle, RawResult) -> RawResult,
    pub(super) stream_cancel: unsafe extern "C" fn(Handle, RawResult),
    pub(super) destroy_result: unsafe extern "C" fn(RawResult),
    pub(super) result_buffer: unsafe extern "C" fn(RawResult) -> *const c_char,
    pub(super) result_length: unsafe extern "C" fn(RawResult) -> usize,
    pub(super) result_error: unsafe extern "C" fn(RawResult) -> *const c_char,
    pub(super) result_rows_read: unsafe extern "C" fn(RawResult) -> u64,
    pub(super) result_storage_rows_read: unsafe extern "C" fn(RawResult) -> u64,
    pub(super) result_storage_bytes_read: unsafe extern "C" fn(RawResult) -> u64,
    pub(super) result_rows_written: unsafe extern "C" fn(RawResult) -> u64,
    pub(super) result_bytes_written: unsafe extern "C" fn(RawResult) -> u64,
    pub(super) insert_begin: QueryWithParams<RawInsert>,
    pub(super) insert_append: unsafe extern "C" fn(RawInsert, *const c_void, usize) -> c_int,
    pub(super) insert_done: unsafe extern "C" fn(RawInsert) -> RawResult,
    pub(super) insert_error: unsafe extern "C" fn(RawInsert) -> *const c_char,
    pub(super) insert_destroy: unsafe extern "C" fn(RawInsert),
    pub(super) classify: unsafe extern "C" fn(
        Handle,
        *const c_char,
        usize,
        *const c_char,
        usize,
        *mut RawAnalysis,
    ) -> c_int,
    set_signal_handlers: unsafe extern "C" fn(c_int),
    shutdown: unsafe extern "C" fn() -> c_int,
}

static LOADED: OnceLock<Api> = OnceLock::new();

impl Api {
    /// Loads the library, or returns the one that this process has loaded.
    ///
    /// The engine's own signal handlers are switched off, so that the
    /// process keeps its own.
    ///
    /// # Errors
    ///
    /// [`EngineError::Load`] when the file is no such library, or one of
    /// another version.
    pub(crate) fn load(path: &Path) -> Result<&'static Self, EngineError> {
        if let Some(api) = LOADED.get() {
            return Ok(api);
        }
        let failed = |error: libloading::Error| EngineError::Load {
            path: path.to_owned(),
            reason: error.to_string(),
        };
        // SAFETY: the library's initialisers have no precondition; the file
        // is the one that the operator installed or named.
        let library = unsafe { Library::new(path) }.map_err(failed)?;
        let api = Self::look_up(&library).map_err(failed)?;
        // The engine's threads outlive any scope, so it must stay mapped.
        std::mem::forget(library);
        let api = LOADED.get_or_init(|| api);
        // SAFETY: called before the first connection, as the library asks.
        unsafe { (api.set_signal_handlers)(0) };
        Ok(api)
    }

    fn look_up(library: &Library) -> Result<Self, libloading::Error> {
        macro_rules! function {
            ($name:literal) => {
                // SAFETY: the field that receives the symbol has the type
                // that the library's header gives it.
                *unsafe { library.get(concat!($name, "\0").as_bytes()) }?
            };
        }
        Ok(Self {
            connect: function!("chdb_connect"),
            close: function!("chdb_close_conn"),
            query: function!("chdb_query_with_params_n"),
            stream_query: function!("chdb_stream_query_with_params_n"),
            stream_fetch: function!("chdb_stream_fetch_result"),
            stream_cancel: function!("chdb_stream_cancel_query"),
            destroy_result: function!("chdb_destroy_query_result"),
            result_buffer: function!("chdb_result_buffer"),
            result_length: function!("chdb_result_length"),
            result_error: function!("chdb_result_error"),
            result_rows_read: function!("chdb_result_rows_read"),
            result_storage_rows_read: function!("chdb_result_storage_rows_read"),
            result_storage_bytes_read: function!("chdb_result_storage_bytes_read"),
            result_rows_written: function!("chdb_result_rows_written"),
            result_bytes_written: function!("chdb_result_bytes_written"),
            insert_begin: function!("chdb_stream_insert_with_params_n"),
            insert_append: function!("chdb_stream_append"),
            insert_done: function!("chdb_stream_done"),
            insert_error: function!("chdb_stream_insert_error"),
            insert_destroy: function!("chdb_destroy_insert_stream"),
            classify: function!("chdb_classify_query_n"),
            set_signal_handlers: function!("chdb_set_signal_handlers_enabled"),
            shutdown: function!("chdb_shutdown"),
        })
    }

    /// Stops the engine's threads for good. It does nothing while a
    /// connection is open, and reports failure for background threads that
    /// end with the process anyway, so the answer is of no use.
    pub(crate) fn shutdown(&self) {
        // SAFETY: callable from any thread at any time, says the header.
        let _ = unsafe { (self.shutdown)() };
    }
}
