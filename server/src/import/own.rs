//! Runs' own lines.

use model::IncomingRun;

use super::{Converted, Hints};

pub(super) fn convert(text: &str, hints: &Hints) -> Result<Converted, String> {
    let mut run = IncomingRun::parse(text).map_err(|error| error.to_string())?;
    run.agent.get_or_insert_with(|| hints.agent.clone());
    Ok(Converted { runs: vec![run], ..Converted::default() })
}
