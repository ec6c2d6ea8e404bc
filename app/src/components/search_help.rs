//! What can be searched for, by example.

use leptos::prelude::*;
use model::SuggestionKind;

use super::foreign::foreign;
use crate::api::suggest::suggest;
use crate::format;
use crate::list_state::ListScope;

const EXAMPLES: [(&str, &str); 12] = [
    ("refund delay", "both words in input, output or error; the last word matches as a prefix"),
    ("\"late refund\"", "this exact phrase"),
    ("status:failure", "runs that failed"),
    ("model:gpt-4o,gpt-4o-mini", "any of these models"),
    ("version:3.1", "one version; 3 matches 3.0, 3.1, …"),
    ("latency:>2s cost:>$0.01", "slow and expensive"),
    ("tokens:>4k", "many tokens"),
    ("time:24h", "the last day; also 7d, or >2026-10-01"),
    ("output.score:>=0.9", "a value inside the output; items[].name for lists"),
    ("metadata.user_id:\"u1\"", "a metadata value; metadata.tenant.id for a nested one"),
    ("-tool:search", "runs without this tool call; NOT means the same"),
    ("error:~timeout OR cached:true", "either of the two"),
];

/// What leads to an example from the runs at hand: a field, or the beginning of places.
const STARTS: [&str; 8] =
    ["model:", "version:", "environment:", "error:", "tool:", "metadata.", "input.", "output."];

/// How many keys deep a place for an example is at most.
const MAX_STEPS: usize = 6;

/// An example, and how many runs it finds where that is known.
type OwnExample = (String, Option<u64>);

/// A menu of examples, those from the runs at hand first; choosing one adds it
/// to the search.
#[component]
pub fn SearchHelp(
    /// The list that is searched.
    #[prop(into)]
    scope: Signal<ListScope>,
    /// Takes an example up.
    #[prop(into)]
    choose: Callback<String>,
) -> impl IntoView {
    let own = RwSignal::new(None::<Vec<OwnExample>>);
    // Asked for by whoever looks, and once.
    let load = move |_| {
        if own.with_untracked(Option::is_none) {
            own.set(Some(Vec::new()));
            let scope = scope.get_untracked();
            leptos::task::spawn_local(async move {
                for start in STARTS {
                    if let Some(example) = own_example(&scope, start).await {
                        let _ = own.try_update(|own| own.get_or_insert_default().push(example));
                    }
                }
            });
        }
    };
    let own_rows = move || {
        let rows = own.get().unwrap_or_default().into_iter().map(|(example, count)| {
            let meaning = count.map_or_else(String::new, format::runs);
            row(example, meaning, choose)
        });
        let rows: Vec<AnyView> = rows.collect();
        (!rows.is_empty())
            .then(|| view! { <p>"Suggestions from your data"</p><ul>{rows}</ul><hr/> })
    };
    let rows: Vec<AnyView> = EXAMPLES
        .into_iter()
        .map(|(example, meaning)| row(example.to_owned(), meaning.to_owned(), choose))
        .collect();
    view! {
        <details class="menu search-help">
            <summary class="button quiet" on:click=load>"Search help"</summary>
            <div class="menu-body">
                {own_rows}
                <p>
                    "All terms must match. "
                    <code>"-term"</code> " excludes, "
                    <code>"field:*"</code> " exists, "
                    <code>"field:~part"</code> " contains, "
                    <code>"field:1..5"</code> " is between."
                </p>
                <ul>{rows}</ul>
            </div>
        </details>
    }
    .into_any()
}

fn row(example: String, meaning: String, choose: Callback<String>) -> AnyView {
    let chosen = example.clone();
    view! {
        <li>
            <button type="button" on:click=move |_| choose.run(chosen.clone())>
                <code>{foreign(example)}</code>
                <span>{meaning}</span>
            </button>
        </li>
    }
    .into_any()
}

/// The most frequent value of a field; for the beginning of places, of the
/// most frequent place.
async fn own_example(scope: &ListScope, start: &str) -> Option<OwnExample> {
    let mut text = start.to_owned();
    for _ in 0..MAX_STEPS {
        let found = suggest(scope.clone(), text.clone()).fetch().await.ok()?;
        let is_place = text.ends_with('.');
        let wanted = if is_place { SuggestionKind::Field } else { SuggestionKind::Value };
        let item = found.items.into_iter().find(|item| item.kind == wanted)?;
        text = format!("{}{}", text.get(..found.from).unwrap_or_default(), item.insert);
        if !is_place {
            return Some((text, item.count));
        }
    }
    None
}
