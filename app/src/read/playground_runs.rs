//! Leaves runs of the playground and of echo out of what pages say of an agent.
//!
//! Such runs are tries. They stand in lists like all others, but would make an agent look
//! quicker, dearer or more faulty than it is.

use model::SearchQuery;
use model::search::{Expr, Field, Term};
use store::{ListRequest, OrgStore, StoreError};

use super::narrowing::{Searches, narrowed};
use crate::data::stats::ExcludedDoc;
use crate::links;

/// What a search counts on pages.
#[derive(Clone, Debug)]
pub struct Counted {
    /// The search as it is counted.
    pub query: SearchQuery,
    /// What it leaves out; `None` when the search asks about source or provider itself and
    /// so has all that it asks for.
    left_out: Option<SearchQuery>,
}

impl Counted {
    /// Leaves runs of the playground and of echo out of a search that does not ask for them.
    #[must_use]
    pub fn of(query: &SearchQuery) -> Self {
        let with = |text| {
            let more = SearchQuery::parse(text).ok()?;
            // Before the rest, whose last word may be unfinished.
            let all = more.conjuncts().iter().chain(query.conjuncts()).cloned().collect();
            SearchQuery::new(Expr::And(all)).ok()
        };
        let both = || {
            let counted = with(links::WITHOUT_TRIES)?;
            Some((counted, with(links::TRIES)?))
        };
        let asks = query.conjuncts().iter().any(asks_for_origin);
        match (!asks).then(both).flatten() {
            Some((query, left_out)) => Self { query, left_out: Some(left_out) },
            None => Self { query: query.clone(), left_out: None },
        }
    }

    /// The searches for the runs behind the figures of `asked`: short where nothing is left out.
    #[must_use]
    pub fn searches<'a>(
        &'a self,
        asked: &'a SearchQuery,
        excluded: Option<&ExcludedDoc>,
    ) -> Searches<'a> {
        match excluded {
            Some(_) => Searches { asked, counted: &self.query },
            None => Searches::same(asked),
        }
    }

    /// How many runs are left out, with the search that has them in.
    ///
    /// # Errors
    /// When the store fails or takes too long.
    pub async fn excluded(
        &self,
        store: &OrgStore,
        request: &ListRequest,
        asked: &SearchQuery,
    ) -> Result<Option<ExcludedDoc>, StoreError> {
        use model::stats::{By, GroupBy};

        let Some(query) = self.left_out.clone() else { return Ok(None) };
        let request = ListRequest { query, ..request.clone() };
        let by = By { bucket: None, group: Some(GroupBy::Source.into()) };
        let stats = store.stats(&request, by, None).await?;
        let runs = stats.map_or(0, |stats| stats.total.count);
        let q = narrowed("source:*", asked);
        Ok((runs > 0).then_some(ExcludedDoc { runs, q }))
    }
}

/// Whether a search says itself which sources or providers it wants. As deep as its
/// parentheses, which the parser bounds.
fn asks_for_origin(expr: &Expr) -> bool {
    match expr {
        Expr::And(items) | Expr::Or(items) => items.iter().any(asks_for_origin),
        Expr::Not(inner) => asks_for_origin(inner),
        Expr::Term(Term::Filter(filter)) => {
            matches!(filter.field(), Field::Source | Field::Provider)
        }
        Expr::Term(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(q: &str) -> String {
        Counted::of(&SearchQuery::parse(q).unwrap()).query.to_string()
    }

    #[test]
    fn tries_are_left_out_unless_asked_for() {
        assert_eq!(counted(""), "-source:playground -provider:echo");
        assert_eq!(counted("late refu"), "-source:playground -provider:echo late refu");
        assert_eq!(counted("a OR b"), "-source:playground -provider:echo (a OR b)");
        for asked in ["source:playground", "-provider:openai", "(source:* OR late) refund"] {
            assert_eq!(counted(asked), asked);
        }
    }
}
