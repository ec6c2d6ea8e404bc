//! Times as numbers of microseconds on their way to the browser, which needs no
//! reader of calendars then.

use model::Timestamp;
use serde::{Deserialize, Deserializer, Serializer};

/// Writes a time as its microseconds since 1970.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<S: Serializer>(at: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_i64(at.0)
}

/// Reads a time from its microseconds since 1970.
///
/// # Errors
/// When it is no whole number.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    i64::deserialize(deserializer).map(Timestamp)
}

/// The same for a time that may be unknown.
pub mod option {
    use model::Timestamp;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a time as its microseconds since 1970, or null.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<S: Serializer>(
        at: &Option<Timestamp>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        at.map(|at| at.0).serialize(serializer)
    }

    /// Reads a time from its microseconds since 1970, or null.
    ///
    /// # Errors
    /// When it is neither.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        Ok(Option::<i64>::deserialize(deserializer)?.map(Timestamp))
    }
}
