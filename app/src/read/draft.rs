//! Versions and inputs as they are edited in the playground, and back.

use model::{Json, RunVersion, Version};
use serde_json::{Map, Value};

use super::indent::indent;
use super::node::Members;
use crate::data::playground::{InputDraft, MessageDraft, VersionDraft};
use crate::error::AppError;

/// A version for editing.
#[must_use]
pub fn version_draft(version: &RunVersion) -> VersionDraft {
    let snapshot = &version.snapshot;
    let mut settings = snapshot.to_object();
    for own in ["model", "provider", "temperature", "instructions", "messages"] {
        settings.remove(own);
    }
    VersionDraft {
        name: version.number.map_or_else(|| version.id.to_string(), |number| number.to_string()),
        provider: snapshot.provider.clone().unwrap_or_default(),
        model: snapshot.model.clone().unwrap_or_default(),
        temperature: snapshot.temperature.map(crate::format::temperature).unwrap_or_default(),
        instructions: snapshot.instructions.clone().unwrap_or_default(),
        messages: snapshot.messages.iter().flatten().map(|m| message(&m.to_string())).collect(),
        settings: if settings.is_empty() {
            String::new()
        } else {
            indent(&Value::Object(settings).to_string())
        },
    }
}

/// An input for editing.
#[must_use]
pub fn input_draft(json: &Json, is_chat: bool) -> InputDraft {
    let members: Members<'_> = serde_json::from_str(json.as_str()).unwrap_or_default();
    let messages = members
        .0
        .iter()
        .find(|(key, _)| key == "messages")
        .and_then(|(_, list)| serde_json::from_str::<Vec<Json>>(list.get()).ok());
    let Some(messages) = messages.filter(|_| is_chat) else {
        return InputDraft { is_chat: false, messages: Vec::new(), json: indent(json.as_str()) };
    };
    let rest: Vec<String> = members
        .0
        .iter()
        .filter(|(key, _)| key != "messages")
        .map(|(key, value)| format!("{}:{}", Json::string(key).as_str(), value.get()))
        .collect();
    InputDraft {
        is_chat: true,
        messages: messages.iter().map(|json| message(json.as_str())).collect(),
        json: if rest.is_empty() {
            String::new()
        } else {
            indent(&format!("{{{}}}", rest.join(",")))
        },
    }
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

/// The version that was edited.
///
/// # Errors
/// `invalid`, naming the field that cannot be read.
pub fn to_version(draft: &VersionDraft) -> Result<Version, AppError> {
    let mut object: Map<String, Value> = match draft.settings.trim() {
        "" => Map::new(),
        text => serde_json::from_str(text).map_err(|error| {
            AppError::invalid("settings", format!("must be a JSON object: {error}"))
        })?,
    };
    let mut set = |name: &str, text: &str| {
        if !text.is_empty() {
            object.insert(name.to_owned(), Value::String(text.to_owned()));
        }
    };
    set("model", draft.model.trim());
    set("provider", draft.provider.trim());
    set("instructions", &draft.instructions);
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
    if !draft.messages.is_empty() {
        let messages = to_messages(&draft.messages)?;
        let messages = messages.iter().map(Json::to_value).collect();
        object.insert("messages".to_owned(), Value::Array(messages));
    }
    serde_json::from_value(Value::Object(object))
        .map_err(|error| AppError::invalid("settings", error))
}

/// The input that was edited.
///
/// # Errors
/// `invalid`, naming the field that cannot be read.
pub fn to_input(draft: &InputDraft) -> Result<Json, AppError> {
    let text = draft.json.trim();
    if !draft.is_chat {
        let text = if text.is_empty() { "null" } else { text };
        return Json::from_text(text)
            .map_err(|error| AppError::invalid("input", format!("must be JSON: {error}")));
    }
    let Members(rest) = match text {
        "" => Members::default(),
        text => serde_json::from_str(text).map_err(|error| {
            AppError::invalid("variables", format!("must be a JSON object: {error}"))
        })?,
    };
    let messages = to_messages(&draft.messages)?;
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

    #[test]
    fn a_version_survives_editing() {
        let version: Version = serde_json::from_str(
            r#"{"model":"m","provider":"p","temperature":0,"instructions":"be brief",
                "messages":[{"role":"system","content":"x"}],"max_tokens":5,"top_p":0.5}"#,
        )
        .unwrap();
        let shown = RunVersion { id: version.id(), number: None, snapshot: version.clone() };
        let draft = version_draft(&shown);
        assert_eq!(draft.temperature, "0");
        assert_eq!(to_version(&draft).unwrap().id(), version.id());
    }

    #[test]
    fn a_chat_input_survives_editing() {
        let input = json(
            r#"{"city":"Zoé","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":null,"tool_calls":[]}]}"#,
        );
        let draft = input_draft(&input, true);
        assert!(!draft.messages[0].is_json && draft.messages[1].is_json);
        assert_eq!(to_input(&draft).unwrap().to_value(), input.to_value());
    }

    #[test]
    fn a_structured_input_keeps_its_spelling() {
        let draft = input_draft(&json(r#"{"n":1.0,"messages":"no list"}"#), false);
        assert_eq!(to_input(&draft).unwrap().as_str(), draft.json);
        assert!(draft.json.contains("1.0"));
    }

    #[test]
    fn wrong_fields_are_named() {
        let draft = VersionDraft { temperature: "hot".to_owned(), ..VersionDraft::default() };
        assert!(
            matches!(to_version(&draft), Err(AppError::Invalid { field, .. }) if field == "temperature")
        );
        let draft = InputDraft { json: "{".to_owned(), ..InputDraft::default() };
        assert!(
            matches!(to_input(&draft), Err(AppError::Invalid { field, .. }) if field == "input")
        );
    }
}
