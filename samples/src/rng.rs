//! The one source of chance.
//!
//! `ChaCha8Rng` of `rand_chacha` promises the same stream on every platform and
//! in every version, which `rand`'s own `StdRng` and distributions do not. So
//! only its raw numbers are used, and everything is drawn from them here.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// A stream of chance that depends on a seed and the number of the stream alone.
#[derive(Clone, Debug)]
pub(crate) struct Rng(ChaCha8Rng);

impl Rng {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(stream);
        Self(rng)
    }

    /// From 0 to `limit`, which is not reached.
    pub(crate) fn below(&mut self, limit: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(limit)) >> 32) as u32
    }

    /// From `low` to `high`, both reached.
    pub(crate) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True this many times in a hundred.
    pub(crate) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of these, all alike.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len() as u32) as usize]
    }

    /// One of these, the first ones far more often: the k-th has weight 1/k (Zipf's law).
    pub(crate) fn zipf<T: Copy>(&mut self, items: &[T]) -> T {
        let weight = |index: usize| 100_000 / (index as u32 + 1);
        let total = (0..items.len()).map(weight).sum();
        let mut rest = self.below(total);
        for (index, item) in items.iter().enumerate() {
            match rest.checked_sub(weight(index)) {
                Some(less) => rest = less,
                None => return *item,
            }
        }
        items[0]
    }

    /// One of these by their weights.
    pub(crate) fn weighted<T: Copy>(&mut self, items: &[(u32, T)]) -> T {
        let total = items.iter().map(|(weight, _)| weight).sum();
        let mut rest = self.below(total);
        for (weight, item) in items {
            match rest.checked_sub(*weight) {
                Some(less) => rest = less,
                None => return *item,
            }
        }
        items[0].1
    }

    /// Some of these in their order, `count` at most.
    pub(crate) fn some<'a, T>(&mut self, items: &'a [T], count: u32) -> Vec<&'a T> {
        let mut wanted = count.min(items.len() as u32);
        let mut chosen = Vec::with_capacity(wanted as usize);
        for (index, item) in items.iter().enumerate() {
            let left = (items.len() - index) as u32;
            if self.below(left) < wanted {
                chosen.push(item);
                wanted -= 1;
            }
        }
        chosen
    }

    pub(crate) fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub(crate) fn u128(&mut self) -> u128 {
        u128::from(self.u64()) << 64 | u128::from(self.u64())
    }

    /// Writes this many letters and digits, as providers make their ids of.
    pub(crate) fn token(&mut self, length: u32, out: &mut String) {
        const ALPHABET: &[u8; 62] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut bits = 0;
        for index in 0..length {
            if index % 10 == 0 {
                bits = self.u64();
            }
            out.push(char::from(ALPHABET[(bits & 63) as usize % 62]));
            bits >>= 6;
        }
    }

    /// Writes this many hexadecimal digits, 16 at most.
    pub(crate) fn hex(&mut self, length: usize, out: &mut String) {
        use std::fmt::Write as _;
        let mask = if length >= 16 { u64::MAX } else { (1 << (4 * length)) - 1 };
        // Writing to a string cannot fail.
        let _ = write!(out, "{:0length$x}", self.u64() & mask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_never_changes() {
        let mut rng = Rng::new(7, 3);
        let drawn: Vec<u32> = (0..6).map(|_| rng.below(1_000)).collect();
        assert_eq!(drawn, [674, 662, 674, 504, 785, 736]);
    }

    #[test]
    fn zipf_favours_the_first() {
        let mut rng = Rng::new(1, 1);
        let mut counts = [0u32; 4];
        for _ in 0..10_000 {
            counts[rng.zipf(&[0usize, 1, 2, 3])] += 1;
        }
        assert!(counts[0] > counts[1] && counts[1] > counts[2] && counts[2] > counts[3]);
        assert!((4_500..5_100).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn some_keeps_order_and_number() {
        let mut rng = Rng::new(1, 2);
        for _ in 0..100 {
            let chosen = rng.some(&[1, 2, 3, 4, 5], 3);
            assert_eq!(chosen.len(), 3);
            assert!(chosen.is_sorted());
        }
    }
}
