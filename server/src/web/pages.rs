//! The pages of the web app.

use axum::Router;

use crate::state::AppState;

pub fn routes(_state: &AppState) -> Router<AppState> {
    Router::new()
}
