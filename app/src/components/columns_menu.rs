//! Which columns a list has, in which order, and how wide.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use model::column::WIDTHS;
use model::search::Field;
use model::{ColumnKind, SuggestionKind};

use super::foreign::foreign;
use super::icon::{Icon, Shape};
use crate::api::suggest::suggest;
use crate::data::list::ColumnDoc;
use crate::format::visible;
use crate::list_state::{ListScope, ListState, columns_text};

/// Columns that can be had for the asking, by their names in addresses.
const KNOWN: [&str; 23] = [
    "status",
    "agent",
    "input",
    "output",
    "version",
    "model",
    "provider",
    "temperature",
    "schema",
    "environment",
    "source",
    "latency",
    "ttft",
    "tokens",
    "input_tokens",
    "output_tokens",
    "cost",
    "time",
    "error",
    "tool",
    "conversation",
    "cached",
    "id",
];
/// How much wider or narrower a column gets at a time, in pixels.
const STEP: u32 = 40;

/// A menu of the columns.
#[component]
pub fn ColumnsMenu(
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    /// The columns that are shown.
    columns: Memo<Arc<Vec<ColumnDoc>>>,
) -> impl IntoView {
    let navigate = use_navigate();
    let show = Callback::new(move |chosen: Vec<(String, Option<u32>)>| {
        let said = columns_text(&chosen);
        let options =
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        let href =
            state.with_untracked(|state| state.with_columns(said).href(&scope.get_untracked()));
        navigate(&href, options);
    });
    let chosen = move || -> Vec<(String, Option<u32>)> {
        columns.with_untracked(|columns| {
            columns
                .iter()
                .map(|column| (column.name.clone(), column.width.map(u32::from)))
                .collect()
        })
    };
    // What was pressed is drawn anew, and keeps the focus.
    let pressed = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        columns.track();
        if let Some(id) = pressed.try_update_value(Option::take).flatten() {
            request_animation_frame(move || crate::browser::focus(&id));
        }
    });
    let (wanted, set_wanted) = signal(String::new());
    let offered = RwSignal::new(Vec::<String>::new());
    let offer = move |_| {
        let scope = scope.get_untracked();
        leptos::task::spawn_local(async move {
            let places = offered_places(scope).await;
            // The menu may be gone.
            let _ = offered.try_set(places);
        });
    };
    let add = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = wanted.get_untracked().trim().to_owned();
        let mut columns = chosen();
        if !name.is_empty() && !columns.iter().any(|(other, _)| *other == name) {
            columns.push((name, None));
            set_wanted.set(String::new());
            show.run(columns);
        }
    };
    let rows = move || {
        columns.with(|columns| {
            let last = columns.len().saturating_sub(1);
            let rows = columns.iter().enumerate().map(|(place, column)| {
                let title = visible(&column.title).into_owned();
                let pixels = column.pixels();
                let swap = move |with: usize| {
                    let mut columns = chosen();
                    columns.swap(place, with);
                    show.run(columns);
                };
                let resize = move |pixels: u32| {
                    let mut columns = chosen();
                    if let Some((_, width)) = columns.get_mut(place) {
                        *width = Some(pixels.clamp(u32::from(*WIDTHS.start()), u32::from(*WIDTHS.end())));
                    }
                    show.run(columns);
                };
                let remove = move || {
                    let mut columns = chosen();
                    columns.remove(place);
                    show.run(columns);
                };
                let tool = |what: &str, shape, is_off, act: Box<dyn Fn()>| {
                    let id = format!("{} {}", what.to_lowercase(), column.name).replace(' ', "-");
                    let label = format!("{what} {title}");
                    tool(id, label, shape, is_off, pressed, act)
                };
                view! {
                    <li>
                        <span class="truncate" title=visible(&column.name).into_owned()>{foreign(title.clone())}</span>
                        {tool("Decrease width", Shape::Minus, false, Box::new(move || resize(pixels.saturating_sub(STEP))))}
                        {tool("Increase width", Shape::Plus, false, Box::new(move || resize(pixels + STEP)))}
                        {tool("Move forward", Shape::Up, place == 0, Box::new(move || swap(place - 1)))}
                        {tool("Move back", Shape::Down, place == last, Box::new(move || swap(place + 1)))}
                        {tool("Remove", Shape::Close, last == 0, Box::new(remove))}
                    </li>
                }
            });
            rows.collect_view()
        })
    };
    let usual = move || state.with(|state| state.with_columns(String::new()).href(&scope.get()));
    view! {
        <details class="menu columns-menu">
            <summary class="button quiet">"Columns"</summary>
            <div class="menu-body">
                <ol>{rows}</ol>
                <form on:submit=add>
                    <label for="column-name">"Add a column"</label>
                    <div class="columns-add">
                        <input
                            id="column-name"
                            class="input"
                            dir="auto"
                            list="column-names"
                            placeholder="metadata.plan or output.score"
                            autocomplete="off"
                            autocapitalize="none"
                            spellcheck="false"
                            prop:value=move || wanted.get()
                            on:focus=offer
                            on:input=move |event| set_wanted.set(event_target_value(&event))
                        />
                        <datalist id="column-names">
                            {KNOWN.map(|name| view! { <option value=name></option> }).into_iter().collect_view()}
                            {move || offered.get().into_iter().map(|name| view! { <option value=name></option> }).collect_view()}
                        </datalist>
                        <button type="submit" class="button">"Add"</button>
                    </div>
                </form>
                {move || state.with(|state| !state.columns.is_empty()).then(|| view! {
                    <a href=usual data-noscroll="">"Reset columns"</a>
                })}
            </div>
        </details>
    }
    .into_any()
}

/// The metadata keys and the places in input and output that the newest runs have.
async fn offered_places(scope: ListScope) -> Vec<String> {
    let ask = |begin: &str| suggest(scope.clone(), begin.to_owned()).fetch();
    let answers = futures::join!(ask("metadata."), ask("output."), ask("input."));
    let answers = [answers.0, answers.1, answers.2];
    // Without them the names can still be typed.
    let items = answers.into_iter().filter_map(Result::ok).flat_map(|found| found.items);
    let items = items.filter(|item| item.kind == SuggestionKind::Field);
    // A column is quoted otherwise than a filter where its name holds a comma.
    let columns = items.filter_map(|item| item.label.parse::<ColumnKind>().ok());
    let places = columns.filter(|kind| {
        matches!(kind, ColumnKind::Field(Field::Metadata(_) | Field::Input(_) | Field::Output(_)))
    });
    places.map(|kind| kind.to_string()).collect()
}

fn tool(
    id: String,
    label: String,
    shape: Shape,
    is_off: bool,
    pressed: StoredValue<Option<String>>,
    act: Box<dyn Fn()>,
) -> AnyView {
    let own = id.clone();
    view! {
        <button
            type="button"
            class="icon"
            id=id
            title=label.clone()
            aria-label=label
            disabled=is_off
            on:click=move |event| {
                // The row is drawn anew, and a click outside of it would close the menu.
                event.stop_propagation();
                pressed.set_value(Some(own.clone()));
                act();
            }
        >
            <Icon shape/>
        </button>
    }
    .into_any()
}
