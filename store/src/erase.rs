//! Takes what deleted agents left off the disk.
//!
//! `DELETE FROM` marks rows and leaves their bytes to a later merge, which never comes
//! for a part of `runs` whose rows are all marked: it has no projections any more, so it
//! merges with no other part. `ALTER TABLE … DELETE` writes the parts anew without the
//! rows, and one without any row left is dropped.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use clickhouse::Row;
use serde::Deserialize;

use crate::{Store, StoreError};

/// A table that keeps what agents are and what their runs say.
struct AgentTable {
    name: &'static str,
    /// Deleted agents that have rows still.
    leftovers: &'static str,
    erase: &'static str,
    apply_marks: &'static str,
    set_lifetime: &'static str,
    sweep: &'static str,
}

macro_rules! agent_tables {
    ($($table:literal),* $(,)?) => {
        &[$(AgentTable {
            name: $table,
            // The rows themselves, not the sums that are kept beside them.
            leftovers: concat!(
                "SELECT DISTINCT org, agent FROM ", $table,
                " WHERE (org, agent) IN (SELECT org, id FROM agents FINAL WHERE deleted = 1)
                  SETTINGS optimize_use_projections = 0"
            ),
            erase: concat!(
                "ALTER TABLE ", $table,
                " DELETE WHERE (org, agent) IN {agents:Array(Tuple(UInt64, UInt64))}"
            ),
            apply_marks: concat!("ALTER TABLE ", $table, " APPLY DELETED MASK"),
            // Files that were replaced stay so long and no longer: after half a minute the
            // system has written those in their place. A ClickHouse elsewhere keeps them
            // for eight minutes, the embedded engine drops them at its next look.
            set_lifetime: concat!("ALTER TABLE ", $table, " MODIFY SETTING old_parts_lifetime = 60"),
            // There is no such partition. Dropping one is what makes the engine drop old
            // parts there and then; by itself it can take ten minutes where nothing is written.
            sweep: concat!("ALTER TABLE ", $table, " DROP PARTITION ID 'none'"),
        }),*]
    };
}

/// All tables that keep an agent's content, those with runs first. The agent's own row
/// in `agents` stays, with its name, so that the name's next bearer is another agent.
const AGENT_TABLES: &[AgentTable] = agent_tables![
    "runs",
    "cards",
    "nested_metadata",
    "run_bodies",
    "versions",
    "reviews",
    "views",
    "chat_states",
    "run_keys",
    "schemas",
    "cached_answers",
];

/// Rows that an older program only marked.
const MARKED: &str = "SELECT DISTINCT table FROM system.parts
    WHERE database = currentDatabase() AND active AND has_lightweight_delete
      AND table IN {tables:Array(String)}";

const WITHOUT_LIFETIME: &str = "SELECT name FROM system.tables
    WHERE database = currentDatabase() AND name IN {tables:Array(String)}
      AND engine_full NOT LIKE '%old_parts_lifetime = 60%'";

/// Agents whose rows one statement erases.
const ERASED_AT_ONCE: usize = 200;
/// How often rows that were written behind an erasure are erased again.
const MAX_ROUNDS: u32 = 5;

#[derive(Row, Deserialize)]
struct LeftoverRow {
    org: u64,
    agent: u64,
}

impl Store {
    /// Erases the rows of all deleted agents from every table, and gives how many agents
    /// had some. Their files go with [`Store::drop_replaced_parts`].
    ///
    /// # Errors
    /// When the engine fails, or when rows keep coming; then some are left.
    pub async fn finish_deletions(&self) -> Result<usize, StoreError> {
        self.erase(&mut *self.registry.erasing.lock().await).await
    }

    /// Erases the rows of agents up to the `deletion`th that this process deleted.
    pub(crate) async fn finish_deletions_up_to(&self, deletion: u64) -> Result<(), StoreError> {
        let mut erased = self.registry.erasing.lock().await;
        // Another may have erased them while this one waited.
        if *erased < deletion {
            self.erase(&mut erased).await?;
        }
        Ok(())
    }

    async fn erase(&self, erased: &mut u64) -> Result<usize, StoreError> {
        let deletions = self.registry.deletions.load(Ordering::SeqCst);
        self.apply_marks().await?;
        let mut agents = BTreeSet::new();
        for _ in 0..MAX_ROUNDS {
            let leftovers = self.erase_leftovers().await?;
            if leftovers.is_empty() {
                *erased = deletions;
                return Ok(agents.len());
            }
            agents.extend(leftovers);
            self.set_the_life_of_old_parts().await?;
        }
        Err(StoreError::Unerased { agents: agents.len() })
    }

    /// Takes the files off the disk that an erasure replaced a minute ago or earlier.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn drop_replaced_parts(&self) -> Result<(), StoreError> {
        // A part without rows is made an old one by the first round.
        for table in AGENT_TABLES.iter().chain(AGENT_TABLES) {
            self.client.query(table.sweep).execute().await?;
        }
        Ok(())
    }

    async fn erase_leftovers(&self) -> Result<BTreeSet<(u64, u64)>, StoreError> {
        let mut erased = BTreeSet::new();
        for table in AGENT_TABLES {
            let rows = self.client.query(table.leftovers).fetch_all::<LeftoverRow>().await?;
            let agents: Vec<(u64, u64)> = rows.iter().map(|row| (row.org, row.agent)).collect();
            for some in agents.chunks(ERASED_AT_ONCE) {
                let statement = self.client.query(table.erase).param("agents", some);
                // Answers once the rows are gone, not once they are going to be.
                statement.with_setting("mutations_sync", "2").execute().await?;
            }
            erased.extend(agents);
        }
        Ok(erased)
    }

    /// Erases rows that are only marked as deleted, whosever they are: a search for an
    /// agent's rows does not see them.
    async fn apply_marks(&self) -> Result<(), StoreError> {
        let marked = self.tables_of(MARKED).await?;
        for table in marked {
            tracing::info!(table = table.name, "erasing rows that were only marked as deleted");
            let statement = self.client.query(table.apply_marks);
            statement.with_setting("mutations_sync", "2").execute().await?;
        }
        Ok(())
    }

    async fn set_the_life_of_old_parts(&self) -> Result<(), StoreError> {
        for table in self.tables_of(WITHOUT_LIFETIME).await? {
            self.client.query(table.set_lifetime).execute().await?;
        }
        Ok(())
    }

    /// Those of the tables that a query on the engine's own tables names.
    async fn tables_of(&self, sql: &str) -> Result<Vec<&'static AgentTable>, StoreError> {
        let names: Vec<&str> = AGENT_TABLES.iter().map(|table| table.name).collect();
        let found = self.client.query(sql).param("tables", names).fetch_all::<String>().await?;
        Ok(AGENT_TABLES.iter().filter(|table| found.iter().any(|it| it == table.name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::AGENT_TABLES;
    use crate::testing::{Unusable, org};

    #[tokio::test]
    async fn every_table_with_an_agent_is_erased() -> Result<(), Unusable> {
        let (org, _database) = org().await?;
        let with_agent = "SELECT table FROM system.columns
            WHERE database = currentDatabase() AND name = 'agent'";
        let found = org.client().query(with_agent).fetch_all::<String>().await?;
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        let known: BTreeSet<&str> = AGENT_TABLES.iter().map(|table| table.name).collect();
        assert_eq!(found, known);
        Ok(())
    }
}
