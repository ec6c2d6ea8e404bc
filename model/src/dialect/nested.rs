//! Answers that wrap one message: Ollama's chat, Bedrock's converse.

use super::{Found, usage};
use crate::view::{Kind, Object};

/// `{"message": {"role": …}}`, or the same inside `output`.
pub(super) fn whole(body: &Object<'_>) -> Option<Found> {
    let outer = body.get("output").filter(|output| output.kind() == Kind::Object);
    let message = match outer {
        Some(output) => output.get("message")?,
        None => body.get("message")?,
    };
    message.get("role")?;
    // Ollama counts in the body itself.
    let counts = body.get("usage").and_then(usage::read).or_else(|| usage::of_ollama(body));
    Some(Found {
        message: Some(message.raw().to_owned()),
        usage: counts,
        cost: None,
        finish_reason: body.string("stopReason").or_else(|| body.string("done_reason")),
        model: body.string("model"),
        error: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::View;

    #[test]
    fn the_message_is_taken_out() {
        let ollama = r#"{"model":"m","message":{"role":"assistant","content":"hi"},
            "done_reason":"stop","prompt_eval_count":3,"eval_count":2}"#;
        let found = whole(&View::checked(ollama).unwrap().object()).unwrap();
        assert_eq!(found.message.as_deref(), Some(r#"{"role":"assistant","content":"hi"}"#));
        assert_eq!(found.usage.and_then(|usage| usage.total_tokens()), Some(5));
        let bedrock = r#"{"output":{"message":{"role":"assistant","content":[{"text":"hi"}]}},
            "stopReason":"end_turn","usage":{"inputTokens":3,"outputTokens":2}}"#;
        let found = whole(&View::checked(bedrock).unwrap().object()).unwrap();
        assert_eq!(found.finish_reason.as_deref(), Some("end_turn"));
        assert!(whole(&View::checked(r#"{"message":"x"}"#).unwrap().object()).is_none());
    }
}
