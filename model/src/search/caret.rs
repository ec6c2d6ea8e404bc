//! What is being typed at the end of a text: what suggestions can complete.

use super::field::{Field, Operator};
use super::read::closed_words;
use super::value::unquote;
use super::word;

/// What stands just before the caret, when it is something to be completed.
#[derive(Clone, Debug, PartialEq)]
pub struct Caret {
    /// The byte of the text at which a completion begins to replace it.
    pub from: usize,
    /// What is being typed.
    pub slot: Slot,
}

/// What a completion can be.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// The name of a field, which may yet turn out to be a word.
    Name {
        /// What of it is there.
        typed: String,
    },
    /// What follows a field and its colon.
    Condition {
        /// The field.
        field: Field,
        /// The operator, written out; [`Operator::Is`] also where none was begun.
        operator: Operator,
        /// What stands between the colon and the value that is being typed,
        /// the operator and other values: a completion begins with it.
        head: String,
        /// What of the value is there, without quotes.
        typed: String,
    },
}

impl Caret {
    /// What is being typed at the end of `text`, which is what stands before the
    /// caret; `None` inside a phrase and after a field that does not exist.
    #[must_use]
    pub fn at_end(text: &str) -> Option<Self> {
        let mut from = token_start(text);
        let mut token = text.get(from..)?;
        if token.starts_with('"') {
            return None;
        }
        if let Some(negated) = token.strip_prefix('-')
            && (negated.is_empty() || !word::blocks_negation(negated))
        {
            (from, token) = (from + 1, negated);
        }
        let Some(colon) = outside_quotes(token).find(|(_, c)| *c == ':').map(|(at, _)| at) else {
            return Some(Self { from, slot: Slot::Name { typed: token.to_owned() } });
        };
        let (name, condition) = (token.get(..colon)?, token.get(colon + 1..)?);
        let (operator, head, typed) = split_condition(condition);
        let slot = Slot::Condition { field: Field::read(name)?, operator, head, typed };
        Some(Self { from: from + colon + 1, slot })
    }
}

/// Whether a text ends inside quotes, of which the closing one may be to come.
#[must_use]
pub fn ends_in_quotes(text: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        let is_escaped = std::mem::take(&mut escaped);
        match c {
            '"' if !is_escaped => quoted = !quoted,
            '\\' if quoted && !is_escaped => escaped = true,
            _ => {}
        }
    }
    quoted
}

impl Slot {
    /// The value that what is typed can only become: `f` after `status:` is
    /// `failure`. `None` for a whole value, and where any text will do.
    #[must_use]
    pub fn only_value(&self) -> Option<&'static str> {
        let Self::Condition { field, operator: Operator::Is | Operator::IsNot, typed, .. } = self
        else {
            return None;
        };
        let typed = typed.to_lowercase();
        let words = closed_words(field.info());
        let mut begun = words.iter().filter(|word| !typed.is_empty() && word.starts_with(&typed));
        match (begun.next(), begun.next()) {
            (Some(word), None) if **word != typed => Some(word),
            _ => None,
        }
    }
}

/// The characters outside quotes, with their bytes.
pub(super) fn outside_quotes(text: &str) -> impl Iterator<Item = (usize, char)> {
    let (mut quoted, mut escaped) = (false, false);
    text.char_indices().filter(move |(_, c)| {
        let was_quoted = quoted;
        let is_escaped = std::mem::take(&mut escaped);
        match c {
            '"' if !is_escaped => quoted = !quoted,
            '\\' if quoted && !is_escaped => escaped = true,
            _ => {}
        }
        !was_quoted && !quoted
    })
}

/// Where the last token begins; one that was ended is empty.
fn token_start(text: &str) -> usize {
    outside_quotes(text)
        .filter(|(_, c)| c.is_whitespace() || matches!(c, '(' | ')'))
        .last()
        .map_or(0, |(at, c)| at + c.len_utf8())
}

