//! Renders the Jinja templates of messages, where nothing that they do can reach
//! the server.
//!
//! [`bounds`] refuses what is too long, too nested or too many before it is parsed,
//! [`render`] runs it with a bounded amount of work, [`worker`] does both in a process
//! of its own, with little memory and a deadline, and [`renderer`] keeps a few such
//! processes ready and replaces those that fail.

mod bounds;
mod depth;
mod frame;
mod process;
mod render;
mod renderer;
mod worker;
mod written;

use serde::{Deserialize, Serialize};

pub use renderer::{RendererOptions, TemplateRenderer, TemplateTurn};
pub use worker::{WorkerError, serve_templates};
pub use written::{RenderedTexts, WrittenTemplates};

/// Most bytes of one template.
pub const MAX_TEMPLATE_BYTES: usize = 1_000_000;
/// Most words and signs within the braces of all templates of a request.
pub const MAX_TEMPLATE_TOKENS: usize = 50_000;
/// Most operators, filters, tests and brackets within one pair of braces.
pub const MAX_OPERATORS: usize = 256;
/// How deeply the brackets of an expression nest.
pub const MAX_BRACKETS: usize = 32;
/// How deeply `for`, `if` and other blocks nest, each `elif` included.
pub const MAX_BLOCKS: usize = 64;
/// How deep a value may be that is printed.
pub const MAX_VALUE_DEPTH: usize = 256;
/// How much the templates of a request may do together: about this many steps, and
/// 64 bytes for each.
pub const MAX_STEPS: u64 = 500_000;

/// Why a template cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum TemplateError {
    /// It uses variables that the input does not have.
    #[error(
        "the message template needs {names}, which the input does not have; add it to the input"
    )]
    Missing {
        /// The variables, quoted and comma-separated.
        names: String,
    },
    /// It is more than may be.
    #[error("the message template has more than {limit} {what}{}; {advice}", at(*line))]
    Exceeds {
        /// What there is too much of.
        what: Excess,
        /// How much there may be.
        limit: u64,
        /// The line within the message, from 1.
        line: Option<usize>,
        /// What to do instead.
        advice: String,
    },
    /// It does too much.
    #[error("the message template takes more than {MAX_STEPS} steps; make its loops shorter")]
    TooMuch,
    /// It ended the process that rendered it.
    #[error(
        "the message template makes values that are larger or deeper than can be rendered; print less of them, or send them as they are"
    )]
    TooLarge,
    /// It is not done in time.
    #[error("the message template takes longer than {limit_ms} ms; make its loops shorter")]
    TooSlow {
        /// How long it may take.
        limit_ms: u64,
    },
    /// It is no template, or asks for something that cannot be done.
    #[error("the message template cannot be rendered: {reason} (line {line})")]
    Broken {
        /// What the template engine says.
        reason: String,
        /// The line within the message, from 1.
        line: usize,
    },
    /// The variables are no object that an engine can read.
    #[error("the variables of the message templates cannot be read: {reason}")]
    Variables {
        /// Why not.
        reason: String,
    },
    /// The organization has its share of those that are rendered at one time.
    #[error(
        "this organization has reached its share of message templates at once: {limit} now; send fewer at once and try again"
    )]
    Share {
        /// How many requests of it may be rendered, or wait for that, now.
        limit: u64,
    },
    /// Others are rendered, for longer than anybody should wait.
    #[error("too many message templates are being rendered; try again in a moment")]
    Busy,
    /// There is nothing that renders them.
    #[error("message templates cannot be rendered now: {reason}")]
    Unavailable {
        /// Why.
        reason: String,
    },
}

/// What a template can have too much of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Excess {
    /// Bytes of a template.
    Bytes,
    /// Tokens of all templates.
    Tokens,
    /// Operators of an expression.
    Operators,
    /// Brackets within brackets.
    Brackets,
    /// Blocks within blocks.
    Blocks,
    /// Levels of a value.
    Levels,
}

impl std::fmt::Display for Excess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Bytes => "bytes",
            Self::Tokens => "words and signs within braces",
            Self::Operators => "operators in one expression",
            Self::Brackets => "brackets within each other",
            Self::Blocks => "blocks within each other",
            Self::Levels => "levels in a value",
        })
    }
}

impl TemplateError {
    /// The limit that a template exceeds.
    #[must_use]
    pub fn limit(&self) -> Option<u64> {
        match self {
            Self::Exceeds { limit, .. } => Some(*limit),
            Self::TooSlow { limit_ms } => Some(*limit_ms),
            Self::TooMuch => Some(MAX_STEPS),
            _ => None,
        }
    }

    /// Whether the same template can succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Share { .. } | Self::Busy | Self::Unavailable { .. })
    }
}

fn at(line: Option<usize>) -> String {
    line.map_or_else(String::new, |line| format!(" (line {line})"))
}

/// Whether a text holds anything for a template engine to do.
#[must_use]
pub fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}
