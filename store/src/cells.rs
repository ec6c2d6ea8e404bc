//! What a page of a list shows beside the usual columns: places in input and
//! output and rare properties, read for the page's own runs alone.

use std::borrow::Borrow;
use std::collections::HashMap;

use clickhouse::Row;
use model::search::{Path, Segment};
use model::{AgentSlug, Micros, RunId, RunItem};
use serde::Deserialize;

use crate::index_term;
use crate::sql::{Params, Value};
use crate::{OrgStore, StoreError};

/// Most values of one place in one run, as of a long array.
const MAX_VALUES: usize = 20;
/// Most characters of one value.
const MAX_CHARS: u64 = 400;

/// A place in the input or output of runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the input.
    Input(Path),
    /// In the output.
    Output(Path),
}

/// A value at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// A string; `true` when it goes on.
    Text(String, bool),
    /// A number, `true`, `false` or `null`, as JSON.
    Scalar(String),
    /// The beginning of the JSON of an object or array; `true` when it goes on.
    Json(String, bool),
    /// A long string, object or array inside of an array, which is not read here.
    Omitted,
}

/// What one run has in the columns that were asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunCells {
    /// From start to the first token.
    pub time_to_first_token: Option<Micros>,
    /// The trace it is part of; empty for none.
    pub trace_id: String,
    /// The tools it called.
    pub tools: Vec<String>,
    /// Its values at each place, in the order of the places.
    pub places: Vec<Vec<CellValue>>,
}

#[derive(Row, Deserialize)]
struct CellRow {
    id: u128,
    time_to_first_token_us: Option<u64>,
    trace_id: String,
    tools: Vec<String>,
    found: Vec<String>,
}

#[derive(Row, Deserialize)]
struct LongRow {
    id: u128,
    text: String,
    is_cut: u8,
}

const CELLS: &str = "SELECT id, time_to_first_token_us, trace_id, tools,
    arraySlice(arrayFilter(
        leaf -> has({places:Array(String)}, leaf)
            OR arrayExists(start -> startsWith(leaf, start), {starts:Array(String)}),
        leaves), 1, 2000) AS found
FROM runs
WHERE org = {org:UInt64} AND agent IN {agents:Array(UInt64)} AND id IN {ids:Array(UInt128)}
  AND created_at IN (SELECT fromUnixTimestamp64Micro(arrayJoin({times:Array(Int64)}), 'UTC'))
LIMIT 1000";

impl OrgStore {
    /// What these runs have at these places, and their rare properties. Runs of
    /// deleted agents have nothing.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn cells(
        &self,
        items: &[RunItem],
        places: &[Place],
    ) -> Result<HashMap<RunId, RunCells>, StoreError> {
        if items.is_empty() {
            return Ok(HashMap::new());
        }
        let names: Vec<String> = places.iter().map(Place::name).collect();
        let starts: Vec<String> = names.iter().map(|name| index_term::any_prefix(name)).collect();
        let ids: Vec<u128> = items.iter().map(|item| item.id.as_u128()).collect();
        let times: Vec<i64> = items.iter().map(|item| item.created_at.0).collect();
        let agents = self.agent_ids(items).await?;
        let rows = self
            .query(CELLS)
            .param("agents", agents)
            .param("places", &names)
            .param("starts", &starts)
            .param("ids", ids)
            .param("times", times)
            .with_setting("max_execution_time", "10")
            .fetch_all::<CellRow>()
            .await?;
        let mut cells: HashMap<RunId, RunCells> = rows
            .into_iter()
            .map(|row| (RunId::from_u128(row.id), RunCells::of(row, &names)))
            .collect();
        for (index, place) in places.iter().enumerate() {
            self.fill_long(items, index, place, &mut cells).await?;
        }
        Ok(cells)
    }

    /// The ids of the agents of these runs.
    async fn agent_ids<T: Borrow<RunItem>>(&self, items: &[T]) -> Result<Vec<u64>, StoreError> {
        let agents = self.known_agents().await?;
        let is_wanted = |slug: &AgentSlug| items.iter().any(|item| item.borrow().agent == *slug);
        Ok(agents.iter().filter(|agent| is_wanted(&agent.slug)).map(|agent| agent.id).collect())
    }

    /// Reads what the index of places keeps only by its hash, from the bodies of
    /// the runs that have it.
    async fn fill_long(
        &self,
        items: &[RunItem],
        index: usize,
        place: &Place,
        cells: &mut HashMap<RunId, RunCells>,
    ) -> Result<(), StoreError> {
        let Some(keys) = place.keys() else { return Ok(()) };
        let wanted: Vec<&RunItem> = items
            .iter()
            .filter(|item| {
                let values = cells.get(&item.id).and_then(|cells| cells.places.get(index));
                values.is_some_and(|values| values.contains(&CellValue::Omitted))
            })
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let agents = self.agent_ids(&wanted).await?;
        let (sql, params) = long_query(agents, &wanted, &keys);
        let rows = params
            .apply(self.query(&sql))
            .with_setting("max_execution_time", "10")
            .with_setting("max_memory_usage", "1500000000")
            .fetch_all::<LongRow>()
            .await;
        let rows = match rows {
            Ok(rows) => rows,
            // Huge bodies: the list is worth more than this column.
            Err(StoreError::TooBroad | StoreError::TooSlow) => return Ok(()),
            Err(error) => return Err(error),
        };
        for row in rows.into_iter().filter(|row| !row.text.is_empty()) {
            let Some(cells) = cells.get_mut(&RunId::from_u128(row.id)) else { continue };
            if let Some(values) = cells.places.get_mut(index) {
                *values = vec![CellValue::of_json(row.text, row.is_cut != 0)];
            }
        }
        Ok(())
    }
}

