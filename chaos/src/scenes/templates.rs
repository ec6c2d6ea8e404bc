//! Message templates that would end whoever renders them, beside a neighbour who
//! only wants his own rendered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::process::{KEY, Server, Start, command};
use crate::templates::{template, variables};
use crate::{Failure, Outcome, Stage};

const PAUSE: Duration = Duration::from_millis(50);

/// How often each kind of answer came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rendered {
    /// Templates that were rendered.
    pub rendered: u64,
    /// Templates that were refused with a reason.
    pub refused: u64,
    /// Of these, those that ended the process which rendered them.
    pub ended: u64,
    /// Requests that were told to come again.
    pub busy: u64,
    /// The longest that the neighbour waited.
    pub slowest_neighbour: Duration,
}

/// Has templates rendered for so long; the server must stay, answer each and go on
/// answering others.
///
/// # Errors
/// At an answer of any other kind, when the server ends, or when it cannot be started.
pub async fn templates(stage: &Stage, length: Duration) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let start = Start {
        variables: vec![("RUST_LOG".to_owned(), "warn".to_owned())],
        ..Start::on_free_port()?
    };
    let server = Arc::new(Server::start(stage, data.path(), &start).await?);
    command(stage, data.path(), &["org", "create", "neighbour"]).await?;
    let key = command(
        stage,
        data.path(),
        &["key", "create", "--org", "neighbour", "--scope", "ingest,read"],
    )
    .await?;
    let until = Instant::now() + length;
    let mut clients = JoinSet::new();
    for client in 0..stage.clients as u64 {
        let rng = ChaCha8Rng::seed_from_u64(stage.seed ^ (client + 1));
        clients.spawn(attack(Arc::clone(&server), rng, until));
    }
    clients.spawn(neighbour(Arc::clone(&server), key, until));
    let mut all = Rendered::default();
    while let Some(one) = clients.join_next().await {
        let one = one??;
        all.rendered += one.rendered;
        all.refused += one.refused;
        all.ended += one.ended;
        all.busy += one.busy;
        all.slowest_neighbour = all.slowest_neighbour.max(one.slowest_neighbour);
    }
    let Ok(server) = Arc::try_unwrap(server) else {
        return Err("somebody still holds the server".into());
    };
    if !server.is_ready().await {
        return Err("the server is not ready after all the templates".into());
    }
    server.stop().await?;
    Ok(Outcome::Rendered(all))
}

async fn attack(
    server: Arc<Server>,
    mut rng: ChaCha8Rng,
    until: Instant,
) -> Result<Rendered, Failure> {
    let mut seen = Rendered::default();
    while Instant::now() < until {
        let template = template(&mut rng);
        let variables = variables(&mut rng);
        // What the system says is not echoed, word by word.
        let (status, text) = ask(&server, KEY, "system", &template, &variables).await?;
        let said: Value = serde_json::from_str(&text).unwrap_or_default();
        let message = said["error"]["message"].as_str().unwrap_or_default();
        match status {
            StatusCode::OK => seen.rendered += 1,
            StatusCode::BAD_REQUEST if message.starts_with("messages: ") => {
                seen.refused += 1;
                seen.ended += u64::from(message.contains("larger or deeper"));
            }
            StatusCode::SERVICE_UNAVAILABLE => seen.busy += 1,
            _ => {
                let start: String = template.chars().take(300).collect();
                return Err(format!("{start:?}: {status} {text}").into());
            }
        }
    }
    Ok(seen)
}

/// Another organization, which has something harmless rendered all the time.
async fn neighbour(server: Arc<Server>, key: String, until: Instant) -> Result<Rendered, Failure> {
    let mut seen = Rendered::default();
    let variables = json!({ "city": "Köln" });
    while Instant::now() < until {
        let began = Instant::now();
        let (status, text) = ask(&server, &key, "user", "Of {{ city }}.", &variables).await?;
        if status != StatusCode::OK || !text.contains("Of Köln.") {
            return Err(format!("the neighbour is told {status}: {text}").into());
        }
        seen.slowest_neighbour = seen.slowest_neighbour.max(began.elapsed());
        tokio::time::sleep(PAUSE).await;
    }
    Ok(seen)
}

async fn ask(
    server: &Server,
    key: &str,
    role: &str,
    template: &str,
    variables: &Value,
) -> Result<(StatusCode, String), Failure> {
    let body = json!({
        "model": "templates/echo",
        "provider": "echo",
        "input": variables,
        "messages": [{ "role": "user", "content": "?" }, { "role": role, "content": template }],
    });
    let url = format!("{}/v1/chat/completions", server.base);
    let request = server.client.post(url).bearer_auth(key).json(&body);
    let answer = request.send().await.map_err(|error| {
        let start: String = template.chars().take(300).collect();
        format!("{start:?}: {error}")
    })?;
    let status = answer.status();
    Ok((status, answer.text().await?))
}
