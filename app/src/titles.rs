//! What windows, bookmarks and the history call pages: first what is shown,
//! then where; the app adds its own name.

use crate::list_state::{ListScope, ListState};

/// How many characters of a search or a free text a title shows.
const MAX_CHARS: usize = 60;

/// A page and where it belongs: `Agents – acme`.
#[must_use]
pub fn of(page: &str, place: &str) -> String {
    if page.is_empty() { place.to_owned() } else { format!("{page} – {place}") }
}

/// A page about one run of an agent: `Run 01a2…597a – ticket-router`.
#[must_use]
pub fn of_run(page: &str, run: &str, agent: &str) -> String {
    of(&format!("{page} {}", short_id(run)), agent)
}

/// A page that shows what a search finds: `status:failure – Stats – ticket-router`.
#[must_use]
pub fn of_search(q: &str, page: &str, place: &str) -> String {
    of(&clipped(q.trim()), &of(page, place))
}

/// A list of runs, its search and page, or the run that is open over it.
#[must_use]
pub fn of_list(scope: &ListScope, state: &ListState) -> String {
    let agent = scope.agent.as_deref();
    if let Some(run) = &state.run {
        return of_run("Run", run, agent.unwrap_or(&scope.org));
    }
    let schema = scope.schema.map(|schema| format!("Schema {schema}")).unwrap_or_default();
    let list = of_search(&state.q, &schema, &of(agent.unwrap_or("All runs"), &scope.org));
    match state.page {
        0 => list,
        page => of(&format!("Page {}", u64::from(page) + 1), &list),
    }
}

/// Both ends of an id, since those of one moment begin alike.
#[must_use]
pub fn short_id(id: &str) -> String {
    let chars = id.chars().count();
    if chars <= 9 {
        return id.to_owned();
    }
    let begin: String = id.chars().take(4).collect();
    let end: String = id.chars().skip(chars - 4).collect();
    format!("{begin}…{end}")
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default().trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_apart() {
        let scope = ListScope { org: "acme".to_owned(), ..ListScope::default() };
        let state = ListState::default();
        assert_eq!(of_list(&scope, &state), "All runs – acme");
        let agent = ListScope { agent: Some("router".to_owned()), ..scope.clone() };
        assert_eq!(of_list(&agent, &state), "router – acme");
        let failures = state.with_q(" status:failure ".to_owned());
        assert_eq!(of_list(&agent, &failures), "status:failure – router – acme");
        assert_eq!(
            of_list(&agent, &failures.with_page(1)),
            "Page 2 – status:failure – router – acme"
        );
        let schema = ListScope { schema: Some(2), ..agent.clone() };
        assert_eq!(of_list(&schema, &state), "Schema 2 – router – acme");
        let run = Some("0195dd7a-6977-7197-7ec3-4fc44ade50dc".to_owned());
        assert_eq!(of_list(&agent, &state.with_run(run.clone())), "Run 0195…50dc – router");
        assert_eq!(of_list(&scope, &state.with_run(run)), "Run 0195…50dc – acme");
    }

    #[test]
    fn titles_stay_short_and_whole_characters() {
        assert_eq!(short_id("no-id"), "no-id");
        assert_eq!(short_id("zähneputzen"), "zähn…tzen");
        let long = of_search(&"é".repeat(500), "Stats", "a");
        assert_eq!(long, format!("{}… – Stats – a", "é".repeat(60)));
    }
}
