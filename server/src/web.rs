//! What surrounds every answer, and the pages.

pub mod assets;
pub mod connections;
pub mod csp;
pub mod door;
pub mod files;
pub mod gather;
pub mod headers;
pub mod observe;
pub mod options;
pub mod pages;
pub mod refusal;
pub mod timeout;
