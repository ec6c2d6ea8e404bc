//! The recording proxy: model providers' own APIs, with every exchange stored.
//!
//! A request is read ([`reading`]) as far as the proxy must understand it ([`ask`]), passed
//! on with the rest of it untouched ([`handler`]), and its answer is passed back the
//! same way, whole ([`whole`]) or event by event ([`stream`]). A [`recording`]
//! keeps what went both ways and hands it in as a run, however the exchange ends.

pub mod api;
pub mod ask;
pub mod attempts;
pub mod cached;
pub mod caching;
pub mod echo;
pub mod error;
pub mod events;
pub mod extras;
pub mod fallback;
pub mod handler;
pub mod headers;
pub mod labels;
pub mod memory;
pub mod model_field;
pub mod models;
pub mod providers;
pub mod reading;
pub mod recording;
pub mod sent;
pub mod stream;
pub mod whole;
