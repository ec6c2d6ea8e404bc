//! Writes a run as the ingest door takes it.

use model::{RunId, Timestamp};

use crate::agents::Kind;
use crate::models::{Model, Tokens};
use crate::out::{self, Array, Object};
use crate::scene::{Prompt, Scene};
use crate::wire::Fault;

/// One attempt at a provider.
pub(crate) struct Attempt {
    pub(crate) model: &'static Model,
    /// JSON; empty when it was not kept.
    pub(crate) request: String,
    /// JSON; empty when it was not kept or nothing came.
    pub(crate) response: String,
    pub(crate) tokens: Tokens,
    pub(crate) started_at: Timestamp,
    pub(crate) latency_us: u64,
    pub(crate) first_token_us: u64,
    pub(crate) finish: Option<&'static str>,
    pub(crate) fault: Option<Fault>,
}

/// All that a run is made of.
pub(crate) struct Record<'a> {
    pub(crate) id: RunId,
    pub(crate) agent: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) kind: &'static Kind,
    pub(crate) model: &'static Model,
    pub(crate) temperature: Option<&'static str>,
    pub(crate) scene: &'a Scene,
    pub(crate) attempts: &'a [Attempt],
    /// JSON; empty when there is none.
    pub(crate) output: &'a str,
    pub(crate) fault: Option<&'a Fault>,
    pub(crate) latency_us: u64,
    pub(crate) first_token_us: Option<u64>,
    pub(crate) conversation_id: Option<RunId>,
    pub(crate) cached_from: Option<RunId>,
    /// JSON.
    pub(crate) metadata: &'a str,
    pub(crate) environment: &'a str,
    /// The trace's and the span's id.
    pub(crate) trace: Option<(&'a str, &'a str)>,
}

impl Record<'_> {
    pub(crate) fn write(&self, out: &mut String) {
        out::object(out, |o| {
            o.raw("id", format_args!("\"{}\"", self.id));
            o.text("agent", self.agent);
            o.raw("created_at", format_args!("\"{}\"", self.at));
            o.text("status", if self.fault.is_some() { "failure" } else { "success" });
            o.raw("input", &self.scene.input);
            if !self.output.is_empty() {
                o.raw("output", self.output);
            }
            if let Some(fault) = self.fault {
                write_fault(o, fault);
            }
            o.object("version", |version| self.write_version(version));
            o.array("completions", |completions| self.write_completions(completions));
            self.write_steps(o);
            out::millis(o.key("latency_ms"), self.latency_us);
            if let Some(first_token_us) = self.first_token_us {
                out::millis(o.key("time_to_first_token_ms"), first_token_us);
            }
            self.write_totals(o);
            if let Some(conversation_id) = self.conversation_id {
                o.raw("conversation_id", format_args!("\"{conversation_id}\""));
            }
            o.raw("metadata", self.metadata);
            o.text("environment", self.environment);
            o.text("source", self.kind.source);
            if let Some(cached_from) = self.cached_from {
                o.raw("cached_from", format_args!("\"{cached_from}\""));
            }
            if let Some((trace, span)) = self.trace {
                o.text("trace_id", trace);
                o.text("span_id", span);
            }
        });
    }

    fn write_version(&self, version: &mut Object<'_>) {
        version.text("model", self.model.name);
        version.text("provider", self.model.provider);
        if let Some(temperature) = self.temperature {
            version.raw("temperature", temperature);
        }
        if let Some(max_tokens) = self.kind.max_tokens {
            version.raw("max_tokens", max_tokens);
        }
        let system = &self.scene.system;
        let message = |messages: &mut Array<'_>, role, text| {
            messages.object(|o| {
                o.text("role", role);
                o.text("content", text);
            });
        };
        match self.scene.prompt {
            Prompt::Instructions => version.text("instructions", system),
            Prompt::SystemMessage => {
                version.array("messages", |messages| message(messages, "system", system));
            }
            Prompt::Template(template) => version.array("messages", |messages| {
                message(messages, "system", system);
                message(messages, "user", template);
            }),
        }
        if let Some(tools) = self.kind.tools {
            version.raw("tools", tools);
        }
        if let Some(schema) = self.kind.output_schema {
            version.raw("output_schema", schema);
        }
        if self.temperature.is_none() && self.model.provider == "openai" {
            version.text("reasoning_effort", "medium");
        }
    }

    fn write_completions(&self, completions: &mut Array<'_>) {
        for attempt in self.attempts {
            completions.object(|o| {
                o.text("provider", attempt.model.provider);
                o.text("model", attempt.model.answers_as);
                if !attempt.request.is_empty() {
                    o.raw("request", &attempt.request);
                }
                if !attempt.response.is_empty() {
                    o.raw("response", &attempt.response);
                }
                if attempt.tokens.input > 0 {
                    write_usage(o, attempt.tokens);
                    out::dollars(o.key("cost_usd"), attempt.model.cost(attempt.tokens));
                }
                out::millis(o.key("latency_ms"), attempt.latency_us);
                o.raw("started_at", format_args!("\"{}\"", attempt.started_at));
                if let Some(finish) = attempt.finish {
                    o.text("finish_reason", finish);
                }
                if let Some(fault) = &attempt.fault {
                    write_fault(o, fault);
                }
            });
        }
    }

    fn write_steps(&self, o: &mut Object<'_>) {
        let scene = self.scene;
        // A run that failed did not get so far.
        if self.output.is_empty() {
            return;
        }
        if !scene.tool_uses.is_empty() {
            o.array("tool_calls", |calls| {
                for tool in &scene.tool_uses {
                    calls.object(|o| {
                        o.text("id", &tool.id);
                        o.text("name", tool.name);
                        o.raw("input", &tool.arguments);
                        let is_error = tool.result.starts_with(r#"{"error""#);
                        o.raw(if is_error { "error" } else { "output" }, &tool.result);
                    });
                }
            });
        }
        if !scene.thoughts.is_empty() {
            o.array("reasoning", |steps| {
                for thought in &scene.thoughts {
                    steps.object(|o| {
                        o.text("title", thought.title);
                        o.text("text", &thought.text);
                    });
                }
            });
        }
    }

    fn write_totals(&self, o: &mut Object<'_>) {
        if self.cached_from.is_some() {
            o.raw("cost_usd", 0);
            return;
        }
        let paid = || self.attempts.iter().filter(|attempt| attempt.tokens.input > 0);
        if paid().next().is_none() {
            return;
        }
        let cost = paid().map(|attempt| attempt.model.cost(attempt.tokens)).sum();
        out::dollars(o.key("cost_usd"), cost);
        let sum = paid().fold(Tokens::default(), |sum, attempt| sum.plus(attempt.tokens));
        write_usage(o, sum);
    }
}

fn write_fault(o: &mut Object<'_>, fault: &Fault) {
    o.object("error", |error| {
        error.text("code", fault.code);
        error.text("message", &fault.message);
        error.raw("details", &fault.details);
    });
}

fn write_usage(o: &mut Object<'_>, tokens: Tokens) {
    o.object("usage", |usage| {
        usage.raw("input_tokens", tokens.input);
        usage.raw("cached_input_tokens", tokens.cached);
        usage.raw("output_tokens", tokens.output);
        usage.raw("reasoning_tokens", tokens.reasoning);
    });
}
