//! The worker that renders templates, alone, for tests of what it can bear.

use std::process::ExitCode;

fn main() -> ExitCode {
    match upstream::serve_templates() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
