//! Lists of runs.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::list::RunsAnswer;
use crate::error::AppError;
use crate::list_state::{ListQuery, ListScope};
use crate::wire::{Call, Wire, WireJson};

/// The furthest page that can be asked for.
#[cfg(feature = "ssr")]
pub(super) const MAX_PAGE: u32 = 1_000_000;

/// A page of the runs that match a search.
///
/// # Errors
/// `not_found` for an agent that is not there, `unavailable` when the search
/// takes too long or the store is away.
pub fn list_runs(scope: ListScope, asked: ListQuery) -> Call<RunsAnswer> {
    Call::of(serve_runs(scope, asked))
}

#[server(endpoint = "runs/list", input = Json, output = WireJson)]
async fn serve_runs(scope: ListScope, asked: ListQuery) -> Result<Wire, AppError> {
    use crate::data::list::Searched;
    let access = crate::auth::access(&scope.org)?;
    // Before the list is read: a run may come twice, but none falls between.
    let live = access.store.arrivals_end().to_string();
    let outcome = match model::SearchQuery::parse(&asked.q) {
        Err(error) => {
            let part = crate::read::salvage::readable_part(&asked.q, &error);
            let part = part.filter(|part| !part.is_empty()).map(|part| part.to_string());
            Searched::BadQuery { error, part }
        }
        Ok(query) => Searched::Found(find(&access, &scope, &asked, query).await?),
    };
    let public_url = crate::context::AppContext::current()?.public_url.to_string();
    let can_make_keys = access.role >= model::Role::Admin;
    Wire::of(&RunsAnswer { asked, outcome, public_url, live, can_make_keys })
}

#[cfg(feature = "ssr")]
async fn find(
    access: &crate::auth::Access,
    scope: &ListScope,
    asked: &ListQuery,
    query: model::SearchQuery,
) -> Result<crate::data::list::RunsPage, AppError> {
    use crate::read::columns::Layout;
    use crate::read::list::MarkedList;
    use crate::read::mark::Marker;

    let marker = Marker::new(&query);
    let mut layout = Layout::read(&asked.columns, scope.agent.is_none());
    let mut request = request(scope, query, asked.page)?;
    request.sort = layout.sort(&asked.sort);
    let list = access.store.list_runs(&request).await?.ok_or(AppError::NotFound)?;
    let cells = layout.cells(&access.store, &list.items).await?;
    let list = MarkedList::new(list, &marker);
    // The list is shown all the same when the places cannot be read.
    let texts = access.store.run_texts(&list.unexplained()).await.unwrap_or_default();
    Ok(list.into_page(&texts, &layout, &cells))
}

/// The store's request for a page of a list.
#[cfg(feature = "ssr")]
pub(crate) fn request(
    scope: &ListScope,
    query: model::SearchQuery,
    page: u32,
) -> Result<store::ListRequest, AppError> {
    if page > MAX_PAGE {
        return Err(AppError::invalid("page", format!("must be at most {MAX_PAGE}")));
    }
    Ok(store::ListRequest {
        agent: scope.agent.as_deref().map(crate::auth::agent_slug).transpose()?,
        schema: scope.schema,
        query,
        sort: model::Sort::NEWEST,
        window: store::Window::Page(page),
        limit: model::limits::PAGE_SIZE,
        exact_count: false,
    })
}
