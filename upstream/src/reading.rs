//! Reads what OpenAI-compatible providers send: chunks of a stream and whole answers.

use model::json::bytes_without_mark;
use model::{Json, Usage, dialect};
use serde_json::Value;

use crate::UpstreamError;

/// One thing that an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Reasoning(String),
    ToolCall {
        index: usize,
        id: Option<String>,
        name: Option<String>,
        arguments: String,
    },
    FinishReason(String),
    Usage(Usage),
    /// Nothing more belongs to the answer.
    End,
}

/// The pieces of one chunk of a stream, or of a whole answer.
///
/// # Errors
/// When it is a provider's error, or nothing that an answer is made of.
pub(crate) fn pieces(host: &str, value: &Value) -> Result<Vec<Piece>, UpstreamError> {
    if value.get("error").is_some_and(|error| error.is_object() || error.is_string()) {
        return Err(error_from(200, Some(Json::from(value))));
    }
    let Some(choices) = value.get("choices").and_then(Value::as_array) else {
        // Servers send chunks of their own between OpenAI's; those carry no choices.
        return match usage(value) {
            Some(usage) => Ok(vec![Piece::Usage(usage)]),
            None if is_chunk(value) => Ok(Vec::new()),
            None => Err(UpstreamError::Invalid {
                host: host.to_owned(),
                reason: "it has no choices".to_owned(),
            }),
        };
    };
    let mut pieces = Vec::new();
    // Only the first choice is shown; the answer as received keeps them all.
    let first =
        choices.iter().find(|choice| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0);
    if let Some(choice) = first {
        if let Some(message) = choice.get("delta").or_else(|| choice.get("message")) {
            message_pieces(message, &mut pieces);
        }
        if let Some(reason) = choice.get("finish_reason").and_then(Value::as_str) {
            pieces.push(Piece::FinishReason(reason.to_owned()));
        }
    }
    pieces.extend(usage(value).map(Piece::Usage));
    Ok(pieces)
}

fn is_chunk(value: &Value) -> bool {
    value.get("object").and_then(Value::as_str) == Some("chat.completion.chunk")
}

fn message_pieces(message: &Value, pieces: &mut Vec<Piece>) {
    // DeepSeek and vLLM say `reasoning_content`, Groq and OpenRouter `reasoning`.
    for key in ["reasoning_content", "reasoning"] {
        push_text(message.get(key), Piece::Reasoning, pieces);
    }
    match message.get("content") {
        // Mistral's reasoning models send a list of parts.
        Some(Value::Array(parts)) => {
            for part in parts {
                content_part(part, pieces);
            }
        }
        content => push_text(content, Piece::Text, pieces),
    }
    push_text(message.get("refusal"), Piece::Text, pieces);
    let calls = message.get("tool_calls").and_then(Value::as_array);
    for (position, call) in calls.into_iter().flatten().enumerate() {
        pieces.push(tool_call(position, call));
    }
}

fn push_text(value: Option<&Value>, piece: fn(String) -> Piece, pieces: &mut Vec<Piece>) {
    if let Some(text) = value.and_then(Value::as_str).filter(|text| !text.is_empty()) {
        pieces.push(piece(text.to_owned()));
    }
}

fn content_part(part: &Value, pieces: &mut Vec<Piece>) {
    push_text(part.get("text"), Piece::Text, pieces);
    let thoughts = part.get("thinking").and_then(Value::as_array);
    for thought in thoughts.into_iter().flatten() {
        push_text(thought.get("text"), Piece::Reasoning, pieces);
    }
}

fn tool_call(position: usize, call: &Value) -> Piece {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    let function = call.get("function");
    let arguments = match function.and_then(|function| function.get("arguments")) {
        Some(Value::String(arguments)) => arguments.clone(),
        Some(Value::Null) | None => String::new(),
        // Some servers send the arguments as an object rather than as its text.
        Some(arguments) => arguments.to_string(),
    };
    let index = call.get("index").and_then(Value::as_u64);
    Piece::ToolCall {
        index: index.and_then(|index| usize::try_from(index).ok()).unwrap_or(position),
        id: text(call.get("id")),
        name: text(function.and_then(|function| function.get("name"))),
        arguments,
    }
}

