//! What organizations share of this server, and how much of it is used.

use std::sync::Arc;
use std::time::Duration;

use app::limits::{LimitUse, Unit};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use shares::{Budget, Refused, Turns, Usage, Whose};
use spool::Door;
use store::{OrgId, Store};

use crate::error::ApiError;

/// Memory of all bodies that are being read or checked at one time.
const BODY_BYTES: u64 = 512 * 1024 * 1024;
/// Memory of all answers that are being recorded on their way through the proxy.
const ANSWER_BYTES: u64 = 512 * 1024 * 1024;
/// Exchanges with providers at one time.
const EXCHANGES: u64 = 4_096;
/// Streams of new runs at one time.
const STREAMS: u64 = 1_024;
/// Exports at one time; each holds some runs in memory.
const EXPORTS: u64 = 64;
/// Most large requests of one organization that wait to be taken apart.
const LINE: u64 = 1_024;

/// What organizations share, but for what spool and store share out themselves.
pub struct Limits {
    /// Memory for requests' bodies, counted as unpacked.
    pub bodies: Budget,
    /// Memory for recorded answers.
    pub answers: Budget,
    /// Requests that a provider is answering.
    pub exchanges: Budget,
    /// Streams of new runs.
    pub streams: Budget,
    /// Exports under way.
    pub exports: Budget,
    /// Spans and log records that wait for others, in bytes on disk.
    pub waiting: Budget,
    /// Large requests that are being taken apart, which takes a processor and many
    /// times their size.
    pub parsing: Turns,
    /// Requests whose message templates are being rendered.
    pub templates: Turns,
}

impl Limits {
    /// Nothing is used yet. `waiting` is the room of the OTLP door, `templates` the turns of
    /// the processes that render message templates.
    #[must_use]
    pub fn new(waiting: Budget, templates: Turns) -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from) as u64;
        Self {
            bodies: Budget::new(BODY_BYTES),
            answers: Budget::new(ANSWER_BYTES),
            exchanges: Budget::new(EXCHANGES),
            streams: Budget::new(STREAMS),
            exports: Budget::new(EXPORTS),
            waiting,
            parsing: Turns::new((processors + 1).max(3), LINE),
            templates,
        }
    }

    fn budgets(&self) -> [(&'static Kind, &Budget); 6] {
        [
            (&BODIES, &self.bodies),
            (&ANSWERS, &self.answers),
            (&WAITING, &self.waiting),
            (&EXCHANGING, &self.exchanges),
            (&STREAMING, &self.streams),
            (&EXPORTING, &self.exports),
        ]
    }

    fn turns(&self) -> [(&'static Kind, &Turns); 2] {
        [(&PARSING, &self.parsing), (&RENDERING, &self.templates)]
    }

    /// What one organization and all use of everything that is shared.
    #[must_use]
    pub fn usage(&self, store: &Store, door: &Door, org: OrgId) -> Vec<LimitUse> {
        let mut all: Vec<(&Kind, Usage)> =
            self.budgets().map(|(kind, budget)| (kind, budget.usage(org.0))).to_vec();
        all.extend(door.usage(org).map(|usage| (&SPOOL, usage)));
        all.extend(self.turns().map(|(kind, turns)| (kind, turns.usage(org.0))));
        let queries = store.queries(org).into_iter();
        all.extend(queries.filter_map(|(name, usage)| Some((store_kind(name)?, usage))));
        let told = all.into_iter().map(|(kind, usage)| {
            let Usage { own, limit, all, total } = usage;
            LimitUse { what: kind.what, unit: kind.unit, own, limit, all, total }
        });
        told.collect()
    }

    /// The same of every organization that uses anything: name, number, amount.
    fn by_org(&self, store: &Store, door: &Door) -> Vec<(&'static str, u64, u64)> {
        let mut all = Vec::new();
        let mut add = |name, uses: Vec<(u64, u64)>| {
            all.extend(uses.into_iter().map(|(org, used)| (name, org, used)));
        };
        for (kind, budget) in self.budgets() {
            add(kind.name, budget.by_org());
        }
        add(SPOOL.name, door.usage_by_org());
        for (kind, turns) in self.turns() {
            add(kind.name, turns.by_org());
        }
        for (name, uses) in store.queries_by_org() {
            add(name, uses);
        }
        all
    }
}

/// Something shared, in words.
struct Kind {
    /// For programs.
    name: &'static str,
    /// For people.
    what: &'static str,
    unit: Unit,
}

const BODIES: Kind = Kind { name: "bodies", what: "Memory for requests", unit: Unit::Bytes };
const ANSWERS: Kind = Kind { name: "answers", what: "Memory for responses", unit: Unit::Bytes };
const WAITING: Kind = Kind { name: "waiting", what: "Waiting spans and logs", unit: Unit::Bytes };
const SPOOL: Kind = Kind { name: "spool", what: "Queue", unit: Unit::Bytes };
const EXCHANGING: Kind =
    Kind { name: "exchanges", what: "Requests at model providers", unit: Unit::Number };
const STREAMING: Kind = Kind { name: "streams", what: "Live streams", unit: Unit::Number };
const EXPORTING: Kind = Kind { name: "exports", what: "Exports", unit: Unit::Number };
const PARSING: Kind =
    Kind { name: "parsing", what: "Large requests being read", unit: Unit::Number };
const RENDERING: Kind =
    Kind { name: "templates", what: "Message templates being rendered", unit: Unit::Number };
const STORE: [Kind; 4] = [
    Kind { name: "light_queries", what: "Pages and look-ups at the database", unit: Unit::Number },
    Kind { name: "searches", what: "Searches at the database", unit: Unit::Number },
    Kind { name: "export_queries", what: "Exports at the database", unit: Unit::Number },
    Kind { name: "deletions", what: "Agents being deleted", unit: Unit::Number },
];

fn store_kind(name: &str) -> Option<&'static Kind> {
    STORE.iter().find(|kind| kind.name == name)
}

