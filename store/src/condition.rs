//! What a search asks, as a SQL condition on the table `runs`.

mod filter;
mod json;
mod low_cardinality;
mod metadata;
mod order;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use filter::{TOTAL_TOKENS, order_of};
use futures::future::BoxFuture;
use model::Timestamp;
use model::search::{Expr, SearchQuery, Term};

use crate::clock::now;
use crate::list::ListRequest;
use crate::sql::{Params, Value};
use crate::stats::asked;
use crate::{Cursor, OrgStore, StoreError};

/// A condition with its values and the agents that it reaches.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    pub(crate) sql: String,
    pub(crate) params: Params,
    pub(crate) agents: Vec<u64>,
    /// Whether it asks for more than the agents.
    pub(crate) is_filtered: bool,
    /// Whether a run that satisfies it always will.
    pub(crate) is_monotonic: bool,
    /// At most so many runs satisfy it, where an index has told.
    pub(crate) max_matches: Option<u64>,
    /// What satisfies this satisfies the condition, and costs less to find: for the words
    /// that too much begins with it names common ones, which the index knows.
    pub(crate) sufficient_sql: Option<String>,
}

impl Condition {
    /// The same for the same question alone.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.sql.as_bytes());
        // The common words that `sufficient_sql` names differ from time to time.
        hasher.update(format!("\0{:?}", self.params.named_in(&self.sql)).as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// Not older than a time in microseconds.
    pub(crate) fn and_since(&mut self, at_us: i64) {
        let at = self.params.bind(Value::I64(at_us));
        self.and_created(&format!("created_at >= fromUnixTimestamp64Micro({at}, 'UTC')"));
    }

    /// Older than a time in microseconds.
    pub(crate) fn and_before(&mut self, at_us: i64) {
        let at = self.params.bind(Value::I64(at_us));
        self.and_created(&format!("created_at < fromUnixTimestamp64Micro({at}, 'UTC')"));
    }

    pub(crate) fn and_older_than(&mut self, cursor: Cursor) {
        let at = self.params.bind(Value::I64(cursor.created_at.0));
        let id = self.params.bind(Value::U128(cursor.id.as_u128()));
        // The plain bound on the time is what the primary key can use.
        self.and_created(&format!("created_at <= fromUnixTimestamp64Micro({at}, 'UTC')"));
        self.sql.push_str(&format!(
            "\n AND (created_at < fromUnixTimestamp64Micro({at}, 'UTC') OR id < {id})"
        ));
    }

    pub(crate) fn and_newer_than(&mut self, cursor: Cursor) {
        let at = self.params.bind(Value::I64(cursor.created_at.0));
        let id = self.params.bind(Value::U128(cursor.id.as_u128()));
        self.and_created(&format!("created_at >= fromUnixTimestamp64Micro({at}, 'UTC')"));
        self.sql.push_str(&format!(
            "\n AND (created_at > fromUnixTimestamp64Micro({at}, 'UTC') OR id > {id})"
        ));
    }

    /// A bound on the time, which what is looked up elsewhere keeps to as well.
    fn and_created(&mut self, bound: &str) {
        self.bound_elsewhere(bound);
        self.sql.push_str(&format!(" AND {bound}"));
    }

    /// Whether runs are looked up in another table, in the time that bounds them.
    pub(crate) fn looks_elsewhere(&self) -> bool {
        self.sql.contains(BOUNDS)
    }

    /// Keeps what is looked up elsewhere to the time that the search itself asks for.
    fn bound_as_asked(&mut self, query: &SearchQuery, now: Timestamp) {
        let (from, to) = asked(query, now);
        for (operator, at) in [(">=", from), ("<", to)] {
            let Some(at) = at else { continue };
            let at = self.params.bind(Value::I64(at.0));
            self.bound_elsewhere(&format!(
                "created_at {operator} fromUnixTimestamp64Micro({at}, 'UTC')"
            ));
        }
    }

    fn bound_elsewhere(&mut self, bound: &str) {
        self.sql = self.sql.replace(BOUNDS, &format!(" AND {bound}{BOUNDS}"));
    }

    /// The same for runs that this release wrote, of which `runs` tells everything.
    pub(crate) fn of_new_runs(mut self) -> Self {
        self.bound_elsewhere("0");
        self
    }
}

/// Stands in a condition where what is looked up in another table can be bounded by
/// the time of the runs that are asked for.
const BOUNDS: &str = " /* between these times */";

impl OrgStore {
    /// The condition of a request, without its window; `None` when the agent
    /// does not exist.
    pub(crate) async fn condition(
        &self,
        request: &ListRequest,
    ) -> Result<Option<Condition>, StoreError> {
        let mut params = Params::default();
        let (agents, agent_sql) = match &request.agent {
            Some(slug) => match self.known_agent(slug).await? {
                // With equality on the whole key prefix, the engine reads in order and stops early.
                Some(agent) => {
                    let placeholder = params.bind(Value::U64(agent.id));
                    (vec![agent], format!("agent = {placeholder}"))
                }
                None => return Ok(None),
            },
            None => {
                let agents = self.known_agents().await?;
                let placeholder = params.bind(Value::U64s(agents.ids()));
                (agents.iter().cloned().collect(), format!("agent IN {placeholder}"))
            }
        };
        let mut sql = format!("org = {{org:UInt64}} AND {agent_sql}");
        let (mut is_monotonic, mut max_matches, mut sufficient_sql) = (true, None, None);
        let now = now();
        if let Some(schema) = request.schema {
            let placeholder = params.bind(Value::U64(u64::from(schema)));
            sql.push_str(&format!(" AND schema = {placeholder}"));
        }
        if let Some(root) = request.query.root() {
            let mut builder = Builder {
                store: self,
                params,
                agents: &agents,
                now,
                is_monotonic,
                expanded: 0,
                max_matches,
                sufficient_sql: None,
            };
            let search = builder.expression(root).await?;
            sufficient_sql =
                builder.sufficient_sql.map(|sufficient_sql| format!("{sql} AND {sufficient_sql}"));
            (params, is_monotonic, max_matches) =
                (builder.params, builder.is_monotonic, builder.max_matches);
            sql.push_str(&format!(" AND {search}"));
        }
        let agents = agents.iter().map(|agent| agent.id).collect();
        let is_filtered = request.schema.is_some() || request.query.root().is_some();
        let mut condition = Condition {
            sql,
            params,
            agents,
            is_filtered,
            is_monotonic,
            max_matches,
            sufficient_sql,
        };
        if condition.looks_elsewhere() {
            condition.bound_as_asked(&request.query, now);
        }
        Ok(Some(condition))
    }
}

/// Turns a search into SQL, binding its values on the way.
struct Builder<'a> {
    store: &'a OrgStore,
    params: Params,
    agents: &'a [crate::agents::LiveAgent],
    now: Timestamp,
    is_monotonic: bool,
    /// How often an index was asked for its entries.
    expanded: u32,
    /// At most so many runs satisfy what was built last.
    max_matches: Option<u64>,
    /// What implies what was built last and costs less to find.
    sufficient_sql: Option<String>,
}

