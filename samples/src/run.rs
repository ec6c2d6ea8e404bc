//! Makes up one run.

use model::{RunId, Timestamp};

use crate::agents::{self, Kind};
use crate::attempts::{Asker, Outcome};
use crate::calendar::Slot;
use crate::out::{self, Object};
use crate::people;
use crate::record::{Attempt, Record};
use crate::rng::Rng;
use crate::scene::{Moment, Prompt, Scene};
use crate::wire::Fault;
use crate::{Language, Options};

/// Keeps the chance of an episode's content apart from that of its runs.
const EPISODE: u64 = 0x9E37_79B9_7F4A_7C15;

const ENVIRONMENTS: [(u32, &str); 3] = [(82, "production"), (13, "staging"), (5, "dev")];

/// What the runs of one episode have in common.
struct Setting {
    environment: &'static str,
    language: Language,
    keeps_wire: bool,
    is_early: bool,
    metadata: String,
    conversation_id: RunId,
    trace_id: Option<String>,
}

impl Setting {
    fn draw(rng: &mut Rng, options: &Options, first_at: Timestamp) -> Self {
        let environment = rng.weighted(&ENVIRONMENTS);
        let mut metadata = String::with_capacity(120);
        out::object(&mut metadata, |labels: &mut Object<'_>| people::metadata(rng, labels));
        Self {
            environment,
            language: Language::draw(rng, &options.languages),
            keeps_wire: rng.percent(options.wire_percent),
            // Staging is one model ahead, and so is a small part of production.
            is_early: rng.percent(5) || environment == "staging",
            metadata,
            conversation_id: RunId::mint(first_at, rng.u128()),
            trace_id: rng.percent(20).then(|| {
                let mut id = String::with_capacity(32);
                rng.hex(16, &mut id);
                rng.hex(16, &mut id);
                id
            }),
        }
    }
}

/// Writes the run of a slot: one JSON object on one line.
pub(crate) fn write(options: &Options, slot: &Slot, out: &mut String) {
    let kind = agents::kind(slot.agent);
    let mut own = Rng::new(options.seed, slot.stream());
    let id = RunId::mint(slot.at, own.u128());
    let outcome = Outcome::draw(&mut own, kind);
    let cached_from = cached_from(options, slot, kind);

    let mut episode = Rng::new(options.seed ^ EPISODE, slot.first_stream());
    let setting = Setting::draw(&mut episode, options, slot.first_at);
    let (model, temperature) = kind.settings(slot.agent, slot.day, setting.is_early);
    let mut scene = Scene::default();
    kind.write_instructions(slot.agent, slot.day, &mut scene.system);
    let moment = Moment { turn: slot.turn(), day: slot.day, language: setting.language };
    (kind.scene)(&mut episode, moment, &mut scene);

    let mut asker = Asker {
        rng: &mut own,
        kind,
        temperature,
        keeps_wire: setting.keeps_wire,
        now: slot.at,
        attempts: Vec::new(),
        first_token_us: None,
        output: String::new(),
    };
    let mut fault = None;
    if cached_from.is_some() {
        asker.answer_from_cache(&scene);
    } else {
        fault = asker.run(model, outcome, &mut scene);
    }
    let Asker { attempts, first_token_us, output, now, .. } = asker;

    let mut span_id = String::new();
    if setting.trace_id.is_some() {
        own.hex(16, &mut span_id);
    }
    let record = Record {
        id,
        agent: &agents::slug(slot.agent),
        at: slot.at,
        kind,
        model,
        temperature,
        scene: &scene,
        attempts: &attempts,
        output: &output,
        fault: last_fault(&attempts, fault.as_ref()),
        latency_us: u64::try_from(now.0 - slot.at.0).unwrap_or(0),
        first_token_us,
        conversation_id: kind.is_conversation().then_some(setting.conversation_id),
        cached_from,
        metadata: &setting.metadata,
        environment: setting.environment,
        trace: setting.trace_id.as_deref().map(|trace_id| (trace_id, &*span_id)),
    };
    record.write(out);
}

/// A run fails for a reason of its own, or for that of its last attempt.
fn last_fault<'a>(attempts: &'a [Attempt], own: Option<&'a Fault>) -> Option<&'a Fault> {
    own.or_else(|| attempts.last().and_then(|attempt| attempt.fault.as_ref()))
}

/// The earlier run whose answer this one gets, if it got a good one.
fn cached_from(options: &Options, slot: &Slot, kind: &Kind) -> Option<RunId> {
    if !kind.is_cached() || slot.turn() == 0 {
        return None;
    }
    let mut first = Rng::new(options.seed, slot.first_stream());
    let id = RunId::mint(slot.first_at, first.u128());
    matches!(Outcome::draw(&mut first, kind), Outcome::Success | Outcome::Fallback).then_some(id)
}

/// The output of a run whose model said this.
pub(crate) fn write_output(kind: &Kind, prompt: Prompt, answer: &str, out: &mut String) {
    match (kind.output_schema, prompt) {
        (Some(_), _) => out.push_str(answer),
        (None, Prompt::SystemMessage) => out::object(out, |message| {
            message.text("role", "assistant");
            message.text("content", answer);
        }),
        (None, _) => out::string(out, answer),
    }
}
