//! Fair shares of what a server has only once: memory, disk, streams, turns at
//! the engine.
//!
//! One rule for all of them: whoever holds something may go on taking until an
//! eighth of what the others leave is left. So one alone can use nearly all,
//! there is room for whoever comes next, and as things are given back the large
//! holders shrink until all have as much. No list of who might come is needed,
//! and no setting.

mod budget;
mod holder;
mod rule;
mod turns;

pub use budget::{Budget, Held, Refused, Usage, Whose};
pub use holder::Holder;
pub use rule::limits;
pub use turns::{Turn, Turns};
