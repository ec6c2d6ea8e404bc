//! Asks the models of a made-up run, and lets some of them fail.

use model::Timestamp;

use crate::agents::Kind;
use crate::models::{Dialect, Model, Tokens, count_tokens};
use crate::out;
use crate::record::Attempt;
use crate::rng::Rng;
use crate::run::write_output;
use crate::scene::Scene;
use crate::wire::{Call, Fault, Finish};

/// Seconds after which an attempt is given up.
const TIMEOUT_S: u32 = 60;

/// How a run goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Success,
    /// The model fails and another one answers.
    Fallback,
    RateLimited,
    TimedOut,
    /// The answer is cut off and no JSON.
    Truncated,
    Filtered,
    /// The connection breaks half-way.
    Broken,
}

impl Outcome {
    pub(crate) fn draw(rng: &mut Rng, kind: &Kind) -> Self {
        match rng.below(1_000) {
            0..18 => Self::Fallback,
            18..30 => Self::RateLimited,
            30..37 => Self::TimedOut,
            37..51 if kind.output_schema.is_some() => Self::Truncated,
            51..55 => Self::Filtered,
            55..70 if kind.streams > 0 => Self::Broken,
            _ => Self::Success,
        }
    }
}

/// Makes the attempts of one run, one after another.
pub(crate) struct Asker<'a> {
    pub(crate) rng: &'a mut Rng,
    pub(crate) kind: &'static Kind,
    pub(crate) temperature: Option<&'static str>,
    pub(crate) keeps_wire: bool,
    pub(crate) now: Timestamp,
    pub(crate) attempts: Vec<Attempt>,
    pub(crate) first_token_us: Option<u64>,
    pub(crate) output: String,
}

