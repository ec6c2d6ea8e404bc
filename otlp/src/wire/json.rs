//! Walks the envelope of a request in JSON, without taking it into memory again.

use serde::Deserialize;
use serde::de::{Deserializer as _, Error as _, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::item::{Origin, Raw};
use super::{DecodeError, Visit};

/// What the members of the envelope are called.
pub(super) struct FieldNames {
    groups: &'static str,
    scopes: &'static str,
    members: &'static str,
}

pub(super) const TRACES: FieldNames =
    FieldNames { groups: "resourceSpans", scopes: "scopeSpans", members: "spans" };
pub(super) const LOGS: FieldNames =
    FieldNames { groups: "resourceLogs", scopes: "scopeLogs", members: "logRecords" };

/// The fields of every level of the envelope.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Level<'a> {
    #[serde(borrow)]
    resource: Option<&'a RawValue>,
    #[serde(borrow)]
    scope: Option<&'a RawValue>,
    #[serde(borrow, alias = "resourceSpans", alias = "resourceLogs")]
    groups: Option<&'a RawValue>,
    #[serde(borrow, alias = "scopeSpans", alias = "scopeLogs")]
    scopes: Option<&'a RawValue>,
    #[serde(borrow, alias = "spans", alias = "logRecords")]
    members: Option<&'a RawValue>,
}

pub(super) fn walk(
    bytes: &[u8],
    names: &FieldNames,
    visit: &mut Visit<'_>,
) -> Result<(), DecodeError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| DecodeError::Malformed(format!("not UTF-8: {error}")))?;
    let top: Level<'_> = read(text)?;
    each(top.groups, names.groups, &mut |group| {
        let group: Level<'_> = read(group)?;
        let mut origin = Origin::default();
        if let Some(resource) = group.resource {
            origin.set_resource(Raw::Json(resource.get())).map_err(DecodeError::Malformed)?;
        }
        each(group.scopes, names.scopes, &mut |scope| {
            let scope: Level<'_> = read(scope)?;
            let own = scope.scope.map(|scope| Raw::Json(scope.get()));
            origin.set_scope(own).map_err(DecodeError::Malformed)?;
            each(scope.members, names.members, &mut |member| visit(&origin, Raw::Json(member)))
        })
    })
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|error| DecodeError::Malformed(error.to_string()))
}

/// Visits the elements of a list one by one; null is an empty list.
fn each(
    list: Option<&RawValue>,
    name: &str,
    visit: &mut dyn FnMut(&str) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let Some(list) = list.map(RawValue::get).filter(|text| *text != "null") else {
        return Ok(());
    };
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
