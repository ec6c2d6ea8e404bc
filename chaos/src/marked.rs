//! An agent that has a mark in every field of its runs.

use std::fs;
use std::path::Path;

use rand::Rng;
use rand::distr::{Alphanumeric, SampleString};
use rand_chacha::ChaCha8Rng;
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::Failure;
use crate::process::{KEY, Server};
use crate::verify::wait_until_drained;

/// Runs of the agent. Some of them come together with those of others.
const RUNS: usize = 40;
/// Words of an answer that comes word by word, every 15 ms one.
const TALK_WORDS: usize = 1_000;
/// Characters of a mark behind the name of its field.
const MARK_CHARS: usize = 24;

/// The agent.
pub struct Marked {
    /// Its name.
    pub agent: String,
    mark: String,
}

impl Marked {
    /// An agent whose mark nobody else has.
    pub fn new(agent: &str, rng: &mut ChaCha8Rng) -> Self {
        let mark = Alphanumeric.sample_string(rng, MARK_CHARS).to_lowercase();
        Self { agent: format!("{agent}-{}", rng.random_range(0..1_000_000)), mark }
    }

    fn in_field(&self, field: &str) -> String {
        format!("{field}{}", self.mark)
    }

    fn run(&self, id: Uuid, input: &str) -> Value {
        let of = |field: &str| self.in_field(field);
        json!({
            "id": id.to_string(),
            "agent": self.agent,
            "input": { "messages": [{"role": "user", "content": of(input)}], of("inputkey"): 1 },
            "output": { "role": "assistant", "content": of("output") },
            "version": {
                "model": of("model"), "provider": of("provider"), "temperature": 0.5,
                "instructions": of("instructions"),
                "messages": [{"role": "system", "content": of("prompt")}],
                of("setting"): of("settingvalue"),
            },
            "metadata": { of("metadatakey"): of("metadatavalue"), "nested": {"in": of("nested")} },
            "conversation_id": of("conversation"),
            "environment": of("environment"),
            "trace_id": of("trace"), "span_id": of("span"),
            "tool_calls": [{"id": of("toolid"), "name": of("toolname"),
                "input": {"a": of("toolinput")}, "output": of("tooloutput")}],
            "reasoning": [{"title": of("thought"), "text": of("reasoning")}],
            "completions": [{
                "provider": of("attemptprovider"), "model": of("attemptmodel"),
                "request": {"model": of("asked"), "messages": []},
                "response": {"said": of("response")},
            }],
        })
    }

    fn failure(&self) -> Value {
        let of = |field: &str| self.in_field(field);
        json!({
            "agent": self.agent,
            "input": { "q": of("failedinput") },
            "error": { "code": of("code"), "message": of("message"), "details": of("details") },
            "metadata": {},
        })
    }

    /// Gives the agent runs, reviews, views and the rest.
    pub async fn fill(&self, server: &Server) -> Result<(), Failure> {
        let ids: Vec<Uuid> = (0..RUNS).map(|_| Uuid::now_v7()).collect();
        // Parts that hold nothing else, and parts that hold others' runs as well.
        for (nth, id) in ids.iter().enumerate() {
            // One that can be no id of a run.
            let key = uuid::Builder::from_random_bytes(*id.as_bytes()).into_uuid();
            let runs = [self.run(*id, "input"), self.run(key, "keyed"), self.failure()];
            let body = runs.map(|run| run.to_string()).join("\n");
            self.ok(server, Method::POST, "/v1/runs", body).await?;
            if nth % 8 == 0 {
                wait_until_drained(server).await?;
            }
        }
        // An id with other content is put aside.
        let other = self.run(ids[0], "quarantine").to_string();
        self.ok(server, Method::POST, "/v1/runs", other).await?;
        let view = json!({
            "agent": self.agent, "name": self.in_field("view"), "q": self.in_field("query"),
            "shared": true,
        });
        self.ok(server, Method::POST, "/v1/_/views", view.to_string()).await?;
        let chat = json!({
            "agent_id": self.agent, "model": "gpt-4o-mini", "provider": "echo", "temperature": 0,
            "use_cache": "always",
            "messages": [{"role": "user", "content": self.in_field("chat")}],
        });
        for _ in 0..2 {
            let path = "/v1/chat/completions";
            let answer = self.ok(server, Method::POST, path, chat.to_string()).await?;
            let token = answer.headers().get("x-runs-feedback-token");
            let token = token.and_then(|token| token.to_str().ok()).unwrap_or_default().to_owned();
            wait_until_drained(server).await?;
            let feedback = json!({
                "feedback_token": token, "outcome": "negative",
                "comment": self.in_field("comment"), "user_id": self.in_field("user"),
            });
            self.ok(server, Method::POST, "/v1/feedback", feedback.to_string()).await?;
        }
        wait_until_drained(server).await?;
        Ok(())
    }

