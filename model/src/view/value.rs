//! A tree of any JSON text, even where serde gives up.

use serde_json::Value;

use super::{Kind, View};

/// Levels that are read as a tree; well below what serde reads again.
const MAX_DEPTH: usize = 64;

pub(super) fn lenient(view: View<'_>, depth: usize) -> Value {
    match view.kind() {
        Kind::Text => Value::String(view.text().unwrap_or_default().into_owned()),
        Kind::List if depth < MAX_DEPTH => {
            Value::Array(view.items().map(|item| lenient(item, depth + 1)).collect())
        }
        Kind::Object if depth < MAX_DEPTH => Value::Object(
            view.members()
                .map(|(key, value)| (key.into_owned(), lenient(value, depth + 1)))
                .collect(),
        ),
        _ => serde_json::from_str(view.raw())
            .unwrap_or_else(|_| Value::String(view.raw().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_nesting_and_lone_surrogates_are_kept() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        let text = format!(r#"{{"a":"\ud800","b":{deep},"c":1.5}}"#);
        assert!(serde_json::from_str::<Value>(&text).is_err());
        let value = View::checked(&text).unwrap().to_value();
        assert_eq!(value.get("a").unwrap(), "\u{fffd}");
        assert_eq!(value.get("c").unwrap(), 1.5);
        assert!(value.to_string().contains("[[["));
    }
}
