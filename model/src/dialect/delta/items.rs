//! Lists that grow by deltas, and what continues which of their items.

use std::borrow::Cow;
use std::collections::HashMap;

use super::{Growing, Value};
use crate::view::View;

#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) values: Vec<Value>,
    /// Where the newest item with this `index` stands.
    places: HashMap<u64, usize>,
    /// Where the item with this `id` stands.
    ids: HashMap<String, usize>,
}

impl Items {
    pub(super) fn merge(&mut self, list: View<'_>, depth: usize) {
        for item in list.items() {
            let place = self.place_of(item);
            match place.and_then(|at| self.values.get_mut(at)) {
                Some(old) => old.merge("", item, depth),
                None => self.values.push(Value::new(item, depth)),
            }
        }
    }

    /// Where an item goes that continues an earlier one; remembers a new one.
    ///
    /// An index is not enough: Gemini's and Groq's endpoints give every call of an
    /// answer the index 0.
    fn place_of(&mut self, item: View<'_>) -> Option<usize> {
        let index = item.get("index").and_then(View::to_u64);
        let id = word(item, "id");
        let is_call = CALLS.iter().any(|kind| item.get(kind).is_some());
        let latest = match index {
            Some(index) => self.places.get(&index).copied(),
            // One that goes on without saying which it is: the last one.
            None if is_call => self.values.len().checked_sub(1),
            None => None,
        };
        let is_other = |at: usize| {
            self.values.get(at).is_none_or(|old| match is_call {
                true => begins_another_call(old, item),
                false => ["id", "type"].iter().any(|key| differs(old, item, key)),
            })
        };
        let known = id.as_ref().and_then(|id| self.ids.get(id.as_ref()).copied());
        // An index that is new is another item, whatever id it repeats.
        let known = known.filter(|_| latest.is_some());
        // Some servers give every call the same id, and only its index tells it.
        let same = latest.filter(|at| self.is_at(*at, id.as_deref()));
        let place = same.or(known).or_else(|| latest.filter(|at| !is_other(*at)));
        let at = place.unwrap_or(self.values.len());
        if let Some(index) = index {
            self.places.insert(index, at);
        }
        if let Some(id) = id {
            self.ids.entry(id.into_owned()).or_insert(at);
        }
        place
    }

    /// Whether the item in this place has this id.
    fn is_at(&self, place: usize, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.values.get(place).and_then(|item| item.word("id")) == Some(id))
    }
}

/// What a tool call is wrapped in.
const CALLS: [&str; 2] = ["function", "custom"];

/// A text that is not empty.
fn word<'a>(item: View<'a>, key: &str) -> Option<Cow<'a, str>> {
    item.get(key)?.text().filter(|text| !text.is_empty())
}

/// Whether both say something here, and not the same.
fn differs(old: &Value, item: View<'_>, key: &str) -> bool {
    let (old, new) = (old.word(key), word(item, key));
    old.zip(new).is_some_and(|(old, new)| *old != *new)
}

/// Whether a delta at the place of a call is another call. Such a one has a name;
/// some servers repeat it with every delta, and some give each delta a new id.
fn begins_another_call(old: &Value, item: View<'_>) -> bool {
    let Some((kind, body)) = CALLS.iter().find_map(|kind| Some((*kind, item.get(kind)?))) else {
        return false;
    };
    if word(body, "name").is_none() {
        return false;
    }
    let Some(old_body) = old.get(kind) else {
        // One that has begun with its id alone has no body yet.
        return differs(old, item, "id") || CALLS.iter().any(|kind| old.get(kind).is_some());
    };
    if differs(old, item, "id") || differs(old_body, body, "name") {
        return true;
    }
    let has_same_id = old.word("id").is_some() && word(item, "id").is_some();
    !has_same_id
        && ["arguments", "input"].iter().any(|key| {
            let new = body.get(key).and_then(View::present);
            new.zip(old_body.get(key)).is_some_and(|(new, old)| old.is_followed_by(new))
        })
}

impl Value {
    /// A member of an object.
    fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(Growing(members)) = self else { return None };
        members.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text of a member, if it is not empty.
    fn word(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Self::Text(text) => Some(text.as_str()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// Whether these arguments are whole, and others begin with what came.
    fn is_followed_by(&self, more: View<'_>) -> bool {
        match self {
            Self::Text(old) => {
                let begins = || more.chars().find(|c| !c.is_whitespace()) == Some('{');
                old.trim_end().ends_with('}') && begins() && View::checked(old).is_some()
            }
            // Arguments that come as an object come whole.
            _ => true,
        }
    }
}
