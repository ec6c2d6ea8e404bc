//! Signed-in browsers. Only the hash of a session's token is kept.

use clickhouse::Row;
use model::Timestamp;
use serde::Serialize;

use crate::clock::now;
use crate::{Account, AccountId, Store, StoreError};

#[derive(Row, Serialize)]
struct SessionRow<'a> {
    token_hash: &'a str,
    account: u64,
    expires_at: i64,
    ended: u8,
    updated_at: i64,
}

impl Store {
    /// Remembers a session until `expires_at`.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn create_session(
        &self,
        token_hash: [u8; 32],
        account: AccountId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let hash = hex(token_hash);
        let mut insert = self.client.insert::<SessionRow<'_>>("sessions").await?;
        insert
            .write(&SessionRow {
                token_hash: &hash,
                account: account.0,
                expires_at: expires_at.0,
                ended: 0,
                updated_at: now().0,
            })
            .await?;
        insert.end().await?;
        Ok(())
    }

    /// The account of a session that has not expired by `now`.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn session_account(
        &self,
        token_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Account>, StoreError> {
        let account: Option<u64> = self
            .client
            .query(
                "SELECT account FROM sessions FINAL
                 WHERE token_hash = {hash:String} AND ended = 0 AND toUnixTimestamp64Micro(expires_at) > {now:Int64}
                 LIMIT 1",
            )
            .param("hash", hex(token_hash))
            .param("now", now.0)
            .fetch_optional()
            .await?;
        match account {
            Some(id) => self.account_by_id(AccountId(id)).await,
            None => Ok(None),
        }
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn delete_session(&self, token_hash: [u8; 32]) -> Result<(), StoreError> {
        self.client
            .query(
                "INSERT INTO sessions
                 SELECT token_hash, account, expires_at, 1 AS ended, now64(6) AS updated_at
                 FROM sessions FINAL WHERE token_hash = {hash:String}",
            )
            .param("hash", hex(token_hash))
            .execute()
            .await?;
        Ok(())
    }
}

pub(crate) fn hex(hash: [u8; 32]) -> String {
    blake3::Hash::from_bytes(hash).to_hex().to_string()
}
