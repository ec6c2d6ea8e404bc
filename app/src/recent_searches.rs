//! The searches that were made in this browser, per list.

use crate::browser;

/// How many are kept.
const KEPT: usize = 8;
/// What the names of the lists have before them in the browser's memory.
const PREFIX: &str = "runs-searches:";
/// A search that is longer is not kept.
const MAX_BYTES: usize = 1_000;

/// The searches made in a list, the last one first.
#[must_use]
pub fn read(list: &str) -> Vec<String> {
    let kept = browser::recall(&name(list)).unwrap_or_default();
    kept.lines().map(str::to_owned).collect()
}

/// The searches made in all lists of an organization, each with the path of its list.
#[must_use]
pub fn read_all(org: &str) -> Vec<(String, String)> {
    let lists = browser::recalled_names(&name(&format!("/{org}/")));
    let lists = lists.iter().filter_map(|list| list.strip_prefix(PREFIX));
    lists.flat_map(|list| read(list).into_iter().map(|q| (list.to_owned(), q))).collect()
}

/// Adds a search to those made in a list.
pub fn add(list: &str, q: &str) {
    let q = q.trim();
    if q.is_empty() || q.len() > MAX_BYTES || q.contains('\n') {
        return;
    }
    browser::keep(&name(list), &with(&read(list), q).join("\n"));
}

fn name(list: &str) -> String {
    format!("{PREFIX}{list}")
}

/// The searches with one more in front; what was only a step on the way to it goes.
fn with(searches: &[String], q: &str) -> Vec<String> {
    let is_step = |(at, other): (usize, &String)| at == 0 && q.starts_with(other.as_str());
    let others = searches.iter().enumerate();
    let others = others.filter(|(at, other)| *other != q && !is_step((*at, other)));
    let others = others.map(|(_, other)| other.clone()).take(KEPT - 1);
    std::iter::once(q.to_owned()).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(searches: &[&str]) -> Vec<String> {
        searches.iter().fold(Vec::new(), |kept, q| with(&kept, q))
    }

    #[test]
    fn the_last_search_is_the_first_and_none_stands_twice() {
        assert_eq!(after(&["a", "b", "a"]), ["a", "b"]);
        assert_eq!(
            after(&["b", "status:failure", "status:failure refund"]),
            ["status:failure refund", "b"]
        );
        let many: Vec<String> = (10..30).map(|n| n.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(after(&many).len(), KEPT);
    }
}
