//! Work to do when the process ends.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;

static AT_EXIT: OnceLock<fn()> = OnceLock::new();

unsafe extern "C" {
    /// glibc's `atexit` that also tells the exit status.
    fn on_exit(function: extern "C" fn(c_int, *mut c_void), argument: *mut c_void) -> c_int;
}

/// Runs `function` when the process exits normally, after `main` returned or
/// `std::process::exit` was called, and then ends the process at once with the
/// same status. The library's own tear-down, which would come next, can crash
/// after many tables were open. Only the first call counts.
pub(crate) fn run_last(function: fn()) {
    if AT_EXIT.set(function).is_ok() {
        // SAFETY: the function pointer is valid for the life of the process and
        // takes no argument. A refusal (no memory) only means that it does not run.
        let _ = unsafe { on_exit(finish, std::ptr::null_mut()) };
    }
}

extern "C" fn finish(status: c_int, _argument: *mut c_void) {
    if let Some(function) = AT_EXIT.get() {
        function();
    }
    // SAFETY: ends the process; nothing of it is used afterwards.
    unsafe { libc::_exit(status) }
}
