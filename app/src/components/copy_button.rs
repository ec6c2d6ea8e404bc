//! Copying to the clipboard.

use leptos::prelude::*;

use super::icon::{Icon, Shape};
use super::toast::ToastContext;

/// A button that copies a text, with an icon alone or with its label beside it.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// What the button is called.
    #[prop(into)]
    label: String,
    /// What the notice says was copied.
    #[prop(into)]
    done: String,
    /// Whether the label is seen beside the icon.
    #[prop(optional)]
    labelled: bool,
    /// The drawing, if not two sheets.
    #[prop(default = Shape::Copy)]
    shape: Shape,
    /// The key that presses the button.
    #[prop(optional, into)]
    shortcut: Option<&'static str>,
) -> impl IntoView {
    let toasts = use_context::<ToastContext>();
    let copy = move |_| {
        let (text, done) = (text.get_untracked(), done.clone());
        leptos::task::spawn_local(async move {
            let copied = crate::browser::copy_text(text).await;
            if let Some(toasts) = toasts {
                toasts.show(if copied { done } else { "Your browser blocked copying".to_owned() });
            }
        });
    };
    let class =
        if labelled { "button quiet needs-script" } else { "button quiet icon needs-script" };
    view! {
        <button
            type="button"
            class=class
            title=(!labelled).then(|| label.clone())
            aria-label=(!labelled).then(|| label.clone())
            data-key=shortcut
            on:click=copy
        >
            <Icon shape/>
            {labelled.then(|| label.clone())}
        </button>
    }
}
