//! What a page is opened with: read on the server, taken over by the browser,
//! read again when what it depends on changes.

use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use crate::wire::{Answer, AnswerCodec, AnswerFuture, Call};

/// A resource that carries answers as their JSON.
pub type AnswerResource = Resource<Answer, AnswerCodec>;

/// What a page is opened with.
pub struct PageResource<T> {
    /// The resource itself.
    pub inner: AnswerResource,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for PageResource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for PageResource<T> {}

impl<T: DeserializeOwned + 'static> PageResource<T> {
    /// Asks for what `key` says, now and whenever it changes. The response of
    /// the server waits for the answer, so that its status can depend on it.
    pub fn new<K>(
        key: impl Fn() -> K + Send + Sync + 'static,
        ask: impl Fn(K) -> Call<T> + Send + Sync + 'static,
    ) -> Self
    where
        K: Clone + PartialEq + Send + Sync + 'static,
    {
        let key = Memo::new(move |_| key());
        let version = Memo::new(move |version: Option<&u32>| {
            // Not only tracked: a memo that was never read counts as changed by its first reading.
            key.with(|_| ());
            version.map_or(0, |version| version + 1)
        });
        let ask = Arc::new(move || ask(key.get_untracked()).into_future());
        Self { inner: resource(version, ask), answer: PhantomData }
    }

    /// Asks again.
    pub fn reload(self) -> Callback<()> {
        Callback::new(move |()| self.inner.refetch())
    }
}

/// Not generic, so that it is compiled once.
fn resource(
    version: Memo<u32>,
    ask: Arc<dyn Fn() -> AnswerFuture + Send + Sync>,
) -> AnswerResource {
    Resource::new_with_options(move || version.get(), move |_| ask(), true)
}
