//! The heading of a column that a list can be sorted by.

use leptos::prelude::*;

/// The order of a list, as its address has it.
#[derive(Clone, Copy)]
pub struct ListOrder {
    /// The order; empty for the usual one.
    pub sort: Signal<String>,
    /// By what a list is sorted that says nothing, the newest first.
    pub usual: &'static str,
    /// The address of the list in another order.
    pub href: Callback<String, String>,
}

/// The title of a column as a link to the list in its order: the largest first,
/// then the smallest, then the usual order again; of names the first one first.
pub fn sort_link(
    order: ListOrder,
    key: &'static str,
    title: String,
) -> (Memo<Option<&'static str>>, AnyView) {
    let ListOrder { sort, usual, href } = order;
    let order = Memo::new(move |_| sort.with(|sort| Order::of(sort, key, usual)));
    let href = move || href.run(order.get().next(key, usual));
    let link = view! { <a class="sort" href=href data-noscroll="">{title}</a> };
    (Memo::new(move |_| order.get().aria()), link.into_any())
}

/// A heading that sorts by its column.
#[component]
pub fn SortHead(
    order: ListOrder,
    /// What the list is sorted by.
    key: &'static str,
    #[prop(into)] title: String,
    #[prop(into)] class: String,
) -> impl IntoView {
    let (aria_sort, link) = sort_link(order, key, title);
    view! { <th class=class scope="col" aria-sort=move || aria_sort.get()>{link}</th> }.into_any()
}

/// How a list stands to one of its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    None,
    Ascending,
    Descending,
}

impl Order {
    fn of(sort: &str, key: &str, usual: &str) -> Self {
        match sort.strip_prefix('-') {
            Some(word) if word == key => Self::Descending,
            None if sort == key => Self::Ascending,
            None if sort.is_empty() && key == usual => Self::Descending,
            _ => Self::None,
        }
    }

    /// The order that a click leads to.
    fn next(self, key: &str, usual: &str) -> String {
        match (self, key) {
            (Self::None, "name") => "name".to_owned(),
            (Self::Ascending, "name") => "-name".to_owned(),
            (Self::Descending, "name") => String::new(),
            (Self::Descending, _) => key.to_owned(),
            (Self::None, _) if key != usual => format!("-{key}"),
            (Self::Ascending | Self::None, _) => String::new(),
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
        let clicks = |key| {
            let mut sort = String::new();
            [(); 3].map(|()| {
                sort = Order::of(&sort, key, "time").next(key, "time");
                sort.clone()
            })
        };
        assert_eq!(clicks("cost"), ["-cost", "cost", ""]);
        assert_eq!(clicks("name"), ["name", "-name", ""]);
        assert_eq!(clicks("time"), ["time", "", "time"]);
        assert_eq!(Order::of("-cost", "time", "time").next("time", "time"), "");
    }
}
