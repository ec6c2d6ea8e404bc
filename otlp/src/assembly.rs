//! Puts together what belongs together, also when it comes in several requests.
//!
//! A span whose content is missing waits a moment for its log records, and one
//! that asked for tools for their spans, where its service makes such spans;
//! records and tool spans that come before their model's span wait longer. Who
//! keeps an [`Assembly`] makes what waits durable ([`Part`]) and lets go of it
//! when its run is.

mod forget;

use std::collections::{HashMap, HashSet};

use model::{IncomingRun, Timestamp, ToolCall};
use serde::{Deserialize, Serialize};

use crate::facts::{Inherited, ancestors};
use crate::item::{LogRecord, ModelSpan, Names, SpanKey, ToolSpan};
use crate::run::Call;
use crate::tools::{self, Caller};
use crate::wire::{Logs, Traces};

pub use forget::Dropped;

/// How long a span waits for its log records and tools: longer than the five
/// seconds for which SDKs gather what they send.
const SPAN_PATIENCE_US: i64 = 6_000_000;
/// How long a log record or a tool's span waits for the model's span, which
/// comes only when the call is over.
const PART_PATIENCE_US: i64 = 900_000_000;

/// Services whose tools are waited for.
const MAX_SERVICES: usize = 10_000;

/// Names what holds a part until its run is durable.
pub type Ticket = u64;

/// Something that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Part {
    /// A model's span, for its log records.
    Span(HeldSpan),
    /// A log record, for its span.
    Record(LogRecord),
    /// A tool's span, for that of the model.
    Tool(ToolSpan, Vec<String>),
}

/// A model's span with what it has from the spans above it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HeldSpan {
    span: ModelSpan,
    inherited: Inherited,
}

/// A run that waits for nothing more, and what it was made of.
#[derive(Debug)]
pub struct Finished {
    /// The run.
    pub run: IncomingRun,
    /// The span that it is.
    pub key: SpanKey,
    parts: Vec<(Part, Option<Ticket>)>,
}

/// What came of a request or of waiting.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Runs to store.
    pub finished: Vec<Finished>,
    /// What waits from now on and must be made durable.
    pub held: Vec<Part>,
    /// Tickets of parts that waited in vain.
    dropped: Vec<Ticket>,
    /// Spans that waited and came again.
    replaced: Vec<Waiting<HeldSpan>>,
    /// Log records that waited in vain.
    pub lost_records: usize,
    /// Tool spans that waited in vain.
    pub lost_tools: usize,
}

#[derive(Debug)]
struct Waiting<T> {
    part: T,
    /// None while its request has not been made durable yet.
    ticket: Option<Ticket>,
    until: Timestamp,
}

/// A tool span and the names of the spans above it.
type NamedTool = (ToolSpan, Vec<String>);

/// Everything of one organization that waits.
#[derive(Default)]
pub struct Assembly {
    spans: HashMap<SpanKey, Waiting<HeldSpan>>,
    records: HashMap<SpanKey, Vec<Waiting<LogRecord>>>,
    /// By trace.
    tools: HashMap<String, Vec<Waiting<NamedTool>>>,
    /// Spans that became runs together with parts of other requests, and until
    /// when that is remembered: sent again alone, they would look like others.
    joined: HashMap<SpanKey, Timestamp>,
    /// Services that have made spans of tools.
    tool_services: HashSet<String>,
}

impl Finished {
    /// Whether its span came with an earlier request, which was answered before.
    #[must_use]
    pub fn has_waited(&self) -> bool {
        self.parts.first().is_some_and(|(_, ticket)| ticket.is_some())
    }

    /// The tickets of its parts.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket> {
        self.parts.iter().filter_map(|(_, ticket)| *ticket)
    }
}

