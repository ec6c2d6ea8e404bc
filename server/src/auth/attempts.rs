//! Failed sign-ins: of one address at one account, of one address, at one account.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use super::client_ip::network;
use super::failures::Failures;

const fn failures(count: u32) -> NonZeroU32 {
    NonZeroU32::MIN.saturating_add(count - 1)
}

/// Of one address at one account.
const PAIR: (NonZeroU32, Duration) = (failures(10), Duration::from_secs(20));
/// Of one address, which can be that of a whole office.
const ADDRESS: (NonZeroU32, Duration) = (failures(100), Duration::from_secs(1));
/// At one account. Generous, since a stranger can use it up to lock its owner out.
const ACCOUNT: (NonZeroU32, Duration) = (failures(50), Duration::from_secs(10));

/// Counts failed sign-ins.
pub struct SignInFailures {
    pairs: Failures<(IpAddr, [u8; 32])>,
    addresses: Failures<IpAddr>,
    accounts: Failures<[u8; 32]>,
}

/// Who tries to sign in as whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What one subscriber has; see [`network`].
    pub(super) network: IpAddr,
    /// A hash, so that no e-mail address, however long, is kept.
    pub(super) account: [u8; 32],
}

impl Attempt {
    /// An attempt from an address at the account of an e-mail address.
    #[must_use]
    pub fn new(peer: IpAddr, email: &str) -> Self {
        let account = *blake3::hash(email.trim().to_lowercase().as_bytes()).as_bytes();
        Self { network: network(peer), account }
    }
}

impl Default for SignInFailures {
    fn default() -> Self {
        Self {
            pairs: Failures::new(PAIR.0, PAIR.1),
            addresses: Failures::new(ADDRESS.0, ADDRESS.1),
            accounts: Failures::new(ACCOUNT.0, ACCOUNT.1),
        }
    }
}

impl SignInFailures {
    /// Counts an attempt before it is checked.
    ///
    /// # Errors
    /// How long it has to wait, when it may not be made now; nothing is counted then.
    pub fn count(&self, attempt: &Attempt) -> Result<(), Duration> {
        let Attempt { network, account } = attempt;
        let pair = (*network, *account);
        self.pairs.count(&pair)?;
        self.addresses.count(network).inspect_err(|_| self.pairs.forgive(&pair))?;
        self.accounts.count(account).inspect_err(|_| {
            self.pairs.forgive(&pair);
            self.addresses.forgive(network);
        })
    }

    /// Takes back an attempt that was counted and did not fail.
    pub fn forgive(&self, attempt: &Attempt) {
        let Attempt { network, account } = attempt;
        self.pairs.forgive(&(*network, *account));
        self.addresses.forgive(network);
        self.accounts.forgive(account);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fail(failures: &SignInFailures, times: u32, attempt: impl Fn(u32) -> Attempt) {
        for number in 0..times {
            let _ = failures.count(&attempt(number));
        }
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_refused_attempt_uses_up_nothing_elsewhere() {
        let failures = SignInFailures::default();
        fail(&failures, 120, |_| Attempt::new(ip("192.0.2.1"), "a@x.example"));
        assert_eq!(failures.count(&Attempt::new(ip("192.0.2.1"), "b@x.example")), Ok(()));
        assert_eq!(failures.count(&Attempt::new(ip("192.0.2.2"), "a@x.example")), Ok(()));
    }

    #[test]
    fn one_address_cannot_try_many_accounts() {
        let failures = SignInFailures::default();
        fail(&failures, 150, |number| {
            Attempt::new(ip("192.0.2.1"), &format!("a{number}@x.example"))
        });
        assert!(failures.count(&Attempt::new(ip("192.0.2.1"), "new@x.example")).is_err());
        assert_eq!(failures.count(&Attempt::new(ip("192.0.2.2"), "new@x.example")), Ok(()));
    }

    #[test]
    fn many_addresses_cannot_try_one_account() {
        let failures = SignInFailures::default();
        fail(&failures, 60, |number| {
            Attempt::new(ip(&format!("192.0.2.{number}")), "A@x.example ")
        });
        assert!(failures.count(&Attempt::new(ip("198.51.100.1"), "a@x.example")).is_err());
        assert_eq!(failures.count(&Attempt::new(ip("198.51.100.1"), "b@x.example")), Ok(()));
    }

    #[test]
    fn a_network_of_version_6_counts_as_one_address() {
        let failures = SignInFailures::default();
        fail(&failures, 11, |number| {
            Attempt::new(ip(&format!("2001:db8::{number}")), "a@x.example")
        });
        assert!(failures.count(&Attempt::new(ip("2001:db8::ffff:1"), "a@x.example")).is_err());
        assert_eq!(failures.count(&Attempt::new(ip("2001:db8:0:1::1"), "a@x.example")), Ok(()));
    }
}
