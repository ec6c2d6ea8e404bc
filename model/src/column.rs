//! The columns of a list, as its address and exports name them.
//!
//! `time,input,metadata.plan:120`: names of fields as in searches, each with its
//! width in pixels where one was chosen.

use std::fmt;
use std::str::FromStr;

use crate::search::{Field, Path, Segment};

/// Most columns of a list.
pub const MAX_COLUMNS: usize = 40;
/// Most characters of a list's columns.
pub const MAX_COLUMNS_CHARS: usize = 4_000;
/// The narrowest and the widest that a column can be, in pixels.
pub const WIDTHS: std::ops::RangeInclusive<u16> = 40..=1_200;

/// What a column shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ColumnKind {
    /// The beginning of the input.
    Input,
    /// The beginning of the output, or the error.
    Output,
    /// A field, a metadata key or a place in input or output.
    Field(Field),
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Column {
    /// What it shows.
    pub kind: ColumnKind,
    /// Its width in pixels; `None` is the usual one.
    pub width: Option<u16>,
}

/// The columns of a list, in their order, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

/// What is wrong with a list of columns.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidColumns {
    /// More than fit on a page.
    #[error("at most {MAX_COLUMNS} columns, in at most {MAX_COLUMNS_CHARS} characters")]
    TooMany,
    /// The same column again.
    #[error("{0} appears twice")]
    Twice(String),
    /// A width that is none.
    #[error(
        "{0}: the width after the colon must be a number of pixels from {min} to {max}",
        min = WIDTHS.start(),
        max = WIDTHS.end()
    )]
    Width(String),
    /// A name that is none.
    #[error(
        "unknown column `{name}`; use {known}, metadata.KEY, input.PATH or output.PATH",
        known = known_names()
    )]
    Unknown {
        /// What was given.
        name: String,
    },
}

/// Fields that only searches know, since no run carries them.
const SEARCH_ONLY: [Field; 2] = [Field::Review, Field::Feedback];

fn known_names() -> String {
    let plain = Field::PLAIN.iter().filter(|field| !SEARCH_ONLY.contains(field));
    let names: Vec<&str> = plain.map(|field| field.info().name).collect();
    format!("input, output, {}", names.join(", "))
}

impl Columns {
    /// The columns of a text; an empty one has none.
    ///
    /// # Errors
    /// For an unknown name, a wrong width, a column that comes twice, and too many.
    pub fn parse(text: &str) -> Result<Self, InvalidColumns> {
        if text.chars().count() > MAX_COLUMNS_CHARS {
            return Err(InvalidColumns::TooMany);
        }
        let mut columns = Vec::new();
        for part in split_outside_quotes(text, ',').map(str::trim).filter(|part| !part.is_empty()) {
            let column: Column = part.parse()?;
            if columns.iter().any(|other: &Column| other.kind == column.kind) {
                return Err(InvalidColumns::Twice(column.kind.to_string()));
            }
            columns.push(column);
        }
        if columns.len() > MAX_COLUMNS {
            return Err(InvalidColumns::TooMany);
        }
        Ok(Self(columns))
    }

    /// The columns, in their order.
    #[must_use]
    pub fn as_slice(&self) -> &[Column] {
        &self.0
    }

    /// Whether there is none, which stands for the usual ones.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a list shows that says no columns.
    #[must_use]
    pub fn usual(is_everywhere: bool) -> Self {
        let field = |field| Some(ColumnKind::Field(field));
        let kinds = [
            field(Field::Status),
            field(Field::Agent).filter(|_| is_everywhere),
            Some(ColumnKind::Input),
            Some(ColumnKind::Output),
            field(Field::Version),
            field(Field::Latency),
            field(Field::Tokens),
            field(Field::Cost),
            field(Field::Time),
        ];
        let column = |kind| Column { kind, width: None };
        Self(kinds.into_iter().flatten().map(column).collect())
    }
}

impl FromStr for Column {
    type Err = InvalidColumns;

