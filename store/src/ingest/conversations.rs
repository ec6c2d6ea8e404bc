//! Finds the conversation that a chat continues, by the messages it begins with.
//!
//! Each answer of a run leaves a state behind. The first run that continues it
//! stays in its conversation; another one that does is a branch, and begins a
//! conversation of its own. A conversation that no client named has the id of
//! its first run.

use std::collections::{HashMap, HashSet};

use clickhouse::Row;
use model::{ChatStates, NewRun, RunId, RunStatus};
use serde::{Deserialize, Serialize};

use crate::{OrgStore, StoreError};

/// States that one query looks for.
const STATES_AT_ONCE: usize = 10_000;

/// Without FINAL, which takes twice as long. Of the runs that left a state those come
/// first that nobody went on from; what was decided for the runs asked about is always
/// there.
const STATES: &str = "SELECT agent, state, run, conversation, continued_by FROM
    (
        SELECT agent, state, run, conversation, continued_by, is_continued FROM chat_states
        WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
          AND state IN {states:Array(UInt128)}
        ORDER BY is_continued DESC LIMIT 1 BY agent, state, run
    )
    ORDER BY is_continued, run DESC
    LIMIT {alike:UInt32} BY agent, state, if(run IN {runs:Array(UInt128)}, run, 0)
    LIMIT 500000";
/// Runs that left the same state: so many are looked at, or as many as chats continue it.
const ALIKE: u32 = 16;
const MOST_ALIKE: u32 = 1_000;

#[derive(Row, Deserialize)]
struct KnownRow {
    agent: u64,
    state: u128,
    run: u128,
    conversation: String,
    continued_by: u128,
}

#[derive(Row, Serialize)]
struct StateRow<'a> {
    org: u64,
    agent: u64,
    state: u128,
    run: u128,
    conversation: &'a str,
    continued_by: u128,
    is_continued: u8,
}

/// A run that ended in a state.
struct Leaver {
    run: u128,
    conversation: String,
    continued_by: u128,
    is_changed: bool,
}

/// The runs that left each state of each agent.
#[derive(Default)]
struct States(HashMap<(u64, u128), Vec<Leaver>>);

/// A chat that is to be written.
struct Chat {
    place: usize,
    agent: u64,
    states: ChatStates,
    /// Whether the client gave its conversation an id, which stays.
    is_named: bool,
}

impl OrgStore {
    /// Gives each chat without a conversation the one that it continues, else one of
    /// its own. What an attempt that failed has decided is kept when runs are written
    /// `again`.
    pub(super) async fn join_conversations(
        &self,
        runs: &mut [NewRun],
        numbered: &[(usize, u64)],
        again: bool,
    ) -> Result<(), StoreError> {
        let mut chats: Vec<Chat> = numbered
            .iter()
            .filter_map(|&(place, agent)| {
                let run = &runs.get(place)?.run;
                let states = ChatStates::of(run)?;
                Some(Chat { place, agent, states, is_named: run.conversation_id.is_some() })
            })
            .collect();
        if chats.is_empty() {
            return Ok(());
        }
        // Turns of one chat can come together, and clocks be coarse.
        chats.sort_by_key(|chat| {
            let run = &runs[chat.place].run;
            (run.created_at, chat.states.asked, run.id)
        });
        let undecided: Vec<(u128, u128)> = chats
            .iter()
            .map(|chat| (chat, &runs[chat.place].run))
            .filter(|(_, run)| again && run.conversation_id.is_none())
            .map(|(chat, run)| (chat.states.end, run.id.as_u128()))
            .collect();
        let mut known = self.known_states(&chats, &undecided).await?;
        for chat in &chats {
            let run = &mut runs[chat.place].run;
            let id = run.id.as_u128();
            let end = (chat.agent, chat.states.end);
            let named = run.conversation_id.take().or_else(|| known.decided(end, id));
            // A run that failed is often tried again from the same place.
            let takes = chat.states.left.is_some() && run.status == RunStatus::Success;
            let continued = known.continue_from(chat, id, named.as_deref(), takes);
            let conversation = named.or(continued).unwrap_or_else(|| run.id.to_string());
            known.leave(end, id, &conversation);
            run.conversation_id = Some(conversation);
        }
        self.write_states(&known).await
    }

