//! People who can sign in.

use clickhouse::Row;
use serde::{Deserialize, Serialize};

use crate::clock::{now, random_id};
use crate::{Store, StoreError};

/// An account's key in every table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(pub u64);

/// A person who can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its key.
    pub id: AccountId,
    /// The address, in lower case.
    pub email: String,
    /// The password's hash in PHC form.
    pub password_hash: String,
}

#[derive(Row, Serialize, Deserialize)]
struct AccountRow {
    id: u64,
    email: String,
    password_hash: String,
    created_at: i64,
    updated_at: i64,
}

#[derive(Row, Deserialize)]
struct AccountKeyRow {
    id: u64,
    email: String,
    password_hash: String,
}

impl From<AccountKeyRow> for Account {
    fn from(row: AccountKeyRow) -> Self {
        Self { id: AccountId(row.id), email: row.email, password_hash: row.password_hash }
    }
}

impl Store {
    /// Makes an account; `email` is lower-cased, `password_hash` is in PHC form.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`] when the address is taken.
    pub async fn create_account(
        &self,
        email: &str,
        password_hash: &str,
    ) -> Result<Account, StoreError> {
        let _one_at_a_time = self.registry.control.lock().await;
        if self.account_by_email(email).await?.is_some() {
            return Err(StoreError::AlreadyExists { what: "account", name: email.to_owned() });
        }
        let at = now().0;
        let row = AccountRow {
            id: random_id(),
            email: email.trim().to_lowercase(),
            password_hash: password_hash.to_owned(),
            created_at: at,
            updated_at: at,
        };
        let mut insert = self.client.insert::<AccountRow>("accounts").await?;
        insert.write(&row).await?;
        insert.end().await?;
        Ok(Account { id: AccountId(row.id), email: row.email, password_hash: row.password_hash })
    }

    /// Looks an account up by address, whatever its case.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn account_by_email(&self, email: &str) -> Result<Option<Account>, StoreError> {
        let row = self
            .client
            .query(
                "SELECT id, email, password_hash FROM accounts FINAL
                 WHERE email = {email:String} LIMIT 1",
            )
            .param("email", email.trim().to_lowercase())
            .fetch_optional::<AccountKeyRow>()
            .await?;
        Ok(row.map(Account::from))
    }

    /// Looks an account up by its key.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn account_by_id(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        let row = self
            .client
            .query(
                "SELECT id, email, password_hash FROM accounts FINAL
                 WHERE id = {id:UInt64} LIMIT 1",
            )
            .param("id", id.0)
            .fetch_optional::<AccountKeyRow>()
            .await?;
        Ok(row.map(Account::from))
    }

    /// Whether nobody can sign in yet.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn has_no_accounts(&self) -> Result<bool, StoreError> {
        let count: u64 = self.client.query("SELECT count() FROM accounts").fetch_one().await?;
        Ok(count == 0)
    }
}
