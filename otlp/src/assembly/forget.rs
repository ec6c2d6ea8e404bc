//! Deleting an agent while something of it waits.

use std::collections::HashSet;

use model::{AgentSlug, RunId, ToolCall};

use super::{Assembly, HeldSpan, NamedTool, Part, Ticket};
use crate::facts;
use crate::item::{LogRecord, SpanKey};
use crate::run::Call;
use crate::tools::{self, Caller};

/// What went with an agent.
#[derive(Debug, Default)]
pub struct Dropped {
    /// The runs that its spans would have become.
    pub runs: Vec<RunId>,
    /// The ticket of each part that went.
    pub tickets: Vec<Ticket>,
}

impl Part {
    /// The agent, as far as the part itself says.
    #[must_use]
    pub fn agent(&self) -> Option<AgentSlug> {
        match self {
            Self::Span(held) => {
                let read = crate::table::Reader::of(&held.span.0.attributes);
                AgentSlug::new(&facts::agent(&held.span.0, read, &held.inherited)).ok()
            }
            Self::Record(record) => facts::agent_of_record(record),
            Self::Tool(tool, _) => facts::agent_of_service(&tool.service),
        }
    }
}

impl Assembly {
    /// The traces of which something waits, or has lately become a run with parts of
    /// several requests.
    #[must_use]
    pub fn traces_waiting(&self) -> Vec<String> {
        let of_spans = self.spans.keys().chain(self.records.keys()).chain(self.joined.keys());
        let traces = of_spans.map(|key| &key.trace).chain(self.tools.keys());
        traces.collect::<HashSet<_>>().into_iter().cloned().collect()
    }

    /// Drops what will become runs of an agent. Log records and tool spans that say
    /// nothing of their agent go if their span does, or if none is here and the agent
    /// has a run in their trace: `traces` says in which of them.
    pub fn forget_agent(&mut self, agent: &AgentSlug, traces: &HashSet<String>) -> Dropped {
        let of_agent = |key: &&SpanKey| self.agent_of(key).as_ref() == Some(agent);
        let spans: HashSet<SpanKey> = self.spans.keys().filter(of_agent).cloned().collect();
        let mut traces = traces.clone();
        traces.extend(spans.iter().map(|key| key.trace.clone()));
        let tools: HashSet<SpanKey> = self
            .tools
            .values()
            .flatten()
            .filter(|tool| self.is_tool_of(agent, &tool.part, &spans, &traces))
            .map(|tool| tool.part.0.key.clone())
            .collect();

        let mut dropped = Dropped::default();
        for (key, records) in &mut self.records {
            let is_claimed = self.spans.contains_key(key) && !spans.contains(key);
            let by_trace = traces.contains(&key.trace);
            let goes = |record: &LogRecord| {
                !is_claimed && (by_trace || facts::agent_of_record(record).as_ref() == Some(agent))
            };
            let gone = records.extract_if(.., |record| goes(&record.part));
            dropped.tickets.extend(gone.filter_map(|record| record.ticket));
        }
        self.records.retain(|_, records| !records.is_empty());
        for waiting in self.tools.values_mut() {
            let gone = waiting.extract_if(.., |tool| tools.contains(&tool.part.0.key));
            dropped.tickets.extend(gone.filter_map(|tool| tool.ticket));
        }
        self.tools.retain(|_, tools| !tools.is_empty());
        for (_, held) in self.spans.extract_if(|key, _| spans.contains(key)) {
            dropped.runs.push(held.part.span.run_id());
            dropped.tickets.extend(held.ticket);
        }
        // The very same spans may come again, and make runs of a new agent.
        self.joined.retain(|key, _| !traces.contains(&key.trace));
        dropped
    }

    /// What waits under a ticket.
    #[must_use]
    pub fn parts_of(&self, ticket: Ticket) -> Vec<Part> {
        let is_of = |of: Option<Ticket>| of == Some(ticket);
        let spans = self.spans.values().filter(|held| is_of(held.ticket));
        let records = self.records.values().flatten().filter(|record| is_of(record.ticket));
        let tools = self.tools.values().flatten().filter(|tool| is_of(tool.ticket));
        let spans = spans.map(|held| Part::Span(held.part.clone()));
        let records = records.map(|record| Part::Record(record.part.clone()));
        let tools = tools.map(|tool| Part::Tool(tool.part.0.clone(), tool.part.1.clone()));
        spans.chain(records).chain(tools).collect()
    }

    /// The agent of a span that waits, for which its log records can speak too.
    fn agent_of(&self, key: &SpanKey) -> Option<AgentSlug> {
        let held = &self.spans.get(key)?.part;
        AgentSlug::new(&self.call(held).run(&held.inherited).agent?).ok()
    }

    fn call<'a>(&'a self, held: &'a HeldSpan) -> Call<'a> {
        let records = self.records.get(held.span.key()).into_iter().flatten();
        Call::new(&held.span.0, records.map(|record| &record.part))
    }

    fn is_tool_of(
        &self,
        agent: &AgentSlug,
        (tool, above): &NamedTool,
        spans: &HashSet<SpanKey>,
        traces: &HashSet<String>,
    ) -> bool {
        let held: Vec<&HeldSpan> = self
            .spans
            .iter()
            .filter(|(key, _)| key.trace == tool.key.trace)
            .map(|(_, held)| &held.part)
            .collect();
        let calls: Vec<Vec<ToolCall>> = held
            .iter()
            .map(|held| self.call(held).run(&held.inherited).tool_calls.unwrap_or_default())
            .collect();
        let callers: Vec<Caller<'_>> = held
            .iter()
            .zip(&calls)
            .map(|(held, calls)| Caller {
                span: &held.span.0.key.span,
                parent: held.span.0.parent.as_deref(),
                end: held.span.0.end,
                calls,
            })
            .collect();
        let caller = tools::caller_of(tool, above, &callers).and_then(|at| held.get(at));
        match caller {
            Some(caller) => spans.contains(caller.span.key()),
            None => {
                traces.contains(&tool.key.trace)
                    || facts::agent_of_service(&tool.service).as_ref() == Some(agent)
            }
        }
    }
}
