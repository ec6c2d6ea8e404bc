use proptest::prelude::*;

use super::*;

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error(transparent)]
    Search(#[from] model::SearchError),
    #[error("there is no such chip")]
    NoChip,
    #[error("nothing is wrong with the text")]
    NoProblem,
}

fn chips(text: &SearchText) -> Vec<&str> {
    text.chips.iter().map(|chip| chip.text.as_str()).collect()
}

/// Types a text letter by letter.
fn typed(letters: &str) -> SearchText {
    let mut text = SearchText::default();
    for letter in letters.chars() {
        text.draft.push(letter);
        let end = text.draft.len();
        assert_eq!(text.finish(end, Finished::BeforeCaret), text.draft.len());
    }
    text
}

#[test]
fn finished_filters_are_chips_and_words_stay_text() {
    let text = SearchText::of("late status:failure refund -model:a,b");
    assert_eq!(chips(&text), ["status:failure", "-model:a,b"]);
    assert_eq!(text.draft, "late refund ");
    assert_eq!(text.q(), "status:failure -model:a,b late refund ");
    assert_eq!(SearchText::of("status:failure refun").draft, "refun");
    assert_eq!(SearchText::of("status:failure refund ").draft, "refund ");
    assert_eq!(SearchText::of("a OR status:failure").draft, "a OR status:failure");
    assert_eq!(SearchText::of("latency:>soon").draft, "latency:>soon");
}

#[test]
fn a_space_finishes_a_filter() {
    let text = typed("late status:failure latency:>2");
    assert_eq!((chips(&text), text.draft.as_str()), (vec!["status:failure"], "late latency:>2"));
    assert_eq!(text.q(), "status:failure late latency:>2");
    let text = typed("late status:failure latency:>2s re");
    assert_eq!(chips(&text), ["status:failure", "latency:>2s"]);
    assert_eq!(text.draft, "late re");
    assert_eq!(text.q(), "status:failure latency:>2s late re");
}

#[test]
fn typing_by_hand_means_what_the_text_means() -> Result<(), Unreadable> {
    for q in [
        "status:failure OR cached:true",
        "model:a status:failure OR cached:true refund",
        "(status:failure OR cached:true) refund",
        "-(model:a tool:b) refund",
        "metadata.\"user id\":\"a, b\" \"late refund\" x",
        "-status:failure ORDER model:a",
        "NOT status:failure AND tide",
        "tide AND status:failure AND model:a x",
        "status:failure AND model:a AND NOT tool:b AND late",
        "status:failure NOT (a AND b)",
    ] {
        let text = typed(q);
        let (one, two) = (SearchQuery::parse(q)?, SearchQuery::parse(&text.q())?);
        let sorted = |query: &SearchQuery| {
            let mut parts: Vec<String> = query.conjuncts().iter().map(Expr::to_string).collect();
            parts.sort();
            parts
        };
        assert_eq!(sorted(&one), sorted(&two), "{q} became {}", text.q());
    }
    Ok(())
}

#[test]
fn chips_beside_alternatives_hold_for_all_of_them() {
    let text = SearchText { draft: "refund OR delay".to_owned(), ..typed("status:failure ") };
    assert_eq!(text.q(), "status:failure (refund OR delay)");
    let again = SearchText::of(&text.q());
    assert_eq!(chips(&again), ["status:failure"]);
    assert_eq!(again.q(), text.q());
}

#[test]
fn a_pasted_search_becomes_chips_and_the_caret_stays_where_it_was() {
    let mut text = SearchText { draft: "a status:failure b".to_owned(), ..SearchText::default() };
    assert_eq!(text.finish(18, Finished::All), 3);
    assert_eq!((chips(&text), text.draft.as_str()), (vec!["status:failure"], "a b"));
    let mut text = SearchText { draft: "a status:failure b".to_owned(), ..SearchText::default() };
    assert_eq!(text.finish(1, Finished::BeforeCaret), 1);
    assert_eq!(text.draft, "a status:failure b");
    assert_eq!(text.finish(17, Finished::BeforeCaret), 2);
    assert_eq!(text.draft, "a b");
}

#[test]
fn a_pasted_search_needs_no_word_between_chips_and_text() {
    let mut text =
        SearchText { draft: "a AND status:failure AND b".to_owned(), ..SearchText::default() };
    text.finish(26, Finished::All);
    assert_eq!((chips(&text), text.draft.as_str()), (vec!["status:failure"], "a AND b"));
    assert_eq!(text.q(), "status:failure a b");
}

#[test]
fn a_mended_text_stands_behind_the_chips() -> Result<(), Unreadable> {
    let text = typed("model:a status=failure");
    let meant = text.problem().and_then(|error| error.suggestion).ok_or(Unreadable::NoProblem)?;
    assert_eq!(text.with_draft(meant), "model:a status:failure");
    Ok(())
}

