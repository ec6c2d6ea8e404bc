//! Views over REST.

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query};
use model::saved_view::{InvalidView, NewView, SavedView, ViewId};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Keeper;
use super::json_body::JsonBody;
use crate::error::ApiError;

/// What the query string may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ViewParams {
    agent: Option<String>,
}

/// The views of an organization that the caller sees.
#[derive(Serialize)]
pub struct Views {
    items: Vec<SavedView>,
    count: usize,
}

/// A view to keep, or to put in the place of one.
#[derive(Deserialize)]
pub struct ViewBody {
    id: Option<ViewId>,
    #[serde(flatten)]
    view: serde_json::Map<String, Value>,
}

/// A view in a path.
#[derive(Deserialize)]
pub struct ViewPath {
    view: String,
}

/// `GET /v1/{org}/views?agent=`.
pub async fn list_views(
    keeper: Keeper,
    params: Result<Query<ViewParams>, QueryRejection>,
) -> Result<Json<Views>, ApiError> {
    let agent = params?.0.agent;
    let mut items = keeper.store.views(keeper.views).await?;
    if let Some(agent) = agent {
        items.retain(|item| item.view.agent.as_ref().is_some_and(|slug| slug.as_str() == agent));
    }
    Ok(Json(Views { count: items.len(), items }))
}

/// `POST /v1/{org}/views`: keeps a view; with the id of one it takes its place.
pub async fn save_view(
    keeper: Keeper,
    body: Result<JsonBody<ViewBody>, JsonRejection>,
) -> Result<Json<SavedView>, ApiError> {
    let ViewBody { id, view } = body?.0;
    let view: NewView = serde_json::from_value(Value::Object(view))
        .map_err(|error| ApiError::bad_request("invalid_body", error.to_string()))?;
    let view = view
        .checked()
        .map_err(|error: InvalidView| ApiError::invalid_field(error.field(), error))?;
    if keeper.views.account.is_none() && !view.shared {
        return Err(ApiError::invalid_field(
            "shared",
            "must be true: a key has no views of its own",
        ));
    }
    if view.shared && !keeper.views.may_share {
        return Err(ApiError::forbidden(
            "sharing a view needs the role member, or the scope admin",
        ));
    }
    let saved = keeper.store.save_view(keeper.views, id, view).await?;
    saved.map(Json).ok_or_else(ApiError::not_found)
}

/// `DELETE /v1/{org}/views/{view}`.
pub async fn delete_view(
    keeper: Keeper,
    Path(path): Path<ViewPath>,
) -> Result<Json<Value>, ApiError> {
    let id: ViewId = path.view.parse().map_err(|_| ApiError::not_found())?;
    if keeper.store.delete_view(keeper.views, id).await? {
        return Ok(Json(json!({ "deleted": id })));
    }
    // Seen but not to be changed is no secret; what is not seen is not there.
    let is_seen = keeper.store.views(keeper.views).await?.iter().any(|view| view.id == id);
    match is_seen {
        true => Err(ApiError::forbidden(
            "changing a shared view needs the role member, or the scope admin",
        )),
        false => Err(ApiError::not_found()),
    }
}
