//! What a client gave of a run, in short: sending the same again gives the same.

use model::digest::blake3_128;
use model::{Json, NewRun, Run, RunId, Source};

use super::row::text_of;

/// Two sends of one run have the same hash. Left out is what was filled in here and
/// differs from send to send (times, prices, numbers), and what an export and its
/// import differ in (the source, and whether the schema was given).
#[must_use]
pub fn content_hash(new: &NewRun) -> u128 {
    hash_of(&new.run, new.run.conversation_id.as_ref())
}

/// The hash of a run that was sent without its conversation, which was found here:
/// an export of it is the same run.
pub(super) fn hash_without_conversation(new: &NewRun) -> u128 {
    hash_of(&new.run, None)
}

fn hash_of(run: &Run, conversation_id: Option<&String>) -> u128 {
    let mut parts = Parts::of_the_first_form(run);
    parts.count(run.completions.len());
    parts.count(run.metadata.len());
    parts.json(run.error.as_ref().and_then(|error| error.details.as_ref()));
    parts.optional(conversation_id.map(String::as_str));
    let fields = [&run.environment, &run.trace_id, &run.span_id, &run.parent_run_id.map(text)];
    fields.into_iter().for_each(|field| parts.optional(field.as_deref()));
    // Which tools of other requests a span's run gathered is a matter of when it came.
    if run.source != Source::Otlp {
        parts.count(run.tool_calls.len());
        for call in &run.tool_calls {
            parts.optional(call.id.as_deref());
            parts.text(&call.name);
            [&call.input, &call.output, &call.error]
                .into_iter()
                .for_each(|json| parts.json(json.as_ref()));
        }
    }
    parts.count(run.reasoning.len());
    for step in &run.reasoning {
        parts.optional(step.title.as_deref());
        parts.text(&step.text);
    }
    parts.finish()
}

/// The hash that runs were stored with at first. Such a run that is sent again is
/// the same run still.
pub(super) fn first_content_hash(new: &NewRun) -> u128 {
    Parts::of_the_first_form(&new.run).finish()
}

struct Parts(blake3::Hasher);

impl Parts {
    fn of_the_first_form(run: &Run) -> Self {
        let mut parts = Self(blake3::Hasher::new());
        parts.text(run.agent.as_str());
        parts.text(text_of(run.input.as_ref()));
        parts.text(text_of(run.output.as_ref()));
        parts.text(run.error.as_ref().map_or("", |error| &error.code));
        parts.text(run.error.as_ref().map_or("", |error| &error.message));
        parts.text(&run.version.id.to_string());
        for completion in &run.completions {
            parts.text(text_of(completion.request.as_ref()));
            parts.text(text_of(completion.response.as_ref()));
        }
        for (key, value) in &run.metadata {
            parts.text(key);
            parts.text(value.as_str());
        }
        parts
    }

    fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.update(text.as_bytes());
    }

    fn optional(&mut self, text: Option<&str>) {
        self.count(usize::from(text.is_some()));
        self.text(text.unwrap_or_default());
    }

    fn json(&mut self, json: Option<&Json>) {
        self.optional(json.map(Json::as_str));
    }

    fn count(&mut self, count: usize) {
        self.0.update(&(count as u64).to_le_bytes());
    }

    fn finish(self) -> u128 {
        blake3_128(&self.0)
    }
}

fn text(id: RunId) -> String {
    id.to_string()
}
