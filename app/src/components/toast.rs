//! Short notices about what was just done.

use leptos::prelude::*;

use super::foreign::foreign;

const SHOWN_MS: u32 = 2_400;

/// Where notices are put.
#[derive(Clone, Copy)]
pub struct ToastContext(RwSignal<Option<(u32, String)>>);

/// Lets everything below put notices.
pub fn provide_toasts() {
    provide_context(ToastContext(RwSignal::new(None)));
}

impl ToastContext {
    /// Shows a notice for a moment.
    pub fn show(self, text: impl Into<String>) {
        let text = text.into();
        let number = self.0.with_untracked(|last| last.as_ref().map_or(0, |last| last.0)) + 1;
        self.0.set(Some((number, text)));
        leptos::task::spawn_local(async move {
            crate::browser::sleep_ms(SHOWN_MS).await;
            // A newer notice has its own time.
            self.0.try_update(|last| {
                if let Some((current, text)) = last
                    && *current == number
                {
                    text.clear();
                }
            });
        });
    }
}

/// Where notices are shown.
#[component]
pub fn Toasts() -> impl IntoView {
    let text = move || {
        let context = use_context::<ToastContext>()?;
        context.0.get().map(|(_, text)| text)
    };
    let text = Memo::new(move |_| text().unwrap_or_default());
    view! {
        <p class="toast" class:shown=move || !text.get().is_empty() role="status">
            {move || foreign(text.get())}
        </p>
    }
}
