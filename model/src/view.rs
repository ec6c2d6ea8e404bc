//! A reader over JSON text that keeps hold of the text.
//!
//! A tree of values would lose number spelling, key order and duplicate keys,
//! and would fail on nesting and on lone surrogates that the JSON grammar
//! allows. This reader hands out slices of the original instead, one level at
//! a time, without recursion.

use std::borrow::Cow;
use std::ops::Range;

use crate::Json;

mod scan;
mod text;
mod value;

pub(crate) use text::Decoder;

/// One value inside a text that is known to be JSON.
///
/// On any other text the answers are meaningless, but nothing panics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a>(&'a str);

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    List,
    Object,
}

/// A member of an object or an element of a list, as ranges of its text.
pub(crate) struct Span<'a> {
    /// The member's key.
    pub(crate) key: Option<Cow<'a, str>>,
    /// From the key to the end of the value.
    pub(crate) all: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// The members of one object, read once for many look-ups.
#[derive(Clone, Debug, Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, View<'a>)>);

impl<'a> View<'a> {
    pub(crate) fn of(json: &'a Json) -> Self {
        Self(json.as_str())
    }

    /// A view of a text that has not been checked yet; `None` when it is no JSON.
    pub(crate) fn checked(text: &'a str) -> Option<Self> {
        let raw: &serde_json::value::RawValue = serde_json::from_str(text).ok()?;
        Some(Self(raw.get()))
    }

    /// A view of a part of a text that was checked.
    pub(crate) fn part(text: &'a str) -> Self {
        Self(text)
    }

    pub(crate) fn raw(self) -> &'a str {
        self.0
    }

    pub(crate) fn to_json(self) -> Option<Json> {
        Json::from_text(self.0).ok()
    }

    pub(crate) fn kind(self) -> Kind {
        match self.0.as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::List,
            Some(b'"') => Kind::Text,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    pub(crate) fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Itself, unless it is null.
    pub(crate) fn present(self) -> Option<Self> {
        (!self.is_null()).then_some(self)
    }

    /// The members of an object in their order, duplicates included; of anything else, none.
    pub(crate) fn members(self) -> impl Iterator<Item = (Cow<'a, str>, View<'a>)> {
        scan::Entries::of_object(self.0).map(|entry| (text::decode(entry.key), View(entry.value)))
    }

    /// Where the members of an object or the elements of a list stand in its text.
    pub(crate) fn spans(self) -> impl Iterator<Item = Span<'a>> {
        let entries = match self.kind() {
            Kind::List => scan::Entries::of_list(self.0),
            _ => scan::Entries::of_object(self.0),
        };
        entries.map(move |entry| {
            let end = entry.start + entry.whole.len();
            Span {
                key: (!entry.key.is_empty()).then(|| text::decode(entry.key)),
                all: entry.start..end,
                value: end - entry.value.len()..end,
            }
        })
    }

    /// As a tree, for fields that are no raw text. Lone surrogates become
    /// U+FFFD, and what is nested too deeply a string of its JSON.
    pub(crate) fn to_value(self) -> serde_json::Value {
        serde_json::from_str(self.0).unwrap_or_else(|_| value::lenient(self.0))
    }

    /// The elements of a list; of anything else, none.
    pub(crate) fn items(self) -> impl Iterator<Item = View<'a>> {
        scan::Entries::of_list(self.0).map(|entry| View(entry.value))
    }

    pub(crate) fn object(self) -> Object<'a> {
        Object(self.members().collect())
    }

    /// The member of this name, the last one if there are several.
    pub(crate) fn get(self, key: &str) -> Option<View<'a>> {
        self.members().filter(|(name, _)| name == key).last().map(|(_, value)| value)
    }

    /// The text of a string; lone surrogates become U+FFFD.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        (self.kind() == Kind::Text).then(|| text::decode(self.0))
    }

    /// The characters of a string, decoded as they are asked for.
    pub(crate) fn chars(self) -> Decoder<'a> {
        Decoder::new(if self.kind() == Kind::Text { self.0 } else { "" })
    }

    pub(crate) fn to_u64(self) -> Option<u64> {
        if self.kind() != Kind::Number {
            return None;
        }
        // Some providers write counts as 12.0.
        self.0.parse().ok().or_else(|| {
            let number: f64 = self.0.parse().ok()?;
            (number.fract() == 0.0 && (0.0..9e15).contains(&number)).then_some(number as u64)
        })
    }

    pub(crate) fn to_f64(self) -> Option<f64> {
        (self.kind() == Kind::Number).then(|| self.0.parse().ok()).flatten()
    }

    pub(crate) fn to_bool(self) -> Option<bool> {
        match self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}

