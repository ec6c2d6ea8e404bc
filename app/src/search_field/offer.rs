//! What the field offers to be taken.

use model::suggest::{Suggestion, SuggestionKind, Suggestions};

use crate::browser::text_field::Typed;
use crate::format;

/// How many of the searches made before are offered.
const RECENT: usize = 5;
/// The heading of values.
const VALUES: &str = "Values";

/// What the field offers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offer {
    /// The text before the caret that it is for.
    pub text: String,
    /// Where what is taken begins to replace that.
    pub from: usize,
    /// What can be taken, those of a group together.
    pub items: Vec<OfferItem>,
    /// What the counts are of, where they are not of all runs.
    pub note: Option<String>,
}

/// Something that can be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferItem {
    /// The heading that it stands under.
    pub group: &'static str,
    /// Its name or value.
    pub label: String,
    /// What it means; may be empty.
    pub hint: String,
    /// How many runs have it.
    pub count: Option<u64>,
    /// What taking it does.
    pub take: Take,
}

/// What taking something does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Take {
    /// Makes this search.
    Search(String),
    /// Writes this text before the caret.
    Insert {
        /// The text.
        text: String,
        /// Whether it completes a filter.
        is_whole: bool,
    },
}

/// The id of what stands at this position of an offer.
#[must_use]
pub fn option_id(index: usize) -> String {
    format!("q-option-{index}")
}

impl Offer {
    /// What the server suggests for a text, after the searches made before.
    #[must_use]
    pub fn new(text: String, recent: Vec<String>, suggestions: Suggestions) -> Self {
        let recent = recent.into_iter().take(RECENT).map(|q| OfferItem {
            group: "Recent searches",
            label: q.clone(),
            hint: String::new(),
            count: None,
            take: Take::Search(q),
        });
        let Suggestions { from, mut items, basis } = suggestions;
        // After a colon it is mostly a value that is wanted.
        items.sort_by_key(|item| item.kind == SuggestionKind::Operator);
        let has_counts = items.iter().any(|item| item.count.is_some());
        let note = (basis.sampled && has_counts)
            .then(|| format!("Counts are of the newest {} runs", format::count(basis.runs)));
        Self { text, from, items: recent.chain(items.into_iter().map(item)).collect(), note }
    }

    /// The value that can only be meant: the one that is offered, where it begins as
    /// what is typed and is more than that. Not where older runs may have others.
    #[must_use]
    pub fn only_value(&self, typed: &str) -> Option<usize> {
        let typed = typed.to_lowercase();
        let mut values = self.items.iter().enumerate().filter(|(_, item)| item.group == VALUES);
        let (index, only) = values.next().filter(|_| values.next().is_none())?;
        let label = only.label.to_lowercase();
        let is_meant = !typed.is_empty() && label.starts_with(&typed) && label != typed;
        (is_meant && self.note.is_none()).then_some(index)
    }

    /// The items with their positions, one list for each heading.
    #[must_use]
    pub fn groups(&self) -> Vec<(&'static str, Vec<(usize, OfferItem)>)> {
        let mut groups: Vec<(&'static str, Vec<(usize, OfferItem)>)> = Vec::new();
        for (index, item) in self.items.iter().cloned().enumerate() {
            match groups.last_mut() {
                Some((group, items)) if *group == item.group => items.push((index, item)),
                _ => groups.push((item.group, vec![(index, item)])),
            }
        }
        groups
    }
}

fn item(suggestion: Suggestion) -> OfferItem {
    let Suggestion { kind, insert, label, hint, count } = suggestion;
    let (group, is_whole) = match kind {
        SuggestionKind::Field => ("Filter by", false),
        SuggestionKind::Operator => ("Operators", insert == "*"),
        SuggestionKind::Value => (VALUES, true),
    };
    OfferItem { group, label, hint, count, take: Take::Insert { text: insert, is_whole } }
}

/// What a field holds, and where its caret is, once a text was taken that
/// replaces what stands from `from` to the end of the selection.
pub(super) fn inserted(typed: &Typed, from: usize, text: &str, is_whole: bool) -> (String, usize) {
    let before = typed.text.get(..from).unwrap_or_default();
    let mut after = typed.text.get(typed.selected.end..).unwrap_or_default();
    // A colon that is there already is not written twice.
    if text.ends_with(':') {
        after = after.strip_prefix(':').unwrap_or(after);
    }
    // Nothing can be compared with the presence of a field.
    if text == "*" {
        after = after.get(after.find(char::is_whitespace).unwrap_or(after.len())..).unwrap_or("");
    }
    let mut draft = format!("{before}{text}");
    if is_whole && !after.starts_with(char::is_whitespace) {
        draft.push(' ');
    }
    let caret = draft.len() + usize::from(is_whole && after.starts_with(char::is_whitespace));
    draft.push_str(after);
    (draft, caret)
}

#[cfg(test)]
mod tests {
    use model::suggest::SuggestionBasis;

