//! How much of what is left one may have.

/// The part that stays for whoever comes next: one in so many.
const KEPT_BACK: u64 = 8;

/// The most that one may have of a room that it shares with nobody present.
/// A room of one is given whole, else nobody could have it.
pub(crate) fn most(room: u64) -> u64 {
    if room <= 1 { room } else { room - (room / KEPT_BACK).max(1) }
}

/// The most that an organization and one of its keys may have of a total, of which
/// `all` is in use, by them `org` and `key`.
#[must_use]
pub fn limits(total: u64, all: u64, org: u64, key: u64) -> (u64, u64) {
    let of_org = most(total.saturating_sub(all.saturating_sub(org)));
    (of_org, most(of_org.saturating_sub(org.saturating_sub(key))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_eighth_stays_and_a_last_one_is_given() {
        assert_eq!([0, 1, 2, 4, 8, 800].map(most), [0, 1, 1, 3, 7, 700]);
    }
}
