//! What commands print: results on standard output, all else on standard error.

use std::io::{Error, ErrorKind, IsTerminal, Write, stderr, stdout};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::CliError;

/// Prints one line of a result.
///
/// # Errors
/// When it cannot be written.
pub(super) fn print(line: impl std::fmt::Display) -> Result<(), CliError> {
    writeln!(stdout().lock(), "{line}").map_err(unwritten)
}

/// Prints a result for programs, as one line of JSON.
///
/// # Errors
/// When it cannot be written.
pub(super) fn print_json(result: &impl Serialize) -> Result<(), CliError> {
    print(serde_json::to_string(result).map_err(Error::from)?)
}

/// Why standard output took nothing more.
pub(super) fn unwritten(error: Error) -> CliError {
    match error.kind() {
        ErrorKind::BrokenPipe => CliError::OutputClosed,
        _ => CliError::Io(error),
    }
}

/// Tells a person something beside the result.
pub(super) fn tell(line: impl std::fmt::Display) {
    // Without a standard error there is nobody to tell.
    let _ = writeln!(stderr().lock(), "{line}");
}

/// Tells why the command failed.
pub(super) fn complain(message: &str) {
    tell(format_args!("error: {message}"));
}

/// Progress of work with a known length: a bar on a terminal, else a line now and then.
pub(super) struct Progress {
    bar: ProgressBar,
    total: u64,
    told: u64,
}

impl Progress {
    /// Begins; `what` is the plural of what is counted.
    pub(super) fn new(total: u64, what: &'static str) -> Self {
        let bar = if stderr().is_terminal() {
            let bar = ProgressBar::new(total).with_message(what);
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} {msg}") {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        } else {
            ProgressBar::hidden().with_message(what)
        };
        Self { bar, total, told: 0 }
    }

    /// So many more are done.
    pub(super) fn advance(&mut self, count: u64) {
        self.bar.inc(count);
        let done = self.bar.position();
        let is_due = done == self.total || (done - self.told) * 10 >= self.total;
        if self.bar.is_hidden() && is_due && done > self.told {
            self.told = done;
            tell(format_args!("{done} of {} {}", self.total, self.bar.message()));
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(self) {
        self.bar.finish_and_clear();
    }
}
