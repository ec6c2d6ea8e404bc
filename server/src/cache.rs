//! Answers that can be given again: the same version and the same input need no
//! second call of a provider.
//!
//! The table `cached_answers` says which run answered; the answer is in that run.
//! In front of it, the newest answers are in memory, so that a hit costs next to
//! nothing and an answer can be given again before its run is in the table.

mod answer;
mod flight;
mod keeper;
mod lookup;

pub use answer::Answer;
pub use flight::{FlightGuard, Joined};
pub use lookup::{AnswerCache, CacheKey, Found, LookError, PATIENCE};
