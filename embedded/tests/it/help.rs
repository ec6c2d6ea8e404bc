//! What the tests share.

use clickhouse::{Client, Compression};
use embedded::testing::{TestDatabase, fresh_database};
use embedded::{EngineEndpoint, SupervisorOptions};
use std::env;
use std::future::Future;
use std::path::{Path, PathBuf};
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
    let database = fresh_database().unwrap();
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

/// The address of a database's engine with its password, and more parameters.
pub fn url(database: &TestDatabase, more: &str) -> String {
    let EngineEndpoint { url, user, password } = &database.endpoint;
    format!("{url}/?user={user}&password={password}&database={}{more}", database.name)
}

/// Posts a body as `curl --data-binary` does.
pub async fn post(database: &TestDatabase, more: &str, body: &str) -> reqwest::Response {
    let request = reqwest::Client::new().post(url(database, more)).body(body.to_owned());
    request.send().await.unwrap()
}

/// Posts a body that must succeed, and returns the answer.
pub async fn ask(database: &TestDatabase, more: &str, body: &str) -> String {
    let response = post(database, more, body).await;
    let status = response.status();
    let text = response.text().await.unwrap();
    assert!(status.is_success(), "{body}: {text}");
    text
}

/// Status and exception code of an answer.
pub fn status_and_code(response: &reqwest::Response) -> (u16, String) {
    let code = response.headers().get("x-clickhouse-exception-code");
    let code = code.map(|it| it.to_str().unwrap().to_owned()).unwrap_or_default();
    (response.status().as_u16(), code)
}

/// The text of an error that must have happened.
pub fn reason<T>(result: Result<T, clickhouse::error::Error>) -> String {
    match result {
        Ok(_) => panic!("this should have failed"),
        Err(error) => error.to_string(),
    }
}

/// Options for an engine in a child process, on a folder of its own.
pub fn supervised(folder: &Path) -> SupervisorOptions {
    let mut options = SupervisorOptions::new(folder).unwrap();
    options.executable = env!("CARGO_BIN_EXE_runs-engine").into();
    options.args.clear();
    options.engine.libchdb = env::var_os("RUNS_LIBCHDB").map(PathBuf::from);
    options
}
