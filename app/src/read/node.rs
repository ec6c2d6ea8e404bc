//! Reads JSON text into a pruned tree, level by level, so that a value of many
//! megabytes costs no more than the part of it that is shown.

use std::borrow::Cow;
use std::fmt;

use model::Json;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::clip::short;
use super::page_room::PageRoom;
use crate::data::node::{Clip, Node};

/// Items of one list or members of one object that are sent at once.
pub const PAGE: usize = 100;
/// Levels that are sent at once.
const DEPTH: usize = 12;

/// A value, pruned to what its page has room for.
#[must_use]
pub fn node(json: &Json, room: &mut PageRoom) -> Node {
    room.tree(|room| build(json.as_str(), room, DEPTH))
}

/// What stands at a place inside a value, from this item or member on; a text
/// comes as a whole as far as a page can hold it. `None` when nothing is there.
#[must_use]
pub fn node_at(json: &Json, steps: &[u32], from: u32) -> Option<Node> {
    let mut text = Cow::Borrowed(json.as_str());
    for step in steps {
        text = Cow::Owned(child(&text, *step as usize)?);
    }
    Some(build_from(&text, &mut PageRoom::of_asked(), DEPTH, from as usize))
}

fn build(text: &str, room: &mut PageRoom, depth: usize) -> Node {
    build_from(text, room, depth, 0)
}

fn build_from(text: &str, room: &mut PageRoom, depth: usize, from: usize) -> Node {
    room.take_node();
    match text.as_bytes().first() {
        Some(b'"') => Node::Text(string(text, room)),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            let count = size(items.len());
            if depth == 0 || (!room.has_nodes() && !items.is_empty()) {
                return Node::Folded { label: label("list", count, "item") };
            }
            let items = items.iter().skip(from).take(PAGE);
            Node::List {
                items: items.map(|item| build(item.get(), room, depth - 1)).collect(),
                count,
            }
        }
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).unwrap_or_default();
            let count = size(members.len());
            if depth == 0 || (!room.has_nodes() && !members.is_empty()) {
                return Node::Folded { label: label("object", count, "key") };
            }
            let members = members.iter().skip(from).take(PAGE);
            Node::Object {
                members: members
                    .map(|(key, value)| (short(key), build(value.get(), room, depth - 1)))
                    .collect(),
                count,
            }
        }
        _ => Node::Word(short(text)),
    }
}

fn label(what: &str, count: u32, unit: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{what} of {} {unit}{ending}", crate::format::count(u64::from(count)))
}

fn size(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// The text of a JSON string. A lone surrogate, which Rust's strings cannot
/// hold, leaves the string as it is spelled.
fn string(text: &str, room: &mut PageRoom) -> Clip {
    match serde_json::from_str::<String>(text) {
        Ok(decoded) => room.tree_text(&decoded),
        Err(_) => room.tree_text(text),
    }
}

fn child(text: &str, index: usize) -> Option<String> {
    match text.as_bytes().first() {
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            items.get(index).map(|item| item.get().to_owned())
        }
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text).ok()?;
            members.get(index).map(|(_, value)| value.get().to_owned())
        }
        _ => None,
    }
}

/// The members of an object in their order, duplicates included.
#[derive(Default)]
pub(super) struct Members<'a>(pub(super) Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    members.push((key, value));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::from_text(text).unwrap()
    }

    fn node(json: &Json) -> Node {
        super::node(json, &mut PageRoom::of_value())
    }

    #[test]
    fn order_duplicates_and_spelling_survive() {
        let Node::Object { members, count } = node(&json(r#"{"b":1.0,"a":[],"b":"\u00e9"}"#))
        else {
            panic!("not an object")
        };
        assert_eq!(count, 3);
        assert_eq!(members[0], ("b".to_owned(), Node::Word("1.0".to_owned())));
        assert_eq!(members[2], ("b".to_owned(), Node::Text(Clip::whole("é"))));
    }

    #[test]
    fn long_lists_come_in_pages() {
        let numbers: Vec<u32> = (0..250).collect();
        let json = Json::from_value(&numbers).unwrap();
        let Node::List { items, count } = node(&json) else { panic!("not a list") };
        assert_eq!((items.len(), count), (PAGE, 250));
        let Some(Node::List { items, .. }) = node_at(&json, &[], 200) else { panic!("not a list") };
        assert_eq!(items.len(), 50);
        assert_eq!(items[0], Node::Word("200".to_owned()));
    }

    #[test]
    fn deep_and_wide_values_are_folded_and_found_again() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let deep = Json::from_text(&deep).unwrap();
        assert!(serde_json::to_string(&node(&deep)).unwrap().len() < 2_000);
        let wide: Vec<Vec<u32>> = (0..100).map(|_| (0..100).collect()).collect();
        let wide = Json::from_value(&wide).unwrap();
        let Node::List { items, .. } = node(&wide) else { panic!("not a list") };
        assert_eq!(items[99], Node::Folded { label: "list of 100 items".to_owned() });
        assert!(matches!(node_at(&wide, &[99], 0), Some(Node::List { count: 100, .. })));
        assert_eq!(node_at(&wide, &[100], 0), None);
    }

    #[test]
    fn long_texts_come_whole_when_asked_for() {
        let text = "é".repeat(3_000);
        let json = Json::string(&text);
        assert!(matches!(node(&json), Node::Text(Clip { more_chars: 1_000, .. })));
        assert_eq!(node_at(&json, &[], 0), Some(Node::Text(Clip::whole(text))));
    }

    #[test]
    fn trees_of_one_page_share_its_room() {
        let wide: Vec<Vec<String>> = (0..100).map(|_| vec!["é".repeat(9_000); 100]).collect();
        let wide = Json::from_value(&wide).unwrap();
        let mut room = PageRoom::of_value();
        let sizes: Vec<usize> = (0..200)
            .map(|_| serde_json::to_string(&super::node(&wide, &mut room)).unwrap().len())
            .collect();
        assert!(sizes.iter().sum::<usize>() < 3_000_000, "{sizes:?}");
        assert!(sizes[199] < 10_000, "{sizes:?}");
    }

    #[test]
    fn endless_keys_and_numbers_are_cut() {
        let endless = format!("{{\"{}\":{}}}", "k".repeat(100_000), "1".repeat(100_000));
        assert!(serde_json::to_string(&node(&json(&endless))).unwrap().len() < 2_000);
    }
}
