//! Which statements may run.

use crate::exception::{Exception, code};
use crate::ffi::{Analysis, Class};
use crate::statement::Outline;

/// Who asks, and what this engine allows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Policy {
    /// The request may only read, as one by GET.
    pub(crate) readonly: bool,
    /// BACKUP and RESTORE have a folder to work on.
    pub(crate) backups: bool,
}

impl Policy {
    /// Refuses what only the text shows, before the engine sees it.
    pub(crate) fn check_text(self, outline: &Outline) -> Result<(), Exception> {
        if outline.words.is_empty() {
            return Err(Exception::new(code::SYNTAX_ERROR, "SYNTAX_ERROR", "Empty query"));
        }
        if outline.several {
            return Err(several());
        }
        if outline.from_infile {
            return Err(denied("The engine does not read files of the server (FROM INFILE)"));
        }
        Ok(())
    }

    /// Refuses what the engine's own parser says the statement would do. A
    /// text that does not parse passes: it is never run, only explained.
    pub(crate) fn check(self, outline: &Outline, analysis: Analysis) -> Result<(), Exception> {
        match (analysis.statements, analysis.class) {
            (2.., _) => Err(several()),
            (0, _) | (1, Class::Read) => Ok(()),
            (1, Class::Mutating) if self.readonly => Err(Exception::new(
                code::READONLY,
                "READONLY",
                "Cannot execute query in readonly mode. For queries over HTTP, method GET \
                 implies readonly. You should use method POST for modifying queries",
            )),
            (1, Class::Mutating) => Ok(()),
            (1, Class::Control) if !self.readonly && self.may_control(&outline.words) => Ok(()),
            _ => Err(denied(
                "The embedded engine runs no statements that change the session, users, \
                 functions, files or the process",
            )),
        }
    }

    fn may_control(self, words: &[String]) -> bool {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["KILL", "QUERY" | "MUTATION", ..]
            | ["SYSTEM", "START" | "STOP", "MERGES" | "MOVES" | "TTL", ..]
            | ["SYSTEM", "FLUSH", "LOGS", ..] => true,
            ["SYSTEM", "DROP" | "CLEAR", rest @ ..] => rest.contains(&"CACHE"),
            ["BACKUP" | "RESTORE", ..] => self.backups,
            _ => false,
        }
    }
}

fn several() -> Exception {
    Exception::new(
        code::SYNTAX_ERROR,
        "SYNTAX_ERROR",
        "Syntax error (Multi-statements are not allowed): send one statement a request",
    )
}

fn denied(text: &str) -> Exception {
    Exception::new(code::ACCESS_DENIED, "ACCESS_DENIED", text)
}
