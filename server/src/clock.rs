//! The present.

use model::Timestamp;
use time::OffsetDateTime;

/// The present time by the system's clock.
#[must_use]
pub fn now() -> Timestamp {
    Timestamp::from_datetime(OffsetDateTime::now_utc())
}