    use super::*;

    fn take(
        text: &str,
        caret: usize,
        from: usize,
        insert: &str,
        is_whole: bool,
    ) -> (String, usize) {
        let typed = Typed { text: text.to_owned(), selected: caret..caret };
        inserted(&typed, from, insert, is_whole)
    }

    #[test]
    fn what_is_taken_replaces_what_was_typed() {
        assert_eq!(take("sta", 3, 0, "status:", false), ("status:".to_owned(), 7));
        assert_eq!(take("a sta b", 5, 2, "status:", false), ("a status: b".to_owned(), 9));
        assert_eq!(take("status:f", 8, 7, "failure", true), ("status:failure ".to_owned(), 15));
        assert_eq!(take("status:f x", 8, 7, "failure", true), ("status:failure x".to_owned(), 15));
    }

    #[test]
    fn parts_of_a_filter_fit_what_is_left_of_it() {
        let typed = Typed { text: "model:gpt".to_owned(), selected: 0..5 };
        assert_eq!(inserted(&typed, 0, "provider:", false), ("provider:gpt".to_owned(), 9));
        let typed = Typed { text: "model:gpt refund".to_owned(), selected: 6..6 };
        assert_eq!(inserted(&typed, 6, "*", true), ("model:* refund".to_owned(), 8));
        assert_eq!(inserted(&typed, 6, "~", false), ("model:~gpt refund".to_owned(), 7));
    }

    #[test]
    fn values_stand_before_operators() {
        let of = |kind| Suggestion {
            kind,
            insert: String::new(),
            label: format!("{kind:?}"),
            hint: String::new(),
            count: None,
        };
        let items = vec![of(SuggestionKind::Operator), of(SuggestionKind::Value)];
        let basis = SuggestionBasis { sampled: false, runs: 1 };
        let offer = Offer::new(String::new(), Vec::new(), Suggestions { from: 0, items, basis });
        assert_eq!(offer.items[0].group, "Values");
    }

    #[test]
    fn only_one_value_that_goes_on_is_meant() {
        let value = |label: &str| Suggestion {
            kind: SuggestionKind::Value,
            insert: label.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            count: Some(1),
        };
        let only = |labels: &[&str], sampled, typed| {
            let items = labels.iter().map(|label| value(label)).collect();
            let basis = SuggestionBasis { sampled, runs: 1 };
            let suggestions = Suggestions { from: 0, items, basis };
            Offer::new(String::new(), Vec::new(), suggestions).only_value(typed)
        };
        assert_eq!(only(&["gpt-4o"], false, "GPT"), Some(0));
        for (labels, sampled, typed) in [
            (&["gpt-4o"][..], false, "gpt-4o"),
            (&["gpt-4o"], false, "4o"),
            (&["gpt-4o"], false, ""),
            (&["gpt-4o"], true, "gpt"),
            (&["gpt-4o", "gpt-5"], false, "gpt"),
            (&[], false, "gpt"),
        ] {
            assert_eq!(only(labels, sampled, typed), None, "{labels:?} {typed}");
        }
    }

    #[test]
    fn offers_are_in_groups() {
        let field = Suggestion {
            kind: SuggestionKind::Field,
            insert: "status:".to_owned(),
            label: "status".to_owned(),
            hint: String::new(),
            count: None,
        };
        let basis = SuggestionBasis { sampled: true, runs: 5_000 };
        let suggestions = Suggestions { from: 0, items: vec![field.clone(), field], basis };
        let offer = Offer::new(String::new(), vec!["a".to_owned()], suggestions);
        let groups = offer.groups();
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[1].1[1].0, 2);
        assert_eq!(offer.note, None);
    }
}
