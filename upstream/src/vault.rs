//! Keeps providers' keys so that the database alone does not give them away.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use secrecy::{ExposeSecret, SecretString};

const NONCE_BYTES: usize = 24;

/// Encrypts and decrypts keys. Its `Debug` form hides the key that it does so with.
#[derive(Clone)]
pub struct Vault(XChaCha20Poly1305);

/// Why a key cannot be encrypted or decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The operating system gave no random bytes.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// It was encrypted with another key, for another place, or was changed.
    #[error(
        "the stored key cannot be read with this server's secret key; enter the provider's key again"
    )]
    Unreadable,
}

impl Vault {
    /// One that works with this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts a secret for one place, which must be named again to decrypt it.
    ///
    /// # Errors
    /// When there are no random bytes.
    pub fn seal(&self, place: &str, secret: &SecretString) -> Result<String, VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let payload = Payload { msg: secret.expose_secret().as_bytes(), aad: place.as_bytes() };
        let sealed = self.0.encrypt(XNonce::from_slice(&nonce), payload);
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed.map_err(|_| VaultError::NoRandomness)?);
        Ok(STANDARD_NO_PAD.encode(bytes))
    }

    /// Decrypts a secret.
    ///
    /// # Errors
    /// When it was not encrypted here for this place.
    pub fn open(&self, place: &str, sealed: &str) -> Result<SecretString, VaultError> {
        let bytes = STANDARD_NO_PAD.decode(sealed).map_err(|_| VaultError::Unreadable)?;
        let (nonce, msg) = bytes.split_at_checked(NONCE_BYTES).ok_or(VaultError::Unreadable)?;
        let payload = Payload { msg, aad: place.as_bytes() };
        let opened = self.0.decrypt(XNonce::from_slice(nonce), payload);
        let text = String::from_utf8(opened.map_err(|_| VaultError::Unreadable)?);
        text.map(SecretString::from).map_err(|_| VaultError::Unreadable)
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_with_its_key_in_its_place_alone() {
        let vault = Vault::new(&[7; 32]);
        let secret = SecretString::from("sk-very-secret");
        let sealed = vault.seal("1/openai", &secret).unwrap();
        assert!(!sealed.contains("very-secret"));
        assert_ne!(sealed, vault.seal("1/openai", &secret).unwrap());
        let opened = vault.open("1/openai", &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "sk-very-secret");
        let unreadable = Some(VaultError::Unreadable);
        assert_eq!(vault.open("2/openai", &sealed).err(), unreadable);
        assert_eq!(Vault::new(&[8; 32]).open("1/openai", &sealed).err(), unreadable);
        assert_eq!(vault.open("1/openai", "abc").err(), unreadable);
    }
}
