//! Server functions: check what came, ask the store, name what went wrong.
//!
//! They are the only way in which pages reach the server once they are open.
//! Each answers only for organizations of the viewer.

pub mod agents;
pub mod export;
pub mod playground;
pub mod providers;
pub mod run;
pub mod runs;
pub mod session;
pub mod settings;
pub mod stats;
pub mod status;
pub mod suggest;
pub mod versions;
pub mod views;
