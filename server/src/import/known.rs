//! Reading records of others, field by field, and keeping count of what is left.

use std::collections::BTreeMap;

use model::{Json, RunId, Timestamp};
use uuid::Uuid;

/// The fields of a record. What was not taken is what could not be mapped.
pub(super) struct Fields(BTreeMap<String, Json>);

impl Fields {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Self).map_err(|error| format!("no JSON object: {error}"))
    }

    /// Takes the first of these fields that is there and says something.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Json> {
        let mut found = None;
        for name in names {
            let value = self.0.remove(*name).filter(|value| !is_empty(value));
            found = found.or(value);
        }
        found
    }

    pub(super) fn peek(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| !is_empty(value))
    }

    pub(super) fn text(&mut self, names: &[&str]) -> Option<String> {
        let value = self.take(names)?;
        match value.to_value() {
            serde_json::Value::String(text) => Some(text),
            serde_json::Value::Object(_) | serde_json::Value::Array(_) => None,
            // As it is spelled: 128-bit numbers are no doubles.
            _ => Some(value.as_str().to_owned()),
        }
    }

    pub(super) fn number(&mut self, names: &[&str]) -> Option<f64> {
        self.text(names)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub(super) fn count(&mut self, names: &[&str]) -> Option<u64> {
        let count = self.number(names)?;
        (0.0..9e15).contains(&count).then_some(count.round() as u64)
    }

    pub(super) fn time(&mut self, names: &[&str]) -> Option<Timestamp> {
        let text = self.text(names)?;
        let text = text.trim();
        // ClickHouse and CSV write a space, and no zone where it is UTC.
        let dated = text.replacen(' ', "T", 1);
        let zoned = format!("{dated}Z");
        dated.parse().or_else(|_| zoned.parse()).ok()
    }

    /// Fields that say what is known already or what only the other tool needs.
    pub(super) fn ignore(&mut self, names: &[&str]) {
        names.iter().for_each(|name| {
            self.0.remove(*name);
        });
    }

    /// The names of what was not taken.
    pub(super) fn left(self) -> impl Iterator<Item = String> {
        self.0.into_iter().filter(|(_, value)| !is_empty(value)).map(|(name, _)| name)
    }
}

fn is_empty(value: &Json) -> bool {
    matches!(value.as_str(), "null" | "\"\"" | "[]" | "{}")
}

/// JSON that some exports write as a text.
pub(super) fn unpacked(json: Json) -> Json {
    let text = json.to_value();
    let inner = text.as_str().filter(|text| text.trim_start().starts_with(['{', '[', '"']));
    inner.and_then(|text| Json::from_text(text).ok()).unwrap_or(json)
}

/// A name for a record whose own id is no UUID of ours, the same each time.
pub(super) fn key_of(kind: &str, id: &str) -> String {
    let hash = blake3::hash(format!("{kind}\n{id}").as_bytes());
    let mut half = [0; 16];
    half.copy_from_slice(&hash.as_bytes()[..16]);
    // Version 8 is for what an application makes of its own.
    uuid::Builder::from_custom_bytes(half).into_uuid().to_string()
}

/// An id that is a run id or at least a UUID, else a name made of it.
pub(super) fn id_or_key(kind: &str, id: &str) -> String {
    if let Ok(number) = id.parse::<u128>() {
        return RunId::from_u128(number).to_string();
    }
    match Uuid::try_parse(id) {
        Ok(uuid) => uuid.hyphenated().to_string(),
        Err(_) => key_of(kind, id),
    }
}
