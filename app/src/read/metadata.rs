//! Labels of a run, with the search for the runs that have them too.

use model::Json;
use model::run::Metadata;
use model::search::{Field, Filter, JsonLiteral, Test, Value};

use super::clip::clip;
use crate::data::run::MetadataDoc;

const VALUE_CHARS: usize = 300;

/// The first labels in the order of their keys.
#[must_use]
pub fn metadata_docs(metadata: &Metadata, most: usize) -> Vec<MetadataDoc> {
    metadata
        .iter()
        .take(most)
        .map(|(key, value)| MetadataDoc {
            key: key.clone(),
            value: label(value),
            q: search(key, value),
        })
        .collect()
}

fn label(value: &Json) -> String {
    let text = serde_json::from_str(value.as_str()).unwrap_or_else(|_| value.as_str().to_owned());
    let clipped = clip(&text, VALUE_CHARS);
    if clipped.more_chars > 0 { clipped.text + "…" } else { clipped.text }
}

/// `metadata.key:value`. Lists and objects cannot be searched for as a whole.
fn search(key: &str, value: &Json) -> Option<String> {
    let text = value.as_str();
    if text.starts_with(['[', '{']) || text.len() > VALUE_CHARS {
        return None;
    }
    let literal = match serde_json::from_str::<String>(text) {
        Ok(text) => JsonLiteral::string(text),
        Err(_) => JsonLiteral::bare(text),
    };
    let test = Test::AnyOf(vec![Value::Json(literal)]);
    Filter::new(Field::Metadata(key.to_owned()), test).ok().map(|filter| filter.to_string())
}

#[cfg(test)]
mod tests {
    use model::SearchQuery;

    use super::*;

    #[test]
    fn values_lead_to_searches_that_parse() {
        for (key, value, expected) in [
            ("user_id", r#""u1""#, Some("metadata.user_id:u1")),
            ("plan", "3", Some("metadata.plan:3")),
            ("user id", r#""a, \"b\"""#, Some(r#"metadata."user id":"a, \"b\"""#)),
            ("plan", r#""3""#, Some(r#"metadata.plan:"3""#)),
            ("tags", "[1]", None),
        ] {
            let search = search(key, &Json::from_text(value).unwrap());
            assert_eq!(search.as_deref(), expected);
            if let Some(search) = search {
                SearchQuery::parse(&search).unwrap();
            }
        }
    }
}
