//! What is shown for a key that changes while the reader looks on.
//!
//! A resource would begin the next question only when the last one is answered.
//! Here a new key drops the question that is on its way, which the server
//! notices; an answer to an older key is never shown after one to a newer key;
//! and what was shown stays until the new answer is there.

use futures::future::{AbortHandle, abortable};
use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::error::AppError;
use crate::wire::Call;

/// The newest answer, and whether a newer one is on its way.
pub struct LiveQuery<K: Send + Sync + 'static, T: Send + Sync + 'static> {
    /// The newest answer, with the key that it answers.
    pub answer: RwSignal<(K, Result<T, AppError>)>,
    /// Whether the key has changed since.
    pub is_stale: ReadSignal<bool>,
    /// Asks again for the same key.
    pub reload: Callback<()>,
}

impl<K: Send + Sync + 'static, T: Send + Sync + 'static> Clone for LiveQuery<K, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K: Send + Sync + 'static, T: Send + Sync + 'static> Copy for LiveQuery<K, T> {}

/// Begins with `first`, the answer that the page was opened with, and follows `key`.
pub fn live_query<K, T>(
    key: Memo<K>,
    first: (K, T),
    ask: impl Fn(K) -> Call<T> + Send + Sync + 'static,
) -> LiveQuery<K, T>
where
    K: Clone + PartialEq + Send + Sync + 'static,
    T: DeserializeOwned + Send + Sync + 'static,
{
    let asked_for = StoredValue::new(first.0.clone());
    let on_its_way = StoredValue::new(None::<AbortHandle>);
    let answer = RwSignal::new((first.0, Ok(first.1)));
    let (is_stale, set_stale) = signal(false);
    let drop_question = move || {
        if let Some(question) = on_its_way.try_update_value(Option::take).flatten() {
            question.abort();
        }
    };
    let follow = move |key: K| {
        drop_question();
        asked_for.set_value(key.clone());
        set_stale.set(true);
        let (question, handle) = abortable(ask(key.clone()).fetch());
        on_its_way.set_value(Some(handle));
        leptos::task::spawn_local(async move {
            if let Ok(result) = question.await {
                set_stale.set(false);
                answer.set((key, result));
            }
        });
    };
    let follow = StoredValue::new(follow);
    Effect::new(move |_| {
        let key = key.get();
        if asked_for.with_value(|asked| *asked != key) {
            follow.with_value(|follow| follow(key));
        }
    });
    on_cleanup(drop_question);
    let reload = Callback::new(move |()| {
        follow.with_value(|follow| follow(key.get_untracked()));
    });
    LiveQuery { answer, is_stale, reload }
}
