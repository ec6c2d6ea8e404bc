//! Filters on the fixed properties of a run.
//!
//! A comparison with what is absent is false, never null, so that `NOT` finds
//! runs that lack the property.

use model::fold::fold;
use model::review::{Outcome, ReviewKind};
use model::search::{
    Comparison, Field, Filter, Number, Test, TimeBound, Value as Literal, VersionSelector,
};

use super::Builder;
use super::low_cardinality::LowCardinalityColumn;
use crate::StoreError;
use crate::index_term;
use crate::sql::Value;

/// A run's id as text, for `id:~part`.
const ID_TEXT: &str = "replaceRegexpOne(lower(leftPad(hex(id), 32, '0')), \
    '^(.{8})(.{4})(.{4})(.{4})(.{12})$', '\\\\1-\\\\2-\\\\3-\\\\4-\\\\5')";

pub(crate) const TOTAL_TOKENS: &str = "if(input_tokens IS NULL AND output_tokens IS NULL, NULL, \
    ifNull(input_tokens, 0) + ifNull(output_tokens, 0))";

/// Folds short texts in the engine as [`fold`] does here for letters.
fn folded(column: &str) -> String {
    format!("lowerUTF8(replaceRegexpAll(normalizeUTF8NFKD(toString({column})), '\\\\p{{Mn}}', ''))")
}

