//! What the tests share.

use clickhouse::{Client, Compression};
use embedded::EngineEndpoint;
use embedded::testing::{TestDatabase, fresh_database};
use std::future::Future;
use std::time::Duration;

/// Far longer than anything takes, however busy the machine is.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// A client of an engine, on no particular database, without compression.
pub fn client(endpoint: &EngineEndpoint) -> Client {
    Client::default()
        .with_url(&endpoint.url)
        .with_user(&endpoint.user)
        .with_password(&endpoint.password)
        .with_compression(Compression::None)
}

/// A database of its own and a client on it, with the client's own defaults.
pub fn fresh() -> (TestDatabase, Client) {
    let database = fresh_database();
    let client =
        client(&database.endpoint).with_database(&database.name).with_compression(Compression::Lz4);
    (database, client)
}

/// Tries until the answer is yes.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut probe: impl FnMut() -> F) {
    let attempts = async {
        while !probe().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    if tokio::time::timeout(DEADLINE, attempts).await.is_err() {
        panic!("not within {DEADLINE:?}: {what}");
    }
}
