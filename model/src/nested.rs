//! What a run's metadata has where a search names it.

use std::borrow::Cow;

use crate::Json;
use crate::run::Metadata;
use crate::view::{Kind, View};

/// Objects and lists around a value that are gone through.
const MAX_DEPTH: usize = 64;
/// Most values of one name, as of the elements of a list.
pub const MAX_VALUES: usize = 20;

/// The values that `metadata.KEY` names, as JSON: that of the key itself, or else
/// what is inside of other keys, where `.` leads to a member, `[]` to any element
/// and `.length` to the number of elements. At most [`MAX_VALUES`].
#[must_use]
pub fn metadata_values<'a>(metadata: &'a Metadata, key: &str) -> Vec<Cow<'a, str>> {
    if let Some(own) = metadata.get(key) {
        return vec![Cow::Borrowed(own.as_str())];
    }
    let mut found = Vec::new();
    for (outer, json) in metadata {
        if let Some(rest) = key.strip_prefix(outer.as_str()).filter(|rest| leads_on(rest)) {
            walk(View::of(json), rest, MAX_DEPTH, &mut found);
        }
    }
    found
}

fn leads_on(rest: &str) -> bool {
    rest.starts_with(['.', '['])
}

fn walk<'a>(view: View<'a>, rest: &str, depth: usize, found: &mut Vec<Cow<'a, str>>) {
    if depth == 0 || found.len() >= MAX_VALUES {
        return;
    }
    if rest.is_empty() {
        found.push(Cow::Borrowed(view.raw()));
    } else if let Some(rest) = rest.strip_prefix("[]") {
        for element in view.items() {
            walk(element, rest, depth - 1, found);
        }
    } else if let Some(name) = rest.strip_prefix('.') {
        if name == "length" && view.kind() == Kind::List {
            found.push(Cow::Owned(view.items().count().to_string()));
        }
        for (key, member) in view.members() {
            let rest = name.strip_prefix(&*key);
            if let Some(rest) = rest.filter(|rest| rest.is_empty() || leads_on(rest)) {
                walk(member, rest, depth - 1, found);
            }
        }
    }
}

/// The scalars of a metadata value with the names that searches have for them, in
/// their order, at most so many; the value itself where it is one. The rest is
/// how many more there are.
#[must_use]
pub fn named_scalars(key: &str, json: &Json, most: usize) -> (Vec<(String, String)>, usize) {
    let (mut named, mut more) = (Vec::new(), 0);
    collect(View::of(json), key.to_owned(), MAX_DEPTH, most, &mut named, &mut more);
    (named, more)
}

fn collect(
    view: View<'_>,
    name: String,
    depth: usize,
    most: usize,
    named: &mut Vec<(String, String)>,
    more: &mut usize,
) {
    // Of an object or list that has nothing inside there is only itself.
    let is_empty = view.spans().next().is_none();
    if depth == 0 || is_empty {
        if named.len() < most {
            named.push((name, view.raw().to_owned()));
        } else {
            *more += 1;
        }
        return;
    }
    match view.kind() {
        Kind::Object => {
            for (key, member) in view.members() {
                collect(member, format!("{name}.{key}"), depth - 1, most, named, more);
            }
        }
        _ => {
            for element in view.items() {
                collect(element, format!("{name}[]"), depth - 1, most, named, more);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(text: &str) -> Metadata {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_key_comes_before_what_is_inside() {
        let metadata = metadata(
            r#"{"a":{"b":{"c.d":[1,{"e":"x"}]},"n":null,"length":7},"a.b":"own","l":[[1],[2,3]],
                "p.q":{"r":true}}"#,
        );
        let of = |key| metadata_values(&metadata, key).join(" ");
        assert_eq!(of("a.b"), "\"own\"");
        assert_eq!(of("a.b.c.d[]"), "1 {\"e\":\"x\"}");
        assert_eq!(of("a.b.c.d[].e"), "\"x\"");
        assert_eq!(of("a.b.c.d.length"), "2");
        assert_eq!(of("a.length"), "7");
        assert_eq!(of("a.n"), "null");
        assert_eq!(of("l[][]"), "1 2 3");
        assert_eq!(of("l[].length"), "1 2");
        assert_eq!(of("p.q.r"), "true");
        for none in ["a.", "a.x", "b", "a[]", "", "l[", "ab"] {
            assert_eq!(of(none), "", "{none}");
        }
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let deep = metadata(&deep);
        assert!(metadata_values(&deep, &format!("a{}", "[]".repeat(90_000))).is_empty());
        assert_eq!(named_scalars("a", &deep["a"], 5).0.len(), 1);
        let wide = metadata(&format!("{{\"a\":[{}1]}}", "1,".repeat(500)));
        assert_eq!(metadata_values(&wide, "a[]").len(), MAX_VALUES);
        let (named, more) = named_scalars("a", &wide["a"], 5);
        assert_eq!((named.len(), more), (5, 496));
        assert_eq!(named[0], ("a[]".to_owned(), "1".to_owned()));
    }

    #[test]
    fn scalars_have_the_names_of_searches() {
        let metadata = metadata(r#"{"t":{"id":"t-3","x":[],"l":[{"k":1}],"e":{}}}"#);
        let (named, _) = named_scalars("t", &metadata["t"], 10);
        let named: Vec<String> =
            named.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(named, ["t.id=\"t-3\"", "t.x=[]", "t.l[].k=1", "t.e={}"]);
    }
}
