//! `runs clickhouse`: the engine alone.

use embedded::EngineOptions;

use super::CliError;
use crate::config::{Config, Engine};

pub(super) async fn serve(config: Config) -> Result<(), CliError> {
    let mut options = EngineOptions::new(&config.data_dir);
    if let Engine::Embedded { library } = config.engine {
        options.libchdb = library;
    }
    Ok(embedded::serve(options).await?)
}
