//! The web interface of Runs.
//!
//! The same components render on the server (feature `ssr`) and take over in
//! the browser (feature `hydrate`). `api` holds the server functions, `pages`
//! one file per page, `components` what pages share. What the server provides
//! to a request is in `context`, who is asking in `auth`.

#[cfg(feature = "ssr")]
pub mod auth;
#[cfg(feature = "ssr")]
pub mod context;
pub mod error;
