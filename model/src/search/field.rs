//! The fields of the grammar: one table that parser, suggestions and help read.

use std::fmt;

use super::SearchQuery;
use super::expr::{Expr, Term};
use super::filter::Test;
use super::path::Path;
use super::value::quote_unless;

/// What kind of values a field has, which decides how they are written and
/// which operators they take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// One of a few words, [`FieldInfo::words`].
    Word,
    /// Any text, compared as it is.
    Text,
    /// `3.1`, `3` or a version id.
    Version,
    /// A whole number from 0; `4k` is 4,000 and `2m` two million.
    Count,
    /// Any number.
    Number,
    /// `2s`, `350ms`, `1.5m`.
    Duration,
    /// Dollars: `$0.01` or `0.01`.
    Money,
    /// A day, a time or how long ago.
    Time,
    /// `true` or `false`.
    Bool,
    /// Any JSON scalar.
    Json,
}

/// What a filter can ask of a field, as written after the colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// `field:a,b`: one of these.
    Is,
    /// `field:!=a,b`: present, and none of these.
    IsNot,
    /// `field:>a`
    Greater,
    /// `field:>=a`
    AtLeast,
    /// `field:<a`
    Less,
    /// `field:<=a`
    AtMost,
    /// `field:a..b`: both bounds included.
    Between,
    /// `field:~part`: contains, case and accents folded.
    Contains,
    /// `field:*`
    Present,
}

/// A row of the table of fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    /// How it is written; `input.`, `output.` and `metadata.` are followed by a path or key.
    pub name: &'static str,
    /// What its values are.
    pub value_type: ValueType,
    /// All its values for [`ValueType::Word`], common ones for text, else none.
    pub words: &'static [&'static str],
    /// One line for people.
    pub help: &'static str,
}

macro_rules! fields {
    ($($variant:ident, $name:literal, $type:ident, $words:expr, $help:literal;)*) => {
        /// What a filter looks at.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Field {
            $(#[doc = $help] $variant,)*
            /// A place in the input; with an empty path the whole input.
            Input(Path),
            /// A place in the output; with an empty path the whole output.
            Output(Path),
            /// A metadata key, dots included, or a place inside of what a key holds:
            /// keys with dots between, `[]` for any element and `.length`.
            Metadata(String),
        }

        impl Field {
            /// Every field that takes no path or key, in the order of the table.
            pub const PLAIN: &[Self] = &[$(Self::$variant,)*];

            /// Its row in the table.
            #[must_use]
            pub const fn info(&self) -> &'static FieldInfo {
                match self {
                    $(Self::$variant => &FieldInfo {
                        name: $name,
                        value_type: ValueType::$type,
                        words: $words,
                        help: $help,
                    },)*
                    Self::Input(_) => &INPUT,
                    Self::Output(_) => &OUTPUT,
                    Self::Metadata(_) => &METADATA,
                }
            }
        }
    };
}

const VERDICTS: &[&str] = &["positive", "negative", "any"];

fields! {
    Status, "status", Word, &["success", "failure"], "How the run ended.";
    Model, "model", Text, &[], "The model of the version.";
    Provider, "provider", Text, &[], "The provider of the version.";
    Version, "version", Version, &[], "The version: 3.1, 3 for all its minors, or an id.";
    Schema, "schema", Count, &[], "The number of the shape of input and output.";
    Environment, "environment", Text, &[], "Where the run ran, like production.";
    Source, "source", Text, &["sdk", "api", "proxy", "playground", "otlp", "import"],
        "The door that the run came through.";
    Temperature, "temperature", Number, &[], "The sampling temperature; unknown is absent, not 0.";
    Latency, "latency", Duration, &[], "From start to end.";
    Ttft, "ttft", Duration, &[], "From start to the first token.";
    Cost, "cost", Money, &[], "What the run cost, in dollars.";
    Tokens, "tokens", Count, &[], "Input and output tokens together.";
    InputTokens, "input_tokens", Count, &[], "Tokens of the input.";
    OutputTokens, "output_tokens", Count, &[], "Tokens of the output.";
    Time, "time", Time, &[], "When the run began: a day, a time, a range, or the last 24h.";
    Id, "id", Text, &[], "The run's id.";
    Conversation, "conversation", Text, &[], "The conversation's id.";
    Trace, "trace", Text, &[], "The trace's id.";
    Cached, "cached", Bool, &["true", "false"], "Whether the answer was served from another run.";
    Error, "error", Text, &[], "The error's code; with ~ also its message.";
    Tool, "tool", Text, &[], "The name of a tool that was called.";
    Review, "review", Word, VERDICTS, "What members think of the run.";
    Feedback, "feedback", Word, VERDICTS, "What end users think of the run.";
    Agent, "agent", Text, &[], "The agent, in searches across agents.";
}

