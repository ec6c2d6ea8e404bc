//! The dialects, in the order in which they are believed.

use crate::table::Dialect;

mod genai;
mod langfuse;
mod openinference;
mod openllmetry;
mod vercel;

/// Whoever adds attributes of its own to those of an instrumentation knows better.
pub(crate) const DIALECTS: [Dialect; 5] = [
    langfuse::DIALECT,
    genai::DIALECT,
    openinference::DIALECT,
    openllmetry::DIALECT,
    vercel::DIALECT,
];
