//! Clients that send runs as real ones do: with ids of their own, without, and
//! under names of their own; again when no answer came, and sometimes anyway.

use std::sync::Arc;
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::journal::Journal;
use crate::process::{KEY, client};
use crate::{Failure, Stage};

/// Runs of one request.
const MAX_BATCH: usize = 40;
/// What a client waits between two requests.
pub const BUSY: Duration = Duration::from_millis(10);

/// Clients at work.
pub struct Load {
    clients: JoinSet<()>,
    stop: CancellationToken,
}

/// How a client names its runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    /// It leaves that to the server, and so never sends a run again.
    Server,
    /// By ids that become the runs' own.
    Id,
    /// By UUIDs that cannot be a run's id.
    Key,
}

struct Batch {
    naming: Naming,
    numbers: Vec<u64>,
    body: String,
}

impl Load {
    /// Starts clients against a server's address.
    pub fn start(
        stage: &Stage,
        base: &str,
        journal: Arc<Journal>,
        pause: Duration,
    ) -> Result<Self, Failure> {
        let stop = CancellationToken::new();
        let mut clients = JoinSet::new();
        for index in 0..stage.clients {
            // Clients that come later must not draw the same names again.
            let draw = journal.begin_client() << 32 | index as u64;
            let rng = ChaCha8Rng::seed_from_u64(stage.seed ^ draw);
            let sender = Sender {
                client: client()?,
                base: base.to_owned(),
                journal: Arc::clone(&journal),
                stop: stop.clone(),
                rng,
                pause,
            };
            clients.spawn(sender.work());
        }
        Ok(Self { clients, stop })
    }

    /// Lets the clients finish what they are at.
    pub async fn stop(mut self) {
        self.stop.cancel();
        while self.clients.join_next().await.is_some() {}
    }
}

struct Sender {
    client: Client,
    base: String,
    journal: Arc<Journal>,
    stop: CancellationToken,
    rng: ChaCha8Rng,
    pause: Duration,
}

impl Sender {
    async fn work(mut self) {
        while !self.stop.is_cancelled() {
            let batch = self.batch();
            let is_answered = self.send_until_answered(&batch).await;
            if is_answered && self.rng.random_ratio(1, 4) {
                self.read_back(&batch).await;
            }
            if is_answered && batch.naming != Naming::Server && self.rng.random_ratio(1, 8) {
                self.send_until_answered(&batch).await;
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    fn batch(&mut self) -> Batch {
        let naming = [Naming::Server, Naming::Id, Naming::Key][self.rng.random_range(0..3)];
        let size =
            if self.rng.random_ratio(1, 3) { 1 } else { self.rng.random_range(1..=MAX_BATCH) };
        let numbers = self.journal.numbers(size);
        let lines = numbers.iter().map(|number| {
            let length = self.rng.random_range(20..1_000);
            // Text that does not shrink, so that runs take their room on the disk.
            let text = Alphanumeric.sample_string(&mut self.rng, length);
            let mut run = json!({
                "agent": format!("agent-{}", self.rng.random_range(0..5)),
                "input": { "number": number, "text": text },
                "output": { "number": number },
                "metadata": { "number": number },
            });
            match naming {
                Naming::Server => {}
                Naming::Id => run["id"] = json!(Uuid::now_v7().to_string()),
                Naming::Key => {
                    let bytes: [u8; 16] = self.rng.random();
                    run["id"] =
                        json!(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string());
                }
            }
            run.to_string()
        });
        let body = lines.collect::<Vec<_>>().join("\n");
        Batch { naming, numbers, body }
    }

    /// Sends until the server says yes; what it does not know again is sent once.
    async fn send_until_answered(&mut self, batch: &Batch) -> bool {
        loop {
            match self.send(batch).await {
                Ok(true) => return true,
                Ok(false) => self.journal.entries().refusals += 1,
                // The connection broke: the runs may be there.
                Err(_) if batch.naming == Naming::Server => {
                    self.journal.leave_open(&batch.numbers);
                    return false;
                }
                Err(_) => {}
            }
            if self.stop.is_cancelled() {
                let entries = self.journal.entries();
                let open = batch.numbers.iter().filter(|n| !entries.acknowledged.contains_key(n));
                let open: Vec<u64> = open.copied().collect();
                drop(entries);
                self.journal.leave_open(&open);
                return false;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the runs were acknowledged; an error when nobody knows.
    async fn send(&self, batch: &Batch) -> Result<bool, Failure> {
        let request = self
            .client
            .post(format!("{}/v1/runs", self.base))
            .bearer_auth(KEY)
            .header("content-type", "application/x-ndjson")
            .body(batch.body.clone());
        let answer = request.send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        // For now there is no room, for anybody or for this key.
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            return Ok(false);
        }
        let receipt: Value = serde_json::from_str(&text).unwrap_or_default();
        let runs = receipt["runs"].as_array().cloned().unwrap_or_default();
        if status != StatusCode::OK || runs.len() != batch.numbers.len() {
            self.journal.violation(format!("{status} for good runs: {text}"));
            return Err("a wrong answer".into());
        }
        for run in runs {
            let number = run["index"].as_u64().and_then(|at| batch.numbers.get(at as usize));
            match (number, run["id"].as_str()) {
                (Some(number), Some(id)) => self.journal.acknowledge(*number, id),
                _ => self.journal.violation(format!("an answer without index or id: {run}")),
            }
        }
        Ok(true)
    }

    /// A run that was just acknowledged must be there when asked for by its id.
    async fn read_back(&mut self, batch: &Batch) {
        let number = batch.numbers[self.rng.random_range(0..batch.numbers.len())];
        let id = self.journal.entries().acknowledged.get(&number).cloned();
        let Some(id) = id else { return };
        let url = format!("{}/v1/_/runs/{id}", self.base);
        let Ok(answer) = self.client.get(url).bearer_auth(KEY).send().await else { return };
        let status = answer.status();
        let Ok(text) = answer.text().await else { return };
        // A server without its engine may say so; it must not say that there is no such run.
        if status == StatusCode::NOT_FOUND {
            self.journal.violation(format!("run {id} was acknowledged and is not found"));
        } else if status == StatusCode::OK {
            let run: Value = serde_json::from_str(&text).unwrap_or_default();
            if run["input"]["number"] != number {
                self.journal.violation(format!("run {id} is another run: {text}"));
            }
        }
    }
}
