//! Takes a request in and makes what is sent of it, the larger ones in turn.

use axum::body::Body;
use http::{HeaderMap, StatusCode};
use shares::Held;
use store::OrgStore;
use upstream::Provider;

use super::api::Api;
use super::ask::{Ask, Draft};
use super::error::ProxyError;
use super::labels::OwnedTarget;
use super::memory::Taken;
use super::providers::choose;
use crate::error::ApiError;
use crate::limits::refusal;
use crate::rest::body::WholeBody;
use crate::state::AppState;
use crate::web::timeout::INGEST;

/// A request of this size is taken apart beside the other requests, in turn.
const LARGE_BYTES: usize = 64 * 1024;

/// Who asks what of which server.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The API that is spoken.
    pub api: Api,
    /// What every handler works with.
    pub state: &'a AppState,
    /// The caller's store.
    pub store: &'a OrgStore,
    /// The request's headers.
    pub headers: &'a HeaderMap,
}

impl Asking<'_> {
    /// Reads a request and renders its templates; gives who is to be asked, and what the
    /// request takes.
    ///
    /// # Errors
    /// What is wrong with the request, or that there is no room for it now.
    pub async fn read(self, body: Body, place: Held) -> Result<(Ask, Provider, Taken), ProxyError> {
        let Self { api, state, store, .. } = self;
        let WholeBody { bytes, room } = self.take_in(body).await?;
        let taken = Taken { room, place };
        let length = bytes.len();
        let headers = self.headers.clone();
        let (draft, taken) =
            self.in_turn(length, taken, move || Draft::read(api, &headers, &bytes)).await?;
        let draft = draft?;
        let in_use = match &draft.target {
            Some(OwnedTarget::InUse { schema, environment }) => {
                let agent = &draft.labels.agent;
                let found = store.version_in_use(agent, *schema, environment).await;
                let found = found.map_err(ApiError::from)?;
                Some(found.ok_or_else(|| nothing_in_use(agent, *schema, environment))?)
            }
            _ => None,
        };
        let provider = choose(state, store, api, draft.labels.provider.as_deref()).await?;
        // Before anything is made of the body, which takes several times its size: those
        // who wait have no more than what came.
        let turn = match draft.has_variables {
            true => Some(state.templates.turn(store.holder()).await?),
            false => None,
        };
        // A version that is in use may be of any size.
        let size = if in_use.is_some() { length.max(LARGE_BYTES) } else { length };
        let name = provider.version_name();
        let prepare = move || draft.prepare(in_use.as_ref(), name);
        let (prepared, mut taken) = self.in_turn(size, taken, prepare).await?;
        let (mut ask, templates) = prepared?;
        if let Some((turn, templates)) = turn.zip(templates) {
            let texts = state.templates.render(turn, templates).await?;
            let rendered;
            let size = length.max(texts.len());
            (rendered, taken) = self.in_turn(size, taken, move || ask.rendered(&texts)).await?;
            ask = rendered?;
        }
        taken.room.cover(ask.bytes()).map_err(|refused| {
            ProxyError::from(refusal("too_many_bytes", "the memory for requests", refused))
        })?;
        Ok((ask, provider, taken))
    }

    async fn take_in(self, body: Body) -> Result<WholeBody, ApiError> {
        let reading = self.state.intake.read(self.store.holder(), self.headers, body);
        tokio::time::timeout(INGEST, reading).await.map_err(|_| {
            ApiError::new(
                StatusCode::REQUEST_TIMEOUT,
                "request_timeout",
                format!("the body did not arrive within {} s", INGEST.as_secs()),
            )
        })?
    }

    /// Does work on so many bytes. What goes on when the client leaves keeps what the
    /// request takes until it is done.
    async fn in_turn<T: Send + 'static>(
        self,
        bytes: usize,
        taken: Taken,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<(T, Taken), ApiError> {
        if bytes < LARGE_BYTES {
            return Ok((work(), taken));
        }
        let turn = self.state.parsing_turn(self.store.holder()).await?;
        let done = tokio::task::spawn_blocking(move || {
            let made = work();
            drop(turn);
            (made, taken)
        });
        done.await.map_err(|error| ApiError::internal(&error))
    }
}

fn nothing_in_use(agent: &model::AgentSlug, schema: u32, environment: &str) -> ProxyError {
    ProxyError::invalid_field(
        "model",
        format!(
            "no run of {agent} with schema {schema} in {environment} names a model yet; name one"
        ),
    )
}
