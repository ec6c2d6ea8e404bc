//! The way of every accepted run from its door to the store.
//!
//! Whatever takes runs in (REST, proxy, traces, playground, files) hands them,
//! checked and completed, to a [`Door`]. They are appended to segment files as
//! frames with a checksum, and accepted once the disk has them; many callers
//! share one wait for the disk. One task empties the segments into the store in
//! large batches, and removes a segment once the store has all of it for good.
//! Whatever is killed in between, a run is stored once: the store knows ids and
//! contents, and an insert that is repeated carries the same token.

mod checkpoint;
mod control;
mod core;
mod disk;
mod door;
mod drain;
mod frame;
mod intake;
mod ledger;
mod options;
mod quarantine;
mod recover;
mod segment;
mod shared;
mod status;
mod sync;
mod writer;

pub use disk::NoRoom;
pub use door::{Door, DoorError, Reserved};
pub use options::{OpenError, SpoolOptions};
pub use quarantine::Quarantined;
pub use quarantine::damaged::nameless_pieces;
pub use status::SpoolStatus;
