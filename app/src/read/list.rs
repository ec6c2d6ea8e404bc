//! Lists of runs for reading.

use std::collections::HashMap;

use model::{Json, RunId, RunItem, RunList, RunStatus};
use store::{RunCells, RunTexts};

use super::clip::short;
use super::columns::Layout;
use super::deep::deep_excerpt;
use super::mark::{Found, Marker, Side};
use super::now;
use crate::data::list::{Marked, RunRow, RunsPage};
use crate::data::run::TurnDoc;

/// A list with what its search found in the previews of its runs.
pub struct MarkedList<'a> {
    list: RunList,
    marker: &'a Marker,
    marks: Vec<Marks>,
}

/// The two texts of a row, and which words of the search they show.
struct Marks {
    input: Marked,
    output: Marked,
    found: Found,
}

impl<'a> MarkedList<'a> {
    /// Marks what a search found in the previews of a list.
    #[must_use]
    pub fn new(list: RunList, marker: &'a Marker) -> Self {
        let marks = list.items.iter().map(|item| {
            let mut found = marker.nothing();
            let input = marker.mark(Side::Input, &item.input_preview, &mut found);
            let output = marker.mark(Side::Output, &output_text(item), &mut found);
            Marks { input, output, found }
        });
        let marks = marks.collect();
        Self { list, marker, marks }
    }

    /// The runs whose previews do not show why they match.
    #[must_use]
    pub fn unexplained(&self) -> Vec<&RunItem> {
        let items = self.list.items.iter().zip(&self.marks);
        items
            .filter(|(_, marks)| !self.marker.is_enough(&marks.found))
            .map(|(item, _)| item)
            .collect()
    }

    /// The page, with the place that matches for runs whose whole texts are here.
    #[must_use]
    pub fn into_page(
        mut self,
        texts: &HashMap<RunId, RunTexts>,
        layout: &Layout,
        cells: &HashMap<RunId, RunCells>,
    ) -> RunsPage {
        for (item, marks) in self.list.items.iter().zip(&mut self.marks) {
            if let Some(texts) = texts.get(&item.id) {
                let mut deepen = |side, json: &Option<Json>, shown: &mut Marked| {
                    let deep = json
                        .as_ref()
                        .and_then(|json| deep_excerpt(self.marker, side, json, &mut marks.found));
                    if let Some(deep) = deep {
                        *shown = deep;
                    }
                };
                deepen(Side::Input, &texts.input, &mut marks.input);
                // What is shown of a failed run is its error.
                if item.error.is_none() {
                    deepen(Side::Output, &texts.output, &mut marks.output);
                }
            }
        }
        let row = |(item, marks): (RunItem, Marks)| {
            let others = layout.others(&item, cells.get(&item.id));
            run_row(item, marks, others)
        };
        RunsPage {
            count: self.list.count,
            count_is_exact: self.list.count_is_exact,
            // Where a search was cut, there is a way to go on but no next page.
            has_more: self.list.next_cursor.is_some() && self.list.searched_back_to.is_none(),
            searched_back_to: self.list.searched_back_to,
            notice: layout.notice(),
            now: now(),
            columns: layout.docs(cells),
            rows: self.list.items.into_iter().zip(self.marks).map(row).collect(),
        }
    }
}

fn run_row(item: RunItem, marks: Marks, others: Vec<String>) -> RunRow {
    RunRow {
        id: item.id,
        created_at: item.created_at,
        status: item.status,
        version: item.version.number,
        tokens: item.usage.total_tokens(),
        latency: item.latency,
        cost: item.cost,
        is_cached: item.cached_from.is_some(),
        input: marks.input,
        output: marks.output,
        model: item.version.snapshot.model.as_deref().map(short),
        agent: item.agent,
        others,
    }
}

/// What a run gave: its output, or why it failed.
pub(super) fn output_text(item: &RunItem) -> String {
    match (&item.error, item.status) {
        (Some(error), RunStatus::Failure) if error.message.is_empty() => error.code.clone(),
        (Some(error), RunStatus::Failure) => error.message.clone(),
        _ => item.output_preview.clone(),
    }
}

/// The runs of a conversation.
#[must_use]
pub fn turns(items: Vec<RunItem>) -> Vec<TurnDoc> {
    items
        .into_iter()
        .map(|item| TurnDoc {
            id: item.id,
            created_at: item.created_at,
            status: item.status,
            output: short(&output_text(&item)),
            input: item.input_preview,
        })
        .collect()
}
