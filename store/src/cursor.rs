//! Where a list goes on.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{RunId, Timestamp};

/// The last run of a page; the next page begins after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// When that run was made.
    pub created_at: Timestamp,
    /// Its id.
    pub id: RunId,
}

impl Cursor {
    /// Where to go on with runs that are older than a time.
    #[must_use]
    pub fn before(at: Timestamp) -> Self {
        Self { created_at: at, id: RunId::from_u128(0) }
    }

    /// The first time, in microseconds, in which no run after this cursor can lie.
    pub(crate) fn until_us(self) -> i64 {
        let own = i64::from(self.id.as_u128() > 0);
        self.created_at.0.saturating_add(own)
    }
}

/// A text that is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a cursor of this list; take it from next_cursor of the page before, with the same sort"
)]
pub struct InvalidCursor;

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.created_at.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.id.as_u128().to_be_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let (at, id) = bytes.split_first_chunk::<8>().ok_or(InvalidCursor)?;
        let id = <[u8; 16]>::try_from(id).map_err(|_| InvalidCursor)?;
        Ok(Self {
            created_at: Timestamp(i64::from_be_bytes(*at)),
            id: RunId::from_u128(u128::from_be_bytes(id)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_parses() {
        let cursor =
            Cursor { created_at: Timestamp(1_795_341_600_000_001), id: RunId::from_u128(7) };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        assert!(!cursor.to_string().contains('='));
        assert_eq!("abc".parse::<Cursor>(), Err(InvalidCursor));
        assert_eq!("".parse::<Cursor>(), Err(InvalidCursor));
    }
}
