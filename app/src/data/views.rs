//! Views that members keep.

use serde::{Deserialize, Serialize};

/// The views of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewsDoc {
    /// The views, defaults first, then by name.
    pub views: Vec<ViewDoc>,
    /// Whether the viewer can keep views of their own.
    pub can_keep: bool,
    /// Whether the viewer can share views.
    pub can_share: bool,
}

/// A view of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewDoc {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The search.
    pub q: String,
    /// The order.
    pub sort: String,
    /// The columns.
    pub columns: String,
    /// Whether new runs appear by themselves.
    pub live: bool,
    /// Whether everyone sees it.
    pub is_shared: bool,
    /// Whether the list opens with it.
    pub is_default: bool,
    /// Whether the viewer may change it.
    pub can_change: bool,
}