fn usage(value: &Value) -> Option<Usage> {
    let usage = value
        .get("usage")
        .filter(|usage| usage.is_object())
        .or_else(|| value.pointer("/x_groq/usage"))?;
    dialect::usage_of(&Json::from(usage))
}

/// The error that an answer with a failed status carries, in whatever form.
pub(crate) fn provider_error(host: &str, status: u16, body: &[u8]) -> UpstreamError {
    if (300..400).contains(&status) {
        return UpstreamError::Redirect { host: host.to_owned(), status };
    }
    error_from(status, serde_json::from_slice(bytes_without_mark(body)).ok())
}

/// The error within a body, read the way stored runs are read.
fn error_from(status: u16, body: Option<Json>) -> UpstreamError {
    let read = body.and_then(|body| dialect::answer_of_response(None, &body).error);
    let (code, message) = read.map(|error| (error.code, error.message)).unwrap_or_default();
    let or = |text: String, otherwise: &dyn Fn() -> String| {
        // The reader's own word for an error without one says less than the status.
        if text.is_empty() || text == "error" { otherwise() } else { text }
    };
    UpstreamError::Provider {
        status,
        code: or(code, &|| format!("http_{status}")),
        message: or(message, &|| format!("the provider answered with HTTP {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn chunks_and_whole_answers_read_alike() {
        let chunk = json!({"choices": [{"index": 0, "delta": {"content": "Hi"}}]});
        let whole = json!({"choices": [{"message": {"content": "Hi"}}]});
        assert_eq!(pieces("h", &chunk).unwrap(), [Piece::Text("Hi".to_owned())]);
        assert_eq!(pieces("h", &chunk).unwrap(), pieces("h", &whole).unwrap());
    }

    #[test]
    fn reasoning_is_found_in_every_spelling() {
        for delta in [
            json!({"reasoning_content": "why"}),
            json!({"reasoning": "why"}),
            json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "why"}]}]}),
        ] {
            let read = pieces("h", &json!({"choices": [{"delta": delta}]})).unwrap();
            assert_eq!(read, [Piece::Reasoning("why".to_owned())]);
        }
    }

    #[test]
    fn tool_calls_keep_their_place() {
        let delta = json!({"tool_calls": [{"index": 1, "id": "c", "function": {"name": "f", "arguments": "{"}}]});
        let read = pieces("h", &json!({"choices": [{"delta": delta}]})).unwrap();
        let expected = Piece::ToolCall {
            index: 1,
            id: Some("c".to_owned()),
            name: Some("f".to_owned()),
            arguments: "{".to_owned(),
        };
        assert_eq!(read, [expected]);
    }

    #[test]
    fn errors_are_read_in_every_form() {
        let code =
            |status, body: &str| provider_error("h", status, body.as_bytes()).code().to_owned();
        assert_eq!(
            code(429, r#"{"error":{"message":"m","type":"t","code":"rate_limit"}}"#),
            "rate_limit"
        );
        assert_eq!(code(429, r#"{"error":{"message":"m","type":"t","code":null}}"#), "t");
        assert_eq!(code(429, r#"{"object":"error","message":"m","type":"t"}"#), "t");
        assert_eq!(code(500, "<html>"), "http_500");
        assert_eq!(
            provider_error("h", 500, br#"{"error":"out of memory"}"#).to_string(),
            "out of memory"
        );
        assert_eq!(code(302, ""), "upstream_invalid");
    }

    #[test]
    fn an_answer_without_choices_is_invalid() {
        assert_eq!(pieces("h", &json!({"hello": 1})).unwrap_err().code(), "upstream_invalid");
        let inside = json!({"error": {"message": "no", "code": 402}});
        assert_eq!(pieces("h", &inside).unwrap_err().code(), "402");
    }
}
