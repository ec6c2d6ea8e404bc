//! Words, prefixes and phrases over `search_text`.
//!
//! Both sides are folded by the same function. The text index answers for
//! tokens; where what is looked for is more than one token, the index narrows
//! and a look at the text decides.

use std::time::Duration;

use clickhouse::Row;
use model::fold::{fold, tokens};
use model::search::Needle;
use serde::Deserialize;

use super::Builder;
use crate::StoreError;
use crate::sql::Value;
use crate::turn::Weight;
use crate::window_scan::fetch_within;

/// What stands for more tokens than this is common enough to be found without the index.
pub(super) const MAX_EXPANSIONS: usize = 256;

/// Of what stands for more, the most frequent tokens that are kept: runs that have
/// one of them are counted from the index alone.
const COMMON: usize = 16;

/// So many tokens are looked at to find those.
const MAX_SEEN: usize = 4 * MAX_EXPANSIONS;

/// The engine takes no longer list of tokens as a constant than about a megabyte.
const MAX_EXPANSION_BYTES: usize = 256 * 1024;

/// A dictionary that takes longer to look through is of no help.
/// (What tests hold against snapshots must not depend on how busy a machine is.)
pub(super) const EXPANSION_PATIENCE: Duration =
    if cfg!(test) { Duration::from_secs(30) } else { Duration::from_millis(200) };

/// One side of a token: what the index's tokenizer splits at, or the text's end.
const BOUNDARY: &str = r"[^0-9a-z\x{80}-\x{10ffff}]";

/// Which tokens of the index's dictionary stand for a part of the search.
#[derive(Clone, Copy)]
enum Like {
    Starting,
    Ending,
    Holding,
}

#[derive(Row, Deserialize)]
struct TokenRow {
    token: String,
    /// How many runs of all organizations have it.
    runs: u64,
}

/// What a part of the search stands for in the index's dictionary.
enum Expanded {
    /// All of these tokens and no other.
    All(Vec<String>),
    /// More than the index is asked for at once, frequent ones of them.
    TooMany(Vec<String>),
    Unknown,
}

/// The text index's own dictionary knows every word of the data. It spans all
/// organizations, so nothing of it may leave the store.
macro_rules! expansions {
    ($condition:literal) => {
        concat!(
            "SELECT substring(dictionary.token, 1, {most:UInt64}) AS token,
                    sum(cardinality) AS runs
             FROM mergeTreeTextIndex(currentDatabase(), 'runs', 'search_text_index') AS dictionary WHERE ",
            $condition,
            " GROUP BY token ORDER BY runs DESC LIMIT {limit:UInt64}"
        )
    };
}

