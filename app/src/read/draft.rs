//! Versions and inputs as they are edited in the playground, and back.

use model::{Json, RunId, RunVersion, Version};
use serde_json::{Map, Value};

use super::clip::short;
use super::indent::indent;
use super::node::Members;
use crate::data::playground::{InputDraft, KeptInput, KeptVersion, MessageDraft, VersionDraft};
use crate::error::AppError;

/// Characters of one field that can be edited in a page.
const FIELD_CHARS: usize = 100_000;
/// Messages that can be edited in a page, and characters of all of them.
const MESSAGES: usize = 50;
const MESSAGES_CHARS: usize = 200_000;

/// A version for editing; `run` has it too, if any does. What is too large for
/// a page is left out and named.
#[must_use]
pub fn version_draft(version: &RunVersion, run: Option<RunId>) -> VersionDraft {
    let snapshot = &version.snapshot;
    let mut settings = snapshot.to_object();
    for own in ["model", "provider", "temperature", "instructions", "messages"] {
        settings.remove(own);
    }
    let settings =
        if settings.is_empty() { String::new() } else { Value::Object(settings).to_string() };
    let instructions = snapshot.instructions.as_deref().unwrap_or_default();
    let all: Vec<String> = snapshot.messages.iter().flatten().map(Value::to_string).collect();
    let (kept, messages) = all.split_at(first_edited(&all));
    let (has_settings, has_instructions) = (is_small(&settings), is_small(instructions));
    let left_out = kept.iter().map(String::len).sum::<usize>()
        + if has_settings { 0 } else { settings.len() }
        + if has_instructions { 0 } else { instructions.len() };
    VersionDraft {
        name: version.number.map_or_else(|| version.id.to_string(), |number| number.to_string()),
        provider: snapshot.provider.as_deref().map(short).unwrap_or_default(),
        model: snapshot.model.as_deref().map(short).unwrap_or_default(),
        temperature: snapshot.temperature.map(crate::format::temperature).unwrap_or_default(),
        instructions: if has_instructions { instructions.to_owned() } else { String::new() },
        messages: messages.iter().map(|json| message(json)).collect(),
        settings: if has_settings { indent(&settings) } else { String::new() },
        kept: (left_out > 0).then(|| KeptVersion {
            id: version.id,
            run,
            messages: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            instructions: !has_instructions,
            settings: !has_settings,
            size_bytes: left_out as u64,
        }),
    }
}

/// The input of a run for editing. What is too large for a page is left out and
/// named.
#[must_use]
pub fn input_draft(json: &Json, is_chat: bool, run: RunId) -> InputDraft {
    let (rest, messages) = match split(json).filter(|_| is_chat) {
        Some((rest, messages)) => (rest, Some(messages)),
        None => (json.as_str().to_owned(), None),
    };
    let is_chat = messages.is_some();
    let all: Vec<String> =
        messages.into_iter().flatten().map(|json| json.as_str().to_owned()).collect();
    let (kept, messages) = all.split_at(first_edited(&all));
    let has_json = is_small(&rest);
    let left_out =
        kept.iter().map(String::len).sum::<usize>() + if has_json { 0 } else { rest.len() };
    InputDraft {
        is_chat,
        messages: messages.iter().map(|json| message(json)).collect(),
        json: if has_json { indent(&rest) } else { String::new() },
        kept: (left_out > 0).then(|| KeptInput {
            run,
            messages: u32::try_from(kept.len()).unwrap_or(u32::MAX),
            json: !has_json,
            size_bytes: left_out as u64,
        }),
    }
}

/// The members of a chat beside its messages, as an object or nothing, and its
/// messages; `None` for anything else.
fn split(json: &Json) -> Option<(String, Vec<Json>)> {
    let Members(members) = serde_json::from_str(json.as_str()).ok()?;
    let (_, list) = members.iter().find(|(key, _)| key == "messages")?;
    let messages = serde_json::from_str::<Vec<Json>>(list.get()).ok()?;
    let rest: Vec<String> = members
        .iter()
        .filter(|(key, _)| key != "messages")
        .map(|(key, value)| format!("{}:{}", Json::string(key).as_str(), value.get()))
        .collect();
    let rest = if rest.is_empty() { String::new() } else { format!("{{{}}}", rest.join(",")) };
    Some((rest, messages))
}

fn is_small(text: &str) -> bool {
    text.len() <= FIELD_CHARS
}

/// From which message on there is room to edit all.
fn first_edited(messages: &[String]) -> usize {
    let mut chars = 0;
    let edited = messages.iter().rev().take(MESSAGES).take_while(|json| {
        chars += json.len();
        chars <= MESSAGES_CHARS
    });
    messages.len() - edited.count()
}

/// A message of a role and a text is edited as such, any other as JSON.
fn message(json: &str) -> MessageDraft {
    let members: Members<'_> = serde_json::from_str(json).unwrap_or_default();
    let text = |wanted: &str| {
        let (_, value) = members.0.iter().find(|(key, _)| key == wanted)?;
        serde_json::from_str::<String>(value.get()).ok()
    };
    match (text("role"), text("content"), members.0.len()) {
        (Some(role), Some(content), 2) => MessageDraft { role, content, is_json: false },
        (role, ..) => {
            MessageDraft { role: role.unwrap_or_default(), content: indent(json), is_json: true }
        }
    }
}

