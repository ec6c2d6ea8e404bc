//! What is shown when something cannot be.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::foreign::foreign;
use crate::error::AppError;
use crate::links;
use crate::status::set_page_status;

/// An error in place of a page or a part of it.
#[component]
pub fn LoadError(
    error: AppError,
    /// What was to be shown, like `this run`.
    #[prop(into)]
    what: String,
    /// Asks again, where that can help.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    set_page_status(&error);
    let (title, text) = describe(&error, &what);
    let location = use_location();
    let login = move || {
        let query = location.search.get();
        let query = if query.is_empty() { query } else { format!("?{query}") };
        links::login(&format!("{}{query}", location.pathname.get()))
    };
    let can_retry = matches!(
        error,
        AppError::Unavailable { .. }
            | AppError::TooMany { .. }
            | AppError::Offline
            | AppError::Internal { .. }
    );
    view! {
        <section class="state error" role=can_retry.then_some("alert")>
            {(error == AppError::NotFound).then(|| view! { <Title text="Not found"/> })}
            <h1>{title}</h1>
            <p>{foreign(text)}</p>
            {(error == AppError::Unauthorized).then(|| view! {
                <p><a class="button primary" href=login rel="external">"Sign in"</a></p>
            })}
            {(error == AppError::NotFound).then(|| view! {
                <p><a class="button" href="/">"Go to agents"</a></p>
            })}
            {retry.filter(|_| can_retry).map(|retry| view! {
                <p>
                    <button type="button" class="button needs-script" on:click=move |_| retry.run(())>
                        "Try again"
                    </button>
                </p>
            })}
        </section>
    }
    .into_any()
}

fn describe(error: &AppError, what: &str) -> (&'static str, String) {
    match error {
        AppError::NotFound => {
            ("Not found", "This page doesn't exist, or you don't have access to it.".to_owned())
        }
        AppError::Forbidden { needs } => (
            "Not allowed",
            format!("You need the {needs} role to see {what}. Ask an admin of this organization."),
        ),
        AppError::Unauthorized => ("Signed out", format!("Sign in to see {what}.")),
        AppError::Invalid { message, .. } => ("Invalid request", message.clone()),
        AppError::Unavailable { message } => ("Temporarily unavailable", sentence(message)),
        AppError::TooMany { message } => ("Too many requests", sentence(message)),
        AppError::Offline => (
            "No connection",
            "Can't reach the server. Check your connection and try again.".to_owned(),
        ),
        AppError::Internal { request_id } => (
            "Something went wrong",
            match request_id {
                Some(id) => format!("Details are in the server log under request {id}."),
                None => "Details are in the server log.".to_owned(),
            },
        ),
    }
}

/// An error's message, which is lower-case without a stop, as a sentence.
#[must_use]
pub fn sentence(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), chars.as_str()),
        None => String::new(),
    }
}