#[test]
fn the_same_filter_is_one_chip() {
    assert_eq!(chips(&typed("status:failure status:failure ")), ["status:failure"]);
}

#[test]
fn a_chip_has_parts_that_can_be_typed_over() {
    let text = SearchText::of("-latency:>=2s metadata.\"a b\":1..5 error:*");
    let parts = |chip: &Chip| {
        [ChipPart::Field, ChipPart::Operator, ChipPart::Value]
            .map(|part| chip.text[chip.place(part)].to_owned())
    };
    assert_eq!(parts(&text.chips[0]), ["latency", ">=", "2s"]);
    assert_eq!(parts(&text.chips[1]), ["metadata.\"a b\"", "", "1..5"]);
    assert_eq!(parts(&text.chips[2]), ["error", "*", ""]);
    assert_eq!(text.chips[1].operator_words(), "between");
}

#[test]
fn a_reopened_chip_stands_before_the_draft() -> Result<(), Unreadable> {
    let mut text = typed("status:failure model:a refund");
    let chip = text.reopen(0).ok_or(Unreadable::NoChip)?;
    assert_eq!(chip.text, "status:failure");
    assert_eq!(text.draft, "status:failure refund");
    assert_eq!(chips(&text), ["model:a"]);
    assert_eq!(text.reopen(7), None);
    text.finish(0, Finished::All);
    assert_eq!(chips(&text), ["status:failure", "model:a"]);
    Ok(())
}

#[test]
fn what_is_wrong_is_marked_in_the_draft() -> Result<(), Unreadable> {
    let text = SearchText { draft: "é latency:x".to_owned(), ..typed("status:failure ") };
    let problem = text.problem().ok_or(Unreadable::NoProblem)?;
    assert_eq!((problem.position, problem.length), (10, 1));
    assert_eq!(text.q(), "status:failure é latency:x");
    assert_eq!(typed("status:failure refund").problem(), None);
    let many: String = (0..60).map(|n| format!("tokens:{n} ")).collect();
    let text = SearchText { draft: "a ".repeat(60), ..typed(&many) };
    let problem = text.problem().ok_or(Unreadable::NoProblem)?;
    assert!(problem.message.contains("at most 100"));
    Ok(())
}

#[test]
fn a_filter_is_added_once_and_replaces_its_opposite() {
    let with = |q: &str, filter: &str| SearchParts::read(q).with(filter);
    assert_eq!(with("", "status:failure"), "status:failure");
    assert_eq!(with("refun", "status:failure"), "status:failure refun");
    assert_eq!(with("refund ", "status:failure"), "status:failure refund ");
    assert_eq!(with("a OR b", "status:failure"), "status:failure (a OR b)");
    assert_eq!(with("status:failure a", "status:failure"), "status:failure a");
    assert_eq!(with("status:failure a", "-status:failure"), "-status:failure a");
    assert_eq!(with("-status:failure", "status:failure"), "status:failure");
    assert_eq!(with("latency:>soon", "status:failure"), "status:failure");
    assert_eq!(SearchParts::read("a OR b").and("c OR d"), "(c OR d) (a OR b)");
}

/// What must all match: a group in parentheses at the end of a search stands for its parts.
fn all_of(parts: &[Expr]) -> Vec<Expr> {
    let inner = |part: &Expr| match part {
        Expr::And(parts) => all_of(parts),
        part => vec![part.clone()],
    };
    parts.iter().flat_map(inner).collect()
}

proptest! {
    #[test]
    fn no_typing_panics_or_loses_the_caret(letters in "[a-c:\"()é -]{0,24}", caret in 0_usize..24) {
        let mut text = SearchText::default();
        for letter in letters.replace('a', "status:failure").chars() {
            text.draft.push(letter);
            let end = text.draft.len();
            let caret = text.finish(end, Finished::BeforeCaret);
            prop_assert!(text.draft.is_char_boundary(caret));
        }
        let caret = text.finish(text.draft.floor_char_boundary(caret), Finished::All);
        prop_assert!(text.draft.is_char_boundary(caret));
    }

    #[test]
    fn a_shown_search_is_the_search(letters in "[ab\"()é -]{0,24}") {
        let q = letters.replace('a', "status:failure").replace('b', " OR ");
        if let Ok(query) = SearchQuery::parse(&q) {
            let shown = SearchText::of(&query.to_string());
            let again = SearchQuery::parse(&shown.q()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            let (again, query) = (all_of(again.conjuncts()), all_of(query.conjuncts()));
            prop_assert_eq!(again.len(), query.iter().enumerate()
                .filter(|(at, part)| Chip::of(part).is_none() || !query[..*at].contains(part))
                .count());
        }
    }
}
