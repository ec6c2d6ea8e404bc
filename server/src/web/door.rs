//! The door that is there before the house: what answers while the server starts.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use tower::ServiceExt;

use crate::health::{healthz, not_ready};

/// Closed until the whole router is known.
#[derive(Default)]
pub struct Door {
    inside: OnceLock<Router>,
}

impl Door {
    /// A router that passes requests on once the door is open.
    pub fn router(door: Arc<Self>) -> Router {
        Router::new().fallback(enter).with_state(door)
    }

    /// Lets requests through to this router from now on. A second call changes nothing.
    pub fn open(&self, router: Router) {
        let _ = self.inside.set(router);
    }
}

async fn enter(State(door): State<Arc<Door>>, request: Request) -> Response {
    match door.inside.get() {
        Some(router) => match router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
        None if request.uri().path() == "/healthz" => healthz().await.into_response(),
        None => not_ready("the server is starting"),
    }
}
