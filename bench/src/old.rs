//! The same runs in the table that WorkflowAI kept them in, searched with its
//! SQL: what the figures are held against.
//!
//! Same engine, same machine, same runs, a database of its own. A list runs two
//! queries at once, as it did: the newest matching runs, one of each
//! conversation, with the columns of its list; and the count of all that match.

mod row;

use clickhouse::{Client, Compression};
use embedded::EngineEndpoint;
use model::{NewRun, RunId};

use crate::{Failure, corpus, fill};
use row::OldRow;

const TABLE: &str = include_str!("old/runs.sql");
const TENANT: u32 = 2_406_117_203;
/// By how much runs that come in during a measurement are moved: to months of
/// their own, after all others.
const LIVE_LATER_US: i64 = 60 * 86_400_000_000;
/// Rows of one insert while nobody searches.
const BATCH: u64 = 20_000;

/// The columns of its lists: all but the largest.
const COLUMNS: &str = "tenant_uid, task_uid, created_at_date, run_uuid, conversation_id, \
    task_schema_id, version_id, version_model, version_iteration, version_temperature_percent, \
    input_hash, output_hash, eval_hash, cache_hash, input_preview, output_preview, duration_ds, \
    overhead_ms, cost_millionth_usd, input_token_count, output_token_count, error_payload, \
    author_uid, is_active, reasoning_steps";
const OF_AGENT: &str = "tenant_uid = {tenant:UInt32} AND task_uid = {task:UInt32}";
const ORDER: &str = "ORDER BY tenant_uid DESC, created_at_date DESC, task_uid DESC, run_uuid DESC";
const BY_ID: &str = "AND created_at_date = toDate({date:UInt16}) AND run_uuid = {id:UInt128}";

/// A condition in its SQL and the values of `v0`, `v1`, ….
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub sql: &'static str,
    pub values: Vec<String>,
}

/// The old table. Cheap to clone.
#[derive(Clone)]
pub struct Old {
    client: Client,
}

impl Old {
    pub async fn open(endpoint: &EngineEndpoint) -> Result<Self, Failure> {
        let server = Client::default()
            .with_url(&endpoint.url)
            .with_user(&endpoint.user)
            .with_password(&endpoint.password)
            .with_compression(Compression::None)
            // Columns that it never wrote are left out of inserts.
            .with_validation(false);
        server.query("CREATE DATABASE IF NOT EXISTS workflowai").execute().await?;
        let old = Self { client: server.with_database("workflowai") };
        old.client.query(TABLE).execute().await?;
        Ok(old)
    }

    /// Brings the table to so many generated runs.
    pub async fn fill(&self, runs: u64) -> Result<(), Failure> {
        let stored: u64 = self.client.query("SELECT count() FROM runs").fetch_one().await?;
        let mut from = stored / BATCH * BATCH;
        if stored >= runs {
            return Ok(());
        }
        eprintln!("filling the old table; {stored} runs are there");
        let make =
            |from| tokio::task::spawn_blocking(move || fill::batch(from, from + BATCH, runs));
        let mut next = make(from);
        while from < runs {
            let new = next.await??;
            from += BATCH;
            next = make(from);
            self.insert(&new).await?;
        }
        Ok(())
    }

    async fn insert(&self, runs: &[NewRun]) -> Result<(), Failure> {
        let mut insert = self.client.insert::<OldRow>("runs").await?;
        for new in runs {
            insert.write(&OldRow::new(TENANT, task(new.run.agent.as_str()), new)).await?;
        }
        insert.end().await?;
        Ok(())
    }

    /// Writes runs that [`Old::forget_live`] can find again.
    pub async fn insert_live(&self, runs: &[NewRun]) -> Result<(), Failure> {
        let mut runs = runs.to_vec();
        for new in &mut runs {
            new.run.created_at.0 += LIVE_LATER_US;
        }
        self.insert(&runs).await
    }

    /// Removes them. They are alone in their months, so nothing is rewritten.
    pub async fn forget_live(&self) -> Result<(), Failure> {
        let months: Vec<u32> = self
            .client
            .query(
                "SELECT DISTINCT toYYYYMM(created_at_date) FROM runs
                 WHERE created_at_date > toDate({end:UInt16})",
            )
            .param("end", row::day(model::Timestamp(corpus::END_US + LIVE_LATER_US / 2)))
            .fetch_all()
            .await?;
        for month in months {
            let sql = "ALTER TABLE runs DROP PARTITION {month:UInt32}";
            self.client.query(sql).param("month", month).execute().await?;
        }
        Ok(())
    }

    /// A page of 50 with the count of all, which it gives.
    pub async fn list(&self, agent: &str, filter: &Filter, offset: u64) -> Result<u64, Failure> {
        let and = if filter.sql.is_empty() { "" } else { " AND " };
        let condition = format!("{OF_AGENT}{and}{}", filter.sql);
        let page = format!(
            "SELECT {COLUMNS} FROM runs WHERE {condition} {ORDER} \
             LIMIT 1 BY conversation_id LIMIT 50 OFFSET {{offset:UInt64}}"
        );
        let count = format!("SELECT count() FROM runs WHERE {condition}");
        let page = self.query(&page, agent, filter).param("offset", offset);
        let (_, count) = tokio::try_join!(
            // Read but not decoded: that is no work of the engine.
            async { page.fetch_bytes("RowBinary")?.collect().await },
            self.query(&count, agent, filter).fetch_one::<u64>(),
        )?;
        Ok(count)
    }

    /// One run, whole.
    pub async fn one(&self, agent: &str, id: RunId) -> Result<(), Failure> {
        let sql = format!("SELECT * FROM runs WHERE {OF_AGENT} {BY_ID} {ORDER} LIMIT 1");
        let found = self
            .query(&sql, agent, &Filter::default())
            .param("date", row::day(id.timestamp()))
            .param("id", id.as_u128())
            .fetch_bytes("RowBinary")?
            .collect()
            .await?;
        if found.is_empty() { Err("the old table lacks a run".into()) } else { Ok(()) }
    }

    fn query(&self, sql: &str, agent: &str, filter: &Filter) -> clickhouse::query::Query {
        let query = self.client.query(sql).param("tenant", TENANT).param("task", task(agent));
        filter
            .values
            .iter()
            .enumerate()
            .fold(query, |query, (i, value)| query.param(&format!("v{i}"), value))
    }
}

/// The number of an agent, scattered as random ones are.
fn task(agent: &str) -> u32 {
    agent
        .bytes()
        .fold(2_166_136_261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619))
}
