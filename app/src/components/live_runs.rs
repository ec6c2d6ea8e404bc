//! New runs above a list: how many there are, or the runs themselves.

use std::collections::HashSet;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use crate::format;
use crate::list_state::{ListScope, ListState};
use crate::live_stream::{Arrived, Followed, follow_stream};

/// Lists are read again no sooner than this after the last time.
const PACE_MS: u32 = 300;
/// How often it is looked whether the list that was asked for is there.
const LOOK_MS: u32 = 30;

/// The last list that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// Its search.
    pub q: String,
    /// Where the stream goes on after it.
    pub live: String,
    /// Its runs.
    pub ids: Vec<String>,
}

/// Runs that arrived since the list was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Pending {
    /// Those that were named.
    ids: HashSet<String>,
    /// How many more there were.
    unnamed: u64,
}

impl Pending {
    fn count(&self) -> u64 {
        self.ids.len() as u64 + self.unnamed
    }

    fn add(&mut self, arrived: Arrived, shown: &[String]) {
        self.unnamed += arrived.count.saturating_sub(arrived.ids.len() as u64);
        self.ids.extend(arrived.ids.into_iter().filter(|id| !shown.contains(id)));
    }
}

/// Follows what arrives in a list. In live mode the list is read again, else a
/// button says how many runs there are to be seen.
#[component]
pub fn LiveRuns(
    /// The list.
    scope: Signal<ListScope>,
    /// What of it is shown.
    state: Memo<ListState>,
    /// The last list that was read; none while there was no good one.
    read: Memo<Option<Read>>,
    /// Whether a list is on its way.
    is_stale: ReadSignal<bool>,
    /// Whether the list is an older one, beside a search that cannot be read.
    is_unread: Memo<bool>,
    /// Reads the list again.
    reload: Callback<()>,
) -> impl IntoView {
    let pending = RwSignal::new(Pending::default());
    let is_live = Memo::new(move |_| state.with(|state| state.live && state.page == 0));
    let url = Memo::new(move |_| {
        let q = read.with(|read| read.as_ref().map(|read| read.q.clone()))?;
        Some(scope.with(|scope| scope.live_url(&q)))
    });
    let followed = Memo::new(move |_| {
        let url = url.get()?;
        // A list that is read again does not open its stream again.
        let after = read.with_untracked(|read| read.as_ref().map(|read| read.live.clone()))?;
        Some(Followed { url, after })
    });
    Effect::new(move |last: Option<Option<String>>| {
        let url = url.get();
        if last.is_some_and(|last| last != url) {
            pending.set(Pending::default());
        }
        url
    });
    Effect::new(move |_| {
        read.with(|read| {
            let Some(read) = read else { return };
            if pending.with_untracked(|pending| read.ids.iter().any(|id| pending.ids.contains(id)))
            {
                pending.update(|pending| {
                    for id in &read.ids {
                        pending.ids.remove(id);
                    }
                });
            }
        });
    });
    let refresher = Refresher::new(is_stale, reload, PACE_MS);
    follow_stream(
        followed,
        Callback::new(move |arrived| {
            if is_live.get_untracked() {
                refresher.ask();
                return;
            }
            read.with_untracked(|read| {
                let shown = read.as_ref().map(|read| read.ids.as_slice()).unwrap_or_default();
                pending.update(|pending| pending.add(arrived, shown));
            });
        }),
    );
    // What arrived before the list went live is shown with what comes.
    Effect::new(move |_| {
        if is_live.get() && pending.with_untracked(|pending| pending.count() > 0) {
            pending.set(Pending::default());
            refresher.ask();
        }
    });
    let navigate = use_navigate();
    let show = move |_| {
        pending.set(Pending::default());
        let state = state.get_untracked();
        if state.page == 0 {
            reload.run(());
        } else {
            let options = NavigateOptions { scroll: true, ..NavigateOptions::default() };
            navigate(&state.with_page(0).href(&scope.get_untracked()), options);
        }
    };
    let words = Memo::new(move |_| {
        pending.with(|pending| match pending.count() {
            // They could not be shown: what would be read is the search that cannot.
            _ if is_unread.get() => String::new(),
            0 => String::new(),
            1 => "1 new run".to_owned(),
            count => format!("{} new runs", format::count(count)),
        })
    });
    let has_words = Memo::new(move |_| words.with(|words| !words.is_empty()));
    view! {
        <div class="live-pill">
            <p class="visually-hidden" role="status">{move || words.get()}</p>
            <Show when=move || has_words.get()>
                <button type="button" class="button primary" data-key="." on:click=show.clone()>
                    {move || words.get()}
                </button>
            </Show>
        </div>
    }
    .into_any()
}

/// Turns live mode on and off.
#[component]
pub fn LiveToggle(scope: Signal<ListScope>, state: Memo<ListState>) -> impl IntoView {
    let is_live = Memo::new(move |_| state.with(|state| state.live));
    let navigate = use_navigate();
    let turn = move |_| {
        let state = state.get_untracked();
        let options =
            NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() };
        navigate(&state.with_live(!state.live).href(&scope.get_untracked()), options);
    };
    view! {
        <button
            type="button"
            class="button quiet live-toggle needs-script"
            aria-pressed=move || if is_live.get() { "true" } else { "false" }
            title="Toggle live mode (l)"
            data-key="l"
            on:click=turn
        >
            <span class="live-dot" aria-hidden="true"></span>
            "Live"
        </button>
    }
    .into_any()
}

/// Reads a list again, and once more when it was asked meanwhile.
#[derive(Clone, Copy)]
pub(super) struct Refresher {
    is_stale: ReadSignal<bool>,
    reload: Callback<()>,
    pace_ms: u32,
    is_asked: StoredValue<bool>,
    is_busy: StoredValue<bool>,
}

impl Refresher {
    /// Reads again with `reload`, no sooner than this after the last time.
    pub(super) fn new(is_stale: ReadSignal<bool>, reload: Callback<()>, pace_ms: u32) -> Self {
        let (is_asked, is_busy) = (StoredValue::new(false), StoredValue::new(false));
        Self { is_stale, reload, pace_ms, is_asked, is_busy }
    }

    pub(super) fn ask(self) {
        self.is_asked.set_value(true);
        if self.is_busy.get_value() {
            return;
        }
        self.is_busy.set_value(true);
        leptos::task::spawn_local(async move {
            // When the list is gone its values are too, and nobody asks any more.
            while self.is_asked.try_get_value() == Some(true) {
                self.is_asked.set_value(false);
                self.reload.run(());
                while self.is_stale.try_get_untracked() == Some(true) {
                    crate::browser::sleep_ms(LOOK_MS).await;
                }
                crate::browser::sleep_ms(self.pace_ms).await;
            }
            self.is_busy.try_update_value(|is_busy| *is_busy = false);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_on_the_page_is_not_new() {
        let mut pending = Pending::default();
        let arrived = |count, ids: &[&str]| Arrived {
            count,
            ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        };
        pending.add(arrived(2, &["a", "b"]), &["a".to_owned()]);
        assert_eq!(pending.count(), 1);
        // The same again, after a lost connection, counts once.
        pending.add(arrived(1, &["b"]), &[]);
        assert_eq!(pending.count(), 1);
        pending.add(arrived(300, &["c"]), &[]);
        assert_eq!(pending.count(), 301);
    }
}
