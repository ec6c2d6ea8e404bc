//! What is done to a server.

mod absence;
mod clock;
mod deletion;
mod full_disk;
mod hung_engine;
mod kills;
mod neighbour;
mod searches;
mod sign_ins;
mod templates;
mod torn;

pub use absence::absence;
pub use clock::wrong_clock;
pub use deletion::deletion;
pub use full_disk::full_disk;
pub use hung_engine::hung_engine;
pub use kills::kills;
pub use neighbour::{Fairness, Service, unfair_neighbour};
pub use searches::{Asked, searches};
pub use sign_ins::{SignIns, sign_ins};
pub use templates::{Rendered, templates};
pub use torn::torn_frame;
