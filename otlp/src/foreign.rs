//! Calls of a model that other tools keep in the words of their own spans.

use std::sync::Arc;

use model::{IncomingRun, Timestamp};

use crate::facts::Inherited;
use crate::item::{Attributes, Scope, Span, SpanKey};
use crate::run::Call;

/// A call of a model as another tool wrote it down.
#[derive(Clone, Debug, Default)]
pub struct ForeignSpan {
    /// The other tool's id of the trace.
    pub trace: String,
    /// The other tool's id of the span.
    pub span: String,
    /// What the span is called.
    pub name: String,
    /// When it began.
    pub start: Timestamp,
    /// When it ended, if that is known.
    pub end: Option<Timestamp>,
    /// What it says, in a dialect that is known here.
    pub attributes: Attributes,
}

/// The run of such a call; the same id each time.
#[must_use]
pub fn run_of_foreign(foreign: ForeignSpan) -> IncomingRun {
    let nanos = |at: Timestamp| u64::try_from(at.0).unwrap_or_default().saturating_mul(1_000);
    let span = Span {
        key: SpanKey { trace: foreign.trace, span: foreign.span },
        parent: None,
        name: foreign.name,
        kind: 0,
        start: nanos(foreign.start),
        end: foreign.end.map(nanos).unwrap_or_default(),
        attributes: foreign.attributes,
        events: Vec::new(),
        failed: false,
        status_message: String::new(),
        resource: Arc::default(),
        scope: Arc::new(Scope::default()),
    };
    Call::new(&span, []).run(&Inherited::default())
}
