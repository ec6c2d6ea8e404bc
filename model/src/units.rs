//! Durations and money as integers; their JSON forms are milliseconds and dollars.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A duration in microseconds. In JSON a number of milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

/// Money in nano-dollars (10⁻⁹ USD). In JSON a number of dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NanoUsd(pub u64);

/// Above 2⁵³ a double no longer holds every integer.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

impl Micros {
    /// From milliseconds; `None` when negative, not finite or beyond 285 years.
    #[must_use]
    pub fn from_millis(ms: f64) -> Option<Self> {
        scaled(ms, 1e3).map(Self)
    }

    /// As milliseconds.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        self.0 as f64 / 1e3
    }
}

impl NanoUsd {
    /// From dollars; `None` when negative, not finite or beyond nine million dollars.
    #[must_use]
    pub fn from_dollars(usd: f64) -> Option<Self> {
        scaled(usd, 1e9).map(Self)
    }

    /// As dollars.
    #[must_use]
    pub fn as_dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

fn scaled(value: f64, by: f64) -> Option<u64> {
    let product = (value * by).round();
    (product.is_finite() && (0.0..=MAX_EXACT).contains(&product)).then_some(product as u64)
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_millis())
    }
}

impl<'de> Deserialize<'de> for Micros {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_millis(f64::deserialize(deserializer)?).ok_or_else(|| {
            de::Error::custom("must be a number of milliseconds, 0 or more and below 9e12")
        })
    }
}

impl Serialize for NanoUsd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_dollars())
    }
}

impl<'de> Deserialize<'de> for NanoUsd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_dollars(f64::deserialize(deserializer)?).ok_or_else(|| {
            de::Error::custom("must be a number of dollars, 0 or more and below 9,000,000")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_nano_dollars() {
        let cost: NanoUsd = serde_json::from_str("0.0000061").unwrap();
        assert_eq!(cost, NanoUsd(6_100));
        assert_eq!(serde_json::to_string(&cost).unwrap(), "6.1e-6");
    }

    #[test]
    fn negative_and_huge_values_are_refused() {
        assert!(serde_json::from_str::<Micros>("-1").is_err());
        assert!(serde_json::from_str::<NanoUsd>("1e300").is_err());
        assert_eq!(serde_json::from_str::<Micros>("812.4").unwrap(), Micros(812_400));
    }
}
