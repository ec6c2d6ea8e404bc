//! An amount that is taken and given back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::Holder;
use crate::rule::limits;

/// An amount (bytes, streams) that many share. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    total: u64,
    uses: Mutex<Uses>,
}

#[derive(Debug, Default)]
struct Uses {
    all: u64,
    orgs: HashMap<u64, OrgUse>,
}

#[derive(Debug, Default)]
struct OrgUse {
    all: u64,
    keys: HashMap<u64, u64>,
}

/// A part of a budget, given back when it is dropped.
#[derive(Debug)]
pub struct Held {
    budget: Budget,
    holder: Holder,
    amount: u64,
}

/// Whose share is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// The organization's.
    Organization,
    /// That of one key or person of it.
    Key,
}

/// There is no more now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The one who asks has its share already.
    #[error("{held} of at most {limit} are in use")]
    Share {
        /// Whose share it is.
        whose: Whose,
        /// What that one holds.
        held: u64,
        /// The most that it may hold now.
        limit: u64,
    },
    /// All of it is in use, by many.
    #[error("all {total} are in use")]
    Full {
        /// How much there is.
        total: u64,
    },
}

/// How much of a budget is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// By one organization.
    pub own: u64,
    /// The most that it may have now.
    pub limit: u64,
    /// By all.
    pub all: u64,
    /// How much there is.
    pub total: u64,
}

impl Uses {
    fn of(&self, holder: Holder) -> (u64, u64) {
        let org = self.orgs.get(&holder.org);
        let key = org.and_then(|org| org.keys.get(&holder.key));
        (org.map_or(0, |org| org.all), key.copied().unwrap_or(0))
    }

    fn check(&self, total: u64, holder: Holder, amount: u64) -> Result<(), Refused> {
        let (org, key) = self.of(holder);
        let (of_org, of_key) = limits(total, self.all, org, key);
        let refused = |whose, held, limit| Err(Refused::Share { whose, held, limit });
        if org.saturating_add(amount) > of_org && org > 0 {
            return refused(Whose::Organization, org, of_org);
        }
        if key.saturating_add(amount) > of_key && key > 0 {
            return refused(Whose::Key, key, of_key);
        }
        // Whoever holds nothing yet may have the last of it.
        if self.all.saturating_add(amount) > total {
            return Err(Refused::Full { total });
        }
        Ok(())
    }

    fn add(&mut self, holder: Holder, amount: u64) {
        self.all += amount;
        let org = self.orgs.entry(holder.org).or_default();
        org.all += amount;
        *org.keys.entry(holder.key).or_default() += amount;
    }

    fn sub(&mut self, holder: Holder, amount: u64) {
        self.all = self.all.saturating_sub(amount);
        let Some(org) = self.orgs.get_mut(&holder.org) else { return };
        org.all = org.all.saturating_sub(amount);
        if let Some(key) = org.keys.get_mut(&holder.key) {
            *key = key.saturating_sub(amount);
        }
        org.keys.retain(|_, held| *held > 0);
        if org.keys.is_empty() {
            self.orgs.remove(&holder.org);
        }
    }
}