impl Builder<'_> {
    /// What runs that have this word in their values satisfy.
    pub(super) async fn word(
        &mut self,
        text: &str,
        unfinished: bool,
    ) -> Result<String, StoreError> {
        let needle = Needle::of_word(text, unfinished);
        let mut parts = Vec::new();
        self.push_tokens(needle.tokens, &mut parts);
        let mut decided = needle.substring.is_none();
        if let Some(prefix) = &needle.prefix {
            match self.expanded(Like::Starting, prefix).await? {
                Expanded::All(tokens) => parts.push(self.any_of(tokens)),
                Expanded::TooMany(common) if decided => {
                    let sure: Vec<_> = parts.iter().cloned().chain([self.any_of(common)]).collect();
                    self.sufficient_sql = Some(format!("({})", sure.join(" AND ")));
                    decided = false;
                }
                _ => decided = false,
            }
        }
        if !decided {
            let text = needle.substring.or(needle.prefix.clone()).unwrap_or_default();
            let pattern = pattern(&text, needle.prefix.is_some());
            let placeholder = self.params.bind(Value::Text(pattern));
            parts.push(format!("match(search_text, {placeholder})"));
        }
        Ok(format!("({})", parts.join(" AND ")))
    }

    /// What runs that have this phrase in their values satisfy.
    pub(super) async fn phrase(&mut self, text: &str) -> Result<String, StoreError> {
        // As a lone accent: it would be found in everything.
        if fold(text).is_empty() {
            return Ok("0".to_owned());
        }
        let mut parts = self.narrowed(text).await?;
        let folded = Needle::of_phrase(text).substring.unwrap_or_default();
        let placeholder = self.params.bind(Value::Text(folded));
        parts.push(format!("position(search_text, {placeholder}) > 0"));
        Ok(format!("({})", parts.join(" AND ")))
    }

    /// Conditions on the text index that a substring of the text implies.
    pub(super) async fn narrowed(&mut self, text: &str) -> Result<Vec<String>, StoreError> {
        let needle = Needle::of_phrase(text);
        let folded = needle.substring.unwrap_or_default();
        let all: Vec<&str> = tokens(&folded).collect();
        let inner = needle.tokens;
        // What is not sure to be a whole token may be the end or the beginning of one.
        let open = match (all.as_slice(), all.len() - inner.len()) {
            (_, 0) => Vec::new(),
            ([only], _) => vec![(Like::Holding, *only)],
            ([first, .., last], 2) => vec![(Like::Ending, *first), (Like::Starting, *last)],
            ([first, rest @ ..], _) if rest == inner => vec![(Like::Ending, *first)],
            ([.., last], _) => vec![(Like::Starting, *last)],
            ([], _) => Vec::new(),
        };
        let open: Vec<(Like, String)> =
            open.into_iter().map(|(like, part)| (like, part.to_owned())).collect();
        let mut parts = Vec::new();
        self.push_tokens(inner, &mut parts);
        for (like, part) in open {
            if let Expanded::All(tokens) = self.expanded(like, &part).await? {
                parts.push(self.any_of(tokens));
            }
        }
        Ok(parts)
    }

    fn push_tokens(&mut self, words: Vec<String>, parts: &mut Vec<String>) {
        if !words.is_empty() {
            let placeholder = self.params.bind(Value::Texts(words));
            parts.push(format!("hasAllTokens(search_text, {placeholder})"));
        }
    }

    fn any_of(&mut self, tokens: Vec<String>) -> String {
        format!("hasAnyTokens(search_text, {})", self.params.bind(Value::Texts(tokens)))
    }

    /// The tokens that a part stands for.
    async fn expanded(&mut self, like: Like, part: &str) -> Result<Expanded, StoreError> {
        if !self.may_expand() {
            return Ok(Expanded::Unknown);
        }
        let sql = match like {
            Like::Starting => expansions!("startsWith(dictionary.token, {part:String})"),
            Like::Ending => expansions!("endsWith(dictionary.token, {part:String})"),
            Like::Holding => expansions!("position(dictionary.token, {part:String}) > 0"),
        };
        let query = self
            .store
            .query_all(sql)
            .weighing(Weight::Heavy)
            .param("part", part)
            // A longer token is cut, and then too much anyway.
            .param("most", MAX_EXPANSION_BYTES as u64 + 1)
            .param("limit", MAX_EXPANSIONS as u64 + 1)
            // Beyond it the answer is "too many": the rest need not be read.
            .with_setting("max_rows_to_group_by", MAX_SEEN.to_string())
            .with_setting("group_by_overflow_mode", "break");
        let found = fetch_within::<TokenRow>(query, EXPANSION_PATIENCE).await;
        let Some(found) = expanding(found)? else {
            return Ok(Expanded::Unknown);
        };
        let runs = found.iter().map(|row| row.runs).sum();
        let mut tokens: Vec<String> = found.into_iter().map(|row| row.token).collect();
        if tokens.len() > MAX_EXPANSIONS {
            tokens.truncate(COMMON);
            return Ok(few(tokens).map_or(Expanded::Unknown, Expanded::TooMany));
        }
        let Some(tokens) = few(tokens) else { return Ok(Expanded::Unknown) };
        self.max_matches = Some(self.max_matches.map_or(runs, |known| known.min(runs)));
        Ok(Expanded::All(tokens))
    }
}

/// The tokens, unless they are more than the index is asked for at once.
pub(super) fn few(tokens: Vec<String>) -> Option<Vec<String>> {
    let bytes: usize = tokens.iter().map(String::len).sum();
    (tokens.len() <= MAX_EXPANSIONS && bytes <= MAX_EXPANSION_BYTES).then_some(tokens)
}

/// What an index said; `None` when it took too long to say it.
pub(super) fn expanding<T>(
    found: Result<Vec<T>, StoreError>,
) -> Result<Option<Vec<T>>, StoreError> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::TooSlow | StoreError::TooBroad) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The text at the boundaries of words.
fn pattern(folded: &str, unfinished: bool) -> String {
    let is_in_word =
        |c: Option<char>| c.is_some_and(|c| !c.is_ascii() || c.is_ascii_alphanumeric());
    let mut pattern = String::new();
    if is_in_word(folded.chars().next()) {
        pattern.push_str(&format!("(^|{BOUNDARY})"));
    }
    for c in folded.chars() {
        if c.is_ascii_punctuation() {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    if !unfinished && is_in_word(folded.chars().next_back()) {
        pattern.push_str(&format!("($|{BOUNDARY})"));
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn patterns_hold_nothing_but_the_text_and_its_boundaries() {
        let edge = "[^0-9a-z\\x{80}-\\x{10ffff}]";
        assert_eq!(pattern("a.b", false), format!("(^|{edge})a\\.b($|{edge})"));
        assert_eq!(pattern("c++", false), format!("(^|{edge})c\\+\\+"));
        assert_eq!(pattern("$5", true), "\\$5");
    }
}
