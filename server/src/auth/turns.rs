//! Turns at work that is dear, like hashing a password: a few at a time, the rest
//! in a queue that has a bound and is fair.
//!
//! Addresses take turns, and within one address the accounts that it names, so that
//! who sends many attempts waits for them alone.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use super::attempts::Attempt;

/// Bounds of a queue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Turns that may be had at one time.
    pub(super) at_once: usize,
    /// Most that wait of one address.
    pub(super) of_address: usize,
    /// Most that wait in all.
    pub(super) in_all: usize,
}

/// Gives out turns. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Turns(Arc<Mutex<Queue>>);

/// The right to work until it is dropped.
#[derive(Debug)]
pub(super) struct Turn(Turns);

/// No place in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct QueueFull;

#[derive(Debug)]
struct Queue {
    bounds: Bounds,
    free: usize,
    /// Those whose turn comes first stand first.
    addresses: VecDeque<Address>,
}

#[derive(Debug)]
struct Address {
    network: IpAddr,
    accounts: VecDeque<Account>,
}

#[derive(Debug)]
struct Account {
    account: [u8; 32],
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

impl Turns {
    pub(super) fn new(bounds: Bounds) -> Self {
        let free = bounds.at_once;
        Self(Arc::new(Mutex::new(Queue { bounds, free, addresses: VecDeque::new() })))
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// When the address has too many waiting, or when somebody who has fewer needed the place.
    pub(super) async fn wait(&self, attempt: &Attempt) -> Result<Turn, QueueFull> {
        let turn = {
            let mut queue = self.lock();
            if queue.free > 0 {
                queue.free -= 1;
                return Ok(Turn(self.clone()));
            }
            queue.join(attempt)?
        };
        turn.await.map_err(|_| QueueFull)
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let next = {
            let mut queue = self.0.lock();
            let next = queue.next();
            queue.free += usize::from(next.is_none());
            next
        };
        if let Some(next) = next {
            // One that nobody takes is dropped, and so passed on.
            let _ = next.send(Turn(self.0.clone()));
        }
    }
}

impl Queue {
    /// Puts an attempt behind the others of its account.
    fn join(&mut self, attempt: &Attempt) -> Result<oneshot::Receiver<Turn>, QueueFull> {
        let Bounds { of_address, in_all, .. } = self.bounds;
        if self.len() >= in_all || self.waiting_of(attempt.network) >= of_address {
            self.forget_those_who_left();
        }
        let own = self.waiting_of(attempt.network);
        if own >= of_address {
            return Err(QueueFull);
        }
        if self.len() >= in_all {
            // Who has most gives way, so that one with many leaves room for the others.
            let most = self.addresses.iter_mut().max_by_key(|address| address.len());
            most.filter(|most| most.len() > own + 1).ok_or(QueueFull)?.drop_last();
        }
        let (sender, receiver) = oneshot::channel();
        self.account(attempt).waiting.push_back(sender);
        Ok(receiver)
    }

    /// Whose turn it is; their address, and their account in it, go to the end.
    fn next(&mut self) -> Option<oneshot::Sender<Turn>> {
        self.forget_those_who_left();
        let mut address = self.addresses.pop_front()?;
        let mut account = address.accounts.pop_front()?;
        let next = account.waiting.pop_front();
        if !account.waiting.is_empty() {
            address.accounts.push_back(account);
        }
        if !address.accounts.is_empty() {
            self.addresses.push_back(address);
        }
        next
    }

    fn account(&mut self, attempt: &Attempt) -> &mut Account {
        let Attempt { network, account } = *attempt;
        let addresses = &mut self.addresses;
        let new = || Address { network, accounts: VecDeque::new() };
        let address = find_or_push(addresses, |it| it.network == network, new);
        let new = || Account { account, waiting: VecDeque::new() };
        find_or_push(&mut address.accounts, |it| it.account == account, new)
    }

    fn len(&self) -> usize {
        self.addresses.iter().map(Address::len).sum()
    }

    fn waiting_of(&self, network: IpAddr) -> usize {
        let same = self.addresses.iter().find(|address| address.network == network);
        same.map_or(0, Address::len)
    }

