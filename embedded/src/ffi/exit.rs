//! Work to do when the process ends.

/// Runs `function` when the process exits normally, after `main` returned or
/// `std::process::exit` was called. The last one registered runs first, so
/// what is registered after the library was loaded runs before the library's
/// own tear-down.
pub(crate) fn run_at_exit(function: extern "C" fn()) {
    // SAFETY: the function pointer is valid for the life of the process. A
    // refusal (no memory) only means that the function does not run.
    let _ = unsafe { libc::atexit(function) };
}
