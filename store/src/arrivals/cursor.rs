//! Where a stream of new runs goes on.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How far the clocks of two servers may be apart, and how long an insert may take.
const SKEW_US: i64 = 3_600_000_000;
/// More servers than write into one database at a time.
const MAX_WRITERS: usize = 32;
const ENTRY_BYTES: usize = 16;

/// Which arrivals were seen: of each process that wrote lately up to a stamp
/// of its own, of all others up to a common time.
///
/// One time for all would not do: two processes' stamps follow two clocks, and
/// rows of one become visible after later stamps of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrivalCursor {
    pub(super) base: i64,
    pub(super) writers: Vec<(u64, i64)>,
}

/// A text that is no cursor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position in a stream of runs; take it from the id of one of its events")]
pub struct InvalidArrivalCursor;

impl ArrivalCursor {
    /// Whether an arrival lies before it.
    #[must_use]
    pub fn covers(&self, writer: u64, stamp: i64) -> bool {
        let own = self.writers.iter().find(|(known, _)| *known == writer);
        stamp <= own.map_or(self.base, |(_, seen)| *seen)
    }

    /// Moves it past an arrival. Those of one process must come in order.
    pub fn advance(&mut self, writer: u64, stamp: i64) {
        match self.writers.iter_mut().find(|(known, _)| *known == writer) {
            Some((_, seen)) => *seen = stamp.max(*seen),
            None => self.writers.push((writer, stamp)),
        }
        self.base = self.base.max(stamp.saturating_sub(SKEW_US));
        let base = self.base;
        self.writers.retain(|(_, seen)| *seen > base);
        while self.writers.len() > MAX_WRITERS {
            let oldest = self.writers.iter().map(|(_, seen)| *seen).min().unwrap_or(base);
            self.base = self.base.max(oldest);
            self.writers.retain(|(_, seen)| *seen > oldest);
        }
    }

    /// The earliest stamp that is not covered for everybody.
    pub(super) fn earliest(&self) -> i64 {
        self.writers.iter().map(|(_, seen)| *seen).fold(self.base, i64::min)
    }
}

impl fmt::Display for ArrivalCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.base.to_be_bytes().to_vec();
        for (writer, seen) in &self.writers {
            bytes.extend(writer.to_be_bytes());
            bytes.extend(seen.to_be_bytes());
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

impl FromStr for ArrivalCursor {
    type Err = InvalidArrivalCursor;

    fn from_str(text: &str) -> Result<Self, InvalidArrivalCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidArrivalCursor)?;
        let (base, rest) = bytes.split_first_chunk::<8>().ok_or(InvalidArrivalCursor)?;
        let (entries, left) = rest.as_chunks::<ENTRY_BYTES>();
        if !left.is_empty() || entries.len() > MAX_WRITERS {
            return Err(InvalidArrivalCursor);
        }
        let writers = entries.iter().map(|entry| {
            let entry = u128::from_be_bytes(*entry);
            ((entry >> 64) as u64, entry as u64 as i64)
        });
        Ok(Self { base: i64::from_be_bytes(*base), writers: writers.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(base: i64, writers: &[(u64, i64)]) -> ArrivalCursor {
        ArrivalCursor { base, writers: writers.to_vec() }
    }

    #[test]
    fn prints_and_parses() {
        for cursor in [cursor(0, &[]), cursor(7, &[(u64::MAX, -1), (2, i64::MAX)])] {
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in ["", "x", "AAAA", &"A".repeat(5_000)] {
            assert_eq!(text.parse::<ArrivalCursor>(), Err(InvalidArrivalCursor), "{text}");
        }
    }

    #[test]
    fn each_process_has_a_position_of_its_own() {
        let mut cursor = cursor(100, &[]);
        cursor.advance(1, 500);
        assert!(cursor.covers(1, 500) && !cursor.covers(1, 501));
        // Another's clock may be behind.
        assert!(!cursor.covers(2, 300) && cursor.covers(2, 100));
        cursor.advance(2, 300);
        assert!(cursor.covers(2, 300) && !cursor.covers(2, 301));
        assert_eq!(cursor.earliest(), 100);
    }

    #[test]
    fn what_is_long_past_takes_no_room() {
        let mut cursor = cursor(0, &[(1, 5), (2, 6)]);
        cursor.advance(3, SKEW_US + 5);
        assert_eq!(
            cursor,
            super::ArrivalCursor { base: 5, writers: vec![(2, 6), (3, SKEW_US + 5)] }
        );
        for writer in 0..100 {
            cursor.advance(writer, SKEW_US + 10 + writer as i64);
        }
        assert!(cursor.writers.len() <= MAX_WRITERS);
        assert!(cursor.covers(99, SKEW_US + 109));
    }
}
