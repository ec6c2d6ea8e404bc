//! The output of a run, from its last response.

use crate::Json;
use crate::dialect::Answer;

/// The assistant message of a chat, the parsed JSON of a structured run; what
/// cannot be understood as it came.
pub(super) fn of(response: &Json, answer: &Answer, is_structured: bool) -> Json {
    let as_it_came = || answer.raw_message.as_ref().unwrap_or(response).clone();
    if !is_structured {
        return as_it_came();
    }
    let text = answer.message.as_ref().map(|message| message.joined_text()).unwrap_or_default();
    if text.trim().is_empty() { as_it_came() } else { parsed(&text) }
}

/// The JSON of a text, or the text as a JSON string.
fn parsed(text: &str) -> Json {
    let answer = after_thoughts(text).trim();
    let json = Json::from_text(answer).ok().or_else(|| Json::from_text(fenced(answer)?).ok());
    json.filter(|json| json.as_str() != "null").unwrap_or_else(|| Json::string(text))
}

/// Some open models think aloud before they answer.
fn after_thoughts(text: &str) -> &str {
    let thinking = text.trim_start().strip_prefix("<think>");
    thinking.and_then(|rest| rest.split_once("</think>")).map_or(text, |(_, answer)| answer)
}

/// The inside of a text that is one fenced block of Markdown.
fn fenced(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("```")?.strip_suffix("```")?;
    let (language, body) = inside.split_once('\n')?;
    matches!(language.trim(), "" | "json").then_some(body.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_kept_as_the_model_wrote_it() {
        assert_eq!(parsed(" {\"b\":1.0,\"a\": 2}\n").as_str(), "{\"b\":1.0,\"a\": 2}");
        assert_eq!(parsed("```json\n{\"a\":1}\n```").as_str(), "{\"a\":1}");
        assert_eq!(parsed("<think>\nhm {}\n</think>\n[1]").as_str(), "[1]");
    }

    #[test]
    fn other_text_becomes_a_string() {
        assert_eq!(parsed("It is {fine}.").as_str(), "\"It is {fine}.\"");
        assert_eq!(parsed("null").as_str(), "\"null\"");
        assert_eq!(parsed("```").as_str(), "\"```\"");
    }
}
