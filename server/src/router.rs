//! Every route of the server.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{delete, get, post};

use crate::auth::client_ip::locate;
use crate::auth::csrf::refuse_forged;
use crate::auth::gate::{identify, open_pages};
use crate::auth::login::{log_in, log_out};
use crate::auth::setup::set_up;
use crate::health::{healthz, metrics, readyz};
use crate::proxy::{handler, models};
use crate::rest::agents::{delete_agent, get_agent, list_agents};
use crate::rest::body::SMALL_BYTES;
use crate::rest::export::{export_agent_runs, export_org_runs, get_export, stop_export};
use crate::rest::fallback::{delete_run, unknown_path, wrong_method};
use crate::rest::feedback;
use crate::rest::fields::{agent_fields, org_fields};
use crate::rest::ingest::ingest;
use crate::rest::list::{list_agent_runs, list_org_runs};
use crate::rest::live::{follow_agent_runs, follow_org_runs};
use crate::rest::openapi::openapi;
use crate::rest::otlp::{logs, speak, traces};
use crate::rest::parameters::refuse_unknown;
use crate::rest::review::review;
use crate::rest::runs::{get_completions, get_run};
use crate::rest::search::{search_agent_runs, search_org_runs};
use crate::rest::stats::{agent_stats, org_stats};
use crate::rest::views::{delete_view, list_views, save_view};
use crate::state::AppState;
use crate::web::gather::gather;
use crate::web::timeout::{INGEST, ORDINARY, deadline};
use crate::web::{assets, headers::secure, observe::observe, pages};

/// Most bytes of a form that strangers may send.
const SMALL_FORM_BYTES: usize = 16 * 1024;

/// The whole server.
pub fn router(state: AppState) -> Router {
    let forms = Router::new()
        .route("/login", post(log_in))
        .route("/logout", post(log_out))
        .route("/setup", post(set_up))
        .layer(DefaultBodyLimit::max(SMALL_FORM_BYTES));
    let pages = pages::routes(&state)
        .layer(from_fn_with_state(state.clone(), open_pages))
        .merge(forms)
        .layer(DefaultBodyLimit::max(SMALL_BYTES))
        .layer(from_fn_with_state(state.clone(), gather))
        .layer(from_fn_with_state(ORDINARY, deadline));
    let known = pages
        .nest("/v1", rest(&state))
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(state.clone(), refuse_forged))
        .layer(from_fn_with_state(state.clone(), identify))
        .layer(from_fn(speak));
    // Asks for no key, and is called by pages of other sites.
    let feedback = Router::new()
        .route("/v1/feedback", get(feedback::read).post(feedback::give).options(feedback::read))
        .layer(from_fn_with_state(state.clone(), gather))
        .layer(from_fn(feedback::from_any_site))
        .layer(from_fn_with_state(ORDINARY, deadline));
    Router::new()
        .merge(feedback)
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/openapi.json", get(openapi))
        .merge(known)
        .with_state(state.clone())
        .merge(assets::routes(&state.site))
        .layer(from_fn_with_state(state.clone(), secure))
        .layer(from_fn_with_state(state.clone(), locate))
        .layer(from_fn_with_state(state, observe))
}

/// Everything below `/v1`.
fn rest(state: &AppState) -> Router<AppState> {
    let run = get(get_run).delete(delete_run);
    let calls = Router::new()
        .route("/{org}/agents", get(list_agents))
        .route("/{org}/agents/{agent}", get(get_agent).delete(delete_agent))
        .route("/{org}/agents/{agent}/runs", get(list_agent_runs))
        .route("/{org}/agents/{agent}/runs/search", post(search_agent_runs))
        .route("/{org}/agents/{agent}/runs/search/fields", get(agent_fields))
        .route("/{org}/agents/{agent}/runs/live", get(follow_agent_runs))
        .route("/{org}/agents/{agent}/runs/stats", get(agent_stats))
        .route("/{org}/agents/{agent}/runs/{run}", run.clone())
        .route("/{org}/agents/{agent}/runs/{run}/completions", get(get_completions))
        .route("/{org}/agents/{agent}/runs/{run}/review", post(review))
        .route("/{org}/agents/{agent}/runs/export", get(export_agent_runs))
        .route("/{org}/exports/{export}", get(get_export).delete(stop_export))
        .route("/{org}/runs", get(list_org_runs))
        .route("/{org}/runs/export", get(export_org_runs))
        .route("/{org}/runs/search", post(search_org_runs))
        .route("/{org}/runs/search/fields", get(org_fields))
        .route("/{org}/runs/live", get(follow_org_runs))
        .route("/{org}/runs/stats", get(org_stats))
        .route("/{org}/runs/{run}", run)
        .route("/{org}/runs/{run}/completions", get(get_completions))
        .route("/{org}/runs/{run}/review", post(review))
        .route("/{org}/views", get(list_views).post(save_view))
        .route("/{org}/views/{view}", delete(delete_view))
        .layer(from_fn(refuse_unknown))
        .layer(from_fn_with_state(state.clone(), gather))
        .layer(from_fn_with_state(ORDINARY, deadline));
    // No deadline: a model may think for long, and the proxy has limits of its own.
    let proxy = Router::new()
        .route("/chat/completions", post(handler::chat))
        .route("/responses", post(handler::responses))
        .route("/messages", post(handler::messages))
        .route("/models", get(models::list))
        .route("/models/{*model}", get(models::one))
        .layer(DefaultBodyLimit::disable());
    let doors = Router::new()
        .route("/runs", post(ingest))
        .route("/traces", post(traces))
        .route("/logs", post(logs))
        // The handler counts after decompression and names the limit.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn_with_state(INGEST, deadline));
    calls.merge(proxy).merge(doors).fallback(unknown_path).method_not_allowed_fallback(wrong_method)
}
