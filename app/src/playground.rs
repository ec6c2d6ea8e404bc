//! The playground's work on the server.

mod open;
mod run;

pub use open::{list_models, open};
pub use run::run;
