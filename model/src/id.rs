//! Run ids: UUIDs of version 7, which carry the run's time.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use crate::time::Timestamp;

/// The id of a run. Its upper 48 bits are milliseconds since 1970.
///
/// The variant bits are not checked: ids of WorkflowAI, which live on in
/// documents and links, carry arbitrary ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u128);

/// What a client sent as the id of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientId {
    /// A version 7 UUID of a plausible time: it becomes the run's id.
    Run(RunId),
    /// Any other UUID: it names the run for retries, and an id is minted.
    Key(Uuid),
}

/// A text that is no run id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a run id; a run id is a UUID like 0195dd7a-6977-7197-7ec3-4fc44ade50dc")]
pub struct InvalidRunId;

impl RunId {
    /// From the integer form, which is how the store keeps it.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(value)
    }

    /// The integer form, which sorts by time.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// A proper version 7 id of this time; `random` fills the remaining 74 bits.
    #[must_use]
    pub fn mint(at: Timestamp, random: u128) -> Self {
        let millis = u128::try_from(at.as_unix_millis()).unwrap_or(0) & 0xFFFF_FFFF_FFFF;
        let rand_a = (random >> 62) & 0xFFF;
        let rand_b = random & 0x3FFF_FFFF_FFFF_FFFF;
        Self(millis << 80 | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b)
    }

    /// The time that the id carries, to the millisecond.
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        // 48 bits of milliseconds always fit in an i64 of microseconds.
        Timestamp((self.0 >> 80) as i64 * 1_000)
    }
}

impl ClientId {
    /// Reads an id as a client sent it; `now` bounds how far ahead its time may lie.
    ///
    /// # Errors
    /// When the text is no UUID at all.
    pub fn parse(text: &str, now: Timestamp) -> Result<Self, InvalidRunId> {
        let uuid = parse_hyphenated(text)?;
        let id = RunId(uuid.as_u128());
        let usable = uuid.get_version_num() == 7 && id.timestamp().is_plausible(now);
        Ok(if usable { Self::Run(id) } else { Self::Key(uuid) })
    }
}

fn parse_hyphenated(text: &str) -> Result<Uuid, InvalidRunId> {
    // Uuid also reads braces and URNs, which would give one run several names.
    if text.len() != 36 {
        return Err(InvalidRunId);
    }
    Uuid::try_parse(text).map_err(|_| InvalidRunId)
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Uuid::from_u128(self.0).hyphenated().fmt(f)
    }
}

impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({self})")
    }
}

impl FromStr for RunId {
    type Err = InvalidRunId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_hyphenated(text).map(|uuid| Self(uuid.as_u128()))
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_341_600_000_000);

    #[test]
    fn minted_ids_carry_their_time_and_the_rfc_bits() {
        let at = Timestamp(1_743_177_542_007_999);
        let id = RunId::mint(at, u128::MAX);
        let uuid = Uuid::from_u128(id.as_u128());
        assert_eq!(id.timestamp(), Timestamp(1_743_177_542_007_000));
        assert_eq!(uuid.get_version_num(), 7);
        assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
        assert_eq!(id.to_string().parse::<RunId>().unwrap(), id);
    }

    #[test]
    fn ids_without_rfc_variant_bits_are_kept() {
        let text = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";
        let id = ClientId::parse(text, NOW).unwrap();
        assert_eq!(id, ClientId::Run(text.parse().unwrap()));
    }

    #[test]
    fn other_uuids_become_keys_and_other_texts_errors() {
        let v4 = "6f1c2f0e-4b7a-4d0e-9b57-0a1b2c3d4e5f";
        assert!(matches!(ClientId::parse(v4, NOW), Ok(ClientId::Key(_))));
        let from_2201 = RunId::mint("2201-01-01T00:00:00Z".parse().unwrap(), 1).to_string();
        assert!(matches!(ClientId::parse(&from_2201, NOW), Ok(ClientId::Key(_))));
        assert!(ClientId::parse("chatcmpl-1", NOW).is_err());
        assert!("{0195dd7a-6977-7197-7ec3-4fc44ade50dc}".parse::<RunId>().is_err());
    }
}
