//! The columns of a list and what runs have in them.

use std::collections::HashMap;

use model::nested::metadata_values;
use model::search::{Field, ValueType};
use model::{Column, ColumnKind as Kind, Columns, RunId, RunItem, Sort};
use store::{CellValue, OrgStore, Place, RunCells, StoreError};

use super::clip::short;
use crate::data::list::{ColumnDoc, ColumnKind};
use crate::error::AppError;
use crate::format;

/// The columns of a list, and what of its address could not be followed.
pub struct Layout {
    columns: Columns,
    places: Vec<Place>,
    notices: Vec<String>,
}

impl Layout {
    /// The columns of an address; the usual ones, and a notice, where they cannot be read.
    #[must_use]
    pub fn read(text: &str, is_everywhere: bool) -> Self {
        let mut notices = Vec::new();
        let columns = Columns::parse(text).unwrap_or_else(|error| {
            notices.push(format!("columns: {error}"));
            Columns::default()
        });
        let columns = if columns.is_empty() { Columns::usual(is_everywhere) } else { columns };
        Self { places: places(&columns), columns, notices }
    }

    /// The order of an address; newest first, and a notice, where it cannot be read.
    pub fn sort(&mut self, text: &str) -> Sort {
        Sort::parse(text).unwrap_or_else(|error| {
            self.notices.push(format!("sort: {error}; sorted newest first"));
            Sort::NEWEST
        })
    }

    /// What could not be followed, in words.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        (!self.notices.is_empty()).then(|| self.notices.join(". "))
    }

    /// Reads what the rows themselves do not carry; nothing where no column asks.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cells(
        &self,
        store: &OrgStore,
        items: &[RunItem],
    ) -> Result<HashMap<RunId, RunCells>, AppError> {
        Ok(read_cells(store, &self.columns, &self.places, items).await?)
    }

    /// The columns for reading. Places are numbers where all their values are.
    #[must_use]
    pub fn docs(&self, cells: &HashMap<RunId, RunCells>) -> Vec<ColumnDoc> {
        let mut place = 0;
        let doc = |column: &Column| {
            let is_number = match place_of(column) {
                Some(_) => {
                    place += 1;
                    are_numbers(cells, place - 1)
                }
                None => is_number(column),
            };
            ColumnDoc {
                name: column.kind.to_string(),
                title: title(column),
                kind: drawn_as(&column.kind),
                width: column.width,
                is_number,
            }
        };
        self.columns.as_slice().iter().map(doc).collect()
    }

    /// What a run has in the columns that its row does not carry.
    #[must_use]
    pub fn others(&self, item: &RunItem, cells: Option<&RunCells>) -> Vec<String> {
        let mut place = 0;
        let mut others = Vec::new();
        for column in self.columns.as_slice() {
            let index = place;
            place += usize::from(place_of(column).is_some());
            if drawn_as(&column.kind) == ColumnKind::Other {
                others.push(shown(column, item, cells, index));
            }
        }
        others
    }
}

/// Reads what the items themselves do not carry; nothing where no column asks.
///
/// # Errors
/// When the store fails.
pub async fn read_cells(
    store: &OrgStore,
    columns: &Columns,
    places: &[Place],
    items: &[RunItem],
) -> Result<HashMap<RunId, RunCells>, StoreError> {
    let is_rare = |column: &Column| {
        matches!(&column.kind, Kind::Field(Field::Ttft | Field::Trace | Field::Tool))
    };
    if places.is_empty() && !columns.as_slice().iter().any(is_rare) {
        return Ok(HashMap::new());
    }
    store.cells(items, places).await
}

/// The places in input and output among columns, in their order.
#[must_use]
pub fn places(columns: &Columns) -> Vec<Place> {
    columns.as_slice().iter().filter_map(place_of).collect()
}

fn place_of(column: &Column) -> Option<Place> {
    match &column.kind {
        Kind::Field(Field::Input(path)) => Some(Place::Input(path.clone())),
        Kind::Field(Field::Output(path)) => Some(Place::Output(path.clone())),
        _ => None,
    }
}

fn drawn_as(kind: &Kind) -> ColumnKind {
    match kind {
        Kind::Input => ColumnKind::Input,
        Kind::Output => ColumnKind::Output,
        Kind::Field(Field::Status) => ColumnKind::Status,
        Kind::Field(Field::Agent) => ColumnKind::Agent,
        Kind::Field(Field::Version) => ColumnKind::Version,
        Kind::Field(Field::Latency) => ColumnKind::Latency,
        Kind::Field(Field::Tokens) => ColumnKind::Tokens,
        Kind::Field(Field::Cost) => ColumnKind::Cost,
        Kind::Field(Field::Time) => ColumnKind::Time,
        Kind::Field(_) => ColumnKind::Other,
    }
}

fn title(column: &Column) -> String {
    match &column.kind {
        Kind::Field(Field::Ttft) => "First token".to_owned(),
        Kind::Field(Field::Id) => "Id".to_owned(),
        Kind::Field(Field::Input(_) | Field::Output(_)) => column.kind.to_string(),
        Kind::Field(Field::Metadata(key)) => key.clone(),
        kind => {
            let name = kind.to_string().replace('_', " ");
            let mut chars = name.chars();
            chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
        }
    }
}

fn is_number(column: &Column) -> bool {
    match &column.kind {
        Kind::Field(field) => matches!(
            field.value_type(),
            ValueType::Count | ValueType::Number | ValueType::Duration | ValueType::Money
        ),
        _ => false,
    }
}