/// The SQL that reads one place from the bodies of these runs, with its values.
fn long_query(agents: Vec<u64>, items: &[&RunItem], keys: &[String]) -> (String, Params) {
    let mut params = Params::default();
    let agents = params.bind(Value::U64s(agents));
    let ids = params.bind(Value::U128s(items.iter().map(|item| item.id.as_u128()).collect()));
    let times = params.bind(Value::I64s(items.iter().map(|item| item.created_at.0).collect()));
    let keys: Vec<String> = keys.iter().map(|key| params.bind(Value::Text(key.clone()))).collect();
    let limit = params.bind(Value::U64(MAX_CHARS));
    let raw = format!("JSONExtractRaw(body, {})", keys.join(", "));
    let sql = format!(
        "SELECT id, substringUTF8({raw}, 1, {limit}) AS text, lengthUTF8({raw}) > {limit} AS is_cut \
         FROM run_bodies WHERE org = {{org:UInt64}} AND agent IN {agents} AND id IN {ids} \
         AND created_at IN (SELECT fromUnixTimestamp64Micro(arrayJoin({times}), 'UTC')) \
         LIMIT 1000"
    );
    (sql, params)
}

impl Place {
    /// Its name in the index of places.
    fn name(&self) -> String {
        match self {
            Self::Input(path) => index_term::place("input", &path.to_string()),
            Self::Output(path) => index_term::place("output", &path.to_string()),
        }
    }

    /// The keys that lead to it from the top of a body; `None` where it crosses arrays.
    fn keys(&self) -> Option<Vec<String>> {
        let (side, path) = match self {
            Self::Input(path) => ("input", path),
            Self::Output(path) => ("output", path),
        };
        let keys = path.segments().iter().map(|segment| match segment {
            Segment::Key(key) => Some(key.clone()),
            Segment::Any => None,
        });
        std::iter::once(Some(side.to_owned())).chain(keys).collect()
    }
}

impl RunCells {
    fn of(row: CellRow, names: &[String]) -> Self {
        let places = names
            .iter()
            .map(|name| {
                let mut values: Vec<CellValue> = Vec::new();
                let mut is_present = false;
                for entry in &row.found {
                    is_present |= entry == name;
                    if values.len() < MAX_VALUES {
                        values.extend(index_term::value_of(entry, name).map(CellValue::of_leaf));
                    }
                }
                if values.is_empty() && is_present {
                    values.push(CellValue::Omitted);
                }
                values
            })
            .collect();
        Self {
            time_to_first_token: row.time_to_first_token_us.map(Micros),
            trace_id: row.trace_id,
            tools: row.tools,
            places,
        }
    }
}

impl CellValue {
    fn of_leaf(value: index_term::TermText<'_>) -> Self {
        match value {
            index_term::TermText::Text(text) => Self::Text(text.to_owned(), false),
            index_term::TermText::Scalar(text) => Self::Scalar(text.to_owned()),
            index_term::TermText::Hashed => Self::Omitted,
        }
    }

    /// The value of the beginning of a JSON text.
    fn of_json(mut text: String, is_cut: bool) -> Self {
        if !text.starts_with('"') {
            return Self::Json(text, is_cut);
        }
        if is_cut {
            // An escape that was cut in the middle goes, so that the rest can be read.
            let from = text.len().saturating_sub(12);
            if let Some(at) = text.rfind('\\').filter(|at| *at >= from) {
                text.truncate(at);
            }
            text.push('"');
        }
        match serde_json::from_str(&text) {
            Ok(decoded) => Self::Text(decoded, is_cut),
            Err(_) => Self::Json(text, is_cut),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_strings_are_read_up_to_their_cut() {
        let read = |text: &str| CellValue::of_json(text.to_owned(), true);
        assert_eq!(read(r#""abc"#), CellValue::Text("abc".to_owned(), true));
        assert_eq!(read(r#""abc\"#), CellValue::Text("abc".to_owned(), true));
        assert_eq!(read(r#""abc\u00"#), CellValue::Text("abc".to_owned(), true));
        assert_eq!(read(r#"{"a":1"#), CellValue::Json(r#"{"a":1"#.to_owned(), true));
    }
}