    fn forget_those_who_left(&mut self) {
        self.addresses.retain_mut(|address| {
            address.accounts.retain_mut(|account| {
                account.waiting.retain(|turn| !turn.is_closed());
                !account.waiting.is_empty()
            });
            !address.accounts.is_empty()
        });
    }
}

impl Address {
    fn len(&self) -> usize {
        self.accounts.iter().map(|account| account.waiting.len()).sum()
    }

    /// Takes the last place of the account that has most.
    fn drop_last(&mut self) {
        if let Some(most) = self.accounts.iter_mut().max_by_key(|account| account.waiting.len()) {
            most.waiting.pop_back();
        }
    }
}

/// The one that fits, else a new one at the end.
fn find_or_push<T>(
    all: &mut VecDeque<T>,
    fits: impl Fn(&T) -> bool,
    new: impl FnOnce() -> T,
) -> &mut T {
    let at = all.iter().position(fits).unwrap_or_else(|| {
        all.push_back(new());
        all.len() - 1
    });
    &mut all[at]
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinHandle;

    use super::*;

    const BOUNDS: Bounds = Bounds { at_once: 1, of_address: 8, in_all: 12 };

    fn attempt(address: u8, account: &str) -> Attempt {
        Attempt::new(IpAddr::from([192, 0, 2, address]), account)
    }

    /// Waits in line, and once it is its turn says so and lets the next one.
    async fn queue_up(
        turns: &Turns,
        address: u8,
        account: &str,
        done: &Arc<Mutex<Vec<String>>>,
    ) -> JoinHandle<Result<(), QueueFull>> {
        let (turns, done) = (turns.clone(), Arc::clone(done));
        let account = account.to_owned();
        let task = tokio::spawn(async move {
            let _turn = turns.wait(&attempt(address, &account)).await?;
            done.lock().unwrap().push(format!("{address} {account}"));
            Ok(())
        });
        // On the one thread of the test, it runs until it waits.
        tokio::task::yield_now().await;
        task
    }

    #[tokio::test]
    async fn addresses_take_turns_and_then_accounts() {
        let turns = Turns::new(BOUNDS);
        let done = Arc::default();
        let first = turns.wait(&attempt(9, "x")).await.unwrap();
        let mut tasks = Vec::new();
        for (address, account) in
            [(1, "a"), (1, "a"), (1, "a"), (1, "b"), (2, "c"), (2, "c"), (3, "d")]
        {
            tasks.push(queue_up(&turns, address, account, &done).await);
        }
        drop(first);
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        let done = done.lock().unwrap().clone();
        assert_eq!(done, ["1 a", "2 c", "3 d", "1 b", "2 c", "1 a", "1 a"]);
        assert_eq!(turns.lock().free, 1);
    }

    #[tokio::test]
    async fn who_has_many_waiting_is_refused_and_makes_room_for_others() {
        let turns = Turns::new(BOUNDS);
        let done = Arc::default();
        let first = turns.wait(&attempt(9, "x")).await.unwrap();
        let mut many = Vec::new();
        for _ in 0..8 {
            many.push(queue_up(&turns, 1, "a", &done).await);
        }
        assert_eq!(turns.wait(&attempt(1, "b")).await.unwrap_err(), QueueFull);
        let mut others = Vec::new();
        for address in 2..8 {
            others.push(queue_up(&turns, address, "c", &done).await);
        }
        assert_eq!(turns.lock().len(), BOUNDS.in_all);
        drop(first);
        for other in others {
            assert_eq!(other.await.unwrap(), Ok(()));
        }
        let mut refused = 0;
        for task in many {
            refused += usize::from(task.await.unwrap().is_err());
        }
        assert_eq!(refused, 2);
    }

    #[tokio::test]
    async fn turns_of_those_who_left_go_to_the_next() {
        let turns = Turns::new(BOUNDS);
        let done = Arc::default();
        let first = turns.wait(&attempt(9, "x")).await.unwrap();
        let left = queue_up(&turns, 1, "a", &done).await;
        let stays = queue_up(&turns, 2, "b", &done).await;
        left.abort();
        assert!(left.await.unwrap_err().is_cancelled());
        drop(first);
        assert_eq!(stays.await.unwrap(), Ok(()));
        assert_eq!(turns.lock().free, 1);
    }
}
