//! Words, prefixes and phrases over `search_text`.
//!
//! Both sides are folded by the same function. The text index answers for
//! tokens; where what is looked for is more than one token, the index narrows
//! and a look at the text decides.

use clickhouse::Row;
use model::fold::{fold, tokens};
use serde::Deserialize;

use super::Builder;
use crate::StoreError;
use crate::sql::Value;

/// What stands for more tokens than this is common enough to be found without the index.
const MAX_EXPANSIONS: usize = 256;

/// One side of a token: what the index's tokenizer splits at, or the text's end.
const BOUNDARY: &str = r"[^0-9a-z\x{80}-\x{10ffff}]";

/// Whether what is looked for may begin or end within a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// Whole words.
    Words,
    /// Whole words, but for the last, which may go on.
    Prefix,
    /// Any part of the text.
    Substring,
}

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
}

/// The text index's own dictionary knows every word of the data. It spans all
/// organizations, so nothing of it may leave the store.
macro_rules! expansions {
    ($condition:literal) => {
        concat!(
            "SELECT DISTINCT token
             FROM mergeTreeTextIndex(currentDatabase(), 'runs', 'search_text_index') WHERE ",
            $condition,
            " LIMIT {limit:UInt64}"
        )
    };
}

impl Builder<'_> {
    /// What runs with this text somewhere in their values satisfy.
    pub(super) async fn text_found(
        &mut self,
        text: &str,
        reach: Reach,
    ) -> Result<String, StoreError> {
        let folded = fold(text).trim().to_owned();
        let (mut parts, decided) = self.narrowed(&folded, reach).await?;
        if !decided {
            parts.push(self.looked_at(&folded, reach));
        }
        Ok(format!("({})", parts.join(" AND ")))
    }

    /// Conditions that the text index can answer, and whether they decide alone.
    pub(super) async fn narrowed(
        &mut self,
        folded: &str,
        reach: Reach,
    ) -> Result<(Vec<String>, bool), StoreError> {
        let mut words: Vec<String> = tokens(folded).map(str::to_owned).collect();
        let is_one_token = words.len() == 1 && words.first().is_some_and(|word| word == folded);
        let starts_open = reach == Reach::Substring
            && words.first().is_some_and(|first| folded.starts_with(first.as_str()));
        let ends_open = reach != Reach::Words
            && words.last().is_some_and(|last| folded.ends_with(last.as_str()));
        let mut decided = is_one_token && reach != Reach::Substring;
        let mut open = Vec::new();
        if words.len() == 1 && starts_open && ends_open {
            open.extend(words.pop().map(|word| (Like::Holding, word)));
        } else {
            if ends_open {
                open.extend(words.pop().map(|word| (Like::Starting, word)));
            }
            if starts_open && !words.is_empty() {
                open.push((Like::Ending, words.remove(0)));
            }
        }
        let mut parts = Vec::new();
        if !words.is_empty() {
            let placeholder = self.params.bind(Value::Texts(words));
            parts.push(format!("hasAllTokens(search_text, {placeholder})"));
        }
        for (like, part) in open {
            match self.expanded(like, &part).await? {
                Some(found) => {
                    let placeholder = self.params.bind(Value::Texts(found));
                    parts.push(format!("hasAnyTokens(search_text, {placeholder})"));
                }
                None => decided = false,
            }
        }
        Ok((parts, decided))
    }

    /// The tokens that a part stands for; `None` when they are too many.
    async fn expanded(&self, like: Like, part: &str) -> Result<Option<Vec<String>>, StoreError> {
        let sql = match like {
            Like::Starting => expansions!("startsWith(token, {part:String})"),
            Like::Ending => expansions!("endsWith(token, {part:String})"),
            Like::Holding => expansions!("position(token, {part:String}) > 0"),
        };
        let found = self
            .store
            .client()
            .query(sql)
            .param("part", part)
            .param("limit", MAX_EXPANSIONS as u64 + 1)
            .fetch_all::<TokenRow>()
            .await?;
        let few = found.len() <= MAX_EXPANSIONS;
        Ok(few.then(|| found.into_iter().map(|row| row.token).collect()))
    }

    fn looked_at(&mut self, folded: &str, reach: Reach) -> String {
        if reach == Reach::Substring {
            let placeholder = self.params.bind(Value::Text(folded.to_owned()));
            return format!("position(search_text, {placeholder}) > 0");
        }
        let placeholder = self.params.bind(Value::Text(pattern(folded, reach)));
        format!("match(search_text, {placeholder})")
    }
}

/// The text at the boundaries of words.
fn pattern(folded: &str, reach: Reach) -> String {
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
    if reach == Reach::Words && is_in_word(folded.chars().next_back()) {
        pattern.push_str(&format!("($|{BOUNDARY})"));
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::{Reach, pattern};

    #[test]
    fn patterns_hold_nothing_but_the_text_and_its_boundaries() {
        let edge = "[^0-9a-z\\x{80}-\\x{10ffff}]";
        assert_eq!(pattern("a.b", Reach::Words), format!("(^|{edge})a\\.b($|{edge})"));
        assert_eq!(pattern("c++", Reach::Words), format!("(^|{edge})c\\+\\+"));
        assert_eq!(pattern("$5", Reach::Prefix), "\\$5");
    }
}
