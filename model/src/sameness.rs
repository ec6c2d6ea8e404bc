//! Whether two JSON texts say the same.

use crate::Json;
use crate::digest::blake3_128;
use crate::view::{Kind, View};

/// Deeper values are the same only byte for byte.
const MAX_DEPTH: usize = 64;

/// A hash that does not depend on white space, the order of keys, or how
/// characters are escaped. Numbers count as they are spelled: two spellings of
/// one number are told apart, and two numbers beyond 64 bits never confused.
#[must_use]
pub fn hash(json: &Json) -> u128 {
    let mut hasher = blake3::Hasher::new();
    feed(&mut hasher, View::of(json), 0);
    blake3_128(&hasher)
}

fn feed(hasher: &mut blake3::Hasher, view: View<'_>, depth: usize) {
    match view.kind() {
        Kind::Object if depth < MAX_DEPTH => {
            let mut members: Vec<_> = view.members().collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            begin(hasher, b'{', members.len());
            for (key, value) in members {
                text(hasher, &key);
                feed(hasher, value, depth + 1);
            }
        }
        Kind::List if depth < MAX_DEPTH => {
            let items: Vec<_> = view.items().collect();
            begin(hasher, b'[', items.len());
            items.into_iter().for_each(|item| feed(hasher, item, depth + 1));
        }
        Kind::Text => text(hasher, &view.text().unwrap_or_default()),
        _ => {
            begin(hasher, b'=', view.raw().len());
            hasher.update(view.raw().as_bytes());
        }
    }
}

fn text(hasher: &mut blake3::Hasher, text: &str) {
    begin(hasher, b'"', text.len());
    hasher.update(text.as_bytes());
}

/// What follows is told by its kind and size, so that no two values read alike.
fn begin(hasher: &mut blake3::Hasher, kind: u8, size: usize) {
    hasher.update(&[kind]);
    hasher.update(&(size as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> u128 {
        hash(&Json::from_text(text).unwrap())
    }

    #[test]
    fn only_spelling_is_overlooked() {
        let one = of(r#"{"a":[1,"é"],"b":null}"#);
        assert_eq!(one, of("{ \"b\" : null, \"a\" : [1, \"\\u00e9\"] }"));
        for other in [
            r#"{"a":[1,"e"],"b":null}"#,
            r#"{"a":[1.0,"é"],"b":null}"#,
            r#"{"a":["1","é"],"b":null}"#,
            r#"{"a":["é",1],"b":null}"#,
            r#"{"a":[1,"é"]}"#,
        ] {
            assert_ne!(one, of(other), "{other}");
        }
        assert_ne!(of("123456789012345678901"), of("123456789012345678902"));
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(of(&deep), of(&deep));
    }
}
