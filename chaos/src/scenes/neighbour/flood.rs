//! One key that asks for all there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rand::distr::{Alphanumeric, SampleString};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::process::client;
use crate::{Failure, Stage};

/// Searches at one time, for each client of the stage.
const SEARCHES: usize = 4;
/// Runs of one request; each client has one under way.
const BATCH: usize = 500;
/// Programs that send tools' spans without models', and spans of one request.
const TRACERS: usize = 2;
const SPANS: usize = 2_000;
/// Chats of which half a body comes, for each client, and how much of it.
const HALVES: usize = 70;
const HALF_BYTES: usize = 1_200_000;
/// Chats with templates whose clients leave at once, for each client.
const LEAVERS: usize = 70;
/// How long they stay.
const STAY: Duration = Duration::from_millis(20);
/// Streams of new runs that are opened, for each client.
const FOLLOWERS: usize = 50;

/// The flood.
pub(super) struct Flood {
    tasks: JoinSet<()>,
    tally: Arc<Tally>,
}

#[derive(Default)]
struct Tally {
    taken: AtomicU64,
    refused: AtomicU64,
}

#[derive(Clone)]
struct Source {
    client: Client,
    base: String,
    key: String,
    tally: Arc<Tally>,
}

impl Flood {
    /// Begins.
    pub(super) fn start(stage: &Stage, base: &str, key: &str) -> Result<Self, Failure> {
        let tally = Arc::new(Tally::default());
        let source = Source {
            client: client()?,
            base: base.to_owned(),
            key: key.to_owned(),
            tally: Arc::clone(&tally),
        };
        let mut tasks = JoinSet::new();
        for n in 0..stage.clients {
            tasks.spawn(source.clone().send_runs(stage.seed ^ n as u64));
        }
        for n in 0..SEARCHES * stage.clients {
            tasks.spawn(source.clone().search(n));
        }
        for n in 0..TRACERS {
            tasks.spawn(source.clone().send_spans(stage.seed ^ n as u64));
        }
        for _ in 0..HALVES * stage.clients {
            tasks.spawn(source.clone().send_halves());
        }
        for _ in 0..LEAVERS * stage.clients {
            tasks.spawn(source.clone().leave_templates());
        }
        for _ in 0..FOLLOWERS * stage.clients {
            tasks.spawn(source.clone().follow());
        }
        Ok(Self { tasks, tally })
    }

    /// Ends; gives how many requests were taken in and how many refused.
    pub(super) async fn stop(mut self) -> (u64, u64) {
        self.tasks.shutdown().await;
        (self.tally.taken.load(Ordering::Relaxed), self.tally.refused.load(Ordering::Relaxed))
    }
}

impl Source {
    async fn send_runs(self, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let lines = (0..BATCH).map(|_| {
                let text: Vec<String> =
                    (0..100).map(|_| Alphanumeric.sample_string(&mut rng, 7)).collect();
                let agent = format!("flood-{}", rng.random_range(0..5));
                json!({"agent": agent, "input": {"text": text.join(" ")}, "output": "x"})
                    .to_string()
            });
            let body = lines.collect::<Vec<_>>().join("\n");
            let request = self.client.post(format!("{}/v1/runs", self.base));
            self.ask(request.header("content-type", "application/x-ndjson").body(body)).await;
        }
    }

    async fn search(self, n: usize) {
        // Parts of words are looked for in all texts.
        let queries = ["input:~qz", "-input:~zq", "input:~aab", "output:~x input:~k1"];
        let query = queries[n % queries.len()];
        let url = format!("{}/v1/_/runs", self.base);
        loop {
            let query = [("q", query), ("count", "exact"), ("limit", "50")];
            self.ask(self.client.get(&url).query(&query)).await;
        }
    }

    async fn send_spans(self, seed: u64) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        loop {
            let spans: Vec<Value> = (0..SPANS)
                .map(|_| {
                    let said = Alphanumeric.sample_string(&mut rng, 1_000);
                    json!({
                        "traceId": format!("{:032x}", rng.random::<u128>()),
                        "spanId": format!("{:016x}", rng.random::<u64>()),
                        "name": "tool",
                        "startTimeUnixNano": "1795168800000000000",
                        "endTimeUnixNano": "1795168800000000000",
                        "attributes": [
                            {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
                            {"key": "gen_ai.tool.name", "value": {"stringValue": "look"}},
                            {"key": "gen_ai.tool.call.result", "value": {"stringValue": said}},
                        ],
                    })
                })
                .collect();
            let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]});
            self.ask(self.client.post(format!("{}/v1/traces", self.base)).json(&body)).await;
        }
    }

    /// Sends half of a chat and waits.
    async fn send_halves(self) {
        loop {
            if self.send_half().await.is_err() {
                self.tally.refused.fetch_add(1, Ordering::Relaxed);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }

    async fn send_half(&self) -> std::io::Result<()> {
        let address = self.base.trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).await?;
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.key,
            2 * HALF_BYTES
        );
        socket.write_all(head.as_bytes()).await?;
        socket.write_all(&vec![b' '; HALF_BYTES]).await?;
        let mut answer = [0; 12];
        socket.read_exact(&mut answer).await?;
        let counter =
            if answer.ends_with(b"429") { &self.tally.refused } else { &self.tally.taken };
        counter.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Has templates rendered, each as long as one may be, and waits for none.
    async fn leave_templates(self) {
        let template =
            "{% for a in range(400) %}{% for b in range(400) %}{{ x }}{% endfor %}{% endfor %}";
        let body = json!({
            "model": "echo", "provider": "echo", "agent_id": "left", "input": {"x": "y"},
            "messages": [{"role": "user", "content": template}],
        });
        let url = format!("{}/v1/chat/completions", self.base);
        loop {
            let asked = self.client.post(&url).bearer_auth(&self.key).json(&body).timeout(STAY);
            let counter = match asked.send().await {
                Ok(answer) if answer.status() == StatusCode::TOO_MANY_REQUESTS => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    &self.tally.refused
                }
                _ => &self.tally.taken,
            };
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    async fn follow(self) {
        let url = format!("{}/v1/_/runs/live?q=input:~qz", self.base);
        loop {
            if let Ok(mut answer) = self.client.get(&url).bearer_auth(&self.key).send().await {
                while let Ok(Some(_)) = answer.chunk().await {}
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Asks, and comes again soon when refused.
    async fn ask(&self, request: RequestBuilder) {
        let status = match request.bearer_auth(&self.key).send().await {
            Ok(answer) => {
                let status = answer.status();
                drop(answer.bytes().await);
                status
            }
            Err(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let counter = if status == StatusCode::TOO_MANY_REQUESTS {
            tokio::time::sleep(Duration::from_millis(100)).await;
            &self.tally.refused
        } else {
            &self.tally.taken
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}
