//! A text with what a search found in it.

use leptos::prelude::*;

use super::foreign::pieces_view;
use crate::data::list::Marked;

/// A text with what a search found in it.
#[component]
pub fn MarkedText(text: Marked) -> impl IntoView {
    let pieces = whole_lines(text.pieces).into_iter().map(|(is_hit, piece)| {
        let shown = pieces_view(&piece);
        if is_hit { view! { <mark>{shown}</mark> }.into_any() } else { shown }
    });
    view! { <bdi>{pieces.collect_view()}</bdi> }.into_any()
}

/// The same pieces, none of which ends inside the end of a line.
fn whole_lines(mut pieces: Vec<(bool, String)>) -> Vec<(bool, String)> {
    for at in 1..pieces.len() {
        let (before, after) = pieces.split_at_mut(at);
        if let (Some((_, last)), Some((_, next))) = (before.last_mut(), after.first())
            && next.starts_with('\n')
            && last.ends_with('\r')
        {
            last.pop();
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_ends_in_two_pieces_ends_once() {
        let pieces = vec![(true, "a\r".to_owned()), (false, "\nb\r".to_owned())];
        let whole = vec![(true, "a".to_owned()), (false, "\nb\r".to_owned())];
        assert_eq!(whole_lines(pieces), whole);
    }
}
