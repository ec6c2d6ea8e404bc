//! Makes the records of `data` from the model's types, on the server.

pub mod answer;
pub mod chart;
pub mod charts;
pub mod clip;
pub mod columns;
pub mod deep;
pub mod draft;
pub mod excerpt;
pub mod find;
pub mod indent;
pub mod list;
pub mod mark;
pub mod markdown;
pub mod message;
pub mod metadata;
pub mod narrowing;
pub mod node;
pub mod page_room;
pub mod playground_runs;
pub mod prompt;
pub mod prompt_text;
pub mod run;
pub mod salvage;
pub mod scale;
pub mod spot;
pub mod stats;
pub mod status;
pub mod value;

use model::Timestamp;

/// The present time.
#[must_use]
pub fn now() -> Timestamp {
    let since_1970 = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let micros = since_1970.map_or(0, |duration| duration.as_micros());
    Timestamp(i64::try_from(micros).unwrap_or(i64::MAX))
}
