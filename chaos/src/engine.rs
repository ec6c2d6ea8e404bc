//! The server's engine, asked directly.

use std::path::Path;
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

use crate::Failure;
use crate::process::client;

/// Where a server's engine is in this moment.
pub struct Engine {
    client: Client,
    url: String,
    user: String,
    password: String,
}

impl Engine {
    /// The engine of the server with this data folder.
    pub fn of(data: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(data.join("engine.json"))?;
        let endpoint: Value = serde_json::from_str(&text)?;
        let field = |name: &str| {
            let value = endpoint[name].as_str().map(str::to_owned);
            value.ok_or_else(|| format!("engine.json has no {name}"))
        };
        let (url, user, password) = (field("url")?, field("user")?, field("password")?);
        Ok(Self { client: client()?, url, user, password })
    }

    async fn query(&self, sql: &str) -> Result<String, Failure> {
        let request = self.client.post(&self.url).basic_auth(&self.user, Some(&self.password));
        let answer = request.body(sql.to_owned()).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        if !status.is_success() {
            return Err(format!("the engine answers {status}: {text}").into());
        }
        Ok(text)
    }

    async fn number(&self, sql: &str) -> Result<u64, Failure> {
        Ok(self.query(sql).await?.trim().parse()?)
    }

    /// Rows of deleted agents in any table, those that are only marked included.
    pub async fn rows_of_deleted_agents(&self) -> Result<u64, Failure> {
        let tables = self
            .query("SELECT database, table FROM system.columns WHERE name = 'agent' FORMAT TSV")
            .await?;
        let mut rows = 0;
        for (database, table) in tables.lines().filter_map(|line| line.split_once('\t')) {
            if database == "system" {
                continue;
            }
            rows += self
                .number(&format!(
                    "SELECT count() FROM {database}.{table} WHERE (org, agent) IN
                     (SELECT org, id FROM {database}.agents FINAL WHERE deleted = 1)
                     SETTINGS apply_deleted_mask = 0, optimize_use_projections = 0"
                ))
                .await?;
        }
        Ok(rows)
    }

    /// Parts whose place others took longer ago than this, and that are still on disk.
    pub async fn parts_replaced_before(&self, ago: Duration) -> Result<u64, Failure> {
        let sql = format!(
            "SELECT count() FROM system.parts WHERE NOT active AND remove_time > 0
             AND remove_time < now() - {}",
            ago.as_secs()
        );
        self.number(&sql).await
    }
}
