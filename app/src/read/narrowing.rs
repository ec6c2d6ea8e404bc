//! Searches for the runs behind a figure.

use model::search::{Expr, Field, SearchQuery, Term};

/// The search that figures were asked for, and the one whose runs they count.
#[derive(Clone, Copy, Debug)]
pub struct Searches<'a> {
    /// As it stands in the address.
    pub asked: &'a SearchQuery,
    /// The same without what pages leave out, so that a list shows as many runs as a figure says.
    pub counted: &'a SearchQuery,
}

impl<'a> Searches<'a> {
    /// Figures of all the runs that were asked for.
    #[must_use]
    pub fn same(query: &'a SearchQuery) -> Self {
        Self { asked: query, counted: query }
    }
}

/// A search without its filters on the time.
#[must_use]
pub(super) fn without_time(query: &SearchQuery) -> SearchQuery {
    let is_time = |expr: &Expr| {
        let expr = match expr {
            Expr::Not(inner) => inner,
            expr => expr,
        };
        matches!(expr, Expr::Term(Term::Filter(filter)) if *filter.field() == Field::Time)
    };
    let kept: Vec<Expr> = query.conjuncts().iter().filter(|expr| !is_time(expr)).cloned().collect();
    SearchQuery::new(Expr::And(kept)).unwrap_or_default()
}

/// The text of a search as it follows another term: `OR` binds loosest, so it takes
/// parentheses there.
#[must_use]
pub(super) fn following(query: &SearchQuery) -> String {
    const BEFORE: &str = "time:1h";
    let Ok(before) = SearchQuery::parse(BEFORE) else { return String::new() };
    let all = before.conjuncts().iter().chain(query.conjuncts()).cloned().collect();
    let text = SearchQuery::new(Expr::And(all)).unwrap_or_default().to_string();
    let rest = text.strip_prefix(BEFORE).unwrap_or_default();
    rest.strip_prefix(' ').unwrap_or(rest).to_owned()
}

/// The text of a search for those runs of another one that have this too.
#[must_use]
pub(super) fn narrowed(own: &str, query: &SearchQuery) -> String {
    match following(query) {
        rest if rest.is_empty() => own.to_owned(),
        rest => format!("{own} {rest}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> SearchQuery {
        SearchQuery::parse(text).unwrap()
    }

    #[test]
    fn another_time_replaces_the_old_one() {
        let without = |text: &str| without_time(&parsed(text)).to_string();
        assert_eq!(without("time:24h status:failure -time:1h refu"), "status:failure refu");
        assert_eq!(without("time:24h"), "");
        assert_eq!(without("(time:1h OR time:2h)"), "time:1h OR time:2h");
    }

    #[test]
    fn what_follows_a_term_means_what_it_meant_alone() {
        for (text, rest) in [
            ("", ""),
            ("refu", "refu"),
            ("refund ", "refund "),
            ("status:failure late", "status:failure late"),
            ("a OR b", "(a OR b)"),
            ("-(a OR b)", "-(a OR b)"),
        ] {
            assert_eq!(following(&parsed(text)), rest, "{text}");
        }
        for text in ["refu", "refund ", "a OR refu", "a OR refund ", "(a OR b) -c", "a b OR c"] {
            let narrowed = parsed(&format!("latency:>2s {}", following(&parsed(text))));
            let all = [parsed("latency:>2s"), parsed(text)];
            let all = all.iter().flat_map(|it| it.conjuncts()).cloned().collect();
            assert_eq!(narrowed, SearchQuery::new(Expr::And(all)).unwrap(), "{text}");
        }
    }
}
