//! Searches of WorkflowAI, in its links and in its REST calls.
//!
//! Both are lists of conditions, all of which must hold. Each is written in
//! the grammar of this module and read from there, so that it means the same.
//!
//! Where WorkflowAI was wrong, the meaning that it showed is kept and not the
//! mistake: the value `Empty` is what is absent (or, for texts, empty), never
//! 0 or false; several values are any of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::SearchError;
use super::expr::Expr;
use super::field::{Field, ValueType};
use super::value::{JsonLiteral, quote_unless};
use super::{SearchQuery, word};

/// One condition of WorkflowAI's `field_queries`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldQuery {
    /// A field, or `input.`, `output.` or `metadata.` and a path or key.
    pub field_name: String,
    /// `is`, `is not`, `contains`, `greater than` …
    pub operator: String,
    /// The values: one, two for `is between`, any number for `is`.
    #[serde(default)]
    pub values: Vec<Value>,
    /// `string`, `number`, `integer`, `boolean`, `date` or `array_length`.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub value_type: Option<String>,
}

/// Which condition of an old search cannot be read, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("condition {} of the old search: {message}", index.saturating_add(1))]
pub struct LegacyError {
    /// Its place in the list, from 0.
    pub index: usize,
    /// What is wrong with it.
    pub message: String,
}

impl SearchQuery {
    /// The search that a list of conditions stands for.
    ///
    /// # Errors
    /// Which condition names an unknown field, operator or value.
    pub fn from_field_queries(queries: &[FieldQuery]) -> Result<Self, LegacyError> {
        let mut all = Vec::new();
        for (index, query) in queries.iter().enumerate() {
            let at = |message| LegacyError { index, message };
            let text = query.to_text().map_err(at)?;
            let parsed = Self::parse(&text).map_err(|error: SearchError| at(error.message))?;
            all.extend(parsed.root().cloned());
        }
        Self::new(Expr::And(all)).map_err(|error| LegacyError {
            index: queries.len().saturating_sub(1),
            message: error.message,
        })
    }

    /// The search of a link with `field_name`, `operator` and `value`, each of
    /// them a list joined by commas.
    ///
    /// # Errors
    /// When the lists do not go together or a condition cannot be read.
    pub fn from_legacy(
        field_names: &str,
        operators: &str,
        values: &str,
    ) -> Result<Self, LegacyError> {
        // No operator holds a comma, so they say how many conditions there are;
        // a single one keeps the commas of its field and value.
        let count = operators.split(',').count();
        let split = |list: &str| -> Vec<String> {
            let parts = if count == 1 { vec![list] } else { list.split(',').collect() };
            parts.into_iter().map(|part| part.trim().to_owned()).collect()
        };
        let (names, values) = (split(field_names), split(values));
        if names.len() != count || values.len() != count {
            let message = format!(
                "{count} operators need as many fields and values, and there are {} and {}; \
                 a comma inside a value cannot be told from one between two",
                names.len(),
                values.len()
            );
            return Err(LegacyError { index: names.len().min(values.len()).min(count), message });
        }
        let rows = names.into_iter().zip(operators.split(',')).zip(values);
        let queries: Vec<_> = rows
            .map(|((field_name, operator), value)| FieldQuery {
                field_name,
                operator: operator.trim().to_owned(),
                values: if value.is_empty() { Vec::new() } else { vec![Value::String(value)] },
                value_type: None,
            })
            .collect();
        Self::from_field_queries(&queries)
    }
}

impl FieldQuery {
    /// This condition in the grammar of searches. Fields and values are not
    /// checked: parsing the text says what is wrong with them.
    ///
    /// # Errors
    /// When the operator is unknown, or a value is missing or no scalar.
    pub fn to_text(&self) -> Result<String, String> {
        let negated = matches!(
            self.operator.as_str(),
            "is not" | "does not contain" | "is not empty" | "is not between"
        );
        let text = match self.operator.as_str() {
            "is empty" | "is not empty" => self.empty()?,
            "is" | "is not" if self.values.first().and_then(Value::as_str) == Some("Empty") => {
                self.empty()?
            }
            "is" | "is not" => self.is()?,
            "contains" | "does not contain" => self.condition("~", &[self.quoted(0)?])?,
            "greater than" | "is after" => self.condition(">", &[self.value(0)?])?,
            "greater than or equal to" => self.condition(">=", &[self.value(0)?])?,
            "less than" | "is before" => self.condition("<", &[self.value(0)?])?,
            "less than or equal to" => self.condition("<=", &[self.value(0)?])?,
            "is between" | "is not between" => {
                let range = format!("{}..{}", self.value(0)?, self.value(1)?);
                self.condition("", &[range])?
            }
            other => return Err(format!("unknown operator `{other}`")),
        };
        // Runs without the field were included, too.
        Ok(if negated { format!("-({text})") } else { text })
    }

