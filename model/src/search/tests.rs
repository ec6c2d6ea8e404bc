//! The grammar row by row, its errors, and that printing and parsing agree.

mod errors;
mod fields;
mod identity;
mod legacy;
mod structure;

use super::*;

pub(super) fn parse(text: &str) -> Expr {
    let query = SearchQuery::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    query.root().cloned().unwrap_or_else(|| panic!("{text} is empty"))
}

pub(super) fn filter(text: &str) -> Filter {
    match parse(text) {
        Expr::Term(Term::Filter(filter)) => filter,
        other => panic!("{text} is {other:?}"),
    }
}

pub(super) fn test(text: &str) -> Test {
    filter(text).test().clone()
}

pub(super) fn error(text: &str) -> SearchError {
    match SearchQuery::parse(text) {
        Err(error) => error,
        Ok(query) => panic!("{text} is {query:?}"),
    }
}

pub(super) fn word(text: &str) -> Expr {
    Expr::word(text)
}

pub(super) fn typed(text: &str) -> Expr {
    Expr::Term(Term::Word { text: text.to_owned(), prefix: true })
}
