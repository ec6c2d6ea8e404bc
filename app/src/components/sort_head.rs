//! The heading of a column that a list can be sorted by.

use leptos::prelude::*;

use crate::list_state::{ListScope, ListState};

/// A heading that is a link to the list in its order: the largest first, then
/// the smallest, then newest first again.
#[component]
pub fn SortHead(
    /// What the list is sorted by.
    key: &'static str,
    title: String,
    class: String,
    width: Option<String>,
    scope: Signal<ListScope>,
    state: Signal<ListState>,
) -> impl IntoView {
    let order = Memo::new(move |_| state.with(|state| Order::of(&state.sort, key)));
    let href = move || {
        let next = order.get().next(key);
        state.with(|state| state.with_sort(next).href(&scope.get()))
    };
    view! {
        <th class=class scope="col" style:inline-size=width aria-sort=move || order.get().aria()>
            <a class="sort" href=href data-noscroll="">{title}</a>
        </th>
    }
}

/// How a list stands to one of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    None,
    Ascending,
    Descending,
}

impl Order {
    fn of(sort: &str, key: &str) -> Self {
        match sort.strip_prefix('-') {
            Some(word) if word == key => Self::Descending,
            None if sort == key => Self::Ascending,
            None if sort.is_empty() && key == "time" => Self::Descending,
            _ => Self::None,
        }
    }

    /// The order that a click leads to.
    fn next(self, key: &str) -> String {
        match (self, key) {
            (Self::Descending, _) => key.to_owned(),
            (Self::Ascending, _) | (Self::None, "time") => String::new(),
            (Self::None, _) => format!("-{key}"),
        }
    }

    fn aria(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Ascending => Some("ascending"),
            Self::Descending => Some("descending"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clicks_go_round() {
        let mut sort = String::new();
        let mut seen = Vec::new();
        for _ in 0..3 {
            sort = Order::of(&sort, "cost").next("cost");
            seen.push(sort.clone());
        }
        assert_eq!(seen, ["-cost", "cost", ""]);
        assert_eq!(Order::of("", "time").next("time"), "time");
        assert_eq!(Order::of("-cost", "time").next("time"), "");
    }
}
