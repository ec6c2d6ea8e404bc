//! Turns at something that does a few things at once.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::rule::most;
use crate::{Holder, Refused, Usage, Whose};

/// A number of places that many want. The next one goes to the organization that
/// has the fewest, of several to the one that has waited longest; within it the
/// keys take turns, and of each comes first who asked first. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: u64,
    /// Most that wait of one organization.
    line: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    running: u64,
    of_org: HashMap<u64, u64>,
    /// Who waits; the first has the next turn.
    lines: VecDeque<OrgLine>,
}

#[derive(Debug)]
struct OrgLine {
    org: u64,
    keys: VecDeque<(u64, VecDeque<oneshot::Sender<Turn>>)>,
}

/// A place, given to the next when it is dropped.
#[derive(Debug)]
pub struct Turn {
    /// None once the place is somebody else's.
    from: Option<Turns>,
    org: u64,
}

impl OrgLine {
    fn waiting(&self) -> u64 {
        let waits = |waiter: &&oneshot::Sender<Turn>| !waiter.is_closed();
        self.keys.iter().flat_map(|(_, line)| line).filter(waits).count() as u64
    }

    /// How many there are, those that left included.
    fn len(&self) -> u64 {
        self.keys.iter().map(|(_, line)| line.len() as u64).sum()
    }

    /// Lets go of those that left.
    fn sweep(&mut self) {
        for (_, line) in &mut self.keys {
            line.retain(|waiter| !waiter.is_closed());
        }
        self.keys.retain(|(_, line)| !line.is_empty());
    }

    fn push(&mut self, key: u64, waiter: oneshot::Sender<Turn>) {
        match self.keys.iter_mut().find(|(of, _)| *of == key) {
            Some((_, line)) => line.push_back(waiter),
            None => self.keys.push_back((key, VecDeque::from([waiter]))),
        }
    }

    /// The first who still waits, of the key whose turn it is.
    fn pop(&mut self) -> Option<oneshot::Sender<Turn>> {
        while let Some((key, mut line)) = self.keys.pop_front() {
            let waiter = line.pop_front();
            if !line.is_empty() {
                self.keys.push_back((key, line));
            }
            if let Some(waiter) = waiter.filter(|waiter| !waiter.is_closed()) {
                return Some(waiter);
            }
        }
        None
    }
}

impl State {
    fn held(&self, org: u64) -> u64 {
        self.of_org.get(&org).copied().unwrap_or(0)
    }

    fn may_run(&self, places: u64, org: u64) -> bool {
        let held = self.held(org);
        self.running < places && held < most(places - (self.running - held))
    }

    fn begin(&mut self, org: u64) {
        self.running += 1;
        *self.of_org.entry(org).or_default() += 1;
    }

    fn end(&mut self, org: u64) {
        self.running = self.running.saturating_sub(1);
        if let Some(held) = self.of_org.get_mut(&org) {
            *held = held.saturating_sub(1);
        }
        self.of_org.retain(|_, held| *held > 0);
    }

    /// The next who waits and may run; it counts as running from now on.
    fn next(&mut self, places: u64) -> Option<(u64, oneshot::Sender<Turn>)> {
        let (at, _) = self
            .lines
            .iter()
            .enumerate()
            .filter(|(_, line)| self.may_run(places, line.org))
            .min_by_key(|(_, line)| self.held(line.org))?;
        let mut line = self.lines.remove(at)?;
        let waiter = line.pop();
        let org = line.org;
        if !line.keys.is_empty() {
            self.lines.push_back(line);
        }
        match waiter {
            Some(waiter) => {
                self.begin(org);
                Some((org, waiter))
            }
            // All of that organization left; the others are looked at again.
            None => self.next(places),
        }
    }
}

impl Turns {
    /// So many places; up to `line` of one organization wait for one.
    #[must_use]
    pub fn new(places: u64, line: u64) -> Self {
        Self(Arc::new(Inner { places, line, state: Mutex::default() }))
    }

    /// Waits for a place. Dropped, it leaves the line.
    ///
    /// # Errors
    /// When too many of the organization wait already.
    pub async fn turn(&self, holder: Holder) -> Result<Turn, Refused> {
        let waiter = {
            let mut state = self.lock();
            let line = state.lines.iter().position(|line| line.org == holder.org);
            if line.is_none() && state.may_run(self.0.places, holder.org) {
                state.begin(holder.org);
                return Ok(Turn { from: Some(self.clone()), org: holder.org });
            }
            let at = line.unwrap_or(state.lines.len());
            if line.is_none() {
                state.lines.push_back(OrgLine { org: holder.org, keys: VecDeque::new() });
            }
            let (sender, waiter) = oneshot::channel();
            if let Some(line) = state.lines.get_mut(at) {
                // Whoever asks and leaves again and again must not make it longer.
                if line.len() >= self.0.line {
                    line.sweep();
                }
                let held = line.len();
                if held >= self.0.line {
                    let (whose, limit) = (Whose::Organization, self.0.line);
                    return Err(Refused::Share { whose, held, limit });
                }
                line.push(holder.key, sender);
            }
            waiter
        };
        // Those before may all have left meanwhile.
        self.pass_on();
        waiter.await.map_err(|_| Refused::Full { total: self.0.places })
    }