fn are_numbers(cells: &HashMap<RunId, RunCells>, place: usize) -> bool {
    let mut values =
        cells.values().filter_map(|cells| cells.places.get(place)).flatten().peekable();
    let is_number = |value: &CellValue| match value {
        CellValue::Scalar(text) => text.starts_with(|c: char| c.is_ascii_digit() || c == '-'),
        _ => false,
    };
    values.peek().is_some() && values.all(is_number)
}

fn shown(column: &Column, item: &RunItem, cells: Option<&RunCells>, place: usize) -> String {
    let field = match &column.kind {
        Kind::Field(field) => field,
        _ => return String::new(),
    };
    let text = match field {
        Field::Input(_) | Field::Output(_) => {
            let values = cells.and_then(|cells| cells.places.get(place));
            values.map(|values| joined(values)).unwrap_or_default()
        }
        Field::Ttft => {
            let time = cells.and_then(|cells| cells.time_to_first_token);
            time.map(format::duration).unwrap_or_default()
        }
        Field::InputTokens => item.usage.input_tokens.map(format::tokens).unwrap_or_default(),
        Field::OutputTokens => item.usage.output_tokens.map(format::tokens).unwrap_or_default(),
        field => plain(field, item, cells),
    };
    short(&text)
}

/// Values at one place side by side.
fn joined(values: &[CellValue]) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|value| match value {
            CellValue::Text(text, false) | CellValue::Json(text, false) => text.clone(),
            CellValue::Text(text, true) | CellValue::Json(text, true) => format!("{text}…"),
            CellValue::Scalar(text) => text.clone(),
            CellValue::Omitted => "…".to_owned(),
        })
        .collect();
    texts.join(", ")
}

/// A field of a run as a text without units.
fn plain(field: &Field, item: &RunItem, cells: Option<&RunCells>) -> String {
    let number = |value: Option<u64>| value.map(|value| value.to_string()).unwrap_or_default();
    let snapshot = &item.version.snapshot;
    match field {
        Field::Status => item.status.to_string(),
        Field::Model => snapshot.model.clone().unwrap_or_default(),
        Field::Provider => snapshot.provider.clone().unwrap_or_default(),
        Field::Version => match item.version.number {
            Some(number) => number.to_string(),
            None => item.version.id.to_string(),
        },
        Field::Schema => item.schema.to_string(),
        Field::Environment => item.environment.clone().unwrap_or_default(),
        Field::Source => item.source.to_string(),
        Field::Temperature => {
            snapshot.temperature.map(|value| value.to_string()).unwrap_or_default()
        }
        Field::Latency => {
            item.latency.map(|value| value.as_millis().to_string()).unwrap_or_default()
        }
        Field::Ttft => {
            let time = cells.and_then(|cells| cells.time_to_first_token);
            time.map(|value| value.as_millis().to_string()).unwrap_or_default()
        }
        Field::Cost => item.cost.map(|cost| cost.as_dollars().to_string()).unwrap_or_default(),
        Field::Tokens => number(item.usage.total_tokens()),
        Field::InputTokens => number(item.usage.input_tokens),
        Field::OutputTokens => number(item.usage.output_tokens),
        Field::Time => item.created_at.to_string(),
        Field::Id => item.id.to_string(),
        Field::Conversation => item.conversation_id.clone().unwrap_or_default(),
        Field::Trace => cells.map(|cells| cells.trace_id.clone()).unwrap_or_default(),
        Field::Cached => item.cached_from.is_some().to_string(),
        Field::Error => item.error.as_ref().map(|error| error.code.clone()).unwrap_or_default(),
        Field::Tool => cells.map(|cells| cells.tools.join(", ")).unwrap_or_default(),
        Field::Agent => item.agent.to_string(),
        Field::Metadata(key) => {
            let values = metadata_values(&item.metadata, key);
            values.iter().map(|value| json_text(value)).collect::<Vec<_>>().join(", ")
        }
        Field::Review | Field::Feedback | Field::Input(_) | Field::Output(_) => String::new(),
    }
}

/// A string without its quotes, anything else as its JSON.
fn json_text(json: &str) -> String {
    serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())
}

/// The header of an exported table: the columns' names in addresses, with the
/// unit where there is one.
#[must_use]
pub fn export_names(columns: &Columns) -> Vec<String> {
    let name = |column: &Column| match &column.kind {
        Kind::Field(field @ (Field::Latency | Field::Ttft)) => format!("{field}_ms"),
        Kind::Field(Field::Cost) => "cost_usd".to_owned(),
        kind => kind.to_string(),
    };
    columns.as_slice().iter().map(name).collect()
}

/// A row of an exported table: plain texts and numbers without units.
#[must_use]
pub fn export_row(columns: &Columns, item: &RunItem, cells: Option<&RunCells>) -> Vec<String> {
    let mut place = 0;
    let cell = |column: &Column| match &column.kind {
        Kind::Input => item.input_preview.clone(),
        Kind::Output => super::list::output_text(item),
        Kind::Field(Field::Input(_) | Field::Output(_)) => {
            place += 1;
            let values = cells.and_then(|cells| cells.places.get(place - 1));
            values.map(|values| joined(values)).unwrap_or_default()
        }
        Kind::Field(field) => plain(field, item, cells),
    };
    columns.as_slice().iter().map(cell).collect()
}
