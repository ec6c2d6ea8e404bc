//! An address that leads nowhere.

use leptos::prelude::*;

use crate::components::load_error::LoadError;
use crate::error::AppError;

/// The page for every address that leads nowhere, with status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    view! {
        <div class="page">
            <LoadError error=AppError::NotFound what="what it showed"/>
        </div>
    }
}
