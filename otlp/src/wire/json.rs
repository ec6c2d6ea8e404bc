//! Walks the envelope of a request in JSON, without taking it into memory again.

use std::collections::HashMap;

use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::item::{Origin, Raw};
use super::{DecodeError, Visit};

mod fields;
mod message;
mod value;

pub(super) use message::{FromFields, read};

/// What the members of the envelope are called, in camel and in snake case.
pub(super) struct FieldNames {
    groups: [&'static str; 2],
    scopes: [&'static str; 2],
    members: [&'static str; 2],
}

pub(super) const TRACES: FieldNames = FieldNames {
    groups: ["resourceSpans", "resource_spans"],
    scopes: ["scopeSpans", "scope_spans"],
    members: ["spans"; 2],
};
pub(super) const LOGS: FieldNames = FieldNames {
    groups: ["resourceLogs", "resource_logs"],
    scopes: ["scopeLogs", "scope_logs"],
    members: ["logRecords", "log_records"],
};

/// The fields of one level of the envelope; null is as good as absent.
struct Level<'a>(HashMap<String, &'a RawValue>);

impl<'a> Level<'a> {
    fn read(text: &'a str) -> Result<Self, DecodeError> {
        let fields = serde_json::from_str(text);
        fields.map(Self).map_err(|error| DecodeError::Malformed(error.to_string()))
    }

    /// A level below; one that is no object holds nothing.
    fn below(text: &'a str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }

    fn get(&self, names: [&str; 2]) -> Option<&'a str> {
        let found = names.iter().find_map(|name| self.0.get(*name));
        found.map(|raw| raw.get()).filter(|text| *text != "null")
    }
}

/// Bytes that are no UTF-8 spoil the text in which they stand, not its request.
pub(super) fn walk(
    bytes: &[u8],
    names: &FieldNames,
    visit: &mut Visit<'_>,
) -> Result<(), DecodeError> {
    let text = String::from_utf8_lossy(bytes);
    let top = Level::read(model::json::without_mark(&text))?;
    each(top.get(names.groups), names.groups, &mut |group| {
        let group = Level::below(group);
        let mut origin = Origin::default();
        if let Some(resource) = group.get(["resource"; 2]) {
            origin.set_resource(Raw::Json(resource));
        }
        each(group.get(names.scopes), names.scopes, &mut |scope| {
            let scope = Level::below(scope);
            origin.set_scope(scope.get(["scope"; 2]).map(Raw::Json));
            each(scope.get(names.members), names.members, &mut |member| {
                visit(&origin, Raw::Json(member))
            })
        })
    })
}

/// Visits the elements of a list one by one.
fn each(
    list: Option<&str>,
    [name, _]: [&str; 2],
    visit: &mut dyn FnMut(&str) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let Some(list) = list else { return Ok(()) };
    let mut refusal = None;
    let mut reader = serde_json::Deserializer::from_str(list);
    let outcome = reader.deserialize_seq(Elements { visit, refusal: &mut refusal });
    match (refusal, outcome) {
        (Some(refusal), _) => Err(refusal),
        (None, Err(error)) => Err(DecodeError::Malformed(format!("{name}: {error}"))),
        (None, Ok(())) => Ok(()),
    }
}

struct Elements<'a> {
    visit: &'a mut dyn FnMut(&str) -> Result<(), DecodeError>,
    refusal: &'a mut Option<DecodeError>,
}

impl<'de> Visitor<'de> for Elements<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<&RawValue>()? {
            if let Err(error) = (self.visit)(item.get()) {
                *self.refusal = Some(error);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}
