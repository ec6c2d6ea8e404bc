//! Passwords: argon2id, computed off the async threads and a few at a time.

use std::net::{IpAddr, Ipv4Addr};

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

use super::attempts::Attempt;
use super::turns::{Bounds, QueueFull, Turns};

/// Fewest characters of a password.
pub const MIN_PASSWORD_CHARS: usize = 8;
/// Most bytes of a password; more would only cost time.
pub const MAX_PASSWORD_BYTES: usize = 1_024;
/// Most bytes of an e-mail address (RFC 5321, section 4.5.3.1).
const MAX_EMAIL_BYTES: usize = 254;
/// Each computation takes 19 MB and one core for about 20 ms, so the last one in a
/// full queue waits for a few seconds.
const QUEUE: Bounds = Bounds { at_once: 2, of_address: 64, in_all: 256 };

/// Why a password could not be hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too short.
    #[error("the password must have at least {MIN_PASSWORD_CHARS} characters")]
    TooShort,
    /// Too long.
    #[error("the password must have at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// The computation failed.
    #[error("the password could not be hashed")]
    Hashing(#[from] argon2::password_hash::Error),
    /// The computation was cut off by a shutdown.
    #[error("the server is stopping; try again")]
    Stopped,
    /// Too many wait already.
    #[error("too many sign-ins at once; try again in a moment")]
    Busy,
}

impl From<QueueFull> for PasswordError {
    fn from(_: QueueFull) -> Self {
        Self::Busy
    }
}

/// Checked when there is no such account, so that both answers take the same
/// time. No password is known to fit it.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm8gc3VjaCBhY2NvdW50$\
                     AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes and checks passwords. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Passwords {
    turns: Turns,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Turns::new(QUEUE) }
    }
}

impl Passwords {
    /// The PHC string of a new password.
    ///
    /// # Errors
    /// When the password is too short or too long.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        if password.chars().count() < MIN_PASSWORD_CHARS {
            return Err(PasswordError::TooShort);
        }
        if password.len() > MAX_PASSWORD_BYTES {
            return Err(PasswordError::TooLong);
        }
        let password = password.to_owned();
        // Asked for by the server's owner, not by strangers.
        let own = Attempt::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), "");
        self.compute(&own, move || hash_now(&password)).await
    }

    /// Whether the password fits the hash; without a hash, or when it is longer than
    /// any, it takes as long and does not.
    ///
    /// # Errors
    /// When the kept hash is damaged, or too many wait for a check already.
    pub async fn verify(
        &self,
        attempt: &Attempt,
        password: &str,
        hash: Option<&str>,
    ) -> Result<bool, PasswordError> {
        let fitting = (password.len() <= MAX_PASSWORD_BYTES).then_some(password);
        let hash = hash.filter(|_| fitting.is_some());
        let exists = hash.is_some();
        let hash = hash.unwrap_or(DECOY).to_owned();
        let password = fitting.unwrap_or_default();
        let password = password.to_owned();
        let fits = self.compute(attempt, move || verify_now(&password, &hash)).await?;
        Ok(fits && exists)
    }

    async fn compute<T: Send + 'static>(
        &self,
        attempt: &Attempt,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let turn = self.turns.wait(attempt).await?;
        let computed = tokio::task::spawn_blocking(move || {
            let computed = work();
            // Only now: a client that leaves does not end the work.
            drop(turn);
            computed
        });
        computed.await.map_err(|_| PasswordError::Stopped)?
    }
}

fn hash_now(password: &str) -> Result<String, PasswordError> {
    let salt = SaltString::generate(&mut OsRng);
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt)?.to_string())
}

fn verify_now(password: &str, hash: &str) -> Result<bool, PasswordError> {
    let hash = PasswordHash::new(hash)?;
    match Argon2::default().verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether a text can be an e-mail address. Whether mail arrives there is not known.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    text.len() <= MAX_EMAIL_BYTES
        && !user.is_empty()
        && !host.is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn someone() -> Attempt {
        Attempt::new(IpAddr::from([192, 0, 2, 1]), "a@x.example")
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_only() {
        let passwords = Passwords::default();
        let hash = passwords.hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(passwords.verify(&someone(), "correct horse", Some(&hash)).await.unwrap());
        assert!(!passwords.verify(&someone(), "wrong horse", Some(&hash)).await.unwrap());
    }

    #[tokio::test]
    async fn without_an_account_the_same_work_is_done() {
        let own = hash_now("correct horse").unwrap();
        let cost = |hash: &str| hash.split('$').nth(3).map(str::to_owned);
        assert_eq!(cost(DECOY), cost(&own));
        let passwords = Passwords::default();
        assert!(!passwords.verify(&someone(), "correct horse", None).await.unwrap());
    }

    #[tokio::test]
    async fn lengths_are_bounded() {
        let passwords = Passwords::default();
        assert!(matches!(passwords.hash("1234567").await, Err(PasswordError::TooShort)));
        let long = "x".repeat(MAX_PASSWORD_BYTES + 1);
        assert!(matches!(passwords.hash(&long).await, Err(PasswordError::TooLong)));
    }

    #[test]
    fn addresses_are_recognised() {
        assert!(is_email("owner@example.com"));
        assert!(is_email("root@localhost"));
        for text in ["owner", "@example.com", "owner@", "a b@example.com", ""] {
            assert!(!is_email(text), "{text}");
        }
    }
}