impl Budget {
    /// So much, of which nothing is used.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self(Arc::new(Inner { total, uses: Mutex::default() }))
    }

    /// Takes an amount.
    ///
    /// # Errors
    /// When the holder's share or all of it is used up.
    pub fn take(&self, holder: Holder, amount: u64) -> Result<Held, Refused> {
        let mut held = Held { budget: self.clone(), holder, amount: 0 };
        held.grow(amount)?;
        Ok(held)
    }

    /// Takes what is there already, however much that is: what an earlier process
    /// left is not refused.
    #[must_use]
    pub fn take_anyway(&self, holder: Holder, amount: u64) -> Held {
        self.lock().add(holder, amount);
        Held { budget: self.clone(), holder, amount }
    }

    /// Whether a holder could take this amount.
    ///
    /// # Errors
    /// As for [`Budget::take`].
    pub fn check(&self, holder: Holder, amount: u64) -> Result<(), Refused> {
        self.lock().check(self.0.total, holder, amount)
    }

    /// How much an organization and all use.
    #[must_use]
    pub fn usage(&self, org: u64) -> Usage {
        let uses = self.lock();
        let (own, _) = uses.of(Holder::of_org(org));
        let (limit, _) = limits(self.0.total, uses.all, own, 0);
        Usage { own, limit, all: uses.all, total: self.0.total }
    }

    /// How much a holder's organization and the holder itself use.
    #[must_use]
    pub fn held_by(&self, holder: Holder) -> (u64, u64) {
        self.lock().of(holder)
    }

    /// What each organization uses that uses anything.
    #[must_use]
    pub fn by_org(&self) -> Vec<(u64, u64)> {
        self.lock().orgs.iter().map(|(org, uses)| (*org, uses.all)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Uses> {
        self.0.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Takes more of the same.
    ///
    /// # Errors
    /// When the holder's share or all of it is used up; then nothing changes.
    pub fn grow(&mut self, amount: u64) -> Result<(), Refused> {
        let mut uses = self.budget.lock();
        uses.check(self.budget.0.total, self.holder, amount)?;
        uses.add(self.holder, amount);
        drop(uses);
        self.amount += amount;
        Ok(())
    }

    /// How much it is.
    #[must_use]
    pub fn amount(&self) -> u64 {
        self.amount
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.budget.lock().sub(self.holder, self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Holder = Holder { org: 1, key: 1 };
    const A2: Holder = Holder { org: 1, key: 2 };
    const B: Holder = Holder { org: 2, key: 1 };

    fn filled(budget: &Budget, holder: Holder) -> (Vec<Held>, Refused) {
        let mut all = Vec::new();
        loop {
            match budget.take(holder, 1) {
                Ok(held) => all.push(held),
                Err(refused) => return (all, refused),
            }
        }
    }

    #[test]
    fn one_alone_has_most_and_the_next_finds_room() {
        let budget = Budget::new(800);
        let (first, refused) = filled(&budget, A);
        assert_eq!(first.len(), 613);
        assert_eq!(refused, Refused::Share { whose: Whose::Key, held: 613, limit: 613 });
        // Another key of the same organization.
        let (second, refused) = filled(&budget, A2);
        assert_eq!((first.len() + second.len()) as u64, 613 + 77);
        assert!(matches!(refused, Refused::Share { whose: Whose::Key, .. }));
        let (third, _) = filled(&budget, B);
        assert_eq!(third.len(), 85);
        assert_eq!(budget.usage(1), Usage { own: 690, limit: 626, all: 775, total: 800 });
        drop((first, second, third));
        assert_eq!(budget.usage(1), Usage { own: 0, limit: 700, all: 0, total: 800 });
        assert!(budget.by_org().is_empty());
    }

    #[test]
    fn whoever_holds_too_much_gets_nothing_until_it_has_less() {
        let budget = Budget::new(800);
        let (mut first, _) = filled(&budget, A);
        let (second, _) = filled(&budget, B);
        assert!(budget.take(A, 1).is_err());
        let before = second.len();
        first.truncate(first.len() / 2);
        let (more, _) = filled(&budget, B);
        assert!(before + more.len() > 300, "{before} + {}", more.len());
    }

    #[test]
    fn what_grows_is_given_back_whole_and_what_was_refused_changes_nothing() {
        let budget = Budget::new(100);
        let mut held = budget.take(A, 10).unwrap();
        held.grow(20).unwrap();
        assert!(held.grow(90).is_err());
        assert_eq!((held.amount(), budget.usage(1).all), (30, 30));
        drop(held);
        assert_eq!(budget.usage(1).all, 0);
        // A first request may be as large as all of it, and no larger.
        drop(budget.take(A, 100).unwrap());
        assert_eq!(budget.take(A, 101).unwrap_err(), Refused::Full { total: 100 });
    }
}
