//! Where the links of a run lead, on its own page and in the drawer over a list.

use model::RunId;

use crate::links;
use crate::list_state::{Form, ListScope, ListState};
use crate::search_text::SearchParts;

/// How a run is seen: the list that it was opened from, and whether the list
/// is still behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunLinks {
    /// The list.
    pub scope: ListScope,
    /// What of the list is shown; without a drawer only its search matters.
    pub state: ListState,
    /// Whether the run is in the drawer.
    pub in_drawer: bool,
}

impl RunLinks {
    /// Another run of the list, seen the same way.
    #[must_use]
    pub fn run(&self, id: RunId) -> String {
        let id = id.to_string();
        if self.in_drawer {
            return self.state.with_run(Some(id)).href(&self.scope);
        }
        let path = match &self.scope.agent {
            Some(agent) => links::run(&self.scope.org, agent, id),
            None => format!("/{}/runs/{id}", self.scope.org),
        };
        self.with_query(path, self.state.form)
    }

    /// The same run in another form.
    #[must_use]
    pub fn view(&self, agent: &str, id: RunId, form: Form) -> String {
        if self.in_drawer {
            let state = ListState { run: Some(id.to_string()), form, ..self.state.clone() };
            return state.href(&self.scope);
        }
        self.with_query(links::run(&self.scope.org, agent, id), form)
    }

    /// The run's own page, which knows the list.
    #[must_use]
    pub fn page(&self, agent: &str, id: RunId) -> String {
        self.with_query(links::run(&self.scope.org, agent, id), self.state.form)
    }

    /// The list.
    #[must_use]
    pub fn list(&self) -> String {
        ListState { run: None, form: Form::Readable, ..self.state.clone() }.href(&self.scope)
    }

    /// The list with one more filter, given as the grammar writes it.
    #[must_use]
    pub fn narrowed(&self, filter: &str) -> String {
        let q = SearchParts::read(&self.state.q).with(filter);
        self.state.with_q(q).href(&self.scope)
    }

    fn with_query(&self, path: String, form: Form) -> String {
        let query = self.scope.run_query(&self.state.q);
        match (form.as_str(), query.is_empty()) {
            ("", _) => format!("{path}{query}"),
            (view, true) => format!("{path}?view={view}"),
            (view, false) => format!("{path}{query}&view={view}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0195dd7a-6977-7197-7ec3-4fc44ade50dc";

    fn seen(in_drawer: bool, agent: Option<&str>) -> RunLinks {
        let scope =
            ListScope { org: "acme".to_owned(), agent: agent.map(str::to_owned), schema: None };
        let state = ListState { q: "a b".to_owned(), page: 2, ..ListState::default() };
        RunLinks { scope, state, in_drawer }
    }

    #[test]
    fn the_drawer_stays_over_its_list() {
        let links = seen(true, Some("x"));
        let id = ID.parse().unwrap();
        assert_eq!(links.run(id), format!("/acme/agents/x/runs?q=a+b&page=2&runId={ID}"));
        assert_eq!(links.view("x", id, Form::Raw), format!("{}&view=raw", links.run(id)));
        assert_eq!(links.list(), "/acme/agents/x/runs?q=a+b&page=2");
        assert_eq!(links.page("x", id), format!("/acme/agents/x/runs/{ID}?q=a+b"));
    }

    #[test]
    fn a_page_remembers_its_search() {
        let id = ID.parse().unwrap();
        assert_eq!(seen(false, Some("x")).run(id), format!("/acme/agents/x/runs/{ID}?q=a+b"));
        let everywhere = seen(false, None);
        assert_eq!(everywhere.run(id), format!("/acme/runs/{ID}?q=a+b&in=all"));
        assert_eq!(
            everywhere.view("x", id, Form::Raw),
            format!("/acme/agents/x/runs/{ID}?q=a+b&in=all&view=raw")
        );
        assert_eq!(everywhere.narrowed("status:failure"), "/acme/runs?q=status:failure+a+b");
    }
}
