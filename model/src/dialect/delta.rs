//! Puts the deltas of a stream together again.

use crate::view::{Kind, View};

mod items;
#[cfg(test)]
mod tests;

use items::Items;

/// Levels of nesting that deltas are merged on; deeper values are taken whole.
const MAX_DEPTH: usize = 6;
/// Members of one object; a stream that sends more is not one of ours.
const MAX_MEMBERS: usize = 64;

/// An object that grows by deltas: texts are lengthened, lists appended to,
/// objects merged, and anything else replaced.
#[derive(Debug, Default)]
pub(super) struct Growing(Vec<(String, Value)>);

#[derive(Debug)]
enum Value {
    Text(String),
    List(Items),
    Object(Growing),
    /// JSON as it came.
    Whole(String),
}

impl Growing {
    fn merge_all(&mut self, delta: View<'_>, depth: usize) {
        for (key, value) in delta.members() {
            self.merge_member(&key, value, depth);
        }
    }

    /// Merges one member of a delta.
    pub(super) fn merge_member(&mut self, key: &str, value: View<'_>, depth: usize) {
        if key == "index" {
            return;
        }
        if let Some((_, old)) = self.0.iter_mut().find(|(name, _)| name == key) {
            old.merge(key, value, depth);
        } else if self.0.len() < MAX_MEMBERS {
            self.0.push((key.to_owned(), Value::new(value, depth)));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes the members, each with a comma before it.
    pub(super) fn write_members(&self, into: &mut String) {
        for (key, value) in &self.0 {
            into.push(',');
            into.push_str(&quoted(key));
            into.push(':');
            value.write(into);
        }
    }
}

impl Value {
    fn new(view: View<'_>, depth: usize) -> Self {
        let mut value = match view.kind() {
            Kind::Text => Self::Text(String::new()),
            Kind::List if depth < MAX_DEPTH => Self::List(Items::default()),
            Kind::Object if depth < MAX_DEPTH => Self::Object(Growing::default()),
            _ => return Self::Whole(view.raw().to_owned()),
        };
        value.merge("", view, depth);
        value
    }

    fn merge(&mut self, key: &str, view: View<'_>, depth: usize) {
        if view.is_null() {
            return;
        }
        match (&mut *self, view.kind()) {
            (Self::Text(text), Kind::Text) => {
                // Some servers repeat these with every delta.
                let is_name = matches!(key, "id" | "type" | "role" | "name");
                if !is_name || text.is_empty() {
                    text.extend(view.chars());
                }
            }
            (Self::List(items), Kind::List) => items.merge(view, depth + 1),
            (Self::Object(object), Kind::Object) => object.merge_all(view, depth + 1),
            _ => *self = Self::new(view, depth),
        }
    }

    fn write(&self, into: &mut String) {
        match self {
            Self::Text(text) => into.push_str(&quoted(text)),
            Self::Whole(json) => into.push_str(json),
            Self::List(items) => {
                into.push('[');
                for (at, item) in items.values.iter().enumerate() {
                    if at > 0 {
                        into.push(',');
                    }
                    item.write(into);
                }
                into.push(']');
            }
            Self::Object(object) => {
                let mut members = String::new();
                object.write_members(&mut members);
                into.push('{');
                into.push_str(members.strip_prefix(',').unwrap_or_default());
                into.push('}');
            }
        }
    }
}

/// A JSON string of this text.
pub(super) fn quoted(text: &str) -> String {
    // A text can always be written as JSON.
    serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned())
}
