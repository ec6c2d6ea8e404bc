//! What an exchange uses of what organizations share, until its run is handed in.

use shares::Held;
use store::OrgStore;

use crate::error::ApiError;
use crate::limits::refusal;
use crate::rest::body::Room;
use crate::state::AppState;

/// What an exchange uses, given back when it is dropped.
pub struct Memory {
    _request: Room,
    answer: Room,
    _place: Held,
}

impl Memory {
    /// What a request uses, and a first piece for its answer.
    ///
    /// # Errors
    /// 429 or 503 when there is no memory for the answer.
    pub fn new(
        state: &AppState,
        store: &OrgStore,
        request: Room,
        place: Held,
    ) -> Result<Self, ApiError> {
        let answer = Room::new(&state.limits.answers, store.holder())
            .map_err(|refused| refusal("too_many_bytes", "the memory for answers", refused))?;
        Ok(Self { _request: request, answer, _place: place })
    }

    /// Whether there is memory for so many more bytes of the answer.
    pub fn covers(&mut self, bytes: usize) -> bool {
        self.answer.grow(bytes).is_ok()
    }
}
