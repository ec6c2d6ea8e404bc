//! The web interface of Runs.
//!
//! The same components render on the server (feature `ssr`) and take over in
//! the browser (feature `hydrate`). `api` holds the server functions, `data`
//! what they answer with, `pages` one file per page, `components` what pages
//! share. What the server provides to a request is in `context`, who is asking
//! in `auth`.

// The type of a view nests as deeply as its elements.
#![recursion_limit = "256"]
// Components are named like types, and the macros write their documentation.
#![allow(missing_docs, reason = "`#[component]` and `#[server]` make undocumented items")]

mod agents_state;
pub mod api;
mod app;
#[cfg(feature = "ssr")]
pub mod auth;
mod browser;
mod components;
#[cfg(feature = "ssr")]
pub mod context;
pub mod data;
#[cfg(feature = "ssr")]
mod demo;
pub mod error;
#[cfg(feature = "ssr")]
pub mod exports;
pub mod format;
mod fresh_key;
#[cfg(feature = "ssr")]
pub mod limits;
pub mod links;
pub mod list_state;
mod live_query;
mod live_stream;
mod page_resource;
mod page_url;
mod pages;
#[cfg(feature = "ssr")]
mod playground;
#[cfg(feature = "ssr")]
pub mod providers;
#[cfg(feature = "ssr")]
pub mod read;
mod recent_searches;
mod run_links;
mod search_field;
mod search_text;
#[cfg(feature = "ssr")]
mod shell;
mod status;
mod titles;
mod typed_search;
mod wire;

pub use app::App;
#[cfg(feature = "ssr")]
pub use shell::shell;
