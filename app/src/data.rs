//! What pages show: records made on the server from the model's types, cut to
//! what a page can hold, and sent to the browser as they are.

pub mod export;
pub mod list;
pub mod moment;
pub mod node;
pub mod playground;
pub mod prompt;
pub mod run;
pub mod session;
pub mod settings;
pub mod stats;
pub mod status;
pub mod value;
pub mod views;
