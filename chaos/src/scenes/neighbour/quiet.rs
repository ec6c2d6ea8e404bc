//! The organization that goes on as before.

use std::fmt;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::Failure;

/// Runs that it has from before.
const OLD_RUNS: usize = 2_000;
/// It gives up on a request that takes longer.
const GIVE_UP: Duration = Duration::from_secs(20);
/// What it waits between two rounds of its doings.
const PAUSE: Duration = Duration::from_millis(200);

/// How somebody was served.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// How long each search took.
    searches: Vec<Duration>,
    /// How long each list took.
    lists: Vec<Duration>,
    /// How long it took from each run's answer until a search found it.
    visible: Vec<Duration>,
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [lists, searches, visible] =
            [&self.lists, &self.searches, &self.visible].map(|times| p95(times));
        write!(
            f,
            "p95 of {} lists {lists:.0?}, of searches {searches:.0?}; {} runs found after {visible:.0?} (p95)",
            self.lists.len(),
            self.visible.len()
        )
    }
}

fn p95(times: &[Duration]) -> Duration {
    let mut times = times.to_vec();
    times.sort_unstable();
    let at = (times.len() * 95).div_ceil(100).saturating_sub(1);
    times.get(at).copied().unwrap_or_default()
}

/// The organization's program.
pub(super) struct Neighbour {
    client: Client,
    base: String,
    key: String,
    most: Duration,
    sent: u64,
}

impl Neighbour {
    pub(super) fn new(base: &str, key: &str, most: Duration) -> Result<Self, Failure> {
        // Whoever waits longer than a run may stay hidden gives up.
        let client = Client::builder().timeout(most.max(GIVE_UP)).no_proxy().build()?;
        Ok(Self { client, base: base.into(), key: key.into(), most, sent: 0 })
    }

    /// Sends what it has from before.
    pub(super) async fn settle_in(&mut self) -> Result<(), Failure> {
        let lines: Vec<String> = (0..OLD_RUNS)
            .map(|n| {
                let text =
                    format!("word{} word{} and some more words of number {n}", n % 7, n % 50);
                json!({"agent": "old", "input": {"text": text}, "output": n}).to_string()
            })
            .collect();
        let request = self.client.post(format!("{}/v1/runs", self.base));
        let request = request.header("content-type", "application/x-ndjson").body(lines.join("\n"));
        self.ask(request).await.map(drop)
    }

    /// Reads and writes for so long, as it always does.
    pub(super) async fn live(&mut self, length: Duration) -> Result<Service, Failure> {
        let mut service = Service::default();
        let began = Instant::now();
        while began.elapsed() < length {
            let (lists, searches) = (&mut service.lists, &mut service.searches);
            lists.push(self.timed("runs?limit=50").await?);
            let word = self.sent % 50;
            searches.push(self.timed(&format!("runs?limit=50&q=word{word}")).await?);
            service.visible.push(self.write().await?);
            self.use_other_doors().await?;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(service)
    }

    async fn timed(&self, path: &str) -> Result<Duration, Failure> {
        let began = Instant::now();
        self.ask(self.client.get(format!("{}/v1/_/{path}", self.base))).await?;
        Ok(began.elapsed())
    }

    /// Sends a run; gives how long a search took to find it after its answer.
    async fn write(&mut self) -> Result<Duration, Failure> {
        self.sent += 1;
        let name = format!("needle{}", self.sent);
        let run = json!({"agent": "new", "input": {"text": name}, "output": "there"});
        self.ask(self.client.post(format!("{}/v1/runs", self.base)).json(&run)).await?;
        let began = Instant::now();
        let url = format!("{}/v1/_/runs?limit=1&q={name}%20", self.base);
        loop {
            let page: Value = serde_json::from_str(&self.ask(self.client.get(&url)).await?)?;
            if page["items"][0].is_object() {
                return Ok(began.elapsed());
            }
            if began.elapsed() > self.most {
                return Err(format!("{name} is not found {:.1?} after its 200", self.most).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn use_other_doors(&self) -> Result<(), Failure> {
        let chat = json!({
            "model": "echo", "provider": "echo", "agent_id": "chat",
            "messages": [{"role": "user", "content": format!("hello {}", self.sent)}],
        });
        self.ask(self.client.post(format!("{}/v1/chat/completions", self.base)).json(&chat))
            .await?;
        let span = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": format!("{:032x}", self.sent),
            "spanId": format!("{:016x}", self.sent),
            "name": "tool",
            "startTimeUnixNano": "1795168800000000000",
            "endTimeUnixNano": "1795168800000000000",
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
                {"key": "gen_ai.tool.name", "value": {"stringValue": "look"}},
            ],
        }]}]}]});
        self.ask(self.client.post(format!("{}/v1/traces", self.base)).json(&span)).await?;
        Ok(())
    }

    async fn ask(&self, request: RequestBuilder) -> Result<String, Failure> {
        let request = request.bearer_auth(&self.key).build()?;
        let asked = format!("{} {}", request.method(), request.url());
        let answer = self.client.execute(request).await;
        let answer = answer.map_err(|error| format!("{asked}: {error}"))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| format!("{asked}: {error}"))?;
        if status != StatusCode::OK {
            return Err(format!("{asked} was refused with {status}: {text}").into());
        }
        Ok(text)
    }
}