/// A search asks the indexes for their entries so often; the rest of it is
/// answered without, so that five hundred phrases are not a thousand queries.
const MAX_QUESTIONS: u32 = 16;

impl Builder<'_> {
    /// Whether an index may still be asked for its entries. To be called once a question.
    fn may_expand(&mut self) -> bool {
        self.expanded += 1;
        self.expanded <= MAX_QUESTIONS
    }

    fn expression<'b>(
        &'b mut self,
        expression: &'b Expr,
    ) -> BoxFuture<'b, Result<String, StoreError>> {
        Box::pin(async move {
            match expression {
                Expr::And(parts) => self.joined(parts, " AND ", least).await,
                Expr::Or(parts) => self.joined(parts, " OR ", sum).await,
                Expr::Not(inner) => {
                    let inner = self.expression(inner).await?;
                    (self.max_matches, self.sufficient_sql) = (None, None);
                    Ok(format!("NOT {inner}"))
                }
                Expr::Term(term) => {
                    (self.max_matches, self.sufficient_sql) = (None, None);
                    self.term(term).await
                }
            }
        })
    }

    async fn joined(
        &mut self,
        parts: &[Expr],
        operator: &'static str,
        max_matches: fn(&[Option<u64>]) -> Option<u64>,
    ) -> Result<String, StoreError> {
        let mut sql = Vec::with_capacity(parts.len());
        let mut bounds = Vec::with_capacity(parts.len());
        let mut sure = Vec::with_capacity(parts.len());
        let mut any_sure = false;
        for part in parts {
            let part = self.expression(part).await?;
            any_sure |= self.sufficient_sql.is_some();
            sure.push(self.sufficient_sql.take().unwrap_or_else(|| part.clone()));
            sql.push(part);
            bounds.push(self.max_matches);
        }
        self.max_matches = max_matches(&bounds);
        self.sufficient_sql = any_sure.then(|| format!("({})", sure.join(operator)));
        Ok(format!("({})", sql.join(operator)))
    }

    async fn term(&mut self, term: &Term) -> Result<String, StoreError> {
        match term {
            Term::Word { text, prefix } => self.word(text, *prefix).await,
            Term::Phrase(text) => self.phrase(text).await,
            Term::Filter(filter) => self.filter(filter).await,
        }
    }
}

/// How many satisfy all of several conditions, at most.
fn least(bounds: &[Option<u64>]) -> Option<u64> {
    bounds.iter().flatten().min().copied()
}

/// How many satisfy one of several conditions, at most.
fn sum(bounds: &[Option<u64>]) -> Option<u64> {
    bounds.iter().copied().sum()
}
