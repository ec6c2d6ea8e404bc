//! Views of a list: what it shows, kept under a name.

use leptos::prelude::*;

use super::foreign::{Foreign, foreign};
use super::icon::{Icon, Shape};
use super::load_error::sentence;
use crate::api::views::{delete_view, list_views, save_view};
use crate::data::views::{ViewDoc, ViewsDoc};
use crate::error::AppError;
use crate::format::visible;
use crate::list_state::{ListScope, ListState};

/// A menu of the views, read when it is opened, and a form for a new one.
#[component]
pub fn ViewsMenu(scope: Signal<ListScope>, state: Memo<ListState>) -> impl IntoView {
    let doc = RwSignal::new(None::<ViewsDoc>);
    let problem = RwSignal::new(None::<String>);
    let load = Callback::new(move |()| {
        leptos::task::spawn_local(async move {
            match list_views(scope.get_untracked()).fetch().await {
                Ok(views) => doc.set(Some(views)),
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    });
    let delete = Callback::new(move |id: String| {
        problem.set(None);
        leptos::task::spawn_local(async move {
            match delete_view(scope.get_untracked().org, id).fetch().await {
                Ok(()) => load.run(()),
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    });
    let list = move || match doc.get() {
        None => view! { <p>"Loading…"</p> }.into_any(),
        Some(doc) if doc.views.is_empty() => {
            view! { <p>"Saved views remember a search, sort order and columns. No views yet."</p> }
                .into_any()
        }
        Some(doc) => {
            let rows = doc.views.into_iter().map(|view| view_row(view, scope, state, delete));
            view! { <ul>{rows.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <details class="menu views-menu" on:toggle=move |_| load.run(())>
            <summary class="button quiet">"Views"</summary>
            <div class="menu-body">
                {list}
                {move || doc.with(|doc| doc.as_ref().is_some_and(|doc| doc.can_keep)).then(|| {
                    let can_share = doc.with_untracked(|doc| doc.as_ref().is_some_and(|doc| doc.can_share));
                    view! { <NewView scope state can_share problem saved=load/> }
                })}
                <p class="problem" role="alert">{move || problem.get().map(foreign)}</p>
            </div>
        </details>
    }
    .into_any()
}

/// What a view shows, as a state of the list.
#[must_use]
pub fn state_of(view: &ViewDoc) -> ListState {
    ListState {
        q: view.q.clone(),
        sort: view.sort.clone(),
        columns: view.columns.clone(),
        ..ListState::default()
    }
}

fn view_row(
    view: ViewDoc,
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    delete: Callback<String>,
) -> AnyView {
    let target = state_of(&view);
    let shown = target.clone();
    let is_current = move || {
        state.with(|state| {
            (&state.q, &state.sort, &state.columns) == (&shown.q, &shown.sort, &shown.columns)
        })
    };
    let href = move || target.href(&scope.get());
    let label = format!("Delete view {}", visible(&view.name));
    let id = view.id.clone();
    view! {
        <li>
            <a href=href aria-current=move || is_current().then_some("true") data-noscroll="">
                <Foreign text=view.name class="truncate"/>
                {view.is_shared.then(|| view! { <span class="badge">"shared"</span> })}
                {view.is_default.then(|| view! { <span class="badge accent">"default"</span> })}
            </a>
            {view.can_change.then(|| view! {
                <button
                    type="button"
                    class="icon"
                    aria-label=label.clone()
                    title=label
                    on:click=move |event| {
                        // The row goes, and a click outside of the menu would close it.
                        event.stop_propagation();
                        delete.run(id.clone());
                    }
                >
                    <Icon shape=Shape::Close/>
                </button>
            })}
        </li>
    }
    .into_any()
}

#[component]
fn NewView(
    scope: Signal<ListScope>,
    state: Memo<ListState>,
    can_share: bool,
    problem: RwSignal<Option<String>>,
    saved: Callback<()>,
) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let is_shared = RwSignal::new(false);
    let is_default = RwSignal::new(false);
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        problem.set(None);
        let view = state.with_untracked(|state| ViewDoc {
            name: name.get_untracked(),
            q: state.q.clone(),
            sort: state.sort.clone(),
            columns: state.columns.clone(),
            is_shared: is_shared.get_untracked(),
            is_default: is_default.get_untracked(),
            ..ViewDoc::default()
        });
        leptos::task::spawn_local(async move {
            match save_view(scope.get_untracked(), view).fetch().await {
                Ok(_) => {
                    name.set(String::new());
                    is_shared.set(false);
                    is_default.set(false);
                    saved.run(());
                }
                Err(error) => problem.set(Some(explain(&error))),
            }
        });
    };
    view! {
        <form class="view-form" on:submit=save>
            <label for="view-name">"Save as view"</label>
            <div class="columns-add">
                <input
                    id="view-name"
                    class="input"
                    dir="auto"
                    maxlength="80"
                    required
                    placeholder="Slow and expensive"
                    autocomplete="off"
                    prop:value=move || name.get()
                    on:input=move |event| name.set(event_target_value(&event))
                />
                <button type="submit" class="button">"Save"</button>
            </div>
            {can_share.then(|| check("Share with organization", is_shared))}
            {check("Default view of this agent", is_default)}
        </form>
    }
    .into_any()
}

fn check(label: &'static str, is_on: RwSignal<bool>) -> AnyView {
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || is_on.get()
                on:change=move |event| is_on.set(event_target_checked(&event))
            />
            {label}
        </label>
    }
    .into_any()
}

fn explain(error: &AppError) -> String {
    match error {
        AppError::Invalid { message, .. } => sentence(message),
        other => sentence(&other.to_string()),
    }
}