impl Outcome {
    /// The tickets of parts that wait no longer, once for each part; those of runs are theirs.
    pub fn released(&self) -> impl Iterator<Item = Ticket> {
        let replaced = self.replaced.iter().filter_map(|span| span.ticket);
        self.dropped.iter().copied().chain(replaced)
    }
}

impl Assembly {
    /// Takes the spans of a request. `ticket` will name what is held of them.
    pub fn traces(&mut self, traces: Traces, ticket: Ticket, now: Timestamp) -> Outcome {
        let mut outcome = Outcome::default();
        let mut ready = Vec::new();
        let mut touched = HashSet::new();
        for tool in traces.tools {
            touched.insert(tool.key.trace.clone());
            if self.tool_services.len() < MAX_SERVICES {
                self.tool_services.insert(tool.service.clone());
            }
            let above = above(&tool, &traces.names);
            self.hold_tool(tool, above, None, now);
        }
        let of_trace = self.spans.keys().filter(|key| touched.contains(&key.trace));
        for key in of_trace.cloned().collect::<Vec<_>>() {
            if self.spans.get(&key).is_some_and(|held| !self.waits(&held.part)) {
                ready.extend(self.spans.remove(&key));
            }
        }
        for span in traces.models {
            if self.joined.contains_key(span.key()) {
                continue;
            }
            let inherited = Inherited::of(span.key(), span.0.parent.as_deref(), &traces.names);
            let held = HeldSpan { span, inherited };
            if self.waits(&held) {
                outcome.held.push(Part::Span(held.clone()));
                let waiting = Waiting::new(held, Some(ticket), now, SPAN_PATIENCE_US);
                let sent_before = self.spans.insert(waiting.part.span.key().clone(), waiting);
                outcome.replaced.extend(sent_before);
            } else {
                ready.push(Waiting::new(held, None, now, 0));
            }
        }
        self.finish(ready, now, &mut outcome);
        // What found no run in its own request waits for one.
        for waiting in self.tools.values_mut().flatten().filter(|tool| tool.ticket.is_none()) {
            waiting.ticket = Some(ticket);
            let (tool, above) = waiting.part.clone();
            outcome.held.push(Part::Tool(tool, above));
        }
        outcome
    }

    /// Takes the log records of a request. `ticket` will name what is held of them.
    pub fn logs(&mut self, logs: Logs, ticket: Ticket, now: Timestamp) -> Outcome {
        let mut outcome = Outcome::default();
        let mut touched = Vec::new();
        for record in logs.records {
            let Some(key) = record.key.clone() else { continue };
            let of_span = self.records.entry(key.clone()).or_default();
            // A client that saw no answer sends its records again.
            if self.joined.contains_key(&key) || of_span.iter().any(|one| one.part == record) {
                continue;
            }
            of_span.push(Waiting::new(record, None, now, PART_PATIENCE_US));
            touched.push(key);
        }
        touched.dedup();
        let mut ready = Vec::new();
        for key in touched {
            if self.spans.get(&key).is_some_and(|held| !self.waits(&held.part)) {
                ready.extend(self.spans.remove(&key));
            }
        }
        self.finish(ready, now, &mut outcome);
        for waiting in self.records.values_mut().flatten().filter(|one| one.ticket.is_none()) {
            waiting.ticket = Some(ticket);
            outcome.held.push(Part::Record(waiting.part.clone()));
        }
        outcome
    }

    /// Takes back what was held when a process ended. Gives the ticket of a part that waits
    /// no longer, since it was here already.
    #[must_use]
    pub fn restore(&mut self, part: Part, ticket: Ticket, now: Timestamp) -> Option<Ticket> {
        match part {
            Part::Span(held) => {
                let waiting = Waiting::new(held, Some(ticket), now, SPAN_PATIENCE_US);
                self.spans.insert(waiting.part.span.key().clone(), waiting)?.ticket
            }
            Part::Record(record) => {
                let Some(key) = record.key.clone() else { return Some(ticket) };
                let of_span = self.records.entry(key).or_default();
                if of_span.iter().any(|one| one.part == record) {
                    return Some(ticket);
                }
                of_span.push(Waiting::new(record, Some(ticket), now, PART_PATIENCE_US));
                None
            }
            Part::Tool(tool, above) => {
                self.hold_tool(tool, above, Some(ticket), now);
                None
            }
        }
    }

