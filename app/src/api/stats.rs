//! Figures of runs.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::stats::{OverviewDoc, StatsDoc};
use crate::error::AppError;
use crate::list_state::ListScope;
use crate::wire::{Call, Wire, WireJson};

/// So many bars at most above a list.
#[cfg(feature = "ssr")]
const BARS: usize = 90;

/// The figures of a search and its runs over time.
///
/// # Errors
/// `invalid` for a search that cannot be read, `not_found` for an agent that is
/// not there, `unavailable` when it takes too long.
pub fn read_overview(scope: ListScope, q: String) -> Call<OverviewDoc> {
    Call::of(serve_overview(scope, q))
}

#[server(endpoint = "stats/overview", input = Json, output = WireJson)]
async fn serve_overview(scope: ListScope, q: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&scope.org)?;
    let query = model::SearchQuery::parse(&q).map_err(|error| AppError::invalid("q", error))?;
    let counted = crate::read::playground_runs::Counted::of(&query);
    let request = super::runs::request(&scope, counted.query.clone(), 0)?;
    let by = model::stats::By::default();
    let (stats, excluded) = tokio::try_join!(
        access.store.stats(&request, by.clone(), Some(BARS)),
        counted.excluded(&access.store, &request, &query)
    )?;
    let stats = stats.ok_or(AppError::NotFound)?;
    let late = crate::read::stats::late_begin(&stats).filter(|_| stats.is_complete);
    let recent = match late.and_then(|begin| crate::read::stats::since(&counted.query, begin)) {
        Some(query) => {
            let request = super::runs::request(&scope, query, 0)?;
            // The whole time is drawn where the part cannot be read.
            access.store.stats(&request, by, Some(BARS)).await.ok().flatten()
        }
        None => None,
    };
    let searches = counted.searches(&query, excluded.as_ref());
    let overview = crate::read::stats::overview(&stats, recent.as_ref(), &searches);
    Wire::of(&OverviewDoc { excluded, ..overview })
}

/// The figures of an agent's runs, over time and by a property. What of the
/// question cannot be read is said in the answer, which then leaves it out.
///
/// # Errors
/// `not_found` for an agent that is not there, `unavailable` when it takes too long.
pub fn read_stats(scope: ListScope, q: String, by: String) -> Call<StatsDoc> {
    Call::of(serve_stats(scope, q, by))
}

#[server(endpoint = "stats/read", input = Json, output = WireJson)]
async fn serve_stats(scope: ListScope, q: String, by: String) -> Result<Wire, AppError> {
    use model::SearchQuery;
    use model::stats::{By, GroupBy, Grouping};

    let access = crate::auth::access(&scope.org)?;
    let mut problems = Vec::new();
    let mut by = by.parse::<By>().unwrap_or_else(|error| {
        problems.push(format!("by: {error}"));
        By::default()
    });
    by.group.get_or_insert(Grouping::Property(GroupBy::Model));
    let query = match SearchQuery::parse(&q) {
        Ok(query) => query,
        Err(error) => {
            problems.push(format!("Invalid search: {error}"));
            let problem = problems.join(". ");
            return Wire::of(&crate::read::stats::unreadable_doc(
                q,
                &by,
                problem,
                error.suggestion,
            ));
        }
    };
    let counted = crate::read::playground_runs::Counted::of(&query);
    let request = super::runs::request(&scope, counted.query.clone(), 0)?;
    let most = Some(model::stats::USUAL_BUCKETS);
    let keys = async { Ok(metadata_keys(&access.store, request.agent.as_ref()).await) };
    let (stats, excluded, keys) = tokio::try_join!(
        access.store.stats(&request, by.clone(), most),
        counted.excluded(&access.store, &request, &query),
        keys
    )?;
    let stats = stats.ok_or(AppError::NotFound)?;
    let problem = (!problems.is_empty()).then(|| problems.join(". "));
    let searches = counted.searches(&query, excluded.as_ref());
    let doc = crate::read::stats::stats_doc(&stats, &searches, q, &by, &keys, problem);
    Wire::of(&StatsDoc { excluded, ..doc })
}

/// So many keys of metadata are offered for grouping.
#[cfg(feature = "ssr")]
const MAX_KEYS: usize = 6;

/// The metadata that most of the newest runs have; none where it cannot be read.
#[cfg(feature = "ssr")]
async fn metadata_keys(store: &store::OrgStore, agent: Option<&model::AgentSlug>) -> Vec<String> {
    use model::search::Field;
    let found = store.suggest(agent, "metadata.").await.ok().flatten().unwrap_or_default();
    let keys = found.items.into_iter().filter_map(|item| match Field::read(&item.label)? {
        Field::Metadata(key) => {
            let is_scalar =
                ["string", "number", "boolean"].iter().any(|kind| item.hint.contains(kind));
            (is_scalar && !key.contains("[]") && !key.ends_with(".length")).then_some(key)
        }
        _ => None,
    });
    keys.take(MAX_KEYS).collect()
}
