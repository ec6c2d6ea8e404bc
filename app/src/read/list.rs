//! Lists of runs for reading.

use model::{RunItem, RunList, RunStatus};

use super::mark::Marker;
use super::now;
use crate::data::list::{RunRow, RunsPage};
use crate::data::run::TurnDoc;

/// A page of a list, with the words of its search marked.
#[must_use]
pub fn runs_page(list: RunList, marker: &Marker) -> RunsPage {
    RunsPage {
        rows: list.items.into_iter().map(|item| run_row(item, marker)).collect(),
        count: list.count,
        count_is_exact: list.count_is_exact,
        // Where a search was cut, there is a way to go on but no next page.
        has_more: list.next_cursor.is_some() && list.searched_back_to.is_none(),
        searched_back_to: list.searched_back_to,
        now: now(),
    }
}

fn run_row(item: RunItem, marker: &Marker) -> RunRow {
    let output = output_text(&item);
    RunRow {
        id: item.id,
        created_at: item.created_at,
        status: item.status,
        version: item.version.number,
        tokens: item.usage.total_tokens(),
        latency: item.latency,
        cost: item.cost,
        is_cached: item.cached_from.is_some(),
        input: marker.mark(&item.input_preview),
        output: marker.mark(&output),
        model: item.version.snapshot.model,
        agent: item.agent,
    }
}

/// What a run gave: its output, or why it failed.
fn output_text(item: &RunItem) -> String {
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
            output: output_text(&item),
            input: item.input_preview,
        })
        .collect()
}
