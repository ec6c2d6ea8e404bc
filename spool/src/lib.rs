//! The way of every accepted run from its door to the store.
//!
//! Whatever takes runs in (REST, proxy, traces, playground, files) hands them,
//! checked and completed, to a [`Door`].

mod door;

pub use door::{Door, DoorError};
