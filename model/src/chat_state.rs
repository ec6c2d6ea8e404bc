//! Where a chat stands: which earlier run it may continue, and what a later one
//! may continue.
//!
//! A client that sends the whole history with each turn sends what an earlier run
//! was asked and what it answered. So a run leaves a state behind, the hash of all
//! messages up to and with its answer, and a later run whose messages begin with
//! the same ones continues it. Messages are compared in their normal form, since
//! clients write an answer back in their own way.

use crate::digest::blake3_128;
use crate::message::{message_of_output, messages_of_input, messages_of_version};
use crate::view::{Kind, View};
use crate::{Json, Message, MessageRole, Part, Run, sameness};

/// States that are looked for, the newest. Each is a place of its own in the table, and
/// a chat of which nothing is known asks for all of them.
const MAX_CONTINUED: usize = 32;

/// The states of one chat run, as hashes of their messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChatStates {
    /// Those that its messages begin with and that end with an answer, the longest first.
    pub continued: Vec<u128>,
    /// The one that it leaves behind; `None` without an answer.
    pub left: Option<u128>,
    /// How many messages it was asked with.
    pub asked: usize,
    /// What it leaves behind, or without an answer a hash of what was asked that is no
    /// state of any chat.
    pub end: u128,
}

impl ChatStates {
    /// The states of a run; `None` when it is no chat.
    #[must_use]
    pub fn of(run: &Run) -> Option<Self> {
        let input = run.input.as_ref()?;
        View::of(input).get("messages").filter(|messages| messages.kind() == Kind::List)?;
        let mut messages = messages_of_version(&run.version.snapshot);
        messages.extend(messages_of_input(input));
        let asked = messages.len();
        let answer = run.output.as_ref().and_then(message_of_output);
        messages.extend(answer.filter(|answer| is_answer(answer) && says_anything(answer)));

        let mut states = Self { asked, ..Self::default() };
        let (mut state, mut end) = (variables(input), 0);
        // One turn of the model can be written as several messages or as one.
        for turn in messages.chunk_by(|a, b| is_answer(a) && is_answer(b)) {
            let begun = turn.get(..asked.saturating_sub(end)).filter(|begun| !begun.is_empty());
            // An answer that broke off and is gone on with.
            if let Some(begun) = begun.filter(|begun| begun.len() < turn.len()) {
                states.continued.push(after(state, begun));
            }
            state = after(state, turn);
            end += turn.len();
            match turn.last() {
                Some(last) if !is_answer(last) => {}
                _ if end > asked => states.left = Some(state),
                _ => states.continued.push(state),
            }
        }
        states.end = states.left.unwrap_or_else(|| unanswered(state));
        states.continued.reverse();
        states.continued.truncate(MAX_CONTINUED);
        Some(states)
    }
}

fn is_answer(message: &Message) -> bool {
    message.role == MessageRole::Assistant
}

fn says_anything(message: &Message) -> bool {
    message.parts.iter().any(|part| !is_left_out(part))
}

/// Few clients send back what a model thought.
fn is_left_out(part: &Part) -> bool {
    match part {
        Part::Reasoning { .. } => true,
        Part::Text(text) => text.is_empty(),
        _ => false,
    }
}

/// What an input holds beside its messages: with other variables, a template
/// makes another chat.
fn variables(input: &Json) -> u128 {
    let mut hasher = blake3::Hasher::new();
    let mut members: Vec<_> =
        View::of(input).members().filter(|(key, _)| key != "messages").collect();
    members.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (key, value) in members {
        feed_text(&mut hasher, &key);
        let value = value.to_json().as_ref().map_or(0, sameness::hash);
        hasher.update(&value.to_le_bytes());
    }
    blake3_128(&hasher)
}

fn after(state: u128, turn: &[Message]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&state.to_le_bytes());
    let role = match turn.first().map(|message| &message.role) {
        // OpenAI's two words for one thing.
        Some(MessageRole::Developer) | None => MessageRole::System.as_str(),
        Some(role) => role.as_str(),
    };
    feed_text(&mut hasher, role);
    let parts: Vec<&Part> =
        turn.iter().flat_map(|message| &message.parts).filter(|part| !is_left_out(part)).collect();
    // An answer in several texts is often sent back as one.
    let both_texts = |a: &&Part, b: &&Part| matches!((a, b), (Part::Text(_), Part::Text(_)));
    for run in parts.chunk_by(both_texts) {
        match run {
            [Part::Text(_), ..] => {
                let texts = run.iter().filter_map(|part| match part {
                    Part::Text(text) => Some(text.as_str()),
                    _ => None,
                });
                hasher.update(b"text");
                feed_text(&mut hasher, &texts.collect::<String>());
            }
            others => others.iter().for_each(|part| feed_part(&mut hasher, part)),
        }
    }
    blake3_128(&hasher)
}

fn unanswered(state: u128) -> u128 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"unanswered");
    hasher.update(&state.to_le_bytes());
    blake3_128(&hasher)
}

fn feed_part(hasher: &mut blake3::Hasher, part: &Part) {
    match part {
        // Texts are joined before, and thoughts are left out.
        Part::Text(_) | Part::Reasoning { .. } => {}
        Part::Image(media) | Part::Audio(media) | Part::File(media) => {
            hasher.update(b"media");
            for field in [&media.url, &media.file_id, &media.media_type, &media.name] {
                feed_text(hasher, field.as_deref().unwrap_or_default());
            }
        }
        Part::ToolCall { id, name, input } => {
            hasher.update(b"call");
            feed_text(hasher, id.as_deref().unwrap_or_default());
            feed_text(hasher, name);
            hasher.update(&sameness::hash(input).to_le_bytes());
        }
        Part::ToolResult { id, output, .. } => {
            hasher.update(b"result");
            feed_text(hasher, id.as_deref().unwrap_or_default());
            hasher.update(&sameness::hash(output).to_le_bytes());
        }
        Part::Other(json) => {
            hasher.update(b"other");
            hasher.update(&sameness::hash(json).to_le_bytes());
        }
    }
}

fn feed_text(hasher: &mut blake3::Hasher, text: &str) {
    hasher.update(&(text.len() as u64).to_le_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests;
