//! What produced a run and stays the same from run to run.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

use crate::digest::blake3_128;
use crate::{Micros, NanoUsd, Timestamp};

/// What produced a run: model, parameters, tools, instructions or template.
///
/// It is an open object; the named fields are those that lists show and
/// searches know. Everything else (`top_p`, `tool_choice`, …) is in `extra`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// The model as it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The provider's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Sampling temperature; absent is not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// The instructions of a structured agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// Leading system messages, or the message template, in the dialect they came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages: Option<Vec<Value>>,
    /// Tools offered to the model, in the dialect they came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<Value>>,
    /// The JSON schema that the output must have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_schema: Option<Value>,
    /// Most tokens of an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
    /// Every other parameter.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The id of a version: 32 hexadecimal digits, BLAKE3-128 of its canonical JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionId(pub u128);

/// The number of a version within its agent.
///
/// Another prompt, tool set or output schema raises the major number, another
/// model or setting the minor one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionNumber {
    /// From 1.
    pub major: u32,
    /// From 1.
    pub minor: u32,
}

/// A version with its id and number, as it goes out with a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunVersion {
    /// The id of the version.
    pub id: VersionId,
    /// Its number; `None` while the version is not registered.
    pub number: Option<VersionNumber>,
    /// The snapshot that the run keeps.
    #[serde(flatten)]
    pub snapshot: Version,
}

/// A version with what its runs add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionSummary {
    /// The version.
    pub version: RunVersion,
    /// When its first run was made.
    pub first_seen: Timestamp,
    /// When its newest run was made.
    pub last_seen: Timestamp,
    /// Runs, without those of the playground and of echo; these are in no other figure either.
    pub run_count: u64,
    /// Runs of the playground and of echo.
    pub playground_run_count: u64,
    /// Failed runs.
    pub failure_count: u64,
    /// What its runs cost, as far as known.
    #[serde(rename = "cost_usd")]
    pub cost: Option<NanoUsd>,
    /// The median of its runs' latency.
    #[serde(rename = "latency_p50_ms")]
    pub latency_p50: Option<Micros>,
}

/// A text that is no version id or number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidVersion {
    /// Not 32 hexadecimal digits.
    #[error("not a version id; a version id has 32 hexadecimal digits")]
    Id,
    /// Not `major.minor`.
    #[error("not a version number; write it like 3.1")]
    Number,
}

impl Version {
    /// The id: BLAKE3-128 of the canonical JSON (RFC 8785) without nulls.
    #[must_use]
    pub fn id(&self) -> VersionId {
        VersionId(hash(&Value::Object(self.to_object())))
    }

    /// The hash of what raises the major number: prompt, tools and output schema.
    #[must_use]
    pub fn major_hash(&self) -> u128 {
        let mut object = self.to_object();
        object.retain(|key, _| {
            matches!(key.as_str(), "instructions" | "messages" | "tools" | "output_schema")
        });
        hash(&Value::Object(object))
    }

    /// As a plain object.
    #[must_use]
    pub fn to_object(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(object)) => object,
            _ => Map::new(),
        }
    }
}

fn hash(value: &Value) -> u128 {
    let canonical = serde_jcs::to_vec(&without_nulls(value)).unwrap_or_default();
    blake3_128(blake3::Hasher::new().update(&canonical))
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| (key.clone(), without_nulls(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        other => other.clone(),
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl fmt::Debug for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VersionId({self})")
    }
}

impl FromStr for VersionId {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(InvalidVersion::Id);
        }
        u128::from_str_radix(text, 16).map(Self).map_err(|_| InvalidVersion::Id)
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for VersionNumber {
    type Err = InvalidVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (major, minor) = text.split_once('.').ok_or(InvalidVersion::Number)?;
        let part = |digits: &str| digits.parse().map_err(|_| InvalidVersion::Number);
        Ok(Self { major: part(major)?, minor: part(minor)? })
    }
}

macro_rules! serde_as_text {
    ($($name:ty),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }
    )*};
}

serde_as_text!(VersionId, VersionNumber);

#[cfg(test)]
mod tests {
    use super::*;

    fn version(json: &str) -> Version {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn id_ignores_key_order_and_nulls() {
        let a = version(r#"{"model":"m","temperature":0.2,"tools":null,"top_p":1}"#);
        let b = version(r#"{"top_p":1.0,"temperature":0.2,"model":"m"}"#);
        assert_eq!(a.id(), b.id());
        assert_ne!(a.id(), version(r#"{"model":"m","temperature":0,"top_p":1}"#).id());
    }

    #[test]
    fn model_changes_only_the_minor_number() {
        let a = version(r#"{"model":"a","instructions":"x"}"#);
        let b = version(r#"{"model":"b","instructions":"x"}"#);
        let c = version(r#"{"model":"a","instructions":"y"}"#);
        assert_eq!(a.major_hash(), b.major_hash());
        assert_ne!(a.major_hash(), c.major_hash());
    }

    #[test]
    fn numbers_print_and_parse() {
        let number: VersionNumber = "3.1".parse().unwrap();
        assert_eq!(number.to_string(), "3.1");
        assert!("3".parse::<VersionNumber>().is_err());
    }
}
