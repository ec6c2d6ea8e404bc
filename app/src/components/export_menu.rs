//! Takes everything that a list finds along as a file.

use leptos::prelude::*;

use super::foreign::foreign;
use super::load_error::sentence;
use crate::api::export::{export_progress, stop_export};
use crate::data::export::{ExportDoc, ExportState};
use crate::error::AppError;
use crate::format;
use crate::links;
use crate::list_state::{ListScope, ListState};

/// How often an export is asked how far it is.
const POLL_MS: u32 = 400;
/// How often an export that has not begun is asked for.
const PATIENCE: u32 = 50;

const FORMATS: [(&str, &str, &str); 3] = [
    ("jsonl", "JSON Lines", "full runs, re-importable"),
    ("csv", "CSV", "the columns of this list"),
    ("openai", "Chat fine-tuning", "OpenAI chat format"),
];

/// What is known of the export that was begun last.
#[derive(Clone, PartialEq, Eq)]
enum Shown {
    Nothing,
    Preparing,
    Known(ExportDoc),
    Lost(String),
}

/// A menu of forms. Each is a plain link to the file, which the browser itself
/// writes to disk; the menu only shows how far the server is.
#[component]
pub fn ExportMenu(scope: Signal<ListScope>, state: Memo<ListState>) -> impl IntoView {
    let (shown, set_shown) = signal(Shown::Nothing);
    // Which export a link begins: made up in the browser, new for each one.
    let base = RwSignal::new(String::new());
    let number = RwSignal::new(0_u32);
    Effect::new(move |_| base.set(crate::browser::random_word()));
    let id = move || format!("{}-{}", base.get(), number.get());
    let running = StoredValue::new(String::new());
    let follow = move |id: String| {
        running.set_value(id.clone());
        set_shown.set(Shown::Preparing);
        leptos::task::spawn_local(async move {
            let mut tries = 0;
            loop {
                crate::browser::sleep_ms(POLL_MS).await;
                // Another export was begun, or the page is gone.
                if running.try_with_value(|running| *running == id) != Some(true) {
                    return;
                }
                match export_progress(scope.get_untracked().org, id.clone()).fetch().await {
                    Ok(doc) => {
                        let goes_on = doc.state == ExportState::Running;
                        set_shown.set(Shown::Known(doc));
                        if !goes_on {
                            return;
                        }
                    }
                    Err(AppError::NotFound) if tries < PATIENCE => tries += 1,
                    Err(AppError::NotFound) => {
                        let text = "Check your browser's downloads.";
                        set_shown.set(Shown::Lost(text.to_owned()));
                        return;
                    }
                    Err(error) => {
                        set_shown.set(Shown::Lost(sentence(&error.to_string())));
                        return;
                    }
                }
            }
        });
    };
    let begin = move |_| {
        let begun = id();
        follow(begun);
        // The click still opens the address with this id; the next gets another.
        set_timeout(move || number.update(|number| *number += 1), std::time::Duration::ZERO);
    };
    let stop = move |_| {
        let id = running.get_value();
        leptos::task::spawn_local(async move {
            if let Ok(doc) = stop_export(scope.get_untracked().org, id).fetch().await {
                set_shown.set(Shown::Known(doc));
            }
        });
    };
    let href = move |format: &'static str| {
        let scope = scope.get();
        let of_agent = scope.agent.as_ref().map(|agent| format!("/agents/{agent}"));
        let schema = scope.schema.map(|schema| schema.to_string()).unwrap_or_default();
        let id = if base.with(String::is_empty) { String::new() } else { id() };
        state.with(|state| {
            let query = links::query(&[
                ("q", &state.q),
                ("format", format),
                ("sort", &state.sort),
                ("columns", &state.columns),
                ("schema", &schema),
                ("id", &id),
            ]);
            format!("/v1/{}{}/runs/export{query}", scope.org, of_agent.unwrap_or_default())
        })
    };
    let items = FORMATS.map(|(format, name, help)| {
        view! {
            <li>
                <a href=move || href(format) download="" rel="external" on:click=begin>
                    <span>{name}</span>
                    <span class="faint">{help}</span>
                </a>
            </li>
        }
    });
    view! {
        <details class="menu export-menu">
            <summary class="button quiet">"Export"</summary>
            <div class="menu-body">
                <p>"Export all matching runs as"</p>
                <ul>{items.into_iter().collect_view()}</ul>
                <div class="export-progress" role="status">
                    {move || progress(shown.get(), stop)}
                </div>
            </div>
        </details>
    }
    .into_any()
}

fn progress(shown: Shown, stop: impl Fn(leptos::ev::MouseEvent) + 'static) -> AnyView {
    let doc = match shown {
        Shown::Nothing => return ().into_any(),
        Shown::Preparing => return view! { <p>"Counting the runs…"</p> }.into_any(),
        Shown::Lost(text) => return view! { <p>{foreign(text)}</p> }.into_any(),
        Shown::Known(doc) => doc,
    };
    let left_out: u64 = doc.left_out.iter().map(|left| left.count).sum();
    let reasons = doc
        .left_out
        .iter()
        .map(|left| format!("{} {}", format::count(left.count), left.help))
        .collect::<Vec<_>>()
        .join(", ");
    let seen = doc.exported + left_out;
    let said = match doc.state {
        ExportState::Running => {
            format!("{} of {} runs", format::count(seen), format::count(doc.count))
        }
        ExportState::Done => format!("{} runs exported.", format::count(doc.exported)),
        ExportState::Stopped => format!("Stopped after {} runs.", format::count(seen)),
        ExportState::Failed => format!(
            "Export failed after {} runs; the file is incomplete. Try again.",
            format::count(seen)
        ),
    };
    let is_running = doc.state == ExportState::Running;
    view! {
        {is_running.then(|| view! {
            <progress max=doc.count.max(1).to_string() value=seen.to_string() aria-label="Runs exported"></progress>
        })}
        <p>{said}</p>
        {(left_out > 0).then(|| view! {
            <p>{format!("{} left out: {reasons}.", format::count(left_out))}</p>
        })}
        {is_running.then(|| view! {
            <button type="button" class="button" on:click=stop>"Cancel"</button>
        })}
    }
    .into_any()
}