impl Asker<'_> {
    /// The answer is there already.
    pub(crate) fn answer_from_cache(&mut self, scene: &Scene) {
        self.wait_us(900, 5_500);
        write_output(self.kind, scene.prompt, &scene.answer, &mut self.output);
    }

    /// Goes through the run; gives the fault if it is not the last attempt's.
    pub(crate) fn run(
        &mut self,
        model: &'static Model,
        outcome: Outcome,
        scene: &mut Scene,
    ) -> Option<Fault> {
        self.wait_us(1_500, 9_000);
        let mut model = model;
        match outcome {
            Outcome::RateLimited => {
                for _ in 0..self.rng.between(1, 2) {
                    let fault = Fault::rate_limit(model, self.rng);
                    self.fail(model, scene, fault, true);
                    self.wait_us(200_000, 900_000);
                }
                return None;
            }
            Outcome::Filtered => {
                self.fail(model, scene, Fault::content_filter(), true);
                return None;
            }
            Outcome::TimedOut => {
                self.fail(model, scene, Fault::timeout(model, TIMEOUT_S), false);
                return None;
            }
            Outcome::Fallback => {
                let fault = match self.rng.below(3) {
                    0 => Fault::rate_limit(model, self.rng),
                    _ => Fault::overloaded(model),
                };
                self.fail(model, scene, fault, true);
                model = self.kind.fallback;
                if model.dialect == Dialect::OpenAiChat {
                    // The other model does not think aloud.
                    scene.thoughts.clear();
                }
            }
            Outcome::Success | Outcome::Truncated | Outcome::Broken => {}
        }
        if !scene.tool_uses.is_empty() {
            self.succeed(model, scene, Finish::ToolCalls, false, "");
            self.wait_us(90_000, 1_400_000);
        }
        match outcome {
            Outcome::Broken => {
                self.break_off(model, scene);
                None
            }
            Outcome::Truncated => {
                let cut = scene.answer.floor_char_boundary(scene.answer.len() * 6 / 10);
                let (answer, _) = scene.answer.split_at(cut);
                self.succeed(model, scene, Finish::Length, false, answer);
                out::string(&mut self.output, answer);
                Some(Fault::invalid_output(answer))
            }
            _ => {
                let is_stream = model.dialect != Dialect::OpenAiResponses
                    && self.rng.percent(self.kind.streams);
                self.succeed(model, scene, Finish::Stop, is_stream, &scene.answer);
                write_output(self.kind, scene.prompt, &scene.answer, &mut self.output);
                None
            }
        }
    }

    fn call<'a>(&self, model: &'static Model, scene: &'a Scene, answer: &'a str) -> Call<'a> {
        Call {
            model,
            kind: self.kind,
            scene,
            temperature: self.temperature,
            is_stream: false,
            has_results: !self.attempts.is_empty() && !scene.tool_uses.is_empty(),
            finish: Finish::Stop,
            answer,
            tokens: Tokens::default(),
            created: self.now.0.div_euclid(1_000_000),
        }
    }

    fn succeed(
        &mut self,
        model: &'static Model,
        scene: &Scene,
        finish: Finish,
        is_stream: bool,
        answer: &str,
    ) {
        let mut call = self.call(model, scene, answer);
        call.finish = finish;
        call.is_stream = is_stream;
        // A first attempt that failed had no tools' results to show.
        call.has_results &= finish != Finish::ToolCalls;
        call.tokens = self.count(&call);
        let (first_token_us, latency_us) = self.pace(&call);
        let mut attempt = self.attempt(&call, latency_us);
        attempt.finish = Some(call.finish_word());
        attempt.tokens = call.tokens;
        attempt.first_token_us = first_token_us;
        if self.keeps_wire {
            self.write_response(&call, None, &mut attempt.response);
        }
        let since_start = self.attempts.first().map_or(0, |first| {
            u64::try_from(attempt.started_at.0 - first.started_at.0).unwrap_or(0)
        });
        if finish != Finish::ToolCalls {
            self.first_token_us = Some(since_start + first_token_us);
        }
        self.attempts.push(attempt);
    }

    fn fail(&mut self, model: &'static Model, scene: &Scene, fault: Fault, is_answered: bool) {
        let latency_us = if is_answered {
            u64::from(self.rng.between(60_000, 700_000))
        } else {
            u64::from(TIMEOUT_S) * 1_000_000 + u64::from(self.rng.below(9_000))
        };
        let mut call = self.call(model, scene, "");
        call.has_results = false;
        let mut attempt = self.attempt(&call, latency_us);
        // What went wrong is kept even where good exchanges are not.
        attempt.request.clear();
        call.write_request(&mut attempt.request);
        if is_answered {
            fault.write_response(model, &mut attempt.response);
        }
        attempt.fault = Some(fault);
        self.attempts.push(attempt);
    }

    fn break_off(&mut self, model: &'static Model, scene: &Scene) {
        let cut = scene.answer.floor_char_boundary(scene.answer.len() / 2);
        let (said, _) = scene.answer.split_at(cut);
        let mut call = self.call(model, scene, said);
        call.is_stream = true;
        call.tokens = self.count(&call);
        let (first_token_us, latency_us) = self.pace(&call);
        let mut attempt = self.attempt(&call, latency_us);
        let received =
            self.write_response(&call, Some("finish_reason\":\"stop"), &mut attempt.response);
        attempt.first_token_us = first_token_us;
        attempt.fault = Some(Fault::closed(model, received));
        self.first_token_us = Some(first_token_us);
        self.attempts.push(attempt);
        write_output(self.kind, scene.prompt, said, &mut self.output);
    }

    fn attempt(&mut self, call: &Call<'_>, latency_us: u64) -> Attempt {
        let mut request = String::new();
        if self.keeps_wire {
            request.reserve(1_500);
            call.write_request(&mut request);
        }
        let started_at = self.now;
        self.now.0 += i64::try_from(latency_us).unwrap_or(0);
        Attempt {
            model: call.model,
            request,
            response: String::new(),
            tokens: Tokens::default(),
            started_at,
            latency_us,
            first_token_us: 0,
            finish: None,
            fault: None,
        }
    }

    /// Writes the response as JSON: an object, or the events of a stream as a
    /// string, which end before `cut_before` if that is given. Gives the number
    /// of bytes that came.
    fn write_response(
        &mut self,
        call: &Call<'_>,
        cut_before: Option<&str>,
        response: &mut String,
    ) -> usize {
        if !call.is_stream {
            call.write_response(self.rng, response);
            return response.len();
        }
        let mut events = String::with_capacity(4_000);
        call.write_response(self.rng, &mut events);
        if let Some(end) = cut_before {
            let end = events.find(end).or_else(|| events.find("event: content_block_stop"));
            events.truncate(end.unwrap_or(events.len()));
        }
        out::string(response, &events);
        events.len()
    }

    fn count(&mut self, call: &Call<'_>) -> Tokens {
        let scene = call.scene;
        let mut input = count_tokens(&scene.system)
            + scene.turns.iter().map(|turn| count_tokens(&turn.text) + 4).sum::<u64>()
            + call.kind.tools.map_or(0, count_tokens)
            + call.kind.output_schema.map_or(0, count_tokens);
        if call.has_results {
            let used = scene.tool_uses.iter();
            input += used.map(|tool| count_tokens(&tool.result) + 20).sum::<u64>();
        }
        let mut output = count_tokens(call.answer);
        if call.finish == Finish::ToolCalls {
            output +=
                scene.tool_uses.iter().map(|tool| count_tokens(&tool.arguments) + 12).sum::<u64>();
        }
        let thought: u64 = scene.thoughts.iter().map(|thought| count_tokens(&thought.text)).sum();
        // Summaries are a third of what the model really thought.
        let reasoning = thought * 3 + u64::from(self.rng.below(64)) * u64::from(thought > 0);
        let cached = if call.model.provider != "mistral" && input >= 512 && self.rng.percent(35) {
            input / 128 * 128 * 3 / 4 / 128 * 128
        } else {
            0
        };
        // Anthropic does not tell thoughts from the rest of its output.
        let told = if call.model.dialect == Dialect::Anthropic { 0 } else { reasoning };
        Tokens { input, cached, output: output + reasoning, reasoning: told }
    }

    /// Microseconds to the first token and to the last one.
    fn pace(&mut self, call: &Call<'_>) -> (u64, u64) {
        let model = call.model;
        let spread = u64::from(self.rng.between(55, 130));
        // Now and then a provider takes its time.
        let stall = if self.rng.percent(4) { u64::from(self.rng.between(2, 7)) } else { 1 };
        let first = u64::from(model.first_token_ms) * 10 * spread * stall;
        let writing = call.tokens.output * 1_000_000 / u64::from(model.pace);
        (first, first + writing * u64::from(self.rng.between(80, 130)) / 100)
    }

    fn wait_us(&mut self, least: u32, most: u32) {
        self.now.0 += i64::from(self.rng.between(least, most));
    }
}