/// The version that was edited; `kept` has the parts that stayed on the server.
///
/// # Errors
/// `invalid`, naming the field that cannot be read.
pub fn to_version(draft: &VersionDraft, kept: Option<&Version>) -> Result<Version, AppError> {
    let kept = kept.zip(draft.kept.as_ref());
    let mut object: Map<String, Value> = match draft.settings.trim() {
        "" => Map::new(),
        text => serde_json::from_str(text).map_err(|error| {
            AppError::invalid("settings", format!("must be a JSON object: {error}"))
        })?,
    };
    if let Some((version, _)) = kept.filter(|(_, kept)| kept.settings) {
        let mut settings = version.to_object();
        for own in ["model", "provider", "temperature", "instructions", "messages"] {
            settings.remove(own);
        }
        settings.extend(object);
        object = settings;
    }
    let mut set = |name: &str, text: &str| {
        if !text.is_empty() {
            object.insert(name.to_owned(), Value::String(text.to_owned()));
        }
    };
    set("model", draft.model.trim());
    set("provider", draft.provider.trim());
    match kept.filter(|(_, kept)| kept.instructions) {
        Some((version, _)) => {
            set("instructions", version.instructions.as_deref().unwrap_or_default());
        }
        None => set("instructions", &draft.instructions),
    }
    if !draft.temperature.trim().is_empty() {
        let temperature: f64 = draft
            .temperature
            .trim()
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite() && *value >= 0.0)
            .ok_or_else(|| AppError::invalid("temperature", "must be a number, 0 or more"))?;
        object.insert("temperature".to_owned(), Value::from(temperature));
    }
    let mut messages: Vec<Value> = match kept {
        Some((version, kept)) => {
            version.messages.iter().flatten().take(kept.messages as usize).cloned().collect()
        }
        None => Vec::new(),
    };
    messages.extend(to_messages(&draft.messages)?.iter().map(Json::to_value));
    if !messages.is_empty() {
        object.insert("messages".to_owned(), Value::Array(messages));
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|error| AppError::invalid("settings", error))
}

/// The input that was edited; `kept` has the parts that stayed on the server.
///
/// # Errors
/// `invalid`, naming the field that cannot be read.
pub fn to_input(draft: &InputDraft, kept: Option<&Json>) -> Result<Json, AppError> {
    let kept = kept.zip(draft.kept.as_ref());
    let text = draft.json.trim();
    if !draft.is_chat {
        if let Some((input, _)) = kept.filter(|(_, kept)| kept.json) {
            return Ok(input.clone());
        }
        let text = if text.is_empty() { "null" } else { text };
        return Json::from_text(text)
            .map_err(|error| AppError::invalid("input", format!("must be JSON: {error}")));
    }
    let (kept_rest, mut messages) = match kept {
        None => (None, Vec::new()),
        Some((input, kept)) => {
            let parts = split(input);
            if kept.json && parts.is_none() {
                let problem = "the input that is sent unchanged has no messages; \
                               send it as JSON, or leave it out";
                return Err(AppError::invalid("input", problem));
            }
            let (rest, mut messages) = parts.unwrap_or_default();
            messages.truncate(kept.messages as usize);
            (kept.json.then_some(rest), messages)
        }
    };
    let text = kept_rest.as_deref().unwrap_or(text);
    let Members(rest) = match text {
        "" => Members::default(),
        text => serde_json::from_str(text).map_err(|error| {
            AppError::invalid("variables", format!("must be a JSON object: {error}"))
        })?,
    };
    messages.extend(to_messages(&draft.messages)?);
    let messages: Vec<&str> = messages.iter().map(Json::as_str).collect();
    let mut members: Vec<String> = rest
        .iter()
        .map(|(key, value)| format!("{}:{}", Json::string(key).as_str(), value.get()))
        .collect();
    members.push(format!("\"messages\":[{}]", messages.join(",")));
    Json::from_text(&format!("{{{}}}", members.join(",")))
        .map_err(|error| AppError::invalid("input", error))
}

