//! BLAKE3 cut to 128 bits: enough to tell things apart that nobody makes collide.

/// The first 128 bits of a hash, as a number whose hexadecimal digits are those of
/// the hash.
#[must_use]
pub fn blake3_128(hasher: &blake3::Hasher) -> u128 {
    let mut half = [0; 16];
    hasher.finalize_xof().fill(&mut half);
    u128::from_be_bytes(half)
}
