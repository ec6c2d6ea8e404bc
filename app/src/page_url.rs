//! The address of the page that is shown, as its parts.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_matched, use_params_map};
use leptos_router::params::ParamsMap;

/// The query of this page's address.
///
/// While another page is being opened the address is already that page's; this
/// one then keeps what it had, so that nothing is asked for it any more. (The
/// router's own `use_query_map` misses the query when only the path's
/// parameters change.)
pub fn use_page_query() -> Memo<ParamsMap> {
    let location = use_location();
    let matched = use_matched();
    Memo::new(move |previous: Option<&ParamsMap>| {
        let query = location.query.get();
        let is_own = location.pathname.with(|path| matched.with(|matched| same(path, matched)));
        match previous {
            Some(previous) if !is_own => previous.clone(),
            _ => query,
        }
    })
}

fn same(path: &str, matched: &str) -> bool {
    path.trim_end_matches('/') == matched.trim_end_matches('/')
}

/// A parameter of this page's path; empty when it has none of this name.
pub fn use_path_param(name: &'static str) -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get(name)).unwrap_or_default())
}
