//! Searches in the form of WorkflowAI: a list of fields, operators and values,
//! all of which must hold. Each is written in the grammar of [`SearchQuery`]
//! and read from there, so that both forms mean the same.

use model::search::{Expr, SearchQuery};
use serde::Deserialize;
use serde_json::Value;

use super::list::parse_query;
use crate::error::ApiError;

/// One condition.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldQuery {
    field_name: String,
    operator: String,
    #[serde(default)]
    values: Vec<Value>,
    #[serde(default, rename = "type")]
    value_type: Option<String>,
}

/// The search that asks for all of these and for what `text` asks.
///
/// # Errors
/// 400 that names the condition that cannot be read.
pub fn to_search(text: &str, queries: &[FieldQuery]) -> Result<SearchQuery, ApiError> {
    let mut all = Vec::new();
    for (index, query) in queries.iter().enumerate() {
        let place = format!("field_queries[{index}]");
        let token = query.token().map_err(|message| ApiError::invalid_field(&place, message))?;
        let parsed = SearchQuery::parse(&token)
            .map_err(|error| ApiError::invalid_field(&place, error.message))?;
        all.extend(parsed.root().cloned());
    }
    // Last, since a word still being typed counts only at the end.
    all.extend(parse_query(text)?.root().cloned());
    SearchQuery::new(Expr::And(all))
        .map_err(|error| ApiError::invalid_field("field_queries", error))
}

impl FieldQuery {
    fn token(&self) -> Result<String, String> {
        let name = self.name();
        let one = || self.value(0);
        Ok(match self.operator.as_str() {
            "is empty" => format!("-{name}:*"),
            "is not empty" => format!("{name}:*"),
            "is" if self.is_empty_word() => format!("-{name}:*"),
            "is not" if self.is_empty_word() => format!("{name}:*"),
            "is" => format!("{name}:{}", one()?),
            "is not" => format!("-{name}:{}", one()?),
            "contains" => format!("{name}:~{}", one()?),
            "does not contain" => format!("-{name}:~{}", one()?),
            "greater than" | "is after" => format!("{name}:>{}", one()?),
            "greater than or equal to" => format!("{name}:>={}", one()?),
            "less than" | "is before" => format!("{name}:<{}", one()?),
            "less than or equal to" => format!("{name}:<={}", one()?),
            "is between" => format!("{name}:{}..{}", one()?, self.value(1)?),
            "is not between" => format!("-{name}:{}..{}", one()?, self.value(1)?),
            other => return Err(format!("unknown operator {other:?}")),
        })
    }

    fn name(&self) -> String {
        match self.field_name.as_str() {
            "price" => "cost".to_owned(),
            name => match name.strip_prefix("metadata.") {
                Some(key) => format!("metadata.{}", quoted(key)),
                None => name.to_owned(),
            },
        }
    }

    /// WorkflowAI's word for a missing value.
    fn is_empty_word(&self) -> bool {
        self.values.first().and_then(Value::as_str) == Some("Empty")
    }

    fn value(&self, index: usize) -> Result<String, String> {
        let value = self
            .values
            .get(index)
            .ok_or_else(|| format!("{:?} needs {} values", self.operator, index + 1))?;
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Array(_) | Value::Object(_) => {
                return Err("a value must be a text, a number, true, false or null".to_owned());
            }
            other => other.to_string(),
        };
        Ok(match (self.field_name.as_str(), text.as_str()) {
            ("source", "my app") => "sdk,api,proxy".to_owned(),
            ("source", "WorkflowAI") => "playground".to_owned(),
            ("latency", seconds) => format!("{seconds}s"),
            ("temperature", named) => temperature(named).to_owned(),
            // Quotes would ask for a text where a number may be meant as well.
            (_, plain) if is_plain(plain) && !(value.is_string() && self.is_text()) => text,
            (_, other) => quoted(other),
        })
    }

    fn is_text(&self) -> bool {
        self.value_type.as_deref() == Some("string") && !self.field_name.starts_with("metadata.")
    }
}

/// The three temperatures that had names.
fn temperature(named: &str) -> &str {
    match named.split([' ', '(']).next() {
        Some("Precise") => "0",
        Some("Balanced") => "0.5",
        Some("Creative") => "1",
        _ => named,
    }
}

fn is_plain(text: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    !text.is_empty() && text.bytes().all(fits)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(json: &str) -> Result<String, ApiError> {
        let queries: Vec<FieldQuery> = serde_json::from_str(json).unwrap();
        to_search("", &queries).map(|query| query.to_string())
    }

    fn same(json: &str, text: &str) {
        assert_eq!(search(json).unwrap(), SearchQuery::parse(text).unwrap().to_string(), "{json}");
    }

    #[test]
    fn conditions_become_filters() {
        same(
            r#"[{"field_name":"output.score","operator":"greater than","values":[0.9],"type":"number"},
                {"field_name":"status","operator":"is","values":["failure"]}]"#,
            "output.score:>0.9 status:failure",
        );
        same(
            r#"[{"field_name":"price","operator":"is between","values":[0.01,0.02]}]"#,
            "cost:0.01..0.02",
        );
        same(
            r#"[{"field_name":"latency","operator":"less than","values":[2.5]}]"#,
            "latency:<2.5s",
        );
        same(
            r#"[{"field_name":"model","operator":"does not contain","values":["gpt 4"],"type":"string"}]"#,
            r#"-model:~"gpt 4""#,
        );
        same(
            r#"[{"field_name":"metadata.user id","operator":"is","values":["7"],"type":"string"}]"#,
            r#"metadata."user id":7"#,
        );
        same(r#"[{"field_name":"output.a","operator":"is","values":["Empty"]}]"#, "-output.a:*");
    }

    #[test]
    fn text_and_conditions_hold_together() {
        let queries: Vec<FieldQuery> =
            serde_json::from_str(r#"[{"field_name":"model","operator":"is","values":["gpt-4o"]}]"#)
                .unwrap();
        let both = to_search("refund OR delay", &queries).unwrap();
        let expected = SearchQuery::parse("model:gpt-4o (refund OR delay)").unwrap();
        assert_eq!(both.root(), expected.root());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for json in [
            r#"[{"field_name":"status","operator":"is","values":["failure"]},
                {"field_name":"status","operator":"resembles","values":["x"]}]"#,
            r#"[{"field_name":"status","operator":"is","values":["failure"]},
                {"field_name":"eval_hash","operator":"is","values":["x"]}]"#,
            r#"[{"field_name":"status","operator":"is","values":["failure"]},
                {"field_name":"model","operator":"is","values":[]}]"#,
        ] {
            let error = search(json).unwrap_err();
            assert_eq!(error.body.details["field"], "field_queries[1]", "{json}");
        }
    }
}
