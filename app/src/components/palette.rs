//! Going anywhere by its name: agents, pages, searches, a run by its id.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_navigate};

use super::foreign::Foreign;
use super::palette_items::{Item, is_named, items};
use super::place::Place;
use crate::api::agents::find_agents;
use crate::recent_searches;

const ID: &str = "palette";
const LISTBOX: &str = "palette-options";
/// How long typing rests before agents are looked for.
const REST_MS: u32 = 60;

/// Opens the palette, or closes it when it is open.
pub fn toggle_palette() {
    crate::browser::toggle_dialog(ID);
}

/// What is typed into the palette and what that can mean.
#[derive(Clone, Copy)]
struct Choice {
    place: Memo<Option<Place>>,
    text: RwSignal<String>,
    /// The agents of a text, as the server found them.
    agents: RwSignal<(String, Vec<String>)>,
    searches: RwSignal<Vec<(String, String)>>,
    is_open: RwSignal<bool>,
    active: RwSignal<usize>,
    /// Counts the questions, to know which was the last.
    asked_count: StoredValue<u32>,
    go: Callback<String>,
}

impl Choice {
    fn items(self) -> Vec<Item> {
        self.place.with(|place| match place {
            Some(place) if self.is_open.get() => self.text.with(|text| {
                self.agents.with(|(asked, agents)| {
                    // Those of an older question are only offered where the new one names them.
                    let fitting = agents.iter().filter(|it| asked == text || is_named(text, it));
                    let agents = fitting.cloned().collect::<Vec<_>>();
                    self.searches.with(|searches| items(place, text, &agents, searches))
                })
            }),
            _ => Vec::new(),
        })
    }

    fn open(self) {
        let Some(org) = self.place.with_untracked(|place| place.as_ref().map(|it| it.org.clone()))
        else {
            return;
        };
        self.searches.set(recent_searches::read_all(&org));
        self.is_open.set(true);
        self.look(0);
    }

    fn close(self) {
        self.is_open.set(false);
        self.active.set(0);
        self.text.set(String::new());
        self.agents.set(Default::default());
    }

    fn typed(self, text: String) {
        self.text.set(text);
        self.active.set(0);
        self.look(REST_MS);
    }

    /// Asks for the agents of what is typed; answers to older questions are dropped.
    fn look(self, rest_ms: u32) {
        let Some(org) = self.place.with_untracked(|place| place.as_ref().map(|it| it.org.clone()))
        else {
            return;
        };
        self.asked_count.update_value(|count| *count = count.wrapping_add(1));
        let number = self.asked_count.get_value();
        let words = self.text.get_untracked();
        leptos::task::spawn_local(async move {
            crate::browser::sleep_ms(rest_ms).await;
            let is_last = move || self.asked_count.try_get_value() == Some(number);
            if !is_last() {
                return;
            }
            // Without them everything else can still be reached.
            let found = find_agents(org, words.clone()).fetch().await.unwrap_or_default();
            if is_last() && self.is_open.get_untracked() {
                let agents = found.into_iter().map(|agent| agent.to_string()).collect();
                self.agents.set((words, agents));
            }
        });
    }

    fn press(self, event: &KeyboardEvent, found: Memo<Vec<Item>>) {
        let count = found.with_untracked(Vec::len);
        let active = self.active.get_untracked().min(count.saturating_sub(1));
        match event.key().as_str() {
            "ArrowDown" if count > 0 => self.activate((active + 1) % count),
            "ArrowUp" if count > 0 => self.activate((active + count - 1) % count),
            "Enter" if !event.is_composing() => {
                if let Some(item) = found.with_untracked(|found| found.get(active).cloned()) {
                    self.take(&item);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }

    fn activate(self, index: usize) {
        self.active.set(index);
        crate::browser::after_drawing(move || crate::browser::scroll_to(&option_id(index)));
    }

    fn take(self, item: &Item) {
        toggle_palette();
        self.go.run(item.href.clone());
    }
}

fn option_id(index: usize) -> String {
    format!("palette-option-{index}")
}

/// The dialog; [`toggle_palette`] opens it.
#[component]
pub fn Palette() -> impl IntoView {
    let path = use_location().pathname;
    let navigate = use_navigate();
    let choice = Choice {
        place: Memo::new(move |_| path.with(|path| Place::of(path))),
        text: RwSignal::new(String::new()),
        agents: RwSignal::default(),
        searches: RwSignal::new(Vec::new()),
        is_open: RwSignal::new(false),
        active: RwSignal::new(0),
        asked_count: StoredValue::new(0),
        go: Callback::new(move |href: String| navigate(&href, Default::default())),
    };
    let found = Memo::new(move |_| choice.items());
    let active = Memo::new(move |_| {
        let last = found.with(|found| found.len().checked_sub(1));
        last.map(|last| choice.active.get().min(last))
    });
    let said = move || {
        choice.is_open.get().then(|| match found.with(Vec::len) {
            0 => "No results".to_owned(),
            1 => "1 result".to_owned(),
            count => format!("{count} results"),
        })
    };
    view! {
        <dialog id=ID class="dialog palette" aria-label="Go to" on:close=move |_| choice.close()>
            <input
                class="input"
                type="text"
                role="combobox"
                aria-label="Go to"
                aria-autocomplete="list"
                aria-expanded=move || choice.is_open.get().to_string()
                aria-controls=LISTBOX
                aria-activedescendant=move || active.get().map(option_id)
                placeholder="Go to an agent, page, search or run id"
                maxlength="200"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                prop:value=move || choice.text.get()
                on:focus=move |_| choice.open()
                on:input=move |event| choice.typed(event_target_value(&event))
                on:keydown=move |event| choice.press(&event, found)
            />
            <div role="listbox" id=LISTBOX class="palette-options" tabindex="-1" aria-label="Places">
                {move || found.with(|found| groups(found, choice, active))}
            </div>
            <p class="offer-foot">
                <span><kbd>"↑"</kbd><kbd>"↓"</kbd>" to select"</span>
                <span><kbd>"Enter"</kbd>" to open"</span>
                <span><kbd>"Esc"</kbd>" to close"</span>
                <span class="offer-note" role="status">{said}</span>
            </p>
        </dialog>
    }
    .into_any()
}

/// The items in their groups; those of one group stand together.
fn groups(found: &[Item], choice: Choice, active: Memo<Option<usize>>) -> AnyView {
    let mut number = 0;
    let groups = found.chunk_by(|a, b| a.group == b.group).map(|group| {
        let title = group.first().map_or("", |item| item.group);
        let items = group.iter().map(|item| {
            let index = number;
            number += 1;
            option(item.clone(), index, choice, active)
        });
        let items = items.collect_view();
        view! {
            <div role="group" aria-label=title>
                <p class="offer-group" aria-hidden="true">{title}</p>
                {items}
            </div>
        }
    });
    groups.collect_view().into_any()
}

fn option(item: Item, index: usize, choice: Choice, active: Memo<Option<usize>>) -> AnyView {
    let (label, hint) = (item.label.clone(), item.hint.clone());
    view! {
        <div
            role="option" id=option_id(index) class="offer-item"
            aria-selected=move || (active.get() == Some(index)).to_string()
            on:click=move |_| choice.take(&item)
        >
            <Foreign text=label class="offer-label"/>
            <Foreign text=hint class="offer-hint"/>
        </div>
    }
    .into_any()
}
