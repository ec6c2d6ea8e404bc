//! The engine library's C functions, and safe types around them.
//!
//! This module and those below it hold all `unsafe` code of the workspace.
//! A [`Connection`] runs one statement after another; the borrow that its
//! streams hold makes it impossible to start a second one meanwhile.

#![allow(unsafe_code, reason = "the engine library has a C interface")]

mod api;
mod connection;
#[cfg(feature = "test-util")]
mod exit;
mod insert;
mod output;

pub(crate) use api::Api;
pub(crate) use connection::{Analysis, Class, Connection};
#[cfg(feature = "test-util")]
pub(crate) use exit::run_last;
pub(crate) use output::{Output, RowStream};