    fn from_str(text: &str) -> Result<Self, InvalidColumns> {
        let mut parts = split_outside_quotes(text, ':');
        let name = parts.next().unwrap_or_default();
        let width = match parts.next() {
            None => None,
            Some(width) => match width.parse().ok().filter(|width| WIDTHS.contains(width)) {
                Some(width) if parts.next().is_none() => Some(width),
                _ => return Err(InvalidColumns::Width(text.to_owned())),
            },
        };
        Ok(Self { kind: name.parse()?, width })
    }
}

impl FromStr for ColumnKind {
    type Err = InvalidColumns;

    fn from_str(name: &str) -> Result<Self, InvalidColumns> {
        let field = match name {
            "input" => return Ok(Self::Input),
            "output" => return Ok(Self::Output),
            _ => Field::read(name),
        };
        match field.filter(|field| !SEARCH_ONLY.contains(field)) {
            Some(field) => Ok(Self::Field(field)),
            None => Err(InvalidColumns::Unknown { name: name.to_owned() }),
        }
    }
}

/// The parts between separators that stand in no quotes.
pub(crate) fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |c: char| {
        let is_escaped = std::mem::take(&mut escaped);
        match c {
            '\\' => escaped = quoted && !is_escaped,
            '"' if !is_escaped => quoted = !quoted,
            _ => {}
        }
        c == separator && !quoted
    })
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str("input"),
            Self::Output => f.write_str("output"),
            Self::Field(Field::Metadata(key)) if key.contains(',') => {
                write!(f, "metadata.{}", quoted(key))
            }
            Self::Field(Field::Input(path)) => write!(f, "input{}", Place(path)),
            Self::Field(Field::Output(path)) => write!(f, "output{}", Place(path)),
            Self::Field(field) => field.fmt(f),
        }
    }
}

/// A path behind its side, with keys quoted that hold a comma, which a search need not do.
struct Place<'a>(&'a Path);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A place always has its dot, since the bare side is the preview.
        if let Some(Segment::Any) | None = self.0.segments().first() {
            f.write_str(".")?;
        }
        for segment in self.0.segments() {
            match segment {
                Segment::Any => f.write_str("[]")?,
                Segment::Key(key) if key.contains(',') => write!(f, ".{}", quoted(key))?,
                Segment::Key(key) => {
                    write!(f, ".{}", Path::new(vec![Segment::Key(key.clone())]))?;
                }
            }
        }
        Ok(())
    }
}

pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.width {
            None => self.kind.fmt(f),
            Some(width) => write!(f, "{}:{width}", self.kind),
        }
    }
}

impl fmt::Display for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, column) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(",")?;
            }
            column.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_survive_their_text() {
        for text in [
            "",
            "status,input,output,version,cost",
            "time:120,metadata.plan:40,input.items[].sku",
            r#"metadata."a, b",output."x:y"."q\"z",ttft"#,
            r#"input."a,b"[].c"#,
            "input.[].name",
        ] {
            let columns = Columns::parse(text).unwrap();
            assert_eq!(columns.to_string(), text);
        }
        assert_eq!(Columns::parse(" cost , time").unwrap().to_string(), "cost,time");
    }

    #[test]
    fn the_usual_columns_can_be_said() {
        for is_everywhere in [false, true] {
            let usual = Columns::usual(is_everywhere);
            assert_eq!(Columns::parse(&usual.to_string()), Ok(usual));
        }
    }

    #[test]
    fn wrong_columns_say_why() {
        let wrong = |text: &str| Columns::parse(text).unwrap_err().to_string();
        assert!(wrong("cost,colour").starts_with("unknown column `colour`; use input, output"));
        assert!(wrong("review").starts_with("unknown column `review`"));
        assert!(wrong("status:failure").contains("from 40 to 1200"), "{}", wrong("status:failure"));
        assert!(wrong("cost:10").contains("from 40 to 1200"));
        assert_eq!(wrong("cost,time,cost:80"), "cost appears twice");
        assert!(wrong("metadata.\"open").starts_with("unknown column"));
        assert!(wrong("cost OR time").starts_with("unknown column"));
        let many: Vec<String> = (0..41).map(|i| format!("metadata.k{i}")).collect();
        assert_eq!(Columns::parse(&many.join(",")), Err(InvalidColumns::TooMany));
        assert_eq!(Columns::parse(&"x".repeat(4_001)), Err(InvalidColumns::TooMany));
    }
}