    /// What is known of the states that chats begin with: of the longest of each, and
    /// where that is new, of the others.
    async fn known_states(
        &self,
        chats: &[Chat],
        undecided: &[(u128, u128)],
    ) -> Result<States, StoreError> {
        let longest = chats.iter().filter_map(|chat| chat.states.continued.first());
        let ends = undecided.iter().map(|(end, _)| end);
        let runs: Vec<u128> = undecided.iter().map(|(_, run)| *run).collect();
        let mut known = States::default();
        self.read_states(chats, longest.chain(ends), &runs, &mut known).await?;
        let mut before = HashSet::new();
        let mut others = Vec::new();
        for chat in chats {
            if let Some((longest, rest)) = chat.states.continued.split_first() {
                let is_left = before.contains(&(chat.agent, *longest));
                if !chat.is_named && !is_left && !known.are_known(chat.agent, *longest) {
                    others.extend(rest);
                }
            }
            before.insert((chat.agent, chat.states.end));
        }
        self.read_states(chats, others.into_iter(), &runs, &mut known).await?;
        Ok(known)
    }

    async fn read_states(
        &self,
        chats: &[Chat],
        states: impl Iterator<Item = &u128>,
        runs: &[u128],
        known: &mut States,
    ) -> Result<(), StoreError> {
        let mut counts: HashMap<u128, u32> = HashMap::new();
        states.for_each(|state| *counts.entry(*state).or_default() += 1);
        let alike = counts.values().copied().max().unwrap_or_default().clamp(ALIKE, MOST_ALIKE);
        let states: Vec<u128> = counts.into_keys().collect();
        let mut agents: Vec<u64> = chats.iter().map(|chat| chat.agent).collect();
        agents.sort_unstable();
        agents.dedup();
        for states in states.chunks(STATES_AT_ONCE) {
            let rows = self
                .query(STATES)
                .param("agents", &agents)
                .param("states", states)
                .param("alike", alike)
                .param("runs", runs)
                .fetch_all::<KnownRow>()
                .await?;
            for row in rows {
                let leavers = known.0.entry((row.agent, row.state)).or_default();
                if leavers.iter().all(|leaver| leaver.run != row.run) {
                    leavers.push(Leaver {
                        run: row.run,
                        conversation: row.conversation,
                        continued_by: row.continued_by,
                        is_changed: false,
                    });
                }
            }
        }
        Ok(())
    }

    /// Writing what is written already harms nothing.
    async fn write_states(&self, known: &States) -> Result<(), StoreError> {
        let mut rows = Vec::new();
        for ((agent, state), leavers) in &known.0 {
            for leaver in leavers.iter().filter(|leaver| leaver.is_changed) {
                rows.push(StateRow {
                    org: self.org().id.0,
                    agent: *agent,
                    state: *state,
                    run: leaver.run,
                    conversation: &leaver.conversation,
                    continued_by: leaver.continued_by,
                    is_continued: u8::from(leaver.continued_by != 0),
                });
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let mut insert = self.client().insert::<StateRow<'_>>("chat_states").await?;
        for row in &rows {
            insert.write(row).await?;
        }
        insert.end().await?;
        Ok(())
    }
}

impl States {
    fn are_known(&self, agent: u64, state: u128) -> bool {
        self.0.contains_key(&(agent, state))
    }

    /// What an attempt that failed has decided for a run.
    fn decided(&self, end: (u64, u128), run: u128) -> Option<String> {
        let leaver = self.0.get(&end)?.iter().find(|leaver| leaver.run == run)?;
        Some(leaver.conversation.clone())
    }

    /// The conversation that a run goes on with: that of the longest state it begins
    /// with, unless others have gone on from there. Of several runs that left the
    /// same state the newest that came before it is continued first.
    fn continue_from(
        &mut self,
        chat: &Chat,
        run: u128,
        named: Option<&str>,
        takes: bool,
    ) -> Option<String> {
        let mut longest = chat.states.continued.iter().map(|state| (chat.agent, *state));
        let key = longest.find(|key| self.0.contains_key(key))?;
        let free = |leaver: &&mut Leaver| {
            (leaver.continued_by == 0 || leaver.continued_by == run)
                && millis(leaver.run) <= millis(run)
                && named.is_none_or(|named| named == leaver.conversation)
        };
        // What an attempt that failed has taken is this run's still.
        let first = |leaver: &&mut Leaver| (leaver.continued_by, leaver.run < run, leaver.run);
        let found = self.0.get_mut(&key)?.iter_mut().filter(free).max_by_key(first)?;
        if takes && found.continued_by == 0 {
            found.continued_by = run;
            found.is_changed = true;
        }
        Some(found.conversation.clone())
    }

    fn leave(&mut self, key: (u64, u128), run: u128, conversation: &str) {
        let leavers = self.0.entry(key).or_default();
        if leavers.iter().all(|leaver| leaver.run != run) {
            let conversation = conversation.to_owned();
            leavers.push(Leaver { run, conversation, continued_by: 0, is_changed: true });
        }
    }
}

/// The time in a run's id: an answer cannot be continued before it was given.
fn millis(run: u128) -> i64 {
    RunId::from_u128(run).timestamp().as_unix_millis()
}
