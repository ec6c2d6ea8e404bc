//! The engine alone, as a process: for tests of the supervisor, and by hand
//! as `runs-engine DATA_DIR`.

use embedded::{EngineOptions, serve};
use std::env;
use std::io::stderr;
use std::path::PathBuf;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(stderr).init();
    let folder = env::args_os().nth(1).map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let mut options = EngineOptions::new(folder);
    options.libchdb = env::var_os("RUNS_LIBCHDB").map(PathBuf::from);
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}
