//! Changes to JSON text that leave everything else of it as it was written.
//!
//! A body that is read into a tree and written again loses number spelling, key
//! order, white space and duplicate keys. Here only the entries that change are
//! written anew. The text given must be JSON; of any other text nothing useful
//! comes, and nothing panics.

use std::borrow::Cow;

use crate::view::{Kind, Span, View};

/// Levels of nesting that [`map_texts`] goes down; texts below stay as they are.
const MAX_DEPTH: usize = 32;

/// What becomes of an entry of an object or list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It stays byte for byte.
    Keep,
    /// It goes, with the comma that belonged to it.
    Remove,
    /// Its value becomes this JSON text.
    Replace(String),
}

/// The members of an object in their order, each with the text of its value;
/// `None` when the text is no object.
#[must_use]
pub fn members(text: &str) -> Option<Vec<(Cow<'_, str>, &str)>> {
    let view = View::part(text.trim());
    (view.kind() == Kind::Object)
        .then(|| view.members().map(|(key, value)| (key, value.raw())).collect())
}

/// The text of a JSON string; `None` for any other value.
#[must_use]
pub fn text(value: &str) -> Option<Cow<'_, str>> {
    View::part(value).text()
}

/// The elements of a list; of any other value, none.
pub fn items(value: &str) -> impl Iterator<Item = &str> {
    View::part(value).items().map(View::raw)
}

/// An object or list with some of its entries changed. `change` gets the key
/// (empty in a list) and the text of the value.
///
/// # Errors
/// The first error of `change`.
pub fn rewrite<E>(
    text: &str,
    mut change: impl FnMut(&str, &str) -> Result<Change, E>,
) -> Result<String, E> {
    let spans: Vec<Span<'_>> = View::part(text).spans().collect();
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else {
        return Ok(text.to_owned());
    };
    let slice = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let mut made = slice(0, first.all.start).to_owned();
    let mut separator = "";
    for (at, span) in spans.iter().enumerate() {
        let key = span.key.as_deref().unwrap_or_default();
        let value = slice(span.value.start, span.value.end);
        let change = change(key, value)?;
        if change == Change::Remove {
            continue;
        }
        made.push_str(separator);
        made.push_str(slice(span.all.start, span.value.start));
        match &change {
            Change::Replace(text) => made.push_str(text),
            Change::Keep | Change::Remove => made.push_str(value),
        }
        separator = spans.get(at + 1).map_or("", |next| slice(span.all.end, next.all.start));
    }
    made.push_str(slice(last.all.end, text.len()));
    Ok(made)
}

/// An object with these members at its end, in place of any of the same name.
/// Values are JSON texts.
#[must_use]
pub fn with_members(text: &str, added: &[(&str, String)]) -> String {
    let is_added = |key: &str| added.iter().any(|(name, _)| *name == key);
    let kept = if View::part(text).members().any(|(key, _)| is_added(&key)) {
        let kept = rewrite(text, |key, _| {
            Ok::<_, std::convert::Infallible>(match is_added(key) {
                true => Change::Remove,
                false => Change::Keep,
            })
        });
        let Ok(kept) = kept;
        Cow::Owned(kept)
    } else {
        Cow::Borrowed(text)
    };
    let Some(end) = kept.rfind('}') else { return kept.into_owned() };
    let (head, tail) = kept.split_at(end);
    let body = head.trim_end();
    let mut made = String::with_capacity(kept.len() + added.len() * 48);
    made.push_str(body);
    let mut separator = if body.ends_with('{') { "" } else { "," };
    for (name, value) in added {
        made.push_str(separator);
        made.push_str(&serde_json::Value::from(*name).to_string());
        made.push(':');
        made.push_str(value);
        separator = ",";
    }
    made.push_str(head.get(body.len()..).unwrap_or_default());
    made.push_str(tail);
    made
}

/// A value with every text in it, keys aside, that `map` gives another for.
///
/// # Errors
/// The first error of `map`.
pub fn map_texts<E>(
    value: &str,
    map: &mut dyn FnMut(&str) -> Result<Option<String>, E>,
) -> Result<String, E> {
    map_texts_below(value, map, 0)
}

fn map_texts_below<E>(
    value: &str,
    map: &mut dyn FnMut(&str) -> Result<Option<String>, E>,
    depth: usize,
) -> Result<String, E> {
    match View::part(value).kind() {
        Kind::Text => {
            let text = View::part(value).text().unwrap_or_default();
            let mapped = map(&text)?;
            Ok(mapped.map_or_else(
                || value.to_owned(),
                |mapped| serde_json::Value::String(mapped).to_string(),
            ))
        }
        Kind::List | Kind::Object if depth < MAX_DEPTH => rewrite(value, |_, inner| {
            let mapped = map_texts_below(inner, map, depth + 1)?;
            Ok(if mapped == inner { Change::Keep } else { Change::Replace(mapped) })
        }),
        _ => Ok(value.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn without(text: &str, names: &[&str]) -> String {
        let made = rewrite(text, |key, _| {
            Ok::<_, Infallible>(match names.contains(&key) {
                true => Change::Remove,
                false => Change::Keep,
            })
        });
        let Ok(made) = made;
        made
    }

    #[test]
    fn what_stays_keeps_its_bytes() {
        let text = "{ \"a\" : 1.0 ,\n \"b\":[ 1E2,2 ] , \"a\":0.10 }";
        assert_eq!(without(text, &[]), text);
        assert_eq!(without(text, &["b"]), "{ \"a\" : 1.0 ,\n \"a\":0.10 }");
        assert_eq!(without(text, &["a"]), "{ \"b\":[ 1E2,2 ] }");
        assert_eq!(without(text, &["a", "b"]), "{  }");
        assert_eq!(without("{}", &["a"]), "{}");
    }

    #[test]
    fn keys_are_known_however_they_are_written() {
        assert_eq!(without(r#"{"\u0061gent":1,"x":2}"#, &["agent"]), r#"{"x":2}"#);
    }

    #[test]
    fn members_are_added_at_the_end_and_replace_their_likes() {
        let added = [("url", "\"u\"".to_owned()), ("cost", "null".to_owned())];
        assert_eq!(with_members("{}", &added), r#"{"url":"u","cost":null}"#);
        assert_eq!(
            with_members("{\n  \"id\": 1,\n  \"url\": 2\n}\n", &added),
            "{\n  \"id\": 1,\"url\":\"u\",\"cost\":null\n}\n"
        );
    }

    #[test]
    fn texts_are_mapped_and_keys_are_not() {
        let mut map = |text: &str| Ok::<_, Infallible>((text == "x").then(|| "é\"".to_owned()));
        let Ok(made) = map_texts(r#"[{"x":"x", "n":1.0},"y","\u0078"]"#, &mut map);
        assert_eq!(made, r#"[{"x":"é\"", "n":1.0},"y","é\""]"#);
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        let Ok(same) = map_texts(&deep, &mut map);
        assert_eq!(same, deep);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken_without_panic(text in ".*") {
            let _ = (members(&text), without(&text, &["a"]), with_members(&text, &[("a", "1".to_owned())]));
        }

        #[test]
        fn removing_agrees_with_a_tree(keys in proptest::collection::vec("[abc]", 0..6)) {
            let members: Vec<String> = keys.iter().map(|key| format!("\"{key}\" : 1")).collect();
            let text = format!("{{{}}}", members.join(" , "));
            let made = without(&text, &["a", "c"]);
            let mut tree: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).unwrap();
            tree.retain(|key, _| key == "b");
            proptest::prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&made).unwrap(), serde_json::Value::Object(tree));
        }
    }
}
