//! How models and providers are known by their names.

use serde::Deserialize;

/// What a name is known by; all in lower case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Names {
    /// The whole name, or what stands before a date.
    pub(super) names: Vec<String>,
    starts: Vec<String>,
    ends: Vec<String>,
    contains: Vec<String>,
}

/// What may follow a listed name without making it another model.
const SUFFIX_WORDS: [&str; 4] = ["latest", "preview", "exp", "experimental"];

impl Names {
    /// Whether it knows a name by a part of it.
    pub(super) fn knows_part(&self, name: &str) -> bool {
        self.starts.iter().any(|part| name.starts_with(part.as_str()))
            || self.ends.iter().any(|part| name.ends_with(part.as_str()))
            || self.contains.iter().any(|part| name.contains(part.as_str()))
    }

    /// Whether it knows a name at all.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|whole| whole == name) || self.knows_part(name)
    }
}

/// The name itself, then what is left of it without a date, a build number or a
/// word that names no other model, the longest first.
pub(super) fn without_suffixes(name: &str) -> Vec<&str> {
    let separators = name.char_indices().filter(|(_, c)| is_separator(*c)).map(|(at, _)| at);
    let mut ends: Vec<usize> = separators.chain([name.len()]).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    let parts = ends.into_iter().filter_map(|end| name.split_at_checked(end));
    parts.filter(|(_, suffix)| is_same_model(suffix)).map(|(name, _)| name).collect()
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '@' | ':')
}

fn is_same_model(suffix: &str) -> bool {
    let mut parts = suffix.split(is_separator).filter(|part| !part.is_empty());
    let is_number = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let Some(first) = parts.next() else { return true };
    // One or two digits would be a newer model: claude-opus-4 is not claude-opus-4-9.
    let begins = SUFFIX_WORDS.contains(&first) || (is_number(first) && first.len() >= 3);
    begins && parts.all(|part| SUFFIX_WORDS.contains(&part) || is_number(part))
}
