//! What a page shows once it is loaded, while it is, and when it cannot be.

use std::sync::Arc;

use leptos::prelude::*;
use serde::de::DeserializeOwned;

use super::load_error::LoadError;
use super::spinner::Loading;
use crate::error::AppError;
use crate::page_resource::{AnswerResource, PageResource};
use crate::wire::Wire;

/// Draws an answer, or says why there is none.
#[component]
pub fn Loaded<T: DeserializeOwned + 'static>(
    /// What is loaded.
    from: PageResource<T>,
    /// What it is, for people: `these runs`.
    what: &'static str,
    /// Draws it.
    draw: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> impl IntoView {
    loaded(from.inner, what, Arc::new(move |wire: &Wire| wire.decode().map(&draw)))
}

type Draw = Arc<dyn Fn(&Wire) -> Result<AnyView, AppError> + Send + Sync>;

/// Not generic, so that it is compiled once.
fn loaded(resource: AnswerResource, what: &'static str, draw: Draw) -> AnyView {
    let retry = Callback::new(move |()| resource.refetch());
    let drawn = Drawn::new();
    view! {
        <Transition fallback=move || view! { <Loading what/> }>
            {move || {
                let (draw, drawn) = (Arc::clone(&draw), drawn.clone());
                Suspend::new(async move {
                    let answer = resource.await;
                    drawn.next(|| match answer.and_then(|wire| draw(&wire)) {
                        Ok(view) => view,
                        Err(error) => view! { <LoadError error what retry/> }.into_any(),
                    })
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Keeps the values of what is shown until something else is: while an answer
/// is awaited, the last one stays on the page and must go on working.
#[derive(Clone)]
struct Drawn {
    page: Option<Owner>,
    shown: StoredValue<Option<Owner>>,
}

impl Drawn {
    fn new() -> Self {
        Self { page: Owner::current(), shown: StoredValue::new(None) }
    }

    fn next(&self, draw: impl FnOnce() -> AnyView) -> AnyView {
        let Some(page) = &self.page else { return draw() };
        let owner = page.child();
        let view = owner.with(draw);
        self.shown.set_value(Some(owner));
        view
    }
}