fn to_messages(drafts: &[MessageDraft]) -> Result<Vec<Json>, AppError> {
    let to_json = |(number, draft): (usize, &MessageDraft)| {
        if draft.is_json {
            return Json::from_text(&draft.content).map_err(|error| {
                AppError::invalid("messages", format!("message {number} must be JSON: {error}"))
            });
        }
        let (role, content) = (Json::string(&draft.role), Json::string(&draft.content));
        let text = format!("{{\"role\":{},\"content\":{}}}", role.as_str(), content.as_str());
        Json::from_text(&text).map_err(|error| AppError::invalid("messages", error))
    };
    (1..).zip(drafts).map(to_json).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::from_text(text).unwrap()
    }

    fn run() -> RunId {
        "019a0000-0000-7000-8000-000000000001".parse().unwrap()
    }

    #[test]
    fn a_version_survives_editing() {
        let version: Version = serde_json::from_str(
            r#"{"model":"m","provider":"p","temperature":0,"instructions":"be brief",
                "messages":[{"role":"system","content":"x"}],"max_tokens":5,"top_p":0.5}"#,
        )
        .unwrap();
        let shown = RunVersion { id: version.id(), number: None, snapshot: version.clone() };
        let draft = version_draft(&shown, None);
        assert_eq!(draft.temperature, "0");
        assert_eq!(to_version(&draft, None).unwrap().id(), version.id());
    }

    #[test]
    fn a_chat_input_survives_editing() {
        let input = json(
            r#"{"city":"Zoé","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[]}]}"#,
        );
        let draft = input_draft(&input, true, run());
        assert!(!draft.messages[0].is_json && draft.messages[1].is_json);
        assert_eq!(to_input(&draft, None).unwrap().to_value(), input.to_value());
    }

    #[test]
    fn a_structured_input_keeps_its_spelling() {
        let draft = input_draft(&json(r#"{"n":1.0,"messages":"no list"}"#), false, run());
        assert_eq!(to_input(&draft, None).unwrap().as_str(), draft.json);
        assert!(draft.json.contains("1.0"));
    }

    #[test]
    fn wrong_fields_are_named() {
        let draft = VersionDraft { temperature: "hot".to_owned(), ..VersionDraft::default() };
        assert!(
            matches!(to_version(&draft, None), Err(AppError::Invalid { field, .. }) if field == "temperature")
        );
        let draft = InputDraft { json: "{".to_owned(), ..InputDraft::default() };
        assert!(
            matches!(to_input(&draft, None), Err(AppError::Invalid { field, .. }) if field == "input")
        );
    }

    fn size(draft: &impl serde::Serialize) -> usize {
        serde_json::to_string(draft).unwrap().len()
    }

    #[test]
    fn a_large_input_stays_on_the_server_and_is_sent_as_it_is() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let numbers = Json::from_value(&(0..1_000_000).collect::<Vec<u32>>()).unwrap();
        for input in [json(&format!("{{\"tree\":{deep}}}")), numbers] {
            let draft = input_draft(&input, false, run());
            assert!(size(&draft) < 1_000, "{}", size(&draft));
            assert_eq!(to_input(&draft, Some(&input)).unwrap().as_str(), input.as_str());
            // Nothing of it could go along with messages.
            let chat = InputDraft { is_chat: true, ..draft };
            let error = to_input(&chat, Some(&input)).unwrap_err().to_string();
            assert!(error.contains("send it as JSON"), "{error}");
        }
    }

    #[test]
    fn of_a_long_chat_the_last_messages_are_edited() {
        let messages: Vec<Value> = (0..5_000)
            .map(|number| serde_json::json!({"role": "user", "content": format!("m{number}")}))
            .collect();
        let input = json(&serde_json::json!({"city": "Zoé", "messages": messages}).to_string());
        let mut draft = input_draft(&input, true, run());
        assert_eq!(draft.messages.len(), MESSAGES);
        assert_eq!(draft.kept.as_ref().map(|kept| kept.messages), Some(4_950));
        assert_eq!(to_input(&draft, Some(&input)).unwrap().to_value(), input.to_value());
        draft.messages[49].content = "changed".to_owned();
        let sent = to_input(&draft, Some(&input)).unwrap().to_value();
        assert_eq!(sent["messages"][4_998]["content"], "m4998");
        assert_eq!(sent["messages"][4_999]["content"], "changed");
        // What is kept can be given up.
        draft.kept = None;
        let sent = to_input(&draft, None).unwrap().to_value();
        assert_eq!(sent["messages"].as_array().map(Vec::len), Some(MESSAGES));
    }

    #[test]
    fn a_message_of_many_megabytes_is_not_edited() {
        let picture = "A".repeat(5_000_000);
        let input = json(&format!(
            r#"{{"messages":[{{"role":"user","content":"{picture}"}},{{"role":"user","content":"hi"}}]}}"#
        ));
        let draft = input_draft(&input, true, run());
        assert_eq!(draft.messages.len(), 1);
        assert_eq!(to_input(&draft, Some(&input)).unwrap().to_value(), input.to_value());
    }

    #[test]
    fn a_large_version_stays_on_the_server_and_is_sent_as_it_is() {
        let tools: Vec<Value> =
            (0..5_000).map(|n| serde_json::json!({"name": format!("tool {n}")})).collect();
        let messages: Vec<Value> = (0..5_000)
            .map(|n| serde_json::json!({"role": "system", "content": n.to_string()}))
            .collect();
        let version: Version = serde_json::from_value(serde_json::json!({
            "model": "m", "instructions": "be brief ".repeat(50_000), "tools": tools,
            "messages": messages, "top_p": 0.5,
        }))
        .unwrap();
        let shown = RunVersion { id: version.id(), number: None, snapshot: version.clone() };
        let draft = version_draft(&shown, None);
        assert!(size(&draft) < 10_000, "{}", size(&draft));
        assert_eq!(to_version(&draft, Some(&version)).unwrap().id(), version.id());
    }
}
