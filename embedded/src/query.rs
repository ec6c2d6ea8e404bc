//! Runs one statement on a worker and hands its result on, piece by piece.

use crate::cancel::Task;
use crate::compress::Encoding;
use crate::engine::{Engine, Session};
use crate::exception::{Exception, code};
use crate::ffi::{Class, Connection, Output, RowStream};
use crate::format::{Joiner, Joining, joining};
use crate::policy::Policy;
use crate::statement::Outline;
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc::Sender;

/// A statement to run.
pub(crate) struct Query {
    pub(crate) sql: String,
    pub(crate) outline: Outline,
    /// The format of the answer, which a FORMAT clause of the statement equals.
    pub(crate) format: String,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) session: Session,
    pub(crate) policy: Policy,
    pub(crate) encoding: Encoding,
    /// Answer only when all of it is there, so that no error comes half-way.
    pub(crate) whole: bool,
}

/// What a worker reports, in order; the last one is `Failed` or `End`.
#[derive(Debug)]
pub(crate) enum Part {
    Data(Bytes),
    Failed(Exception),
    End(Counts),
}

/// What a statement read and wrote.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) read_rows: u64,
    pub(crate) read_bytes: u64,
    pub(crate) written_rows: u64,
    pub(crate) written_bytes: u64,
    pub(crate) result_rows: u64,
    pub(crate) result_bytes: u64,
}

impl Counts {
    /// Adds what one piece of output says.
    pub(crate) fn add(&mut self, output: &Output) {
        let ((read_rows, read_bytes), (written_rows, written_bytes)) =
            (output.read(), output.written());
        // Reads and writes are running totals, results are per piece.
        self.read_rows = self.read_rows.max(read_rows);
        self.read_bytes = self.read_bytes.max(read_bytes);
        self.written_rows = self.written_rows.max(written_rows);
        self.written_bytes = self.written_bytes.max(written_bytes);
        self.result_rows += output.rows();
        self.result_bytes += output.data().len() as u64;
    }
}

/// Where the parts go: a bounded channel to a client that may be slow.
pub(crate) struct Reader {
    pub(crate) parts: Sender<Part>,
    pub(crate) runtime: Handle,
    pub(crate) patience: Duration,
}

/// The client is gone or does not read on.
struct Gone;

impl Reader {
    fn send(&self, part: Part) -> Result<(), Gone> {
        let sent = self.parts.send_timeout(part, self.patience);
        self.runtime.block_on(sent).map_err(|_| Gone)
    }
}

/// Why a statement did not run to its end.
enum Stopped {
    Failed(Exception),
    Gone,
}

impl From<Gone> for Stopped {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

impl From<Exception> for Stopped {
    fn from(exception: Exception) -> Self {
        Self::Failed(exception)
    }
}

impl Query {
    /// Runs the statement. Blocks until the engine and the reader are done.
    pub(crate) fn run(self, engine: &Engine, task: &Arc<Task>, reader: &Reader) {
        let outcome =
            if task.start() { self.answer(engine, task, reader) } else { Err(Stopped::Gone) };
        task.finish();
        let last = match outcome {
            Ok(counts) => Part::End(counts),
            Err(Stopped::Failed(exception)) => Part::Failed(exception),
            Err(Stopped::Gone) => return,
        };
        // A reader that is gone by now needs no answer.
        let _ = reader.send(last);
    }

    fn answer(&self, engine: &Engine, task: &Task, reader: &Reader) -> Result<Counts, Stopped> {
        self.policy.check_text(&self.outline)?;
        let mut connection = engine.session(&self.session, task.mark())?;
        let analysis = connection.classify(&self.sql);
        self.policy.check(&self.outline, analysis)?;
        if analysis.statements == 0 {
            return Err(syntax_error(&mut connection, &self.sql).into());
        }
        if self.can_stream(analysis.class) {
            let rows = connection
                .stream(&self.sql, &self.format, &self.params)
                .map_err(|message| Exception::from_engine(&message))?;
            self.stream(rows, reader)
        } else {
            let output = connection.query(&self.sql, &self.format, &self.params);
            self.send_whole(&output, reader)
        }
    }

    fn can_stream(&self, class: Class) -> bool {
        let first = self.outline.words.first().map(String::as_str);
        class == Class::Read
            && !self.whole
            && matches!(first, Some("SELECT" | "WITH" | "FROM" | "("))
            && joining(&self.format) != Joining::Whole
    }

    fn stream(&self, mut rows: RowStream<'_>, reader: &Reader) -> Result<Counts, Stopped> {
        let mut counts = Counts::default();
        let mut joiner = Joiner::new(joining(&self.format));
        while let Some(piece) = rows.next().map_err(|message| Exception::from_engine(&message))? {
            counts.add(&piece);
            let data = joiner.join(piece.data());
            if !data.is_empty() {
                reader.send(Part::Data(self.encoding.encode(data)?))?;
            }
        }
        Ok(counts)
    }

    fn send_whole(&self, output: &Output, reader: &Reader) -> Result<Counts, Stopped> {
        if let Some(message) = output.error() {
            return Err(Exception::from_engine(&message).into());
        }
        let mut counts = Counts::default();
        counts.add(output);
        if !output.data().is_empty() {
            reader.send(Part::Data(self.encoding.encode(output.data())?))?;
        }
        Ok(counts)
    }
}

/// The engine's explanation of a text that does not parse. Starting a stream
/// parses and never runs anything, whatever the text holds.
fn syntax_error(connection: &mut Connection, sql: &str) -> Exception {
    match connection.stream(sql, "Null", &[]) {
        Err(message) => Exception::from_engine(&message),
        Ok(_) => Exception::new(code::SYNTAX_ERROR, "SYNTAX_ERROR", "Syntax error"),
    }
}
