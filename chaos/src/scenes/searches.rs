//! Every way to ask, with searches as nobody would write them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::{RequestBuilder, StatusCode, Url};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::process::{KEY, Server, Start};
use crate::verify::wait_until_drained;
use crate::{Failure, Outcome, Stage, queries};

const RUNS: usize = 3_000;

/// How often each kind of answer came.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    /// Searches that were answered.
    pub answered: u64,
    /// Searches that were refused with a message.
    pub refused: u64,
    /// Searches whose matches and whose opposite's matches add up to all runs.
    pub halved: u64,
}

/// Asks a server for so long, and checks that each search is answered or refused
/// with a reason, and that a search and its opposite share all runs between them.
///
/// # Errors
/// At an answer of any other kind, or when a server cannot be started.
pub async fn searches(stage: &Stage, length: Duration) -> Result<Outcome, Failure> {
    let data = tempfile::tempdir()?;
    let server = Server::start(stage, data.path(), &Start::on_free_port()?).await?;
    let mut rng = ChaCha8Rng::seed_from_u64(stage.seed);
    let runs: Vec<Value> = (0..RUNS).map(|_| queries::run(&mut rng)).collect();
    let sent = server.client.post(format!("{}/v1/runs", server.base)).bearer_auth(KEY);
    let stored: Value = serde_json::from_str(&sent.json(&runs).send().await?.text().await?)?;
    if stored["accepted"] != RUNS {
        return Err(format!("the runs to search were refused: {}", stored["rejected"][0]).into());
    }
    wait_until_drained(&server).await?;
    let server = Arc::new(server);
    let until = Instant::now() + length;
    let mut clients = JoinSet::new();
    for client in 0..stage.clients as u64 {
        let asker = Asker {
            server: Arc::clone(&server),
            rng: ChaCha8Rng::seed_from_u64(stage.seed ^ (client + 1)),
            asked: Asked::default(),
        };
        clients.spawn(asker.ask_until(until));
    }
    let mut all = Asked::default();
    while let Some(asked) = clients.join_next().await {
        let asked = asked??;
        all.answered += asked.answered;
        all.refused += asked.refused;
        all.halved += asked.halved;
    }
    if let Ok(server) = Arc::try_unwrap(server) {
        server.stop().await?;
    }
    Ok(Outcome::Answered(all))
}

struct Asker {
    server: Arc<Server>,
    rng: ChaCha8Rng,
    asked: Asked,
}

impl Asker {
    async fn ask_until(mut self, until: Instant) -> Result<Asked, Failure> {
        while Instant::now() < until {
            if self.rng.random_ratio(1, 3) {
                self.ask_for_both_halves().await?;
            } else {
                let request = self.request()?;
                self.answer(request).await?;
            }
        }
        Ok(self.asked)
    }

    /// One of the calls that take a search.
    fn request(&mut self) -> Result<RequestBuilder, Failure> {
        let base = &self.server.base;
        let scope = if self.rng.random() { "/v1/_" } else { "/v1/_/agents/agent-1" };
        let rng = &mut self.rng;
        if rng.random_ratio(1, 5) {
            let body = queries::field_queries(rng);
            return Ok(self.server.client.post(format!("{base}{scope}/runs/search")).json(&body));
        }
        let search = queries::search(rng);
        let (path, name, more) = match rng.random_range(0..7) {
            0 => (format!("{scope}/runs/stats"), "q", Some(("by", "model"))),
            1 => (format!("{scope}/runs/search/fields"), "prefix", None),
            2 => (format!("{scope}/runs/export"), "q", Some(("format", "csv"))),
            3 => ("/chaos/runs".to_owned(), "q", None),
            4 => (format!("{scope}/runs"), "q", Some(("sort", "-latency"))),
            _ => (format!("{scope}/runs"), "q", Some(("limit", "20"))),
        };
        let mut url = Url::parse(&format!("{base}{path}"))?;
        url.query_pairs_mut().append_pair(name, &search).extend_pairs(more);
        Ok(self.server.client.get(url))
    }

    /// Asks for a search and for its opposite.
    async fn ask_for_both_halves(&mut self) -> Result<(), Failure> {
        let search = queries::search(&mut self.rng);
        // A word that is being typed is a prefix, which its negation never is.
        let halves = [format!("{search} "), format!("-({search} )")];
        let mut sum = 0;
        for half in &halves {
            let Some(count) = self.count(half).await? else { return Ok(()) };
            sum += count;
        }
        if sum != RUNS as u64 {
            return Err(format!("{halves:?} match {sum} of {RUNS} runs together").into());
        }
        self.asked.halved += 1;
        Ok(())
    }

    /// How many runs match, if the search can be read.
    async fn count(&mut self, search: &str) -> Result<Option<u64>, Failure> {
        let body = serde_json::json!({ "q": search, "count": "exact", "limit": 1 });
        let url = format!("{}/v1/_/runs/search", self.server.base);
        let request = self.server.client.post(url).json(&body);
        let Some(text) = self.answer(request).await? else { return Ok(None) };
        let page: Value = serde_json::from_str(&text)?;
        Ok(page["count"].as_u64().filter(|_| page["count_is_exact"] == true))
    }

    /// The text of an answer; nothing when the search was refused.
    async fn answer(&mut self, request: RequestBuilder) -> Result<Option<String>, Failure> {
        let request = request.bearer_auth(KEY).build()?;
        let asked = format!(
            "{} {}",
            request.url(),
            request.body().and_then(|it| it.as_bytes()).map_or("".into(), String::from_utf8_lossy)
        );
        let answer = self.server.client.execute(request).await;
        let answer = answer.map_err(|error| format!("{asked}: {error}"))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| format!("{asked}: {error}"))?;
        if status.is_success() {
            self.asked.answered += 1;
            return Ok(Some(text));
        }
        let refusal: Value = serde_json::from_str(&text).unwrap_or_default();
        if status != StatusCode::BAD_REQUEST || !refusal["error"]["message"].is_string() {
            return Err(format!("{asked}: {status} {text}").into());
        }
        self.asked.refused += 1;
        Ok(None)
    }
}
