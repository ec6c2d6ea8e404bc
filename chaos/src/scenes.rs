//! What is done to a server.

mod absence;
mod clock;
mod full_disk;
mod kills;
mod torn;

pub use absence::absence;
pub use clock::wrong_clock;
pub use full_disk::full_disk;
pub use kills::kills;
pub use torn::torn_frame;