    /// Takes back a run that could not be stored. The span of a request that
    /// failed comes again with the next attempt, so only what was held before
    /// is kept. Gives the tickets of parts that came again meanwhile.
    #[must_use]
    pub fn put_back(&mut self, finished: Finished, now: Timestamp) -> Vec<Ticket> {
        self.joined.remove(&finished.key);
        let held = finished.parts.into_iter().filter_map(|(part, ticket)| Some((part, ticket?)));
        held.filter_map(|(part, ticket)| self.restore(part, ticket, now)).collect()
    }

    /// Makes undone what a request did, because what it left could not be made durable:
    /// all that had waited before waits as it did. Gives the tickets of parts that wait no
    /// longer.
    #[must_use]
    pub fn undo(&mut self, ticket: Ticket, outcome: Outcome, now: Timestamp) -> Vec<Ticket> {
        self.forget(ticket);
        let is_older = |span: &Waiting<HeldSpan>| span.ticket != Some(ticket);
        for span in outcome.replaced.into_iter().filter(is_older) {
            self.spans.insert(span.part.span.key().clone(), span);
        }
        let finished = outcome.finished.into_iter();
        finished.flat_map(|one| self.put_back(one, now)).collect()
    }

    fn forget(&mut self, ticket: Ticket) {
        let is_other = |other: Option<Ticket>| other != Some(ticket);
        self.spans.retain(|_, held| is_other(held.ticket));
        for records in self.records.values_mut() {
            records.retain(|record| is_other(record.ticket));
        }
        for tools in self.tools.values_mut() {
            tools.retain(|tool| is_other(tool.ticket));
        }
    }

    /// What has waited long enough.
    pub fn due(&mut self, now: Timestamp) -> Outcome {
        let mut outcome = Outcome::default();
        self.joined.retain(|_, until| *until > now);
        let is_over = |until: Timestamp| until <= now;
        let ready = self.spans.extract_if(|_, held| is_over(held.until)).map(|(_, held)| held);
        let ready: Vec<_> = ready.collect();
        self.finish(ready, now, &mut outcome);
        for records in self.records.values_mut() {
            for lost in records.extract_if(.., |record| is_over(record.until)) {
                outcome.lost_records += 1;
                outcome.dropped.extend(lost.ticket);
            }
        }
        self.records.retain(|_, records| !records.is_empty());
        for tools in self.tools.values_mut() {
            for lost in tools.extract_if(.., |tool| is_over(tool.until)) {
                outcome.lost_tools += 1;
                outcome.dropped.extend(lost.ticket);
            }
        }
        self.tools.retain(|_, tools| !tools.is_empty());
        outcome
    }

