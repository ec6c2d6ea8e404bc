//! What can be told from a statement's text before the engine sees it.
//!
//! The engine's own parser decides what a statement may do; this reading of
//! the text only decides how to run it: where the data of an insert begins,
//! in which format an answer comes, whether it can be streamed.

mod insert;
mod token;

pub(crate) use insert::{DataInsert, Shape, shape};
use token::{Kind, Tokens};

/// The outline of a statement that carries no data.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outline {
    /// The first significant words, upper case, at most four; a leading
    /// parenthesis counts as the word `(`.
    pub(crate) words: Vec<String>,
    /// The format that a FORMAT clause at the end asks for.
    pub(crate) format: Option<String>,
    /// Whether something follows a semicolon.
    pub(crate) several: bool,
    /// Whether an insert reads its data from a file of the server.
    pub(crate) from_infile: bool,
    /// Whether it only asks if anybody is there: `SELECT 1`, in any format.
    pub(crate) is_probe: bool,
}

/// How many words of the beginning are kept.
const WORDS: usize = 4;

/// Reads the outline of a statement.
pub(crate) fn outline(text: &str) -> Outline {
    let mut outline = Outline::default();
    let mut format = FormatClause::None;
    let mut ended = false;
    let mut previous = "";
    for token in Tokens::new(text) {
        if ended {
            outline.several = true;
            break;
        }
        if token.kind == Kind::Symbol(b';') {
            ended = true;
            continue;
        }
        let word = if token.kind == Kind::Word { &text[token.start..token.end] } else { "" };
        if outline.words.len() < WORDS {
            if !word.is_empty() {
                outline.words.push(word.to_ascii_uppercase());
            } else if outline.words.is_empty() && token.kind == Kind::Symbol(b'(') {
                outline.words.push("(".to_owned());
            }
        }
        if word.eq_ignore_ascii_case("INFILE") && previous.eq_ignore_ascii_case("FROM") {
            outline.from_infile = true;
        }
        format = format.then(if token.depth == 0 { word } else { "" });
        previous = word;
    }
    if let FormatClause::Named(name) | FormatClause::WithSettings(name) = format {
        outline.format = Some(name.to_owned());
    }
    outline.is_probe = is_probe(text);
    outline
}

fn is_probe(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let mut is_next = |wanted: &str| words.next().is_some_and(|it| it.eq_ignore_ascii_case(wanted));
    is_next("SELECT")
        && is_next("1")
        && match words.next() {
            None => true,
            Some(word) => word.eq_ignore_ascii_case("FORMAT") && words.count() == 1,
        }
}

/// How much of `FORMAT name SETTINGS …` has been read. Only settings may
/// follow the name; anything else means that FORMAT was a name of its own.
#[derive(Clone, Copy)]
enum FormatClause<'a> {
    None,
    Keyword,
    Named(&'a str),
    WithSettings(&'a str),
}

impl<'a> FormatClause<'a> {
    /// The state after one more token, of which only words at the top level
    /// are told apart.
    fn then(self, word: &'a str) -> Self {
        match self {
            _ if word.eq_ignore_ascii_case("FORMAT") => Self::Keyword,
            Self::Keyword if !word.is_empty() => Self::Named(word),
            Self::Named(name) if word.eq_ignore_ascii_case("SETTINGS") => Self::WithSettings(name),
            Self::WithSettings(name) => Self::WithSettings(name),
            _ => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_of(text: &str) -> Option<String> {
        outline(text).format
    }

    #[test]
    fn the_format_clause_is_found_where_it_is_one() {
        for (text, expected) in [
            ("SELECT 1 FORMAT TSV", Some("TSV")),
            ("select 1 format JSON settings max_threads = 1, a = 'b'", Some("JSON")),
            ("SELECT 1 SETTINGS a = 1 FORMAT CSV;", Some("CSV")),
            ("SELECT 1 /* FORMAT JSON */ FORMAT TSV -- FORMAT CSV", Some("TSV")),
            ("SELECT format('{}', 'a')", None),
            ("SELECT format FROM t", None),
            ("SELECT 'FORMAT TSV'", None),
            ("SELECT * FROM (SELECT 1 FORMAT TSV)", None),
            ("SELECT `FORMAT` TSV", None),
        ] {
            assert_eq!(format_of(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_second_statement_is_seen_and_a_trailing_semicolon_is_none() {
        assert!(outline("SELECT 1; SELECT 2").several);
        assert!(outline("SELECT 1; selec").several);
        for text in ["SELECT 1;", "SELECT ';'; -- x", "SELECT $a$;x$a$", "SELECT 1 -- ; x"] {
            assert!(!outline(text).several, "{text}");
        }
    }

    #[test]
    fn the_first_words_skip_comments() {
        let outline = outline("-- hi\n/* /* nested */ */ system drop `x` mark cache now");
        assert_eq!(outline.words, ["SYSTEM", "DROP", "MARK", "CACHE"]);
        assert_eq!(super::outline(" (SELECT 1)").words, ["(", "SELECT", "1"]);
    }

    #[test]
    fn from_infile_is_seen_through_comments_but_not_in_strings() {
        assert!(outline("INSERT INTO t FROM/**/infile/**/ 'a' FORMAT TSV").from_infile);
        assert!(!outline("INSERT INTO t SELECT 'FROM INFILE'").from_infile);
    }
}