    /// Begins a chat whose answer takes some seconds.
    pub async fn talk(&self, server: &Server) -> Result<Response, Failure> {
        let words = [self.in_field("talk")].into_iter().cycle().take(TALK_WORDS);
        let chat = json!({
            "agent_id": self.agent, "model": "gpt-4o-mini", "provider": "echo", "stream": true,
            "messages": [{"role": "user", "content": words.collect::<Vec<_>>().join(" ")}],
        });
        self.ok(server, Method::POST, "/v1/chat/completions", chat.to_string()).await
    }

    /// Leaves a span and a log record that wait for others.
    pub async fn let_spans_wait(&self, server: &Server) -> Result<(), Failure> {
        let text = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
        let resource = json!({"attributes": [text("service.name", &self.agent)]});
        let span = json!({
            "traceId": "5b8aa5a2d2c872e8321cf37308d69df2", "spanId": "00000000000000a1",
            "name": self.in_field("spanname"),
            "startTimeUnixNano": "1795168800000000000", "endTimeUnixNano": "1795168801000000000",
            "attributes": [
                text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai"),
                text("gen_ai.agent.name", &self.agent), text("app.note", &self.in_field("waiting")),
            ],
        });
        let traces = json!({"resourceSpans": [
            {"resource": resource, "scopeSpans": [{"spans": [span]}]}
        ]});
        let record = json!({
            "traceId": "5b8aa5a2d2c872e8321cf37308d69df3", "spanId": "00000000000000a2",
            "timeUnixNano": "1795168800000000000",
            "eventName": "gen_ai.client.inference.operation.details",
            "attributes": [text("gen_ai.input.messages", &self.in_field("record"))],
        });
        let logs = json!({"resourceLogs": [
            {"resource": resource, "scopeLogs": [{"logRecords": [record]}]}
        ]});
        self.ok(server, Method::POST, "/v1/traces", traces.to_string()).await?;
        self.ok(server, Method::POST, "/v1/logs", logs.to_string()).await?;
        Ok(())
    }

    async fn ok(
        &self,
        server: &Server,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Response, Failure> {
        let is_lines = path == "/v1/runs";
        let kind = if is_lines { "application/x-ndjson" } else { "application/json" };
        let request = server.client.request(method, format!("{}{path}", server.base));
        let request = request.bearer_auth(KEY).header("content-type", kind).body(body);
        let answer = request.send().await?;
        if answer.status() == StatusCode::OK {
            return Ok(answer);
        }
        let (status, text) = (answer.status(), answer.text().await?);
        Err(format!("{path} answers {status} for what is right: {text}").into())
    }

    /// The files that hold a mark in any field, each with what stands before the mark.
    pub fn files(&self, data: &Path) -> Result<Vec<String>, Failure> {
        let mut found = Vec::new();
        let mut folders = vec![data.to_owned()];
        while let Some(folder) = folders.pop() {
            // Merges take files away while they are looked at.
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.filter_map(Result::ok) {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let Ok(bytes) = fs::read(&path) else { continue };
                let place = bytes
                    .windows(self.mark.len())
                    .position(|part| part.eq_ignore_ascii_case(self.mark.as_bytes()));
                if let Some(at) = place {
                    let before = &bytes[at.saturating_sub(16)..at];
                    found.push(format!("{} ({})", path.display(), String::from_utf8_lossy(before)));
                }
            }
        }
        Ok(found)
    }
}
