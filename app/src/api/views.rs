//! Views that members keep.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;

use crate::data::views::{ViewDoc, ViewsDoc};
use crate::error::AppError;
use crate::list_state::ListScope;
use crate::wire::{Call, Wire, WireJson};

/// The views of a list that the viewer sees.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn list_views(scope: ListScope) -> Call<ViewsDoc> {
    Call::of(serve_views(scope))
}

#[server(endpoint = "views/list", input = Json, output = WireJson)]
async fn serve_views(scope: ListScope) -> Result<Wire, AppError> {
    let (store, keeper) = keeper(&scope.org)?;
    let views = store.views(keeper).await?;
    let of_list = views.into_iter().filter(|view| {
        view.view.agent.as_ref().map(model::AgentSlug::as_str) == scope.agent.as_deref()
    });
    let views = of_list.map(|view| ViewDoc {
        id: view.id.to_string(),
        can_change: if view.view.shared { keeper.may_share } else { view.own },
        name: view.view.name,
        q: view.view.q,
        sort: view.view.sort,
        columns: view.view.columns,
        live: view.view.live,
        is_shared: view.view.shared,
        is_default: view.view.default,
    });
    Wire::of(&ViewsDoc {
        views: views.collect(),
        can_keep: keeper.account.is_some(),
        can_share: keeper.account.is_some() && keeper.may_share,
    })
}

/// Keeps a view of a list; with the id of one it takes its place. Gives its id.
///
/// # Errors
/// `invalid` for what cannot be kept, `forbidden` when it is to be shared by who
/// may not, `not_found` for an agent or a view that is not there.
pub fn save_view(scope: ListScope, view: ViewDoc) -> Call<String> {
    Call::of(serve_save(scope, view))
}

#[server(endpoint = "views/save", input = Json, output = WireJson)]
async fn serve_save(scope: ListScope, view: ViewDoc) -> Result<Wire, AppError> {
    use model::saved_view::{InvalidView, NewView};

    let (store, keeper) = keeper(&scope.org)?;
    // A key reads; it keeps views over REST.
    if keeper.account.is_none() || (view.is_shared && !keeper.may_share) {
        return Err(AppError::Forbidden { needs: model::Role::Member });
    }
    let id = match view.id.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| AppError::NotFound)?),
    };
    let new = NewView {
        name: view.name,
        agent: scope.agent.as_deref().map(crate::auth::agent_slug).transpose()?,
        q: view.q,
        sort: view.sort,
        columns: view.columns,
        live: view.live,
        shared: view.is_shared,
        default: view.is_default,
    };
    let new =
        new.checked().map_err(|error: InvalidView| AppError::invalid(error.field(), error))?;
    let saved = store.save_view(keeper, id, new).await?.ok_or(AppError::NotFound)?;
    Wire::of(&saved.id.to_string())
}

/// Removes a view.
///
/// # Errors
/// `not_found` when there is none that the viewer may change.
pub fn delete_view(org: String, id: String) -> Call<()> {
    Call::of(serve_delete(org, id))
}

#[server(endpoint = "views/delete", input = Json, output = WireJson)]
async fn serve_delete(org: String, id: String) -> Result<Wire, AppError> {
    let (store, keeper) = keeper(&org)?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    if store.delete_view(keeper, id).await? { Wire::of(&()) } else { Err(AppError::NotFound) }
}

/// The view that a list opens with: the viewer's own default, else the shared one.
///
/// # Errors
/// `not_found` when the organization is not there.
pub fn default_view(scope: ListScope) -> Call<Option<ViewDoc>> {
    Call::of(serve_default(scope))
}

#[server(endpoint = "views/default", input = Json, output = WireJson)]
async fn serve_default(scope: ListScope) -> Result<Wire, AppError> {
    let (store, keeper) = keeper(&scope.org)?;
    let views = store.views(keeper).await?;
    let mut defaults: Vec<_> = views
        .into_iter()
        .filter(|view| {
            let agent = view.view.agent.as_ref().map(model::AgentSlug::as_str);
            view.view.default && agent == scope.agent.as_deref()
        })
        .collect();
    defaults.sort_by_key(|view| view.view.shared);
    let first = defaults.into_iter().next().map(|view| ViewDoc {
        q: view.view.q,
        sort: view.view.sort,
        columns: view.view.columns,
        live: view.view.live,
        ..ViewDoc::default()
    });
    Wire::of(&first)
}

#[cfg(feature = "ssr")]
fn keeper(org: &str) -> Result<(store::OrgStore, store::ViewKeeper), AppError> {
    let access = crate::auth::access(org)?;
    let viewer = crate::auth::viewer()?;
    let keeper = store::ViewKeeper {
        account: viewer.account.map(|account| account.id),
        may_share: access.role >= model::Role::Member,
    };
    Ok((access.store, keeper))
}
