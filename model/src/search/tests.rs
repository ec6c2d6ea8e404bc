//! The grammar row by row, its errors, and that printing and parsing agree.

mod errors;
mod fields;
mod identity;
mod legacy;
mod structure;

use std::fmt::Debug;

use super::*;

/// Why a test has nothing to look at.
#[derive(Debug, thiserror::Error)]
enum Unlike {
    #[error(transparent)]
    Search(#[from] SearchError),
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    #[error(transparent)]
    Legacy(#[from] LegacyError),
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("there is nothing in {0}")]
    Nothing(String),
    #[error("it is {0}")]
    Other(String),
}

type Checked = Result<(), Unlike>;

fn parse(text: &str) -> Result<Expr, Unlike> {
    SearchQuery::parse(text)?.root().cloned().ok_or_else(|| Unlike::Nothing(text.to_owned()))
}

fn filter(text: &str) -> Result<Filter, Unlike> {
    match parse(text)? {
        Expr::Term(Term::Filter(filter)) => Ok(filter),
        other => Err(unlike(&other)),
    }
}

fn test(text: &str) -> Result<Test, Unlike> {
    Ok(filter(text)?.test().clone())
}

fn error(text: &str) -> Result<SearchError, Unlike> {
    refused(SearchQuery::parse(text))
}

/// Why something was refused.
fn refused<T: Debug, E>(outcome: Result<T, E>) -> Result<E, Unlike> {
    match outcome {
        Ok(accepted) => Err(unlike(&accepted)),
        Err(error) => Ok(error),
    }
}

/// What should have been something else.
fn unlike(other: &impl Debug) -> Unlike {
    Unlike::Other(format!("{other:?}"))
}

fn word(text: &str) -> Expr {
    Expr::word(text)
}

fn typed(text: &str) -> Expr {
    Expr::Term(Term::Word { text: text.to_owned(), prefix: true })
}
