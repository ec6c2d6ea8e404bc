//! Numbered, immutable steps that make the tables.
//!
//! ClickHouse's DDL has no transactions, so a file holds one statement, and
//! every statement can be repeated harmlessly after a crash in the middle.

use std::collections::HashMap;

use clickhouse::{Client, Row};
use serde::{Deserialize, Serialize};

use crate::StoreError;

struct Migration {
    name: &'static str,
    sql: &'static str,
}

macro_rules! migrations {
    ($($name:literal),* $(,)?) => {
        &[$(Migration {
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
        }),*]
    };
}

const MIGRATIONS: &[Migration] = migrations![
    "0001_organizations",
    "0002_accounts",
    "0003_members",
    "0004_api_keys",
    "0005_sessions",
    "0006_agents",
    "0007_versions",
    "0008_schemas",
    "0009_runs",
    "0010_run_bodies",
    "0011_run_keys",
    "0012_cached_answers",
    "0013_run_cards",
    "0014_run_cards_of_stored_runs",
    "0015_runs_without_cards",
    "0016_reviews",
    "0017_providers",
    "0018_runs_writer",
    "0019_runs_ingested_index",
    "0020_views",
    "0021_cards",
    "0022_cards_of_run_cards",
    "0023_without_run_cards",
    "0024_keys_of_runs_of_another_time",
    "0025_chat_states",
    "0026_runs_sums_after_deletions",
    "0027_runs_agent_totals",
    "0028_agent_totals_of_stored_runs",
    "0029_runs_answers_served",
    "0030_answers_served_of_stored_runs",
    "0031_runs_unsearched",
    "0036_nested_metadata",
];

const CREATE_HISTORY: &str = "CREATE TABLE IF NOT EXISTS schema_migrations
(name String, checksum String, applied_at DateTime DEFAULT now())
ENGINE = ReplacingMergeTree ORDER BY name";

/// What [`crate::Store::migrate`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationReport {
    /// Migrations that were applied now, in order.
    pub applied: Vec<&'static str>,
}

#[derive(Row, Serialize, Deserialize)]
struct AppliedMigration {
    name: String,
    checksum: String,
}

impl Migration {
    fn checksum(&self) -> String {
        blake3::hash(self.sql.as_bytes()).to_hex().to_string()
    }
}

pub(crate) async fn migrate(client: &Client) -> Result<MigrationReport, StoreError> {
    client.query(CREATE_HISTORY).execute().await?;
    let applied = applied(client).await?;
    let mut report = MigrationReport::default();
    for migration in MIGRATIONS {
        match applied.get(migration.name) {
            Some(checksum) if *checksum == migration.checksum() => {}
            Some(_) => {
                return Err(StoreError::MigrationChanged { name: migration.name.to_owned() });
            }
            None => {
                // Raw, because a `?` in DDL is no parameter.
                client.query_raw(migration.sql).execute().await?;
                let mut insert = client.insert::<AppliedMigration>("schema_migrations").await?;
                insert
                    .write(&AppliedMigration {
                        name: migration.name.to_owned(),
                        checksum: migration.checksum(),
                    })
                    .await?;
                insert.end().await?;
                report.applied.push(migration.name);
            }
        }
    }
    Ok(report)
}

pub(crate) async fn is_complete(client: &Client) -> Result<bool, StoreError> {
    let applied = applied(client).await?;
    Ok(MIGRATIONS.iter().all(|migration| applied.contains_key(migration.name)))
}

/// Whether a step that is no migration, since it takes as long as there are runs, was taken.
pub(crate) async fn is_taken(client: &Client, step: &str) -> Result<bool, StoreError> {
    Ok(applied(client).await?.contains_key(step))
}

/// Remembers that such a step was taken.
pub(crate) async fn take(client: &Client, step: &'static str) -> Result<(), StoreError> {
    let mut insert = client.insert::<AppliedMigration>("schema_migrations").await?;
    insert.write(&AppliedMigration { name: step.to_owned(), checksum: String::new() }).await?;
    Ok(insert.end().await?)
}

async fn applied(client: &Client) -> Result<HashMap<String, String>, StoreError> {
    let rows = client
        .query("SELECT name, checksum FROM schema_migrations FINAL")
        .fetch_all::<AppliedMigration>()
        .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.checksum)).collect())
}
