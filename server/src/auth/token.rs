//! Random tokens and their hashes.
//!
//! Tokens carry 256 random bits, so a plain hash is enough to keep them:
//! nobody can try them all.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// The operating system gave no random bytes.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gives no random bytes")]
pub struct NoRandomness;

impl From<getrandom::Error> for NoRandomness {
    fn from(_: getrandom::Error) -> Self {
        Self
    }
}

/// A new token of 43 characters of `A-Za-z0-9_-`.
///
/// # Errors
/// When the operating system has no random bytes.
pub fn random_token() -> Result<String, NoRandomness> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// The hash under which a token is kept.
#[must_use]
pub fn token_hash(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_long_and_differ() {
        let (a, b) = (random_token().unwrap(), random_token().unwrap());
        assert_eq!(a.len(), 43);
        assert_ne!(a, b);
        assert_ne!(token_hash(&a), token_hash(&b));
    }
}