    /// How many places an organization and all use.
    #[must_use]
    pub fn usage(&self, org: u64) -> Usage {
        let state = self.lock();
        let (own, all, total) = (state.held(org), state.running, self.0.places);
        Usage { own, limit: most(total - (all - own)), all, total }
    }

    /// How many of an organization run or wait.
    #[must_use]
    pub fn wanted(&self, org: u64) -> u64 {
        let state = self.lock();
        let line = state.lines.iter().find(|line| line.org == org);
        state.held(org) + line.map_or(0, OrgLine::waiting)
    }

    /// How many places each organization uses that uses any.
    #[must_use]
    pub fn by_org(&self) -> Vec<(u64, u64)> {
        self.lock().of_org.iter().map(|(org, held)| (*org, *held)).collect()
    }

    /// Gives free places to those who wait.
    fn pass_on(&self) {
        loop {
            let Some((org, waiter)) = self.lock().next(self.0.places) else { return };
            let turn = Turn { from: Some(self.clone()), org };
            if let Err(mut turn) = waiter.send(turn) {
                // It left in this moment; its place is given on right here.
                turn.from = None;
                self.lock().end(org);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(turns) = self.from.take() {
            turns.lock().end(self.org);
            turns.pass_on();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::task::{Context, Poll, Waker};

    use super::*;

    const A: Holder = Holder { org: 1, key: 1 };
    const A2: Holder = Holder { org: 1, key: 2 };
    const B: Holder = Holder { org: 2, key: 1 };

    fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    fn now<F: Future<Output = Result<Turn, Refused>>>(future: Pin<&mut F>) -> Option<Turn> {
        match poll(future) {
            Poll::Ready(turn) => Some(turn.unwrap()),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_crowd_leaves_a_place_and_waits_in_turn_with_others() {
        let turns = Turns::new(8, 100);
        let mut crowd: Vec<_> = (0..20).map(|_| Box::pin(turns.turn(A))).collect();
        let mut running: Vec<Turn> = crowd.iter_mut().filter_map(|one| now(one.as_mut())).collect();
        assert_eq!((running.len(), turns.wanted(1)), (7, 20));
        let mut others: Vec<_> = (0..3).map(|_| Box::pin(turns.turn(B))).collect();
        let mut served: Vec<Turn> = others.iter_mut().filter_map(|one| now(one.as_mut())).collect();
        assert_eq!(served.len(), 1);
        // What the crowd gives back goes to the others before it goes to the crowd.
        running.truncate(3);
        served.extend(others.iter_mut().skip(1).filter_map(|one| now(one.as_mut())));
        assert_eq!(served.len(), 3);
        drop((served, running));
        let next = crowd.iter_mut().skip(7).filter_map(|one| now(one.as_mut())).count();
        assert!(next >= 7, "{next}");
        drop((crowd, others));
        assert_eq!(turns.usage(1), Usage { own: 0, limit: 7, all: 0, total: 8 });
        assert_eq!(turns.wanted(1), 0);
    }

    #[test]
    fn keys_of_one_organization_take_turns() {
        let turns = Turns::new(2, 100);
        let first = now(pin!(turns.turn(A))).unwrap();
        let mut crowd: Vec<_> = (0..3).map(|_| Box::pin(turns.turn(A))).collect();
        assert!(crowd.iter_mut().all(|one| now(one.as_mut()).is_none()));
        let mut other = pin!(turns.turn(A2));
        assert!(now(other.as_mut()).is_none());
        drop(first);
        let second = crowd.iter_mut().find_map(|one| now(one.as_mut())).unwrap();
        drop(second);
        assert!(now(other.as_mut()).is_some());
    }

    #[test]
    fn those_that_left_make_no_line_longer() {
        let turns = Turns::new(1, 4);
        let first = now(pin!(turns.turn(A))).unwrap();
        let mut stays = Box::pin(turns.turn(A2));
        assert!(now(stays.as_mut()).is_none());
        for _ in 0..100 {
            assert!(now(Box::pin(turns.turn(A)).as_mut()).is_none());
            assert!(turns.lock().lines.iter().map(OrgLine::len).sum::<u64>() <= 4);
        }
        assert_eq!(turns.wanted(1), 2);
        drop(first);
        assert!(now(stays.as_mut()).is_some());
    }

    #[test]
    fn whoever_leaves_the_line_keeps_no_place_and_the_line_has_an_end() {
        let turns = Turns::new(1, 2);
        let first = now(pin!(turns.turn(A))).unwrap();
        let mut left = Box::pin(turns.turn(A));
        let mut stays = Box::pin(turns.turn(A));
        assert!(now(left.as_mut()).is_none() && now(stays.as_mut()).is_none());
        let Poll::Ready(Err(refused)) = poll(pin!(turns.turn(A))) else { panic!("no end") };
        let whose = Whose::Organization;
        assert_eq!(refused, Refused::Share { whose, held: 2, limit: 2 });
        drop(left);
        drop(first);
        drop(now(stays.as_mut()).unwrap());
        // A place that was given to somebody who left before taking it.
        let mut given = Box::pin(turns.turn(A));
        let first = now(given.as_mut()).unwrap();
        let mut second = Box::pin(turns.turn(A));
        assert!(now(second.as_mut()).is_none());
        drop(first);
        drop(second);
        assert_eq!(turns.usage(1).all, 0);
        assert!(now(pin!(turns.turn(B))).is_some());
    }
}
