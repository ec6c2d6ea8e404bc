//! The REST interface below `/v1`.

pub mod access;
pub mod agents;
pub mod body;
pub mod export;
pub mod fallback;
pub mod feedback;
pub mod fields;
pub mod ingest;
pub mod items;
mod json_body;
pub mod links;
pub mod list;
pub mod live;
pub mod openapi;
pub mod otlp;
pub mod parameters;
pub mod review;
pub mod runs;
pub mod search;
pub mod stats;
pub mod views;