impl<'a> Object<'a> {
    pub(crate) fn from_members(members: Vec<(Cow<'a, str>, View<'a>)>) -> Self {
        Self(members)
    }

    /// The member of this name, the last one if there are several; null is absent.
    pub(crate) fn get(&self, key: &str) -> Option<View<'a>> {
        self.0.iter().rev().find(|(name, _)| name == key)?.1.present()
    }

    pub(crate) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        self.get(key)?.text()
    }

    pub(crate) fn string(&self, key: &str) -> Option<String> {
        self.text(key).map(Cow::into_owned)
    }

    /// Whether there is such a member, null or not.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, View<'a>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(text: &str) -> View<'_> {
        View::checked(text).unwrap()
    }

    #[test]
    fn members_keep_their_text_and_order() {
        let text = r#" { "b" : [1, {"x":"}\""}] , "\u0061":1.0,"b":null} "#;
        let members: Vec<_> =
            view(text).members().map(|(key, value)| (key.into_owned(), value.raw())).collect();
        let expected = [("b", r#"[1, {"x":"}\""}]"#), ("a", "1.0"), ("b", "null")];
        assert_eq!(members, expected.map(|(key, value)| (key.to_owned(), value)));
    }

    #[test]
    fn items_of_empty_and_nested_lists() {
        assert_eq!(view("[]").items().count(), 0);
        assert_eq!(view(" [ ] ").items().count(), 0);
        let items: Vec<_> = view(r#"[ "a,b" ,[],{} , -1e5]"#).items().map(View::raw).collect();
        assert_eq!(items, [r#""a,b""#, "[]", "{}", "-1e5"]);
    }

    #[test]
    fn the_last_of_duplicate_keys_wins() {
        let text = r#"{"a":1,"a":2}"#;
        assert_eq!(view(text).get("a").unwrap().raw(), "2");
        assert_eq!(view(text).object().get("a").unwrap().raw(), "2");
    }

    #[test]
    fn strings_are_decoded_leniently() {
        let text = r#""a\n\u00e9\ud83d\ude00\ud83dx\ude00\\\"\/""#;
        assert_eq!(view(text).text().unwrap(), "a\né😀\u{fffd}x\u{fffd}\\\"/");
        assert!(matches!(view("\"plain\"").text(), Some(Cow::Borrowed("plain"))));
    }

    #[test]
    fn deep_nesting_is_read_without_recursion() {
        let depth = 1_000_000;
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(view(&text).items().count(), 1);
    }

    #[test]
    fn whole_numbers_may_be_written_as_decimals() {
        assert_eq!(view("12.0").to_u64(), Some(12));
        assert_eq!(view("12.5").to_u64(), None);
        assert_eq!(view("\"12\"").to_u64(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".*") {
            let view = View(&text);
            let _ = view.members().count() + view.items().count() + view.chars().count();
        }

        #[test]
        fn decoding_agrees_with_serde(text in ".*") {
            let json = serde_json::to_string(&text).unwrap();
            proptest::prop_assert_eq!(View(&json).text().unwrap(), text);
        }
    }
}
