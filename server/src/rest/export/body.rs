//! The body of an export: its bytes as they are made, then the trailers.

use std::pin::pin;
use std::sync::Arc;

use app::data::export::ExportState;
use app::exports::Progress;
use app::read::columns::{export_names, export_row, places, read_cells};
use async_stream::{stream, try_stream};
use axum::body::{Body, Bytes};
use futures::{Stream, StreamExt};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body_util::StreamBody;
use model::Columns;
use model::finetune::example;
use shares::Held;
use store::{Export, OrgStore, StoreError};

use crate::rest::links::Links;

/// How many runs are in the export.
const EXPORTED: HeaderName = HeaderName::from_static("x-runs-exported");
/// How many were left out, by reason: `failed=2, no_messages=1`.
const LEFT_OUT: HeaderName = HeaderName::from_static("x-runs-left-out");
/// The names of the trailers.
pub const TRAILERS: &str = "x-runs-exported, x-runs-left-out";
/// Bytes that are gathered before they are sent.
const CHUNK: usize = 64 * 1024;

/// Why an export breaks off in the middle.
#[derive(Debug, thiserror::Error)]
pub enum Broken {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A run cannot be written.
    #[error("a run cannot be written: {0}")]
    Write(String),
    /// Somebody stopped it.
    #[error("the export was stopped")]
    Stopped,
}

/// Bytes, and how many runs they hold.
type Part = (Bytes, u64);

/// Notes that the reader left, when the body is dropped before its end.
struct Ended(Arc<Progress>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.end(ExportState::Stopped);
    }
}

/// A body of these parts, which holds its place among the exports until its end.
/// One that breaks ends without its last chunk, so that clients notice.
pub fn of(
    parts: impl Stream<Item = Result<Part, Broken>> + Send + 'static,
    progress: Arc<Progress>,
    place: Held,
) -> Body {
    let frames = stream! {
        let _place = place;
        let ended = Ended(Arc::clone(&progress));
        let mut parts = pin!(parts);
        loop {
            let part = tokio::select! {
                biased;
                () = progress.stopped() => Some(Err(Broken::Stopped)),
                part = parts.next() => part,
            };
            match part {
                Some(Ok((bytes, runs))) => {
                    progress.add(runs);
                    yield Ok(http_body::Frame::data(bytes));
                }
                Some(Err(error)) => {
                    if !matches!(error, Broken::Stopped) {
                        tracing::error!(error = %error, "an export broke off");
                        progress.end(ExportState::Failed);
                    }
                    yield Err(error);
                    break;
                }
                None => {
                    progress.end(ExportState::Done);
                    yield Ok(http_body::Frame::trailers(trailers(&progress)));
                    break;
                }
            }
        }
        drop(ended);
    };
    Body::new(StreamBody::new(frames))
}

fn trailers(progress: &Progress) -> HeaderMap {
    let doc = progress.doc();
    let left_out: Vec<String> =
        doc.left_out.iter().map(|it| format!("{}={}", it.reason, it.count)).collect();
    let mut trailers = HeaderMap::new();
    trailers.insert(EXPORTED, HeaderValue::from(doc.exported));
    // Reasons are plain words.
    if let Ok(value) = HeaderValue::from_str(&left_out.join(", ")) {
        trailers.insert(LEFT_OUT, value);
    }
    trailers
}

/// Whole runs, one a line.
pub fn jsonl(
    export: Export,
    store: OrgStore,
    origin: Arc<str>,
) -> impl Stream<Item = Result<Part, Broken>> + Send {
    lines(export.runs().map(move |run| {
        let mut run = run?;
        Links { origin: &origin, org: &store.org().slug }.fill(&mut run);
        let line = run.to_line().map_err(|error| Broken::Write(error.to_string()))?;
        Ok(Some(line.into_bytes()))
    }))
}

/// Conversations, one a line, of the runs that are one.
pub fn chat(
    export: Export,
    progress: Arc<Progress>,
) -> impl Stream<Item = Result<Part, Broken>> + Send {
    lines(export.runs().map(move |run| match example(&run?) {
        Ok(line) => Ok(Some(line.to_string().into_bytes())),
        Err(reason) => {
            progress.leave_out(reason);
            Ok(None)
        }
    }))
}

/// Gathers lines into larger parts.
fn lines(
    lines: impl Stream<Item = Result<Option<Vec<u8>>, Broken>> + Send,
) -> impl Stream<Item = Result<Part, Broken>> + Send {
    try_stream! {
        let mut lines = pin!(lines);
        let (mut buffer, mut runs) = (Vec::with_capacity(CHUNK), 0);
        while let Some(line) = lines.next().await {
            let Some(line) = line? else { continue };
            buffer.extend_from_slice(&line);
            buffer.push(b'\n');
            runs += 1;
            if buffer.len() >= CHUNK {
                yield (Bytes::from(std::mem::take(&mut buffer)), std::mem::take(&mut runs));
            }
        }
        if !buffer.is_empty() {
            yield (Bytes::from(buffer), runs);
        }
    }
}

/// A table with these columns.
pub fn csv(
    export: Export,
    store: OrgStore,
    columns: Columns,
) -> impl Stream<Item = Result<Part, Broken>> + Send {
    try_stream! {
        let places = places(&columns);
        yield (table([export_names(&columns)].into_iter())?, 0);
        let mut parts = pin!(export.items());
        while let Some(items) = parts.next().await {
            let items = items?;
            let cells = read_cells(&store, &columns, &places, &items).await?;
            let rows = items.iter().map(|item| export_row(&columns, item, cells.get(&item.id)));
            yield (table(rows)?, items.len() as u64);
        }
    }
}

fn table(rows: impl Iterator<Item = Vec<String>>) -> Result<Bytes, Broken> {
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    for row in rows {
        let row = row.into_iter().map(harmless);
        writer.write_record(row).map_err(|error| Broken::Write(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| Broken::Write(error.to_string()))?;
    Ok(Bytes::from(bytes))
}

/// Spreadsheets run what begins like a formula, and runs hold texts of
/// strangers: an apostrophe makes it text. Numbers stay as they are.
fn harmless(cell: String) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && cell.parse::<f64>().is_err() { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        let cell = |text: &str| vec![text.to_owned(), "b".to_owned()];
        let rows = ["a,\"b\"\nc", "=1+1", "-1.5", "-x"].map(cell);
        let bytes = table(rows.into_iter()).unwrap();
        assert_eq!(
            std::str::from_utf8(&bytes).unwrap(),
            "\"a,\"\"b\"\"\nc\",b\n'=1+1,b\n-1.5,b\n'-x,b\n"
        );
    }
}
