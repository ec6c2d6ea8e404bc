//! Errors as providers write them into a body or an event.

use crate::RunError;
use crate::view::{Kind, Object, View};

/// The error of a body or event, if that is what it is.
pub(super) fn of_body(body: &Object<'_>) -> Option<RunError> {
    if let Some(error) = body.get("error") {
        return of_value(error);
    }
    // Anthropic marks an error by its type; Mistral and vLLM by the object, whose type says which.
    if ["type", "object"].iter().any(|key| body.text(key).as_deref() == Some("error")) {
        return Some(of_object(body));
    }
    // FastAPI, and with it many self-hosted servers.
    let detail = body.get("detail").filter(|_| body.iter().count() == 1)?;
    let message = detail.text().map_or_else(|| detail.raw().to_owned(), |text| text.into_owned());
    Some(RunError { code: "error".to_owned(), message, details: detail.to_json() })
}

/// The value of an `error` field.
pub(super) fn of_value(error: View<'_>) -> Option<RunError> {
    match error.kind() {
        Kind::Object => {
            let object = error.object();
            (!object.is_empty())
                .then(|| RunError { details: error.to_json(), ..of_object(&object) })
        }
        Kind::Text => {
            let message = error.text().unwrap_or_default().into_owned();
            Some(RunError { code: "error".to_owned(), message, details: None })
        }
        Kind::Null | Kind::Bool => None,
        Kind::Number | Kind::List => {
            let message = error.raw().chars().take(1_000).collect();
            Some(RunError { code: "error".to_owned(), message, details: error.to_json() })
        }
    }
}

/// The error that a reason for the end stands for: OpenRouter and Mistral say `error`,
/// Cohere `ERROR` and words that begin so.
pub(crate) fn of_reason(reason: &str) -> Option<RunError> {
    let code = reason.to_lowercase();
    (code == "error" || code.starts_with("error_")).then(|| RunError {
        message: format!("the provider broke its answer off with the reason {reason:?}"),
        code,
        details: None,
    })
}

fn of_object(error: &Object<'_>) -> RunError {
    let kind = error.string("type").filter(|kind| kind != "error");
    // Google and OpenRouter have the HTTP status as `code`; a word says more.
    let code = error
        .string("code")
        .or(kind)
        .or_else(|| error.string("status"))
        .or_else(|| error.get("code").map(|code| code.raw().to_owned()))
        .unwrap_or_else(|| "error".to_owned());
    let message = match error.get("message") {
        Some(message) => {
            message.text().map_or_else(|| message.raw().to_owned(), |text| text.into_owned())
        }
        None => String::new(),
    };
    RunError { code, message, details: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(String, String)> {
        let error = of_body(&View::checked(text).unwrap().object())?;
        Some((error.code, error.message))
    }

    fn pair(code: &str, message: &str) -> Option<(String, String)> {
        Some((code.to_owned(), message.to_owned()))
    }

    #[test]
    fn the_word_that_says_most_is_the_code() {
        let openai = r#"{"error":{"message":"bad","type":"invalid_request_error","code":null}}"#;
        assert_eq!(read(openai), pair("invalid_request_error", "bad"));
        let coded = r#"{"error":{"message":"bad","type":"x","code":"context_length_exceeded"}}"#;
        assert_eq!(read(coded), pair("context_length_exceeded", "bad"));
        let anthropic = r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#;
        assert_eq!(read(anthropic), pair("overloaded_error", "busy"));
        let vllm = r#"{"object":"error","message":"no","type":"BadRequestError","code":400}"#;
        assert_eq!(read(vllm), pair("BadRequestError", "no"));
        let google = r#"{"error":{"code":400,"message":"no","status":"INVALID_ARGUMENT"}}"#;
        assert_eq!(read(google), pair("INVALID_ARGUMENT", "no"));
        assert_eq!(read(r#"{"error":{"code":502,"message":"x"}}"#), pair("502", "x"));
        assert_eq!(read(r#"{"object":"error","message":"gone","code":404}"#), pair("404", "gone"));
        assert_eq!(read(r#"{"error":"model not found"}"#), pair("error", "model not found"));
    }

    #[test]
    fn bodies_without_an_error_have_none() {
        assert_eq!(read(r#"{"error":null,"id":"resp_1"}"#), None);
        assert_eq!(read(r#"{"error":{}}"#), None);
        assert_eq!(read(r#"{"detail":"x","other":1}"#), None);
    }
}