    /// Its field as the grammar writes it.
    fn name(&self) -> String {
        match self.field_name.strip_prefix("metadata.") {
            Some(key) => Field::Metadata(key.to_owned()).to_string(),
            None if self.field_name == "price" => "cost".to_owned(),
            None => self.field_name.clone(),
        }
    }

    /// The type of its field; JSON for all that is not plain.
    fn field_type(&self) -> ValueType {
        Field::from_name(&self.name()).map_or(ValueType::Json, |field| field.value_type())
    }

    fn condition(&self, operator: &str, values: &[String]) -> Result<String, String> {
        let name = self.name();
        let may_be_field = !name.contains(|c| c == ':' || word::ends_word(c))
            && word::classify(&name, ":") != word::Head::Word;
        if !may_be_field && !name.starts_with("metadata.") {
            return Err(format!("unknown field `{name}`"));
        }
        Ok(format!("{name}:{operator}{}", values.join(",")))
    }

    fn is(&self) -> Result<String, String> {
        let first = self.text(0)?;
        match (self.field_name.as_str(), first.as_str()) {
            ("source", "my app") => return Ok("-source:playground".to_owned()),
            ("source", "WorkflowAI") => return Ok("source:playground".to_owned()),
            // An environment stood where versions stand.
            ("version", "Production" | "Staging" | "Dev") => {
                return Ok(format!("environment:{}", first.to_lowercase()));
            }
            _ => {}
        }
        let values: Vec<_> =
            (0..self.values.len()).map(|at| self.value(at)).collect::<Result<_, _>>()?;
        self.condition("", &values)
    }

    /// Absent, or an empty text where texts are possible.
    fn empty(&self) -> Result<String, String> {
        let present = self.condition("*", &[])?;
        let is_text = matches!(self.value_type.as_deref(), None | Some("string"));
        if self.field_type() == ValueType::Json && is_text {
            return Ok(format!("(-{present} OR {})", self.condition("\"\"", &[])?));
        }
        Ok(format!("-{present}"))
    }

    /// A value as text.
    fn text(&self, index: usize) -> Result<String, String> {
        match self.values.get(index) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Array(_) | Value::Object(_)) => {
                Err("a value must be a text, a number, true, false or null".to_owned())
            }
            Some(other) => Ok(other.to_string()),
            None => Err(format!("`{}` needs {} values", self.operator, index + 1)),
        }
    }

    fn quoted(&self, index: usize) -> Result<String, String> {
        self.text(index).map(|text| quote(&text))
    }

    /// A value as the grammar writes it.
    fn value(&self, index: usize) -> Result<String, String> {
        let text = self.text(index)?;
        Ok(match self.field_type() {
            ValueType::Json => self.json_value(text),
            ValueType::Duration => quote(&format!("{text}s")),
            ValueType::Number => quote(temperature(&text)),
            _ => quote(&text),
        })
    }

    /// A text where the type says so, else what the characters mean. All
    /// metadata was text, whatever was meant.
    fn json_value(&self, text: String) -> String {
        let is_text = matches!(self.value_type.as_deref(), Some("string" | "date"));
        let is_text = is_text && !self.field_name.starts_with("metadata.");
        let literal = if is_text { JsonLiteral::string(text) } else { JsonLiteral::bare(text) };
        if literal.scalar().is_some() { literal.to_string() } else { quote(literal.text()) }
    }
}

fn quote(text: &str) -> String {
    let mut quoted = String::new();
    // Writing to a string cannot fail.
    let _ = quote_unless(&mut quoted, text, false);
    quoted
}

/// The three temperatures that had names.
fn temperature(text: &str) -> &str {
    match text.split([' ', '(']).next() {
        Some("Precise") => "0",
        Some("Balanced") => "0.5",
        Some("Creative") => "1",
        _ => text,
    }
}
