//! Labels of a run, with the search for the runs that have them too.

use model::nested::named_scalars;
use model::run::Metadata;
use model::search::{Field, Filter, JsonLiteral, Test, Value};

use super::clip::clip;
use crate::data::run::MetadataDoc;

const VALUE_CHARS: usize = 300;

/// Values of one key that are shown each for itself.
const MAX_INSIDE: usize = 50;

/// The first labels in the order of their keys; what is inside of one has a line of
/// its own, as long as there are not more lines than labels are asked for.
#[must_use]
pub fn metadata_docs(metadata: &Metadata, most: usize) -> Vec<MetadataDoc> {
    let mut docs = Vec::new();
    for (key, value) in metadata.iter().take(most) {
        let room = MAX_INSIDE.min(most.saturating_sub(docs.len())).max(1);
        let (named, more) = named_scalars(key, value, room);
        docs.extend(named.into_iter().map(|(key, value)| MetadataDoc {
            value: label(&value),
            q: search(&key, &value),
            key,
        }));
        if more > 0 {
            let value = format!("{} more values", crate::format::count(more as u64));
            docs.push(MetadataDoc { key: key.clone(), value, q: None });
        }
    }
    docs
}

fn label(value: &str) -> String {
    let text = serde_json::from_str(value).unwrap_or_else(|_| value.to_owned());
    let clipped = clip(&text, VALUE_CHARS);
    if clipped.more_chars > 0 { clipped.text + "…" } else { clipped.text }
}

/// `metadata.key:value`. Lists and objects cannot be searched for as a whole.
fn search(key: &str, text: &str) -> Option<String> {
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
    fn what_is_inside_is_a_label_of_its_own() {
        let metadata: Metadata =
            serde_json::from_str(r#"{"tags":["a"],"tenant":{"id":"t-3","n":{"x":1}}}"#).unwrap();
        let docs = metadata_docs(&metadata, 200);
        let links: Vec<_> = docs.iter().filter_map(|doc| doc.q.as_deref()).collect();
        let expected = ["metadata.tags[]:a", "metadata.tenant.id:t-3", "metadata.tenant.n.x:1"];
        assert_eq!(links, expected);
        assert_eq!((docs[1].key.as_str(), docs[1].value.as_str()), ("tenant.id", "t-3"));
    }

    #[test]
    fn values_lead_to_searches_that_parse() {
        for (key, value, expected) in [
            ("user_id", r#""u1""#, Some("metadata.user_id:u1")),
            ("plan", "3", Some("metadata.plan:3")),
            ("user id", r#""a, \"b\"""#, Some(r#"metadata."user id":"a, \"b\"""#)),
            ("plan", r#""3""#, Some(r#"metadata.plan:"3""#)),
            ("tenant.id", r#""t-3""#, Some("metadata.tenant.id:t-3")),
            ("tags", "[]", None),
        ] {
            let search = search(key, value);
            assert_eq!(search.as_deref(), expected);
            if let Some(search) = search {
                SearchQuery::parse(&search).unwrap();
            }
        }
    }
}
