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

const STATES: &str = "SELECT agent, state, run, conversation, continued_by
    FROM chat_states FINAL
    WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)}
      AND state IN {states:Array(UInt128)}
    ORDER BY run DESC
    LIMIT {limit:UInt64} BY agent, state, is_continued";
/// Of the runs that left the same state so many are looked at, the newest: so many that
/// nobody went on from, and as many of the others, for attempts that are repeated.
const RUNS_OF_A_STATE: usize = 100;

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

/// A run that left a state behind.
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
    /// its own. The same runs get the same again after an attempt that failed, unless
    /// several of one millisecond left the same state.
    pub(super) async fn join_conversations(
        &self,
        runs: &mut [NewRun],
        numbered: &[(usize, u64)],
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
        // Turns of one chat can come together; a coarse clock gives several one time.
        chats.sort_by_key(|chat| {
            let run = &runs[chat.place].run;
            (run.created_at, chat.states.asked, run.id)
        });
        let mut known = self.known_states(&chats).await?;
        for chat in &chats {
            let run = &mut runs[chat.place].run;
            let id = run.id.as_u128();
            // A run that failed is often tried again from the same place.
            let stays = chat.states.left.is_some() && run.status == RunStatus::Success;
            let continued = known.continue_from(chat, id, run.conversation_id.as_deref(), stays);
            let conversation =
                run.conversation_id.take().or(continued).unwrap_or_else(|| run.id.to_string());
            if let Some(left) = chat.states.left {
                known.leave((chat.agent, left), id, &conversation);
            }
            run.conversation_id = Some(conversation);
        }
        self.write_states(&known).await
    }

    /// What is known of the states that chats begin with: of the longest of each, and
    /// where that is new, of the others.
    async fn known_states(&self, chats: &[Chat]) -> Result<States, StoreError> {
        let left: HashSet<(u64, u128)> =
            chats.iter().filter_map(|chat| Some((chat.agent, chat.states.left?))).collect();
        let longest = chats.iter().filter_map(|chat| chat.states.continued.first());
        let mut known = States::default();
        self.read_states(chats, longest.copied().collect(), &mut known).await?;
        let unnamed = chats.iter().filter(|chat| !chat.is_named);
        let others = unnamed.flat_map(|chat| match chat.states.continued.as_slice() {
            [longest, others @ ..] => {
                let is_left = left.contains(&(chat.agent, *longest));
                if is_left || known.are_known(chat.agent, *longest) { &[] } else { others }
            }
            [] => &[],
        });
        let others = others.copied().collect();
        self.read_states(chats, others, &mut known).await?;
        Ok(known)
    }

    async fn read_states(
        &self,
        chats: &[Chat],
        mut states: Vec<u128>,
        known: &mut States,
    ) -> Result<(), StoreError> {
        states.sort_unstable();
        states.dedup();
        let mut agents: Vec<u64> = chats.iter().map(|chat| chat.agent).collect();
        agents.sort_unstable();
        agents.dedup();
        for states in states.chunks(STATES_AT_ONCE) {
            let rows = self
                .query(STATES)
                .param("agents", &agents)
                .param("states", states)
                .param("limit", RUNS_OF_A_STATE as u64)
                .fetch_all::<KnownRow>()
                .await?;
            for row in rows {
                known.0.entry((row.agent, row.state)).or_default().push(Leaver {
                    run: row.run,
                    conversation: row.conversation,
                    continued_by: row.continued_by,
                    is_changed: false,
                });
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

    /// The conversation that a run goes on with: that of the longest state it begins
    /// with, unless others have gone on from there. Of several runs that left the
    /// same state the newest is continued first. Only a run that `stays` keeps others
    /// from going on from there.
    fn continue_from(
        &mut self,
        chat: &Chat,
        run: u128,
        named: Option<&str>,
        stays: bool,
    ) -> Option<String> {
        let longest = chat.states.continued.iter().map(|state| (chat.agent, *state));
        let key = longest.into_iter().find(|key| self.0.contains_key(key))?;
        let leavers = self.0.get_mut(&key)?;
        let free = |leaver: &&mut Leaver| {
            leaver.continued_by == 0
                && millis(leaver.run) <= millis(run)
                && named.is_none_or(|named| named == leaver.conversation)
        };
        // What an attempt that failed has taken is this run's still.
        let found = match leavers.iter().position(|leaver| leaver.continued_by == run) {
            Some(taken) => leavers.get_mut(taken),
            None => leavers.iter_mut().filter(free).max_by_key(|leaver| leaver.run),
        }?;
        if stays {
            found.is_changed |= found.continued_by != run;
            found.continued_by = run;
        }
        Some(found.conversation.clone())
    }

    fn leave(&mut self, key: (u64, u128), run: u128, conversation: &str) {
        let leavers = self.0.entry(key).or_default();
        // Those that an attempt before has written come first.
        let written = leavers.iter().take(2 * RUNS_OF_A_STATE);
        if written.into_iter().all(|leaver| leaver.run != run) {
            let conversation = conversation.to_owned();
            leavers.push(Leaver { run, conversation, continued_by: 0, is_changed: true });
        }
    }
}

/// The time in a run's id: an answer cannot be continued before it was given.
fn millis(run: u128) -> i64 {
    RunId::from_u128(run).timestamp().as_unix_millis()
}
