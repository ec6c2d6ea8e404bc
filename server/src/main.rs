//! The program `runs`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Gives back to the system what large requests took, which the system's own
/// allocator keeps in the arenas of its threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    server::cli::run()
}
