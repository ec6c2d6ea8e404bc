//! Whole runs, one after another, without limit and in bounded memory.

use std::collections::{HashMap, VecDeque};

use model::{Run, Timestamp};

use crate::cards::KeyRow;
use crate::condition::Condition;
use crate::list::ListRequest;
use crate::rows::{BodyRow, RunRow, run_columns};
use crate::sql::Value;
use crate::{Cursor, OrgStore, StoreError};

/// Keys that are read at once.
const PAGE: u64 = 1_000;
/// Runs whose bodies are held at once.
const BODIES: usize = 100;

const ROWS: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM run_cards
     WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id IN {ids:Array(UInt128)}
       AND created_at IN
           (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)}), 'UTC'))
     ORDER BY created_at, id
     LIMIT {limit:UInt64}"
);

const BODIES_OF: &str = "SELECT org, agent, created_at, id, body FROM run_bodies
     WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id IN {ids:Array(UInt128)}
       AND created_at IN
           (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)}), 'UTC'))
     LIMIT 1 BY id
     LIMIT {limit:UInt64}";

/// Reads the runs that match, the oldest first, so that an import of them gives
/// versions the same numbers. Runs that come in meanwhile may or may not be
/// among them.
pub struct Export {
    store: OrgStore,
    condition: Condition,
    after: Option<Cursor>,
    keys: VecDeque<KeyRow>,
    ready: VecDeque<Run>,
    is_over: bool,
}

impl OrgStore {
    /// Begins an export; the request's window and limits are not looked at.
    /// `None` when the agent asked for does not exist.
    ///
    /// # Errors
    /// When the search cannot be answered or the engine fails.
    pub async fn export(&self, request: &ListRequest) -> Result<Option<Export>, StoreError> {
        Ok(self.condition(request).await?.map(|condition| Export {
            store: self.clone(),
            condition,
            after: None,
            keys: VecDeque::new(),
            ready: VecDeque::new(),
            is_over: false,
        }))
    }
}

impl Export {
    /// The next run; `None` after the last one.
    ///
    /// # Errors
    /// When the engine fails; calling again goes on where it failed.
    pub async fn next(&mut self) -> Result<Option<Run>, StoreError> {
        loop {
            if let Some(run) = self.ready.pop_front() {
                return Ok(Some(run));
            }
            if self.keys.is_empty() && !self.is_over {
                self.read_keys().await?;
            }
            if self.keys.is_empty() {
                return Ok(None);
            }
            let count = self.keys.len().min(BODIES);
            let ready = self.read_runs(count).await?;
            self.keys.drain(..count);
            self.ready.extend(ready);
        }
    }

    async fn read_keys(&mut self) -> Result<(), StoreError> {
        let mut condition = self.condition.clone();
        if let Some(Cursor { created_at: Timestamp(at), id }) = self.after {
            let at = condition.params.bind(Value::I64(at));
            let id = condition.params.bind(Value::U128(id.as_u128()));
            // The plain bound on the time is what the primary key can use.
            condition.sql.push_str(&format!(
                " AND created_at >= fromUnixTimestamp64Micro({at}, 'UTC')\
                 \n AND (created_at > fromUnixTimestamp64Micro({at}, 'UTC') OR id > {id})"
            ));
        }
        let limit = condition.params.bind(Value::U64(PAGE));
        let sql = format!(
            "SELECT agent, created_at, id FROM runs WHERE {} ORDER BY created_at, id LIMIT {limit}",
            condition.sql
        );
        let keys = self.store.search(&sql, &condition).fetch_all::<KeyRow>().await?;
        self.is_over = (keys.len() as u64) < PAGE;
        self.after = keys.last().map(Cursor::from).or(self.after);
        self.keys = keys.into();
        Ok(())
    }

    async fn read_runs(&self, count: usize) -> Result<Vec<Run>, StoreError> {
        let keys = || self.keys.iter().take(count);
        let times: Vec<i64> = keys().map(|key| key.created_at).collect();
        let ids: Vec<u128> = keys().map(|key| key.id).collect();
        let read = |sql: &str| {
            self.store
                .query(sql)
                .param("agents", &self.condition.agents)
                .param("ids", &ids)
                .param("times", &times)
                .param("limit", count as u64)
        };
        let (rows, bodies) = tokio::try_join!(
            read(ROWS).fetch_all::<RunRow>(),
            read(BODIES_OF).fetch_all::<BodyRow>()
        )?;
        let lookup = self.store.lookup(&rows).await?;
        let mut bodies: HashMap<u128, BodyRow> =
            bodies.into_iter().map(|body| (body.id, body)).collect();
        rows.into_iter()
            // An agent that was deleted a moment ago takes its runs out of sight.
            .filter(|row| lookup.agents.slug(row.agent).is_some())
            .filter_map(|row| bodies.remove(&row.id).map(|body| row.into_whole(&lookup, body)))
            .collect()
    }
}
