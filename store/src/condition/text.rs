//! Words, prefixes and phrases over `search_text`.
//!
//! Both sides are folded by the same function. The text index answers for
//! tokens; where a word or phrase is more than one token, the index narrows and
//! a look at the text decides.

use clickhouse::Row;
use model::fold::{fold, tokens};
use serde::Deserialize;

use super::Builder;
use crate::StoreError;
use crate::sql::Value;

/// A prefix that begins more words than this is looked for in the text instead.
const MAX_EXPANSIONS: usize = 256;

#[derive(Row, Deserialize)]
struct TokenRow {
    token: String,
}

/// The text index's own dictionary knows every word of the data. It spans all
/// organizations, so nothing of it may leave the store.
const EXPANSIONS: &str = "SELECT DISTINCT token
FROM mergeTreeTextIndex(currentDatabase(), 'runs', 'search_text_index')
WHERE startsWith(token, {prefix:String})
LIMIT {limit:UInt64}";

impl Builder<'_> {
    pub(super) fn word(&mut self, text: &str) -> String {
        let folded = fold(text);
        let words: Vec<String> = tokens(&folded).map(str::to_owned).collect();
        match words.as_slice() {
            // Nothing but punctuation: only the text itself can tell.
            [] => self.contains(folded.trim()),
            [word] if *word == folded.trim() => self.all_tokens(words),
            // Several tokens are one word to the person who typed it: they stand together.
            _ => format!("({} AND {})", self.all_tokens(words), self.contains(folded.trim())),
        }
    }

    pub(super) fn phrase(&mut self, text: &str) -> String {
        let folded = fold(text);
        let trimmed = folded.trim();
        // The phrase may begin or end within a word, so only what lies between is surely a token.
        let inner: Vec<String> = inner_tokens(trimmed);
        if inner.is_empty() {
            return self.contains(trimmed);
        }
        format!("({} AND {})", self.all_tokens(inner), self.contains(trimmed))
    }

    pub(super) async fn prefix(&mut self, text: &str) -> Result<String, StoreError> {
        let folded = fold(text);
        let trimmed = folded.trim();
        let mut words: Vec<String> = tokens(trimmed).map(str::to_owned).collect();
        let Some(last) = words.pop() else {
            return Ok(self.contains(trimmed));
        };
        // What ends in a symbol has no word left to complete.
        if !trimmed.ends_with(&last) {
            return Ok(self.word(text));
        }
        let expansions = self
            .store
            .client()
            .query(EXPANSIONS)
            .param("prefix", &last)
            .param("limit", MAX_EXPANSIONS as u64 + 1)
            .fetch_all::<TokenRow>()
            .await?;
        let mut parts = Vec::new();
        if !words.is_empty() {
            parts.push(self.all_tokens(words));
            parts.push(self.contains(trimmed));
        }
        if expansions.len() <= MAX_EXPANSIONS {
            let found = expansions.into_iter().map(|row| row.token).collect();
            let placeholder = self.params.bind(Value::Texts(found));
            parts.push(format!("hasAnyTokens(search_text, {placeholder})"));
        } else if parts.is_empty() {
            // Tokens hold letters, digits and bytes beyond ASCII: nothing that a pattern could mistake.
            let pattern = format!("(^|[^0-9a-z\\x80-\\xff]){last}");
            let placeholder = self.params.bind(Value::Text(pattern));
            parts.push(format!("match(search_text, {placeholder})"));
        }
        Ok(format!("({})", parts.join(" AND ")))
    }

    fn all_tokens(&mut self, words: Vec<String>) -> String {
        let placeholder = self.params.bind(Value::Texts(words));
        format!("hasAllTokens(search_text, {placeholder})")
    }

    fn contains(&mut self, folded: &str) -> String {
        let placeholder = self.params.bind(Value::Text(folded.to_owned()));
        format!("position(search_text, {placeholder}) > 0")
    }
}

/// The tokens of a folded phrase that cannot be parts of longer words.
fn inner_tokens(folded: &str) -> Vec<String> {
    let words: Vec<&str> = tokens(folded).collect();
    let starts_inside = folded.starts_with(words.first().copied().unwrap_or_default());
    let ends_inside = folded.ends_with(words.last().copied().unwrap_or_default());
    let end = words.len() - usize::from(ends_inside && !words.is_empty());
    words
        .get(usize::from(starts_inside)..end)
        .unwrap_or_default()
        .iter()
        .map(|word| (*word).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::inner_tokens;

    #[test]
    fn only_whole_words_of_a_phrase_narrow_the_search() {
        assert_eq!(inner_tokens("ate refun"), Vec::<String>::new());
        assert_eq!(inner_tokens("late refund now"), ["refund"]);
        assert_eq!(inner_tokens("refund"), Vec::<String>::new());
        assert_eq!(inner_tokens("(late refund)"), ["late", "refund"]);
    }
}