/// What somebody is told who gets no more of something: 429 when it is their own
/// share that is used up, else 503.
///
/// `what` names it, as in "memory for requests".
#[must_use]
pub fn refusal(code: &'static str, what: &str, refused: Refused) -> ApiError {
    const WAIT: Duration = Duration::from_secs(2);
    match refused {
        Refused::Share { whose, held, limit } => {
            let whose = match whose {
                Whose::Organization => "organization",
                Whose::Key => "key",
            };
            let message = format!(
                "this {whose} has reached its share of {what}: {held} of at most {limit} now; send less at once and try again"
            );
            ApiError::too_many(code, message, limit, WAIT)
        }
        Refused::Full { total } => ApiError::unavailable(format!(
            "the server has no more {what}: all {total} are in use; try again"
        )),
    }
}

/// Asks for the use of everything when somebody looks. Organizations have their
/// numbers here, since an admin of one of them may look and is not to read the
/// others' names.
pub struct LimitFigures {
    /// What is shared.
    pub limits: Arc<Limits>,
    /// Shares out the engine.
    pub store: Store,
    /// Shares out the spool.
    pub door: Door,
}

impl std::fmt::Debug for LimitFigures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LimitFigures").finish_non_exhaustive()
    }
}

type Labels = Vec<(&'static str, String)>;

impl Collector for LimitFigures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> std::fmt::Result {
        let gauge = |family: &Family<Labels, Gauge>, labels: Labels, value: u64| {
            family.get_or_create(&labels).set(i64::try_from(value).unwrap_or(i64::MAX));
        };
        let (used, most, by_org) = (Family::default(), Family::default(), Family::default());
        let nobody = OrgId(u64::MAX);
        let of = |name: &str| vec![("resource", name.to_owned())];
        let total = |name: &str, usage: Usage| {
            gauge(&used, of(name), usage.all);
            gauge(&most, of(name), usage.total);
        };
        for (kind, budget) in self.limits.budgets() {
            total(kind.name, budget.usage(nobody.0));
        }
        if let Some(usage) = self.door.usage(nobody) {
            total(SPOOL.name, usage);
        }
        for (kind, turns) in self.limits.turns() {
            total(kind.name, turns.usage(nobody.0));
        }
        for (name, usage) in self.store.queries(nobody) {
            total(name, usage);
        }
        for (name, org, used) in self.limits.by_org(&self.store, &self.door) {
            let mut labels = of(name);
            labels.push(("org", org.to_string()));
            gauge(&by_org, labels, used);
        }
        let mut tell = |name: &str, help: &str, family: &Family<Labels, Gauge>| {
            let kind = family.metric_type();
            family.encode(encoder.encode_descriptor(name, help, None, kind)?)
        };
        tell("limit_used", "Use of what organizations share", &used)?;
        tell("limit_total", "How much of it there is", &most)?;
        tell("limit_used_by_org", "Use by each organization's number", &by_org)
    }
}