const INPUT: FieldInfo = FieldInfo {
    name: "input.",
    value_type: ValueType::Json,
    words: &[],
    help: "A place in the input, like input.items[].sku; [] is any element.",
};

const OUTPUT: FieldInfo = FieldInfo {
    name: "output.",
    value_type: ValueType::Json,
    words: &[],
    help: "A place in the output, like output.answer or output.items.length.",
};

const METADATA: FieldInfo = FieldInfo {
    name: "metadata.",
    value_type: ValueType::Json,
    words: &[],
    help: "A metadata key, like metadata.user_id, or a place inside, like metadata.tenant.id.",
};

/// The whole table: the plain fields, then the three that take a path or key.
pub fn table() -> impl Iterator<Item = &'static FieldInfo> {
    Field::PLAIN.iter().map(Field::info).chain([&INPUT, &OUTPUT, &METADATA])
}

impl Field {
    /// The field of this name among those that take no path or key.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::PLAIN.iter().find(|field| field.info().name == name).cloned()
    }

    /// The field of a name as the grammar itself reads it, with its path or key.
    #[must_use]
    pub fn read(name: &str) -> Option<Self> {
        let query = SearchQuery::parse(&format!("{name}:*")).ok()?;
        match query.root()? {
            Expr::Term(Term::Filter(filter)) if *filter.test() == Test::Present => {
                Some(filter.field().clone())
            }
            _ => None,
        }
    }

    /// What its values are.
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        self.info().value_type
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(path) | Self::Output(path) if path.is_whole() => {
                f.write_str(self.info().name.trim_end_matches('.'))
            }
            Self::Input(path) | Self::Output(path) => write!(f, "{}{path}", self.info().name),
            Self::Metadata(key) => {
                f.write_str(self.info().name)?;
                quote_unless(f, key, is_bare_key(key))
            }
            plain => f.write_str(plain.info().name),
        }
    }
}

/// Whether a metadata key needs no quotes.
fn is_bare_key(key: &str) -> bool {
    !key.is_empty()
        && !key.contains(|c: char| c.is_whitespace() || matches!(c, ':' | '"' | '(' | ')'))
}

impl Operator {
    /// Every operator, in the order in which help lists them.
    pub const ALL: [Self; 9] = [
        Self::Is,
        Self::IsNot,
        Self::Greater,
        Self::AtLeast,
        Self::Less,
        Self::AtMost,
        Self::Between,
        Self::Contains,
        Self::Present,
    ];

    /// What stands between the colon and the value; nothing for [`Operator::Is`],
    /// and between two values for [`Operator::Between`].
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Is => "",
            Self::IsNot => "!=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Between => "..",
            Self::Contains => "~",
            Self::Present => "*",
        }
    }

    /// In words, for people.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Is => "one of",
            Self::IsNot => "present and none of",
            Self::Greater => "greater than",
            Self::AtLeast => "at least",
            Self::Less => "less than",
            Self::AtMost => "at most",
            Self::Between => "between, both included",
            Self::Contains => "containing",
            Self::Present => "present",
        }
    }
}

impl ValueType {
    /// The operators that its values take.
    #[must_use]
    pub const fn operators(self) -> &'static [Operator] {
        use Operator::{AtLeast, AtMost, Between, Contains, Greater, Is, IsNot, Less, Present};
        match self {
            Self::Word | Self::Version | Self::Bool => &[Is, IsNot, Present],
            Self::Text => &[Is, IsNot, Contains, Present],
            Self::Count | Self::Number | Self::Duration | Self::Money | Self::Time => {
                &[Is, IsNot, Greater, AtLeast, Less, AtMost, Between, Present]
            }
            Self::Json => &Operator::ALL,
        }
    }

    /// What a value looks like, for error messages and placeholders.
    #[must_use]
    pub const fn example(self) -> &'static str {
        match self {
            Self::Word => "one of its words",
            Self::Text => "a text",
            Self::Version => "a version like 3.1 or 3, or an id of 32 hexadecimal digits",
            Self::Count => "a whole number like 3 or 4k",
            Self::Number => "a number like 0.7",
            Self::Duration => "a duration with its unit, like 2s, 350ms or 1.5m",
            Self::Money => "an amount in dollars, like $0.01",
            Self::Time => {
                "a day like 2026-10-01, a time like 2026-10-01T10:30Z, or 24h for the last 24 hours"
            }
            Self::Bool => "true or false",
            Self::Json => "a number, true, false, null or a text",
        }
    }
}
