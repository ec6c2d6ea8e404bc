//! `runs clickhouse`: the engine alone.

use embedded::EngineOptions;

use super::CliError;
use crate::config::{Config, Engine};
use crate::engine::ConnectError;
use crate::private;

pub(super) async fn serve(config: Config) -> Result<(), CliError> {
    if !embedded::is_supervised() {
        private::prepare(&config.data_dir).map_err(ConnectError::from)?;
    }
    let mut options = EngineOptions::new(&config.data_dir);
    if let Engine::Embedded { library } = config.engine {
        options.libchdb = library;
    }
    Ok(embedded::serve(options).await?)
}
