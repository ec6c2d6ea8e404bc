//! The shape of a structured run: which JSON types stand where.

use std::collections::HashSet;

use crate::Json;
use crate::view::{Kind, View};

/// The shape of a run's input and output: the JSON types by path.
///
/// The upper half is of the input, the lower half of the output; the lower half
/// is 0 when there is no output, as of a failed run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shape(pub u128);

/// Levels of nesting that count; what lies deeper does not tell shapes apart.
const MAX_DEPTH: usize = 16;

impl Shape {
    /// The shape of this input and output.
    #[must_use]
    pub fn of(input: Option<&Json>, output: Option<&Json>) -> Self {
        Self(u128::from(half(input)) << 64 | u128::from(half(output)))
    }

    /// Whether there was an output to take the shape of.
    #[must_use]
    pub fn has_output(self) -> bool {
        self.0 as u64 != 0
    }

    /// Whether the inputs have the same shape, whatever the outputs.
    #[must_use]
    pub fn same_input(self, other: Self) -> bool {
        self.0 >> 64 == other.0 >> 64
    }
}

fn half(json: Option<&Json>) -> u64 {
    let Some(view) = json.map(View::of).and_then(View::present) else { return 0 };
    let mut seen = HashSet::new();
    collect(view, FNV_OFFSET, 0, &mut seen);
    let mut paths: Vec<u64> = seen.into_iter().collect();
    paths.sort_unstable();
    let mut hasher = blake3::Hasher::new();
    for path in paths {
        hasher.update(&path.to_be_bytes());
    }
    let mut first = [0; 8];
    hasher.finalize_xof().fill(&mut first);
    u64::from_be_bytes(first).max(1)
}

/// Null is absent, so that an optional field makes no new shape.
fn collect(view: View<'_>, path: u64, depth: usize, seen: &mut HashSet<u64>) {
    let kind = view.kind();
    if kind == Kind::Null {
        return;
    }
    seen.insert(extend(path, &[0, kind as u8]));
    if depth == MAX_DEPTH {
        return;
    }
    match kind {
        Kind::Object => {
            for (key, value) in view.members() {
                collect(value, extend(extend(path, &[1]), key.as_bytes()), depth + 1, seen);
            }
        }
        Kind::List => {
            for value in view.items() {
                collect(value, extend(path, &[2]), depth + 1, seen);
            }
        }
        _ => {}
    }
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// One step of FNV-1a (<http://www.isthe.com/chongo/tech/comp/fnv/>).
fn extend(path: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(path, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(FNV_PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(input: &str, output: &str) -> Shape {
        let json = |text: &str| Json::from_text(text).unwrap();
        Shape::of(Some(&json(input)), Some(&json(output)))
    }

    #[test]
    fn types_by_path_make_a_shape() {
        let a = shape(r#"{"a":1,"b":["x","y"]}"#, r#"{"ok":true}"#);
        assert_eq!(a, shape(r#"{"b":["z"],"a":-2.5,"c":null}"#, r#"{"ok":false}"#));
        assert_ne!(a, shape(r#"{"a":"1","b":["x"]}"#, r#"{"ok":true}"#));
        assert_ne!(a, shape(r#"{"a":1,"b":[["x"]]}"#, r#"{"ok":true}"#));
        assert_ne!(a, shape(r#"{"a":1,"b":["x"]}"#, r#"{"no":true}"#));
    }

    #[test]
    fn a_run_without_output_keeps_the_shape_of_its_input() {
        let input = Json::from_text(r#"{"a":1}"#).unwrap();
        let failed = Shape::of(Some(&input), None);
        assert!(!failed.has_output());
        assert!(failed.same_input(shape(r#"{"a":1}"#, "1")));
        assert!(!failed.same_input(shape(r#"{"b":1}"#, "1")));
    }

    #[test]
    fn deep_values_have_a_shape() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_ne!(shape(&nested(MAX_DEPTH), "1"), shape(&nested(MAX_DEPTH + 1), "1"));
        assert_eq!(shape(&nested(MAX_DEPTH + 1), "1"), shape(&nested(100_000), "1"));
    }

    #[test]
    fn a_value_is_not_mistaken_for_another_half() {
        assert_ne!(shape("1", "\"x\""), shape("\"x\"", "1"));
    }
}
