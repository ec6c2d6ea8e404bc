//! Where the palette can lead.

use model::RunId;

use super::place::Place;
use crate::links;
use crate::list_state::{ListScope, ListState};
use crate::titles::short_id;

/// Searches that are shown at most.
const SEARCHES: usize = 6;

/// A place to go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is one of.
    pub group: &'static str,
    /// Its name.
    pub label: String,
    /// What its name leaves open.
    pub hint: String,
    /// Its address.
    pub href: String,
}

/// The places that a text can mean, the likeliest first: an id or an address names
/// a run, words name agents, pages and searches.
#[must_use]
pub fn items(
    place: &Place,
    text: &str,
    agents: &[String],
    searches: &[(String, String)],
) -> Vec<Item> {
    let text = text.trim();
    let is_named = |name: &str| is_named(text, name);
    let org = &place.org;
    let mut items: Vec<Item> = run_of(org, text).into_iter().collect();
    items.extend(agents.iter().map(|agent| Item {
        group: "Agents",
        label: agent.clone(),
        hint: String::new(),
        href: links::agent(org, agent),
    }));
    items.extend(
        pages(place).into_iter().filter(|page| is_named(&format!("{} {}", page.label, page.hint))),
    );
    let made = searches.iter().filter(|(_, q)| is_named(q)).take(SEARCHES);
    items.extend(made.map(|(list, q)| Item {
        group: "Recent searches",
        label: q.clone(),
        hint: list.split('/').nth(3).unwrap_or("All runs").to_owned(),
        href: format!("{list}{}", links::query(&[("q", q)])),
    }));
    if !text.is_empty() {
        items.extend(new_searches(place, text));
    }
    items
}

/// Whether a name has all of these words, in either case.
#[must_use]
pub fn is_named(words: &str, name: &str) -> bool {
    let (words, name) = (words.to_lowercase(), name.to_lowercase());
    words.split_whitespace().all(|word| name.contains(word))
}

/// The run of an id, alone or at the end of an address.
fn run_of(org: &str, text: &str) -> Option<Item> {
    let (path, query) = text.split_once(['?', '#']).unwrap_or((text, ""));
    // A list names the run beside it in its query.
    let parts = path.split('/').rev().chain(query.split(['&', '=', '#']));
    let id = parts.filter_map(|part| part.parse::<RunId>().ok()).next()?.to_string();
    Some(Item {
        group: "Run",
        label: format!("Run {}", short_id(&id)),
        hint: id.clone(),
        href: format!("/{org}/runs/{id}"),
    })
}

fn pages(place: &Place) -> Vec<Item> {
    let org = Place { agent: None, ..place.clone() };
    let settings = ["Keys", "Members", "Providers", "Status"].map(|part| Item {
        group: "Pages",
        label: part.to_owned(),
        hint: "Settings".to_owned(),
        href: format!("/{}/settings/{}", org.org, part.to_lowercase()),
    });
    let tabs = |place: &Place, hint: &str| {
        let tabs = place.tabs().into_iter();
        let item = |tab: super::tabs::Tab| Item {
            group: "Pages",
            label: tab.label.to_owned(),
            hint: hint.to_owned(),
            href: tab.href,
        };
        tabs.map(item).collect::<Vec<_>>()
    };
    let mut pages = match &place.agent {
        Some(agent) => tabs(place, agent),
        None => Vec::new(),
    };
    // Its settings are named one by one.
    pages.extend(tabs(&org, "").into_iter().filter(|page| page.label != "Settings"));
    pages.extend(settings);
    pages
}

fn new_searches(place: &Place, text: &str) -> Vec<Item> {
    let state = ListState { q: text.to_owned(), ..ListState::default() };
    let all = ListScope { org: place.org.clone(), ..ListScope::default() };
    let own = ListScope { agent: place.agent.clone(), ..all.clone() };
    let item = |scope: &ListScope| Item {
        group: "Search",
        label: text.to_owned(),
        hint: scope.agent.clone().unwrap_or_else(|| "All runs".to_owned()),
        href: state.href(scope),
    };
    let own = place.agent.is_some().then(|| item(&own));
    own.into_iter().chain([item(&all)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place {
            org: "acme".to_owned(),
            agent: Some("router".to_owned()),
            section: "runs".to_owned(),
        }
    }

    fn hrefs(text: &str, agents: &[String], searches: &[(String, String)]) -> Vec<String> {
        items(&place(), text, agents, searches).into_iter().map(|item| item.href).collect()
    }

    #[test]
    fn an_id_or_an_address_names_a_run() {
        let id = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";
        for text in [
            id.to_owned(),
            format!("http://x/acme/agents/a/runs/{id}/prompt?view=raw"),
            format!("http://x/acme/runs?q=late&runId={id}"),
        ] {
            let found = items(&place(), &text, &[], &[]);
            assert_eq!(found[0].href, format!("/acme/runs/{id}"), "{text}");
            assert_eq!(found[0].label, "Run 0195…50dc");
        }
    }

    #[test]
    fn words_name_agents_pages_and_searches() {
        let searches = [
            ("/acme/agents/router/runs".to_owned(), "status:failure".to_owned()),
            ("/acme/runs".to_owned(), "refund".to_owned()),
        ];
        assert_eq!(
            hrefs("stat", &["stats-writer".to_owned()], &searches),
            [
                "/acme/agents/stats-writer",
                "/acme/agents/router/stats",
                "/acme/settings/status",
                "/acme/agents/router/runs?q=status:failure",
                "/acme/agents/router/runs?q=stat",
                "/acme/runs?q=stat",
            ]
        );
        assert_eq!(hrefs("settings key", &[], &[])[0], "/acme/settings/keys");
        let all = items(&place(), "", &[], &searches);
        assert!(
            all.iter().any(|item| item.href == "/acme/runs?q=refund" && item.hint == "All runs")
        );
        assert!(all.iter().all(|item| item.group != "Search"));
    }
}
