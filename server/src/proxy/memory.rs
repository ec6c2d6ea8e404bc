//! What an exchange uses of what organizations share, until its run is handed in.

use shares::{Held, Refused};
use spool::{DoorError, Reserved};
use store::OrgStore;

use super::ask::Ask;
use crate::error::ApiError;
use crate::limits::refusal;
use crate::rest::body::Room;
use crate::state::AppState;

/// What room in the spool is kept for beside the request: most answers are shorter, and
/// what is kept on disk is packed.
const ANSWER_BYTES: u64 = 16 * 1024;

/// Events of this size are held back without a word: nearly all are smaller.
const FREE_BYTES: usize = 64 * 1024;

/// What a request takes until it is asked of a provider.
pub struct Taken {
    /// Memory for what came and what is made of it.
    pub room: Room,
    /// Its place among the exchanges.
    pub place: Held,
}

/// What an exchange uses, given back when it is dropped.
pub struct Memory {
    _request: Taken,
    answer: Room,
    /// Bytes that were held back together with what is recorded.
    held_back: usize,
    /// Room for the run.
    spool: Reserved,
}

impl Memory {
    /// What a request takes, a first piece for its answer, and room for its run.
    ///
    /// # Errors
    /// 429 or 503 when there is no room for the answer or the run.
    pub fn new(
        state: &AppState,
        store: &OrgStore,
        request: Taken,
        ask: &Ask,
    ) -> Result<Self, ApiError> {
        let answer = Room::new(&state.limits.answers, store.holder()).map_err(no_memory)?;
        let bytes = ask.sent.body.as_str().len() as u64 + ANSWER_BYTES;
        let spool = state.door.reserve(store, bytes).map_err(no_room_to_keep)?;
        Ok(Self { _request: request, answer, held_back: 0, spool })
    }

    /// Takes memory for an answer that is there already.
    ///
    /// # Errors
    /// 429 or 503 when there is none.
    pub fn take_answer(&mut self, bytes: usize) -> Result<(), ApiError> {
        self.answer.grow(bytes).map_err(no_memory)
    }

    /// Whether there is memory for so many more bytes of the answer.
    pub fn covers(&mut self, bytes: usize) -> bool {
        self.answer.grow(bytes).is_ok()
    }

    /// Whether there is memory to keep so many bytes from the client until more have come.
    pub fn holds_back(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(self.held_back);
        if bytes > FREE_BYTES && more > 0 {
            if !self.covers(more) {
                return false;
            }
            self.held_back = bytes;
        }
        true
    }

    /// The room for the run, for who hands it in.
    pub fn take_spool(&mut self) -> Reserved {
        std::mem::take(&mut self.spool)
    }

    /// The memory of the answer alone.
    #[must_use]
    pub fn into_answer(self) -> Room {
        self.answer
    }
}

fn no_memory(refused: Refused) -> ApiError {
    refusal("too_many_bytes", "the memory for answers", refused)
}

/// Why no provider is asked for an answer that could not be kept.
pub fn no_room_to_keep(error: DoorError) -> ApiError {
    let mut told = ApiError::from(error);
    told.body.message = format!(
        "there is no room to keep the run of this request, so no provider was asked: {}",
        told.body.message
    );
    told
}
