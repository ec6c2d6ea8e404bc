//! From page to page.

use leptos::prelude::*;
use model::limits::PAGE_SIZE;

use super::icon::{Icon, Shape};
use crate::format;
use crate::list_state::{ListScope, ListState};

/// What of a list is seen.
#[derive(Clone, PartialEq, Eq)]
pub struct Extent {
    /// Which page it is, from 0. The address may be ahead of it.
    pub page: u32,
    /// Rows on this page.
    pub shown: u64,
    /// How many match in all; at least so many when not exact.
    pub count: u64,
    /// Whether `count` is the whole number.
    pub count_is_exact: bool,
    /// Whether older runs follow.
    pub has_more: bool,
}

impl Extent {
    /// The extent in words, like `51–100 of 10,000+ runs`.
    #[must_use]
    pub fn describe(&self) -> String {
        let count = format::list_count(self.count, self.count_is_exact);
        let unit = if self.count == 1 { "run" } else { "runs" };
        if self.shown == 0 {
            return format!("{count} {unit}");
        }
        let first = u64::from(self.page) * u64::from(PAGE_SIZE) + 1;
        let last = first + self.shown - 1;
        format!("{}–{} of {count} {unit}", format::count(first), format::count(last))
    }
}

/// That a page, counted from 0, lies behind the last one.
#[must_use]
pub fn past_end(page: u32, count: u64) -> String {
    let pages = count.div_ceil(u64::from(PAGE_SIZE));
    let there = if pages == 1 {
        "there is one".to_owned()
    } else {
        format!("there are {}", format::count(pages))
    };
    format!("There is no page {}; {there}", format::count(u64::from(page) + 1))
}

/// What of a list is seen, and the ways to the pages beside it.
#[component]
pub fn Pager(
    #[prop(into)] extent: Signal<Extent>,
    #[prop(into)] scope: Signal<ListScope>,
    #[prop(into)] state: Signal<ListState>,
) -> impl IntoView {
    let href = move |page: u32| state.with(|state| state.with_page(page).href(&scope.get()));
    let previous = move || state.with(|state| state.page.checked_sub(1)).map(href);
    let next = move || {
        extent.with(|extent| extent.has_more).then(|| href(state.with(|state| state.page + 1)))
    };
    view! {
        <nav class="list-foot" aria-label="Pages">
            <span>{move || extent.with(Extent::describe)}</span>
            <span class="pager">
                {move || step(previous(), "Previous", "b", Shape::Left)}
                {move || step(next(), "Next", "n", Shape::Right)}
            </span>
        </nav>
    }
}

/// A link, or where there is nothing a mark of where it would be.
pub fn step(href: Option<String>, label: &'static str, key: &'static str, shape: Shape) -> AnyView {
    match href {
        Some(href) => view! {
            <a class="button quiet" href=href data-key=key><Icon shape/>{label}</a>
        }
        .into_any(),
        None => view! {
            <span class="button quiet" aria-disabled="true"><Icon shape/>{label}</span>
        }
        .into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_are_described() {
        let extent =
            Extent { page: 1, shown: 50, count: 10_000, count_is_exact: false, has_more: true };
        assert_eq!(extent.describe(), "51–100 of 10,000+ runs");
        let one = Extent { page: 0, shown: 1, count: 1, count_is_exact: true, has_more: false };
        assert_eq!(one.describe(), "1–1 of 1 run");
        let none = Extent { page: 9, shown: 0, count: 120, count_is_exact: true, has_more: false };
        assert_eq!(none.describe(), "120 runs");
    }
}
