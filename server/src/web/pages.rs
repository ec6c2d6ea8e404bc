//! The pages of the web app and the server functions that they call.

use app::{App, shell};
use axum::Router;
use leptos::context::provide_context;
use leptos_axum::{ErrorHandler, LeptosRoutes, generate_route_list};

use super::csp::set_page_policy;
use crate::state::AppState;

/// Routes for every page and server function, and the app's own page for the rest.
pub fn routes(state: &AppState) -> Router<AppState> {
    let context = {
        let app = state.app_context();
        move || {
            provide_context(app.clone());
            set_page_policy();
        }
    };
    let options = state.leptos_options.clone();
    let not_found = ErrorHandler::new_with_context(context.clone(), shell, options.clone());
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(App), context, move || {
            shell(options.clone())
        })
        .fallback_service(not_found)
}
