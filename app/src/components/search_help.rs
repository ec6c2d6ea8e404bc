//! What can be searched for, by example.

use leptos::prelude::*;

const EXAMPLES: [(&str, &str); 12] = [
    ("refund delay", "both words in input, output or error; the last one may be unfinished"),
    ("\"late refund\"", "this phrase, anywhere"),
    ("status:failure", "runs that failed"),
    ("model:gpt-4o,gpt-4o-mini", "any of these models"),
    ("version:3.1", "a version; 3 stands for all its minors"),
    ("latency:>2s cost:>$0.01", "slow and dear"),
    ("tokens:>4k", "many tokens"),
    ("time:24h", "the last day; also 7d, or >2026-10-01"),
    ("output.score:>=0.9", "a value inside the output; items[].name for lists"),
    ("metadata.user_id:\"u1\"", "a label"),
    ("-tool:search", "runs without this tool call"),
    ("error:~timeout OR cached:true", "either of the two"),
];

/// A menu of examples; choosing one adds it to the search.
#[component]
pub fn SearchHelp(
    /// Takes an example up.
    #[prop(into)]
    choose: Callback<String>,
) -> impl IntoView {
    let rows = EXAMPLES.map(|(example, meaning)| {
        view! {
            <li>
                <button type="button" on:click=move |_| choose.run(example.to_owned())>
                    <code>{example}</code>
                    <span>{meaning}</span>
                </button>
            </li>
        }
    });
    view! {
        <details class="menu search-help">
            <summary class="button quiet">"Syntax"</summary>
            <div class="menu-body">
                <p>
                    "Side by side means and. "
                    <code>"-"</code> " in front means not, "
                    <code>"field:*"</code> " that it is there, "
                    <code>"field:~part"</code> " that it contains, "
                    <code>"field:1..5"</code> " that it lies between."
                </p>
                <ul>{rows.into_iter().collect_view()}</ul>
            </div>
        </details>
    }
}
