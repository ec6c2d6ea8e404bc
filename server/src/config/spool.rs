//! How large the spool may become.

use super::reader::Reader;

const DEFAULT_MB: u64 = 8_192;
/// Room for the largest request and what it becomes.
const LEAST_MB: u64 = 64;

/// The most bytes that the spool may hold.
pub(super) fn read(reader: &mut Reader<'_>) -> u64 {
    const NAME: &str = "RUNS_SPOOL_MAX_MB";
    let megabytes = reader.parse(NAME, "a number of megabytes, 64 or more").unwrap_or(DEFAULT_MB);
    if megabytes < LEAST_MB {
        reader.problem(NAME, &format!("must be {LEAST_MB} or more, not {megabytes}"));
    }
    megabytes.saturating_mul(1024 * 1024)
}