impl Builder<'_> {
    pub(super) async fn filter(&mut self, filter: &Filter) -> Result<String, StoreError> {
        let test = filter.test();
        Ok(match filter.field() {
            Field::Input(path) => self.json(&super::json::place("input", path), test).await?,
            Field::Output(path) => self.json(&super::json::place("output", path), test).await?,
            Field::Metadata(key) => self.metadata(key, test).await?,
            Field::Status => status(test),
            Field::Model => self.low_cardinality(LowCardinalityColumn::Model, test).await?,
            Field::Provider => self.low_cardinality(LowCardinalityColumn::Provider, test).await?,
            Field::Environment => {
                self.low_cardinality(LowCardinalityColumn::Environment, test).await?
            }
            Field::Source => self.low_cardinality(LowCardinalityColumn::Source, test).await?,
            Field::Conversation => self.text("conversation_id", test),
            Field::Trace => self.text("trace_id", test),
            Field::Error => self.error(test).await?,
            Field::Tool => self.low_cardinality(LowCardinalityColumn::Tool, test).await?,
            Field::Agent => self.agent(test),
            Field::Id => self.id(test),
            Field::Version => self.version(test),
            Field::Schema => self.ordered("schema", test),
            Field::Temperature => self.ordered("temperature", test),
            Field::Latency => self.ordered("latency_us", test),
            Field::Ttft => self.ordered("time_to_first_token_us", test),
            Field::Cost => self.ordered("cost_nano_usd", test),
            Field::Tokens => self.ordered(TOTAL_TOKENS, test),
            Field::InputTokens => self.ordered("input_tokens", test),
            Field::OutputTokens => self.ordered("output_tokens", test),
            Field::Time => self.time(test),
            Field::Cached => cached(test),
            Field::Review => self.reviewed(ReviewKind::Review, test),
            Field::Feedback => self.reviewed(ReviewKind::Feedback, test),
        })
    }

    /// A text column whose empty value means that there is none.
    pub(super) fn text(&mut self, column: &str, test: &Test) -> String {
        match test {
            Test::AnyOf(values) => {
                format!("({column} != '' AND {column} IN {})", self.texts(values))
            }
            Test::NoneOf(values) => {
                format!("({column} != '' AND {column} NOT IN {})", self.texts(values))
            }
            Test::Contains(parts) => self.holds_unspaced(column, parts),
            _ => format!("{column} != ''"),
        }
    }

    /// The engine folds letters, but puts no spaces around the characters of scripts
    /// without words as `fold` does: spaces do not count here.
    pub(super) fn holds_unspaced(&mut self, column: &str, parts: &[String]) -> String {
        let unspaced: Vec<String> =
            folded_parts(parts).iter().map(|part| part.replace(' ', "")).collect();
        let parts = self.params.bind(Value::Texts(unspaced));
        let haystack = folded(column);
        format!("arrayExists(part -> position(replaceAll({haystack}, ' ', ''), part) > 0, {parts})")
    }

    async fn error(&mut self, test: &Test) -> Result<String, StoreError> {
        Ok(match test {
            Test::AnyOf(values) => format!("(failed = 1 AND error_code IN {})", self.texts(values)),
            Test::NoneOf(values) => {
                format!("(failed = 1 AND error_code NOT IN {})", self.texts(values))
            }
            // Code and message are in the search text, folded as the parts are.
            Test::Contains(parts) => {
                let found = self.segment_contains(index_term::ERROR, parts).await?;
                format!("(failed = 1 AND {found})")
            }
            _ => "failed = 1".to_owned(),
        })
    }

    fn agent(&mut self, test: &Test) -> String {
        let matches = |slug: &str| match test {
            Test::AnyOf(values) => values.iter().any(|value| text(value) == slug),
            Test::NoneOf(values) => values.iter().all(|value| text(value) != slug),
            Test::Contains(parts) => parts.iter().any(|part| slug.contains(fold(part).trim())),
            _ => true,
        };
        let ids = self
            .agents
            .iter()
            .filter(|agent| matches(agent.slug.as_str()))
            .map(|agent| agent.id)
            .collect();
        format!("agent IN {}", self.params.bind(Value::U64s(ids)))
    }

    fn id(&mut self, test: &Test) -> String {
        let ids = |values: &[Literal]| {
            // A text that is no id is the id of no run.
            values
                .iter()
                .filter_map(|value| text(value).parse::<model::RunId>().ok())
                .map(model::RunId::as_u128)
                .collect()
        };
        match test {
            Test::AnyOf(values) => format!("id IN {}", self.params.bind(Value::U128s(ids(values)))),
            Test::NoneOf(values) => {
                format!("id NOT IN {}", self.params.bind(Value::U128s(ids(values))))
            }
            Test::Contains(parts) => self.contains_any(ID_TEXT, parts),
            _ => "1".to_owned(),
        }
    }

    /// All numbers of a list are looked up at once.
    fn version(&mut self, test: &Test) -> String {
        let (values, wanted) = match test {
            Test::AnyOf(values) => (values.as_slice(), true),
            Test::NoneOf(values) => (values.as_slice(), false),
            _ => return "1".to_owned(),
        };
        let (mut ids, mut majors, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
        for value in values {
            match value {
                Literal::Version(VersionSelector::Id(id)) => ids.push(id.0),
                Literal::Version(VersionSelector::Major(major)) => majors.push(u64::from(*major)),
                Literal::Version(VersionSelector::Number(number)) => {
                    numbers.push(number.to_string());
                }
                _ => {}
            }
        }
        let mut parts = Vec::new();
        if !ids.is_empty() {
            parts.push(format!("version_id IN {}", self.params.bind(Value::U128s(ids))));
        }
        if !majors.is_empty() || !numbers.is_empty() {
            let majors = self.params.bind(Value::U64s(majors));
            let numbers = self.params.bind(Value::Texts(numbers));
            parts.push(format!(
                "(agent, version_id) IN (SELECT agent, id FROM versions FINAL \
                 WHERE org = {{org:UInt64}} AND (major IN {majors} \
                 OR concat(toString(major), '.', toString(minor)) IN {numbers}))"
            ));
        }
        let any = format!("({})", parts.join(" OR "));
        if wanted { any } else { format!("NOT {any}") }
    }

    /// A column of numbers, null where there is none.
    fn ordered(&mut self, column: &str, test: &Test) -> String {
        let holds = |condition: String| format!("ifNull({condition}, 0)");
        match test {
            Test::Present => format!("{column} IS NOT NULL"),
            Test::AnyOf(values) => holds(format!("{column} IN {}", self.numbers(values))),
            Test::NoneOf(values) => holds(format!("{column} NOT IN {}", self.numbers(values))),
            Test::Compare(comparison, value) => {
                holds(format!("{column} {} {}", symbol(*comparison), self.number(value)))
            }
            Test::Between(low, high) => {
                let (low, high) = (self.number(low), self.number(high));
                holds(format!("{column} BETWEEN {low} AND {high}"))
            }
            Test::Contains(_) => "0".to_owned(),
        }
    }

    fn number(&mut self, value: &Literal) -> String {
        let value = match whole(value) {
            Some(whole) => Value::U64(whole),
            None => Value::F64(double(value)),
        };
        self.params.bind(value)
    }

    /// A field's values are either all whole numbers or all doubles.
    fn numbers(&mut self, values: &[Literal]) -> String {
        let wholes: Option<Vec<u64>> = values.iter().map(whole).collect();
        let values = match wholes {
            Some(wholes) => Value::U64s(wholes),
            None => Value::F64s(values.iter().map(double).collect()),
        };
        self.params.bind(values)
    }

    fn time(&mut self, test: &Test) -> String {
        let now = self.now;
        let start = |value: &Literal| bound(value).map(|bound| bound.start(now).0);
        let end = |value: &Literal| bound(value).map(|bound| bound.end(now).0);
        match test {
            Test::AnyOf(values) => {
                let parts: Vec<String> = values.iter().map(|value| self.within(value)).collect();
                format!("({})", parts.join(" OR "))
            }
            Test::NoneOf(values) => {
                let parts: Vec<String> = values.iter().map(|value| self.within(value)).collect();
                format!("NOT ({})", parts.join(" OR "))
            }
            Test::Compare(Comparison::Greater, value) => self.created(">=", end(value)),
            Test::Compare(Comparison::AtLeast, value) => self.created(">=", start(value)),
            Test::Compare(Comparison::Less, value) => self.created("<", start(value)),
            Test::Compare(Comparison::AtMost, value) => self.created("<", end(value)),
            Test::Between(low, high) => {
                let low = self.created(">=", start(low));
                let high = self.created("<", end(high));
                format!("({low} AND {high})")
            }
            Test::Present | Test::Contains(_) => "1".to_owned(),
        }
    }

    /// `time:24h` is the last day up to now; `time:2026-10-01` is that day.
    fn within(&mut self, value: &Literal) -> String {
        let Some(time) = bound(value) else { return "0".to_owned() };
        let from = self.created(">=", Some(time.start(self.now).0));
        let Some(until) = time.until(self.now) else { return from };
        let until = self.created("<", Some(until.0));
        format!("({from} AND {until})")
    }

    fn created(&mut self, operator: &'static str, at_us: Option<i64>) -> String {
        let at = self.params.bind(Value::I64(at_us.unwrap_or_default()));
        format!("created_at {operator} fromUnixTimestamp64Micro({at}, 'UTC')")
    }

    /// What members or end users think of a run, as of now.
    fn reviewed(&mut self, kind: ReviewKind, test: &Test) -> String {
        self.is_monotonic = false;
        match test {
            Test::AnyOf(values) => self.reviewed_as(kind, values),
            Test::NoneOf(values) => {
                let any = self.reviewed_as(kind, &[Literal::Word("any")]);
                let these = self.reviewed_as(kind, values);
                format!("({any} AND NOT {these})")
            }
            _ => self.reviewed_as(kind, &[Literal::Word("any")]),
        }
    }

    fn reviewed_as(&mut self, kind: ReviewKind, values: &[Literal]) -> String {
        let mut outcomes = Vec::new();
        for value in values {
            match text(value) {
                "any" => outcomes.extend(Outcome::ALL),
                word => outcomes.extend(Outcome::ALL.iter().find(|it| it.as_str() == word)),
            }
        }
        let outcomes = outcomes.into_iter().map(|outcome| outcome.as_str().to_owned()).collect();
        let agents = self.agents.iter().map(|agent| agent.id).collect();
        let agents = self.params.bind(Value::U64s(agents));
        let kind = self.params.bind(Value::Text(kind.as_str().to_owned()));
        let outcomes = self.params.bind(Value::Texts(outcomes));
        format!(
            "(agent, id) IN (SELECT agent, run FROM reviews FINAL \
             WHERE org = {{org:UInt64}} AND agent IN {agents} AND kind = {kind} \
             AND outcome IN {outcomes})"
        )
    }

    /// The haystack is folded once, however many parts are looked for.
    pub(super) fn contains_any(&mut self, haystack: &str, parts: &[String]) -> String {
        let mut folded = folded_parts(parts);
        match folded.as_mut_slice() {
            [] => "0".to_owned(),
            [part] => {
                let part = self.params.bind(Value::Text(std::mem::take(part)));
                format!("position({haystack}, {part}) > 0")
            }
            _ => {
                let parts = self.params.bind(Value::Texts(folded));
                format!("arrayExists(part -> position({haystack}, part) > 0, {parts})")
            }
        }
    }

    pub(super) fn texts(&mut self, values: &[Literal]) -> String {
        let texts = values.iter().map(|value| text(value).to_owned()).collect();
        self.params.bind(Value::Texts(texts))
    }
}

