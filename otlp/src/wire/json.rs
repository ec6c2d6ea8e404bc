//! Walks the envelope of a request in JSON, without taking it into memory again.

use std::collections::HashMap;

use model::json::{with_quoted, without_mark};
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

    /// A level below; `None` when it is no object.
    fn below(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    fn get(&self, names: [&str; 2]) -> Option<&'a str> {
        let present =
            |name: &&str| self.0.get(*name).map(|raw| raw.get()).filter(|it| !is_null(it));
        names.iter().find_map(present)
    }
}

/// Bytes that are no UTF-8 spoil the text in which they stand, not its request.
pub(super) fn walk(
    bytes: &[u8],
    names: &FieldNames,
    visit: &mut Visit<'_>,
) -> Result<(), DecodeError> {
    let text = String::from_utf8_lossy(bytes);
    let text = without_mark(&text);
    let quoted;
    let top = match Level::read(text) {
        Ok(top) => top,
        Err(error) => {
            quoted = with_quoted(text, is_no_finite_number);
            Level::read(&quoted).map_err(|_| error)?
        }
    };
    each(top.get(names.groups), names.groups, &mut |group| {
        let mut origin = Origin::default();
        let Some(group) = Level::below(group) else { return visit(&origin, Raw::Json(group)) };
        if let Some(resource) = group.get(["resource"; 2]) {
            origin.set_resource(Raw::Json(resource));
        }
        each_below(group.get(names.scopes), names.scopes, &mut |scope| {
            let Some(scope) = Level::below(scope) else { return visit(&origin, Raw::Json(scope)) };
            origin.set_scope(scope.get(["scope"; 2]).map(Raw::Json));
            each_below(scope.get(names.members), names.members, &mut |member| {
                visit(&origin, Raw::Json(member))
            })
        })
    })
}

/// What Python writes without quotes, in which proto3 JSON has them.
fn is_no_finite_number(token: &str) -> bool {
    matches!(token, "NaN" | "Infinity" | "-Infinity")
}

fn is_null(text: &str) -> bool {
    text == "null"
}

/// Visits the elements of a list below the top. Anything else in its place would
/// spoil the whole request, so it is as a list that holds just this.
fn each_below(
    list: Option<&str>,
    names: [&str; 2],
    visit: &mut dyn FnMut(&str) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let Some(text) = list.filter(|text| !text.starts_with('[')) else {
        return each(list, names, visit);
    };
    let is_empty = text == "\"\"" || Level::below(text).is_some_and(|it| it.0.is_empty());
    if is_empty { Ok(()) } else { visit(text) }
}

/// Visits the elements of a list one by one, but for those that are null.
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
            if is_null(item.get()) {
                continue;
            }
            if let Err(error) = (self.visit)(item.get()) {
                *self.refusal = Some(error);
                return Err(A::Error::custom("refused"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Encoding, decode_traces};
    use crate::DecodeError;

    const SPAN: &str =
        r#"{"traceId":"5b8aa5a2d2c872e8321cf37308d69df2","spanId":"0000000000000002"}"#;

    /// How many spans of a request are read, and how many refused.
    fn read(text: &str) -> Result<(usize, usize), DecodeError> {
        let text = text.replace("SPAN", SPAN);
        let traces = decode_traces(Encoding::Json, text.as_bytes())?;
        Ok((traces.names.len(), traces.rejected.count))
    }

    #[test]
    fn what_is_no_list_spoils_no_other_group() {
        for (text, expected) in [
            (r#"{"scopeSpans":{}}"#, (1, 0)),
            (r#"{"scopeSpans":""}"#, (1, 0)),
            (r#"{"scopeSpans":null}"#, (1, 0)),
            (r#"{"scopeSpans":"all"}"#, (1, 1)),
            (r#"{"scopeSpans":[null,7]}"#, (1, 1)),
            (r#"{"scopeSpans":[{"spans":{ }}]}"#, (1, 0)),
            (r#"{"scopeSpans":[{"spans":5}]}"#, (1, 1)),
            (r#"{"scopeSpans":[{"spans":[null,"none"]}]}"#, (1, 1)),
            (r#"{"scopeSpans":{"spans":SPAN}}"#, (1, 0)),
            (r#"{"scopeSpans":[{"spans":{"name":"x"}}]}"#, (1, 1)),
            ("null", (1, 0)),
            ("[]", (1, 1)),
            ("\"group\"", (1, 1)),
        ] {
            let other = r#"{"scopeSpans":[{"spans":[SPAN]}]}"#;
            let text = format!(r#"{{"resourceSpans":[{text},{other}]}}"#);
            assert_eq!(read(&text), Ok(expected), "{text}");
        }
        assert!(read(r#"{"resourceSpans":"none"}"#).is_err());
    }

    #[test]
    fn a_name_with_null_leaves_the_other_spelling() {
        let text = r#"{"resourceSpans":null,"resource_spans":[{"scopeSpans":null,
            "scope_spans":[{"spans":[SPAN]}]}]}"#;
        assert_eq!(read(text), Ok((1, 0)));
    }

    #[test]
    fn words_for_no_finite_number_are_read_without_quotes() {
        let of = |value: &str| {
            let attributes = format!(
                r#""attributes":[{{"key":"gen_ai.operation.name","value":{{"stringValue":"chat"}}}},
                {{"key":"k","value":{value}}},{{"key":"NaN","value":{{"stringValue":"a NaN,-Infinity"}}}}]"#
            );
            let span = SPAN.replace('}', &format!(",{attributes}}}"));
            let text = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}"#);
            let traces = decode_traces(Encoding::Json, text.as_bytes())?;
            let span = &traces.models[0].0;
            assert_eq!(span.attributes["NaN"], "a NaN,-Infinity");
            Ok::<_, DecodeError>(span.attributes["k"].clone())
        };
        assert_eq!(of(r#"{"doubleValue":NaN}"#).unwrap(), "NaN");
        assert_eq!(of(r#"{"doubleValue": -Infinity }"#).unwrap(), "-Infinity");
        assert_eq!(of("Infinity").unwrap(), "Infinity");
        assert!(of(r#"{"doubleValue":nan}"#).is_err());
    }
}
