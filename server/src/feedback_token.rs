//! Tokens that let the end user of one run say what they think of it.
//!
//! A token names the organization and the run and is signed, so that it needs no
//! row of its own and nobody can make one for another run.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use model::RunId;
use sha2::Sha256;
use store::OrgId;

use crate::secrets::Secrets;

const PURPOSE: &str = "runs 2026-11 feedback tokens";
/// Told apart from forms that may come later.
const FORM: u8 = 1;
const CLAIM_BYTES: usize = 1 + 8 + 16;

/// Makes and checks tokens.
#[derive(Clone)]
pub struct FeedbackTokens {
    key: Hmac<Sha256>,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The organization.
    pub org: OrgId,
    /// The run.
    pub run: RunId,
}

impl FeedbackTokens {
    /// Those signed with this server's key.
    #[must_use]
    pub fn new(secrets: &Secrets) -> Self {
        // HMAC fills a shorter key up with zeros itself, but may then refuse its length.
        let mut block = [0; 64];
        block[..32].copy_from_slice(&secrets.derived(PURPOSE));
        Self { key: Hmac::new(&block.into()) }
    }

    /// The token of a run: letters, digits, `-`, `_` and one `.`.
    #[must_use]
    pub fn sign(&self, claim: Claim) -> String {
        let mut bytes = [FORM; CLAIM_BYTES];
        bytes[1..9].copy_from_slice(&claim.org.0.to_be_bytes());
        bytes[9..].copy_from_slice(&claim.run.as_u128().to_be_bytes());
        let mut mac = self.key.clone();
        mac.update(&bytes);
        let signature = mac.finalize().into_bytes();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(bytes), URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token is for; `None` when it was not signed here.
    #[must_use]
    pub fn check(&self, token: &str) -> Option<Claim> {
        let (claim, signature) = token.split_once('.')?;
        let claim = URL_SAFE_NO_PAD.decode(claim).ok()?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let mut mac = self.key.clone();
        mac.update(&claim);
        // Takes the same time wherever the difference lies.
        mac.verify_slice(&signature).ok()?;
        let claim: [u8; CLAIM_BYTES] = claim.try_into().ok()?;
        let [FORM, rest @ ..] = claim else { return None };
        let (org, run) = rest.split_at(8);
        Some(Claim {
            org: OrgId(u64::from_be_bytes(org.try_into().ok()?)),
            run: RunId::from_u128(u128::from_be_bytes(run.try_into().ok()?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: &str) -> FeedbackTokens {
        FeedbackTokens::new(&Secrets::from_text(secret))
    }

    #[test]
    fn only_what_was_signed_here_is_believed() {
        let claim = Claim { org: OrgId(7), run: RunId::from_u128(1 << 100) };
        let token = tokens("a").sign(claim);
        assert_eq!(tokens("a").check(&token), Some(claim));
        assert_eq!(tokens("b").check(&token), None);
        let other = tokens("a").sign(Claim { org: OrgId(8), ..claim });
        let (claimed, _) = other.split_once('.').unwrap();
        let (_, signature) = token.split_once('.').unwrap();
        for forged in [format!("{claimed}.{signature}"), format!("{claimed}."), claimed.to_owned()]
        {
            assert_eq!(tokens("a").check(&forged), None, "{forged}");
        }
        assert!(token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
    }
}
