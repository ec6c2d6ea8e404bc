//! What can be done with a list beside searching it.

use std::sync::Arc;

use leptos::prelude::*;

use super::columns_menu::ColumnsMenu;
use super::export_menu::ExportMenu;
use super::live_runs::LiveToggle;
use super::views_menu::ViewsMenu;
use crate::data::list::ColumnDoc;
use crate::list_state::{ListScope, ListState};

/// Live mode, and menus of views, columns and exports.
#[component]
pub fn ListTools(
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    columns: Memo<Arc<Vec<ColumnDoc>>>,
) -> impl IntoView {
    view! {
        <div class="list-tools">
            <LiveToggle scope state/>
            <span class="needs-script"><ViewsMenu scope state/></span>
            <span class="needs-script"><ColumnsMenu scope state columns/></span>
            <ExportMenu scope state/>
        </div>
    }
    .into_any()
}
