//! The built-in stand-in for a provider. It is no language model: it repeats
//! the last user message, word by word, so that anyone can try things without a key.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use futures::StreamExt;
use model::Json;
use serde_json::{Map, Value, json};

use crate::client::AnswerBytes;
use crate::provider::ECHO;

/// What the answer begins with, so that nobody takes it for a model's.
const PREFIX: &str = "Echo:";
/// However long the answer, all pauses together stay near this.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Timers have steps of a millisecond, so that shorter pauses would add up to more.
const LEAST_PAUSE: Duration = Duration::from_millis(1);

/// The answer to a request as a stream of OpenAI's chunks. Its tokens are words.
pub(crate) fn answer(request: &Json, word_delay: Duration) -> AnswerBytes {
    let request = request.to_value();
    let full = text(&request);
    let (text, finish_reason) = limited(&full, &request);
    let words: Vec<String> = text.split_inclusive(char::is_whitespace).map(str::to_owned).collect();
    let asked = prompt_words(&request);
    let usage = json!({
        "prompt_tokens": asked,
        "completion_tokens": words.len(),
        "total_tokens": asked + words.len(),
    });
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let id = format!("chatcmpl-echo-{:x}", since.as_nanos());
    // Clients in typed languages rely on all of these.
    let chunk = move |choices: Value| {
        json!({
            "id": id,
            "object": "chat.completion.chunk",
            "created": since.as_secs(),
            "model": ECHO,
            "choices": choices,
        })
    };
    let count = u32::try_from(words.len()).unwrap_or(u32::MAX).max(1);
    let pause = word_delay.min(LONGEST_PAUSE / count);
    async_stream::stream! {
        for (index, word) in words.into_iter().enumerate() {
            if pause >= LEAST_PAUSE {
                tokio::time::sleep(pause).await;
            }
            let mut delta = Map::new();
            if index == 0 {
                delta.insert("role".to_owned(), "assistant".into());
            }
            delta.insert("content".to_owned(), word.into());
            yield Ok(event(&chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]))));
        }
        yield Ok(event(&chunk(json!([{"index": 0, "delta": {}, "finish_reason": finish_reason}]))));
        let mut last = chunk(json!([]));
        last["usage"] = usage;
        yield Ok(event(&last));
        yield Ok(Bytes::from_static(b"data: [DONE]\n\n"));
    }
    .boxed()
}

fn event(chunk: &Value) -> Bytes {
    Bytes::from(format!("data: {chunk}\n\n"))
}

fn text(request: &Value) -> String {
    let messages = request.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let role = |message: &&Value| message.get("role").and_then(Value::as_str) == Some("user");
    let asked = messages.iter().rfind(role).or(messages.last()).map(content_text);
    let asked = asked.unwrap_or_default();
    let format = request.pointer("/response_format/type").and_then(Value::as_str);
    if matches!(format, Some("json_object" | "json_schema")) {
        let value = serde_json::from_str(&asked).unwrap_or(Value::String(asked));
        return json!({ "echo": value }).to_string();
    }
    format!("{PREFIX} {asked}")
}

fn content_text(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts
            .iter()
            .map(|part| match part.get("text").and_then(Value::as_str) {
                Some(text) => text.to_owned(),
                None => format!("[{}]", part.get("type").and_then(Value::as_str).unwrap_or("part")),
            })
            .collect::<Vec<_>>()
            .join(" "),
        _ => String::new(),
    }
}

/// The text up to a stop sequence or the limit of tokens, and why it ends there.
fn limited<'a>(text: &'a str, request: &Value) -> (&'a str, &'static str) {
    let stops: Vec<&str> = match request.get("stop") {
        Some(Value::String(stop)) => vec![stop],
        Some(Value::Array(stops)) => stops.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let end = stops.iter().filter(|stop| !stop.is_empty()).filter_map(|stop| text.find(stop)).min();
    let text = end.and_then(|end| text.get(..end)).unwrap_or(text);
    let most = ["max_completion_tokens", "max_tokens"]
        .iter()
        .find_map(|key| request.get(key)?.as_u64())
        .and_then(|most| usize::try_from(most).ok());
    let Some(most) = most else { return (text, "stop") };
    let length: usize = text.split_inclusive(char::is_whitespace).take(most).map(str::len).sum();
    if length < text.len() {
        (text.get(..length).unwrap_or(text), "length")
    } else {
        (text, "stop")
    }
}

fn prompt_words(request: &Value) -> usize {
    let messages = request.get("messages").and_then(Value::as_array);
    messages.into_iter().flatten().map(|m| content_text(m).split_whitespace().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_user_message_comes_back() {
        let request = json!({"messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "Echo: first"},
            {"role": "user", "content": [{"type": "text", "text": "look"}, {"type": "image_url"}]},
        ]});
        assert_eq!(text(&request), "Echo: look [image_url]");
    }

    #[test]
    fn json_is_answered_with_json() {
        let request = json!({
            "messages": [{"role": "user", "content": "{\"a\":1}"}],
            "response_format": {"type": "json_schema"},
        });
        assert_eq!(text(&request), r#"{"echo":{"a":1}}"#);
    }

    #[test]
    fn stop_sequences_and_token_limits_end_the_answer() {
        let whole = "Echo: one two three";
        assert_eq!(limited(whole, &json!({"stop": ["three", "two"]})), ("Echo: one ", "stop"));
        assert_eq!(limited(whole, &json!({"max_tokens": 2})), ("Echo: one ", "length"));
        assert_eq!(limited(whole, &json!({"max_tokens": 4})), (whole, "stop"));
    }
}
