//! Runs one insert on a worker, with data that arrives meanwhile.

use crate::cancel::Task;
use crate::compress::BlockDecoder;
use crate::engine::{Engine, Session};
use crate::exception::{Exception, code};
use crate::policy::Policy;
use crate::query::Counts;
use crate::statement::{DataInsert, outline};
use bytes::Bytes;
use std::sync::Arc;
use tokio::sync::mpsc::Receiver;

/// An insert to run.
pub(crate) struct Insert {
    pub(crate) statement: DataInsert,
    pub(crate) params: Vec<(String, String)>,
    pub(crate) session: Session,
    pub(crate) policy: Policy,
    /// The data is in ClickHouse's compressed blocks.
    pub(crate) compressed: bool,
}

/// The data of an insert, as it arrives.
#[derive(Debug)]
pub(crate) enum Piece {
    Data(Bytes),
    /// The data is complete. Without it nothing is committed.
    End,
}

impl Insert {
    /// Runs the insert. Blocks until the data has ended and is written.
    pub(crate) fn run(
        self,
        engine: &Engine,
        task: &Arc<Task>,
        pieces: Receiver<Piece>,
    ) -> Result<Counts, Exception> {
        let outcome = if task.start() { self.write(engine, task, pieces) } else { Err(aborted()) };
        task.finish();
        outcome
    }

    fn write(
        &self,
        engine: &Engine,
        task: &Task,
        mut pieces: Receiver<Piece>,
    ) -> Result<Counts, Exception> {
        let DataInsert { head, format, .. } = &self.statement;
        let whole = format!("{head} FORMAT {format}");
        let outline = outline(&whole);
        self.policy.check_text(&outline)?;
        let mut connection = engine.session(&self.session, task.mark())?;
        self.policy.check(&outline, connection.classify(&whole))?;
        let mut stream = connection.insert(head, format, &self.params).map_err(from_engine)?;
        let mut decoder = BlockDecoder::default();
        loop {
            match pieces.blocking_recv() {
                Some(Piece::Data(data)) if self.compressed => {
                    decoder.push(&data);
                    while let Some(block) = decoder.next()? {
                        stream.append(&block).map_err(from_engine)?;
                    }
                }
                Some(Piece::Data(data)) => stream.append(&data).map_err(from_engine)?,
                Some(Piece::End) => break,
                // The client went away half-way: what it sent must not count.
                None => return Err(aborted()),
            }
        }
        decoder.finish()?;
        let output = stream.done().map_err(from_engine)?;
        let mut counts = Counts::default();
        counts.add(&output);
        Ok(counts)
    }
}

fn from_engine(message: String) -> Exception {
    Exception::from_engine(&message)
}

fn aborted() -> Exception {
    Exception::new(code::ABORTED, "ABORTED", "The insert ended before its data did")
}