/// The operator of a condition, what stands before the value being typed, and
/// what of that value is there.
fn split_condition(condition: &str) -> (Operator, String, String) {
    const WRITTEN: [Operator; 6] = [
        Operator::IsNot,
        Operator::AtLeast,
        Operator::Greater,
        Operator::AtMost,
        Operator::Less,
        Operator::Contains,
    ];
    let written = WRITTEN.into_iter().find(|operator| condition.starts_with(operator.symbol()));
    let after = written.map_or(0, |operator| operator.symbol().len());
    let values = condition.get(after..).unwrap_or_default();
    let comma = outside_quotes(values).filter(|(_, c)| *c == ',').last().map(|(at, _)| at + 1);
    let range = (written.is_none() && comma.is_none() && !values.starts_with('"'))
        .then(|| values.find("..").map(|at| at + 2))
        .flatten();
    let start = after + comma.or(range).unwrap_or(0);
    let (head, value) = condition.split_at_checked(start).unwrap_or((condition, ""));
    let operator = match range {
        Some(_) => Operator::Between,
        None => written.unwrap_or(Operator::Is),
    };
    (operator, head.to_owned(), unquoted(value))
}

/// A value without its quotes, of which the closing one may not be there yet.
fn unquoted(value: &str) -> String {
    if !value.starts_with('"') {
        return value.to_owned();
    }
    let closed = unquote(value).or_else(|| unquote(&format!("{value}\"")));
    closed.map_or_else(String::new, |(text, _)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Option<(usize, String)> {
        match Caret::at_end(text)? {
            Caret { from, slot: Slot::Name { typed } } => Some((from, typed)),
            Caret { .. } => None,
        }
    }

    fn condition(text: &str) -> Option<(usize, String, Operator, String, String)> {
        match Caret::at_end(text)? {
            Caret { from, slot: Slot::Condition { field, operator, head, typed } } => {
                Some((from, field.to_string(), operator, head, typed))
            }
            Caret { .. } => None,
        }
    }

    #[test]
    fn names_are_the_last_token_without_its_negation() {
        assert_eq!(name(""), Some((0, String::new())));
        assert_eq!(name("refund mod"), Some((7, "mod".to_owned())));
        assert_eq!(name("(model:a OR -lat"), Some((13, "lat".to_owned())));
        assert_eq!(name("refund "), Some((7, String::new())));
        assert_eq!(name("-"), Some((1, String::new())));
        assert_eq!(name("input.\"a b\".c"), Some((0, "input.\"a b\".c".to_owned())));
        assert_eq!(name("\"a phr"), None);
        assert_eq!(name("\"a phrase\""), None);
    }

    #[test]
    fn conditions_know_field_operator_and_value() {
        let expect = |text, from: usize, field: &str, operator, head: &str, typed: &str| {
            let expected = (from, field.to_owned(), operator, head.to_owned(), typed.to_owned());
            assert_eq!(condition(text), Some(expected), "{text}");
        };
        expect("model:", 6, "model", Operator::Is, "", "");
        expect("a -model:!=gpt", 9, "model", Operator::IsNot, "!=", "gpt");
        expect("model:a,\"b, c\",d", 6, "model", Operator::Is, "a,\"b, c\",", "d");
        expect("latency:>=2", 8, "latency", Operator::AtLeast, ">=", "2");
        expect("latency:1s..", 8, "latency", Operator::Between, "1s..", "");
        expect(
            "metadata.\"user id\":\"a \\\"b",
            19,
            "metadata.\"user id\"",
            Operator::Is,
            "",
            "a \"b",
        );
        expect("input.items[].sku:~A", 18, "input.items[].sku", Operator::Contains, "~", "A");
    }

    #[test]
    fn a_value_that_can_only_be_one_is_known() {
        let only = |text: &str| Caret::at_end(text).and_then(|caret| caret.slot.only_value());
        assert_eq!(only("status:f"), Some("failure"));
        assert_eq!(only("a -status:!=SUCC"), Some("success"));
        assert_eq!(only("review:any,p"), Some("positive"));
        assert_eq!(only("cached:t"), Some("true"));
        for text in ["status:", "status:failure", "status:x", "model:g", "source:s", "stat"] {
            assert_eq!(only(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_no_field_has_nothing_to_complete() {
        for text in ["https://", "10:30", "nosuchfield:a", "input..a:b"] {
            assert_eq!(Caret::at_end(text), None, "{text}");
        }
    }
}