/// The parts in the form of the search text, without those of which nothing is
/// left, as of a lone accent: they would be found in everything.
pub(super) fn folded_parts(parts: &[String]) -> Vec<String> {
    parts.iter().map(|part| fold(part)).filter(|part| !part.is_empty()).collect()
}

fn whole(value: &Literal) -> Option<u64> {
    match value {
        Literal::Count(count) => Some(*count),
        Literal::Duration(duration) => Some(duration.0),
        Literal::Money(money) => Some(money.0),
        _ => None,
    }
}

fn double(value: &Literal) -> f64 {
    match value {
        Literal::Number(number) => number.as_f64(),
        _ => f64::NAN,
    }
}

pub(super) fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Greater => ">",
        Comparison::AtLeast => ">=",
        Comparison::Less => "<",
        Comparison::AtMost => "<=",
    }
}

/// The double that orders a number and the integer that decides between equal doubles.
pub(crate) fn order_of(number: Number) -> (f64, i128) {
    let double = number.as_f64();
    (double, number.as_integer().unwrap_or(double.floor() as i128))
}

fn status(test: &Test) -> String {
    either(test, &Literal::Word("failure"), &Literal::Word("success"), ["failed = 1", "failed = 0"])
}

fn cached(test: &Test) -> String {
    let columns = ["cached_from != 0", "cached_from = 0"];
    either(test, &Literal::Bool(true), &Literal::Bool(false), columns)
}

/// A property that every run has and that takes one of two values.
fn either(test: &Test, one: &Literal, other: &Literal, sql: [&str; 2]) -> String {
    let asks_for = |value: &Literal| match test {
        Test::AnyOf(values) => values.contains(value),
        Test::NoneOf(values) => !values.contains(value),
        _ => true,
    };
    match (asks_for(one), asks_for(other)) {
        (true, true) => "1",
        (true, false) => sql[0],
        (false, true) => sql[1],
        (false, false) => "0",
    }
    .to_owned()
}

fn bound(value: &Literal) -> Option<TimeBound> {
    match value {
        Literal::Time(bound) => Some(*bound),
        _ => None,
    }
}

fn text(value: &Literal) -> &str {
    match value {
        Literal::Text(text) => text,
        Literal::Word(word) => word,
        _ => "",
    }
}
