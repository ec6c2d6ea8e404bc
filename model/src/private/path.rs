//! The grammar of private key paths: `input.user.email`, `output.items[].ssn`,
//! `metadata.plan`, `input."a key"`, `input.users[0]`.

use std::collections::{BTreeMap, BTreeSet};

use crate::incoming::InvalidRun;
use crate::limits::{MAX_LABEL_CHARS, MAX_PRIVATE_FIELDS};

/// Segments of one path.
const MAX_SEGMENTS: usize = 32;

/// The private paths of a run, by the field that they begin in.
#[derive(Debug, Default)]
pub(crate) struct PrivatePaths {
    pub(super) input: Tree,
    pub(super) output: Tree,
    pub(super) metadata: Tree,
    /// Whole keys of the metadata, which may hold dots.
    pub(super) metadata_keys: BTreeSet<String>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Segment {
    Key(String),
    /// `[]`: each element of a list.
    Every,
}

/// Paths that begin alike, as one tree. Its leaves are removed.
#[derive(Debug, Default)]
pub(super) struct Tree {
    is_leaf: bool,
    children: BTreeMap<Segment, Tree>,
}

impl PrivatePaths {
    pub(crate) fn read(fields: &[String]) -> Result<Self, InvalidRun> {
        if fields.len() > MAX_PRIVATE_FIELDS {
            let rule = format!("must have at most {MAX_PRIVATE_FIELDS} entries");
            let error = InvalidRun::of_field("too_long", "private_fields", rule);
            return Err(InvalidRun { limit: Some(MAX_PRIVATE_FIELDS as u64), ..error });
        }
        let mut paths = Self::default();
        for (at, field) in fields.iter().enumerate() {
            paths.add(field).map_err(|rule| {
                InvalidRun::of_field("invalid_field", &format!("private_fields[{at}]"), rule)
            })?;
        }
        Ok(paths)
    }

    /// Adds one path; else the rule that it breaks.
    fn add(&mut self, field: &str) -> Result<(), String> {
        if field.chars().count() > MAX_LABEL_CHARS {
            return Err(format!("must have at most {MAX_LABEL_CHARS} characters"));
        }
        let segments = segments(field).ok_or("is no key path; write it like input.user.email")?;
        if segments.len() > MAX_SEGMENTS {
            return Err(format!("must have at most {MAX_SEGMENTS} segments"));
        }
        let Some((Segment::Key(root), rest)) = segments.split_first() else {
            return Err("must begin with input, output or metadata".to_owned());
        };
        // The longer names are WorkflowAI's.
        let tree = match root.as_str() {
            "input" | "task_input" => &mut self.input,
            "output" | "task_output" => &mut self.output,
            "metadata" => &mut self.metadata,
            _ => return Err("must begin with input, output or metadata".to_owned()),
        };
        tree.insert(rest);
        if let Some(key) = field.strip_prefix("metadata.") {
            self.metadata_keys.insert(key.to_owned());
        }
        Ok(())
    }
}

impl Tree {
    fn insert(&mut self, segments: &[Segment]) {
        let mut tree = self;
        for segment in segments {
            tree = tree.children.entry(segment.clone()).or_default();
        }
        tree.is_leaf = true;
    }

    pub(super) fn is_leaf(&self) -> bool {
        self.is_leaf
    }

    /// Whether it names nothing.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_leaf && self.children.is_empty()
    }

    pub(super) fn child(&self, segment: &Segment) -> Option<&Self> {
        self.children.get(segment)
    }

    pub(super) fn has_keys(&self) -> bool {
        self.children.keys().any(|segment| matches!(segment, Segment::Key(_)))
    }
}

/// The segments of a path; `None` when it is none.
fn segments(path: &str) -> Option<Vec<Segment>> {
    let mut segments = Vec::new();
    let mut rest = path;
    loop {
        let (key, after) = key(rest)?;
        segments.push(Segment::Key(key));
        rest = after;
        while let Some(inside) = rest.strip_prefix('[') {
            let (index, after) = inside.split_once(']')?;
            segments.push(match index {
                "" | "*" => Segment::Every,
                digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
                    Segment::Key(digits.to_owned())
                }
                _ => return None,
            });
            rest = after;
        }
        if rest.is_empty() {
            return Some(segments);
        }
        rest = rest.strip_prefix('.')?;
    }
}

/// One key, bare or quoted, and what follows it.
fn key(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['.', '[']).unwrap_or(text.len());
        let (key, rest) = text.split_at(end);
        return (!key.is_empty()).then(|| (key.to_owned(), rest));
    };
    let mut key = String::new();
    let mut chars = quoted.chars();
    loop {
        match chars.next()? {
            '"' => return Some((key, chars.as_str())),
            '\\' => key.push(chars.next()?),
            plain => key.push(plain),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&str]) -> Result<PrivatePaths, InvalidRun> {
        PrivatePaths::read(&fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>())
    }

    fn key(text: &str) -> Segment {
        Segment::Key(text.to_owned())
    }

    #[test]
    fn paths_are_split_at_dots_and_brackets() {
        let path = r#"input."a.\"b".c-d[].é[3]"#;
        let expected = [key("input"), key("a.\"b"), key("c-d"), Segment::Every, key("é"), key("3")];
        assert_eq!(segments(path).unwrap(), expected);
    }

    #[test]
    fn what_is_no_path_is_refused_by_its_place() {
        for wrong in ["", "user.email", "input.", "input..a", "input[x]", "input.\"a", "[].a"] {
            let error = read(&["input.ok", wrong]).unwrap_err();
            assert_eq!(error.field.as_deref(), Some("private_fields[1]"), "{wrong:?}");
        }
        assert_eq!(read(&vec!["input"; MAX_PRIVATE_FIELDS + 1]).unwrap_err().limit, Some(1_000));
    }
}
