//! Numbers that keep integers exact.

use std::cmp::Ordering;
use std::fmt;

/// A finite number: exact when it is an integer of 64 bits, else a double.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// An integer that fits an `i64`.
    Signed(i64),
    /// An integer past `i64::MAX` that fits a `u64`.
    Unsigned(u64),
    /// Anything else.
    Double(f64),
}

/// 2⁶³ and 2⁶⁴, which doubles hold exactly.
const TWO_63: f64 = 9_223_372_036_854_775_808.0;
const TWO_64: f64 = 18_446_744_073_709_551_616.0;

impl Number {
    /// Reads a number as JSON writes it; `None` for any other text and past the
    /// range of a double. `1.0` and `1e3` are the integers that they equal.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if !is_json_number(text) {
            return None;
        }
        if let Ok(integer) = text.parse::<i64>() {
            return Some(Self::Signed(integer));
        }
        if let Ok(integer) = text.parse::<u64>() {
            return Some(Self::Unsigned(integer));
        }
        Self::from_f64(text.parse().ok()?)
    }

    /// From a double; `None` when it is infinite or no number.
    #[must_use]
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        Some(if value.fract() != 0.0 {
            Self::Double(value)
        } else if (-TWO_63..TWO_63).contains(&value) {
            Self::Signed(value as i64)
        } else if (TWO_63..TWO_64).contains(&value) {
            Self::Unsigned(value as u64)
        } else {
            Self::Double(value)
        })
    }

    /// From an integer.
    #[must_use]
    pub const fn from_u64(value: u64) -> Self {
        if value <= i64::MAX as u64 { Self::Signed(value as i64) } else { Self::Unsigned(value) }
    }

    /// As a double; integers beyond 2⁵³ are rounded.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        match self {
            Self::Signed(integer) => integer as f64,
            Self::Unsigned(integer) => integer as f64,
            Self::Double(value) => value,
        }
    }

    /// As an integer, when it is one of 64 bits.
    #[must_use]
    pub const fn as_integer(self) -> Option<i128> {
        match self {
            Self::Signed(integer) => Some(integer as i128),
            Self::Unsigned(integer) => Some(integer as i128),
            Self::Double(_) => None,
        }
    }
}

/// The number syntax of RFC 8259.
fn is_json_number(text: &str) -> bool {
    let rest = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (rest, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent = exponent.map(|digits| digits.strip_prefix(['+', '-']).unwrap_or(digits));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self.as_integer(), other.as_integer()) {
            (Some(one), Some(two)) => Some(one.cmp(&two)),
            _ => self.as_f64().partial_cmp(&other.as_f64()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signed(integer) => integer.fmt(f),
            Self::Unsigned(integer) => integer.fmt(f),
            Self::Double(value) if (1e-7..1e17).contains(&value.abs()) => value.fmt(f),
            Self::Double(value) => write!(f, "{value:e}"),
        }
    }
}
