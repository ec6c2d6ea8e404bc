//! Why a search cannot be read.

use leptos::prelude::*;
use model::SearchError;

use super::foreign::foreign;
use crate::search_field::SearchField;

/// What is wrong with a search, with the place marked; while that is only not
/// finished yet, what is expected next.
#[component]
pub fn SearchProblem(
    field: SearchField,
    /// Why the server cannot answer a search that can be read.
    refusal: Signal<Option<SearchError>>,
    /// The address of the list with another search.
    href: Callback<String, String>,
) -> impl IntoView {
    let shown = move || match field.problem() {
        Some((problem, true)) => {
            Some(view! { <span class="faint">{with_code(&problem.message)}</span> }.into_any())
        }
        Some((problem, false)) => {
            let draft = field.text.with(|text| text.draft.clone());
            let mend = problem.suggestion.clone().map(|draft| {
                let q = field.text.with(|text| text.with_draft(draft.clone()));
                (href.run(q), draft)
            });
            Some(marked(problem, &draft, mend))
        }
        None => refusal
            .get()
            .map(|problem| view! { <span>{with_code(&problem.message)}</span> }.into_any()),
    };
    view! { <p id="q-problem" class="search-problem" role="status">{shown}</p> }
}

/// The search with its wrong part marked, what is wrong with it, and a link to the
/// search that was meant.
fn marked(problem: SearchError, text: &str, mend: Option<(String, String)>) -> AnyView {
    let (before, wrong, after) = split(text, problem.position, problem.length);
    view! {
        <span class="search-echo" aria-hidden="true">
            {foreign(before)}
            <span class="wrong">{foreign(if wrong.is_empty() { "\u{2038}".to_owned() } else { wrong })}</span>
            {foreign(after)}
        </span>
        <span>{with_code(&problem.message)}</span>
        {mend.map(|(href, text)| view! {
            <a class="search-mend" href=href data-noscroll="">"Search for " <code>{foreign(text)}</code></a>
        })}
    }
    .into_any()
}

/// A message in which backticks stand around what is to be typed.
fn with_code(message: &str) -> Vec<AnyView> {
    let pieces = message.split('`').enumerate();
    pieces
        .map(|(index, piece)| {
            let piece = piece.to_owned();
            match index % 2 {
                0 => foreign(piece),
                _ => view! { <code>{foreign(piece)}</code> }.into_any(),
            }
        })
        .collect()
}

/// The text before, at and after these characters.
fn split(text: &str, position: u32, length: u32) -> (String, String, String) {
    let mut chars = text.chars();
    let before = chars.by_ref().take(position as usize).collect();
    let wrong = chars.by_ref().take(length as usize).collect();
    (before, wrong, chars.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let split = split("é latency:x y", 10, 1);
        assert_eq!(split, ("é latency:".to_owned(), "x".to_owned(), " y".to_owned()));
    }

    #[test]
    fn positions_beyond_the_end_mark_nothing() {
        assert_eq!(super::split("a", 5, 1), ("a".to_owned(), String::new(), String::new()));
    }
}