    /// When something will have waited long enough; `None` when nothing waits.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        let spans = self.spans.values().map(|held| held.until);
        let records = self.records.values().flatten().map(|record| record.until);
        let tools = self.tools.values().flatten().map(|tool| tool.until);
        spans.chain(records).chain(tools).min()
    }

    /// Whether something that is missing may still come.
    fn waits(&self, held: &HeldSpan) -> bool {
        let records = self.records.get(held.span.key()).into_iter().flatten();
        let call = Call::new(&held.span.0, records.map(|record| &record.part));
        if call.may_grow() {
            return true;
        }
        if !self.tool_services.contains(&held.span.service()) {
            return false;
        }
        let calls = call.run(&held.inherited).tool_calls.unwrap_or_default();
        let tools = || self.tools.get(&held.span.key().trace).into_iter().flatten();
        let is_there = |call: &ToolCall| {
            tools().any(|tool| tools::answers(&tool.part.0, call, held.span.0.end))
        };
        !calls.iter().all(is_there)
    }

    fn hold_tool(
        &mut self,
        tool: ToolSpan,
        above: Vec<String>,
        ticket: Option<Ticket>,
        now: Timestamp,
    ) {
        let of_trace = self.tools.entry(tool.key.trace.clone()).or_default();
        of_trace.push(Waiting::new((tool, above), ticket, now, PART_PATIENCE_US));
    }

    /// Makes runs of spans, with the records and tool spans that belong to them.
    fn finish(&mut self, ready: Vec<Waiting<HeldSpan>>, now: Timestamp, outcome: &mut Outcome) {
        let mut finished: Vec<(HeldSpan, Finished)> = ready
            .into_iter()
            .map(|Waiting { part: held, ticket, .. }| {
                let key = held.span.key().clone();
                let records = self.records.remove(&key).unwrap_or_default();
                let call = Call::new(&held.span.0, records.iter().map(|record| &record.part));
                let run = call.run(&held.inherited);
                let mut parts = vec![(Part::Span(held.clone()), ticket)];
                let records = records.into_iter();
                parts.extend(records.map(|record| (Part::Record(record.part), record.ticket)));
                (held, Finished { run, key, parts })
            })
            .collect();
        self.attach_tools(&mut finished);
        let remembered_until = Timestamp(now.0.saturating_add(PART_PATIENCE_US));
        let is_joined = |one: &Finished| one.parts.len() > 1 && one.tickets().next().is_some();
        for (_, one) in finished.iter().filter(|(_, one)| is_joined(one)) {
            self.joined.insert(one.key.clone(), remembered_until);
        }
        outcome.finished.extend(finished.into_iter().map(|(_, finished)| finished));
    }

    fn attach_tools(&mut self, finished: &mut [(HeldSpan, Finished)]) {
        let mut by_trace: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, (_, one)) in finished.iter().enumerate() {
            by_trace.entry(one.key.trace.clone()).or_default().push(at);
        }
        for (trace, runs) in by_trace {
            let Some(waiting) = self.tools.remove(&trace) else { continue };
            let mut left = Vec::new();
            for tool in waiting {
                match caller(&tool.part, &runs, finished) {
                    Some((_, one)) => {
                        let calls = one.run.tool_calls.get_or_insert_default();
                        tools::attach(calls, &tool.part.0);
                        let (span, above) = tool.part;
                        one.parts.push((Part::Tool(span, above), tool.ticket));
                    }
                    None => left.push(tool),
                }
            }
            if !left.is_empty() {
                self.tools.insert(trace, left);
            }
        }
    }
}

fn caller<'a>(
    (tool, above): &NamedTool,
    runs: &[usize],
    finished: &'a mut [(HeldSpan, Finished)],
) -> Option<&'a mut (HeldSpan, Finished)> {
    const NO_CALLS: &[ToolCall] = &[];
    let callers: Vec<Caller<'_>> = runs
        .iter()
        .filter_map(|at| finished.get(*at))
        .map(|(held, one)| Caller {
            span: &one.key.span,
            parent: held.span.0.parent.as_deref(),
            end: held.span.0.end,
            calls: one.run.tool_calls.as_deref().unwrap_or(NO_CALLS),
        })
        .collect();
    let at = *runs.get(tools::caller_of(tool, above, &callers)?)?;
    finished.get_mut(at)
}

fn above(tool: &ToolSpan, names: &HashMap<SpanKey, Names>) -> Vec<String> {
    ancestors(&tool.key, tool.parent.as_deref(), names)
}

impl<T> Waiting<T> {
    fn new(part: T, ticket: Option<Ticket>, now: Timestamp, patience_us: i64) -> Self {
        Self { part, ticket, until: Timestamp(now.0.saturating_add(patience_us)) }
    }
}
