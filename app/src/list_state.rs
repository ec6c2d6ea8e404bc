//! What a list of runs shows, as its URL says it.

use leptos_router::params::ParamsMap;
use model::SearchQuery;
use serde::{Deserialize, Serialize};

use crate::links::query;

/// Which runs a list is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListScope {
    /// The organization.
    pub org: String,
    /// The agent; all agents when absent.
    pub agent: Option<String>,
    /// The schema number; all schemas when absent.
    pub schema: Option<u32>,
}

/// How input and output of a run are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Messages as Markdown, anything else as a tree.
    #[default]
    Readable,
    /// Messages to the letter.
    Verbatim,
    /// The JSON itself.
    Raw,
}

impl Form {
    /// The word of an address; empty for the usual form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Readable => "",
            Self::Verbatim => "verbatim",
            Self::Raw => "raw",
        }
    }

    fn from_word(word: Option<&str>) -> Self {
        match word {
            Some("verbatim") => Self::Verbatim,
            Some("raw") => Self::Raw,
            _ => Self::Readable,
        }
    }
}

/// What of a list is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListState {
    /// The search, exactly as typed.
    pub q: String,
    /// The page, from 0.
    pub page: u32,
    /// The order, as the address has it; empty for newest first.
    pub sort: String,
    /// The columns, as the address has them; empty for the usual ones.
    pub columns: String,
    /// The run open in the drawer.
    pub run: Option<String>,
    /// How input and output of the open run are shown.
    pub form: Form,
    /// Whether new runs appear by themselves.
    pub live: bool,
}

/// What the server reads for a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    /// The search, exactly as typed.
    pub q: String,
    /// The page, from 0.
    pub page: u32,
    /// The order, as the address has it.
    pub sort: String,
    /// The columns, as the address has them.
    pub columns: String,
}

impl ListScope {
    /// The scope in a list's path; a schema that is no number is kept as 0,
    /// which no run has.
    #[must_use]
    pub fn from_params(params: &ParamsMap) -> Self {
        Self {
            org: params.get("org").unwrap_or_default(),
            agent: params.get("agent"),
            schema: params.get("schema").map(|text| text.parse().unwrap_or(0)),
        }
    }

    /// The scope of the list that led to a run's own page, kept in its query.
    #[must_use]
    pub fn around_run(org: &str, agent: &str, query: &ParamsMap) -> Self {
        let everywhere = query.get_str("in") == Some("all");
        Self {
            org: org.to_owned(),
            agent: (!everywhere).then(|| agent.to_owned()),
            schema: query.get_str("schema").and_then(|text| text.parse().ok()),
        }
    }

    /// The list's path.
    #[must_use]
    pub fn path(&self) -> String {
        match (&self.agent, self.schema) {
            (Some(agent), Some(schema)) => format!("/{}/agents/{agent}/{schema}/runs", self.org),
            (Some(agent), None) => format!("/{}/agents/{agent}/runs", self.org),
            (None, _) => format!("/{}/runs", self.org),
        }
    }

    /// The stream of new runs of this list that match a search.
    #[must_use]
    pub fn live_url(&self, q: &str) -> String {
        let org = &self.org;
        let runs = match &self.agent {
            Some(agent) => format!("/v1/{org}/agents/{agent}/runs"),
            None => format!("/v1/{org}/runs"),
        };
        let schema = self.schema.map(|schema| schema.to_string()).unwrap_or_default();
        format!("{runs}/live{}", query(&[("view", "ids"), ("q", q), ("schema", &schema)]))
    }

    /// The query that a run's own page needs to know this list.
    #[must_use]
    pub fn run_query(&self, q: &str) -> String {
        let schema = self.schema.map(|schema| schema.to_string()).unwrap_or_default();
        let everywhere = if self.agent.is_none() { "all" } else { "" };
        query(&[("q", q), ("schema", &schema), ("in", everywhere)])
    }
}

impl ListState {
    /// Reads a list's query string, also one of WorkflowAI.
    #[must_use]
    pub fn from_query(query: &ParamsMap) -> Self {
        let q = query.get("q").or_else(|| legacy_query(query)).unwrap_or_default();
        Self {
            q,
            page: query.get_str("page").and_then(|text| text.parse().ok()).unwrap_or(0),
            sort: query.get("sort").unwrap_or_default(),
            columns: query.get("columns").unwrap_or_default(),
            run: query.get("runId").or_else(|| query.get("taskRunId")).filter(|id| !id.is_empty()),
            form: Form::from_word(query.get_str("view")),
            live: query.get_str("live") == Some("1"),
        }
    }

    /// The address of this state of a list.
    #[must_use]
    pub fn href(&self, scope: &ListScope) -> String {
        let page = if self.page == 0 { String::new() } else { self.page.to_string() };
        let view = if self.run.is_some() { self.form.as_str() } else { "" };
        let run = self.run.as_deref().unwrap_or_default();
        let query = query(&[
            ("q", &self.q),
            ("sort", &self.sort),
            ("columns", &self.columns),
            ("page", &page),
            ("live", if self.live { "1" } else { "" }),
            ("runId", run),
            ("view", view),
        ]);
        format!("{}{query}", scope.path())
    }

    /// The same list with this run in the drawer, or none.
    #[must_use]
    pub fn with_run(&self, run: Option<String>) -> Self {
        Self { run, ..self.clone() }
    }

    /// The same list, with new runs by themselves or not.
    #[must_use]
    pub fn with_live(&self, live: bool) -> Self {
        Self { live, ..self.clone() }
    }

    /// The same search on another page.
    #[must_use]
    pub fn with_page(&self, page: u32) -> Self {
        Self { page, run: None, form: Form::Readable, ..self.clone() }
    }

    /// Another search, from its first page.
    #[must_use]
    pub fn with_q(&self, q: String) -> Self {
        Self { q, page: 0, run: None, form: Form::Readable, ..self.clone() }
    }

    /// The same search in another order, from its first page.
    #[must_use]
    pub fn with_sort(&self, sort: String) -> Self {
        Self { sort, page: 0, run: None, form: Form::Readable, ..self.clone() }
    }

    /// The same runs with other columns.
    #[must_use]
    pub fn with_columns(&self, columns: String) -> Self {
        Self { columns, ..self.clone() }
    }

    /// What the server reads for it.
    #[must_use]
    pub fn query(&self) -> ListQuery {
        ListQuery {
            q: self.q.clone(),
            page: self.page,
            sort: self.sort.clone(),
            columns: self.columns.clone(),
        }
    }
}

/// Columns as an address has them, each with its width in pixels where one was chosen.
#[must_use]
pub fn columns_text(columns: &[(String, Option<u32>)]) -> String {
    let said = columns.iter().map(|(name, width)| match width {
        Some(width) => format!("{name}:{width}"),
        None => name.clone(),
    });
    said.collect::<Vec<_>>().join(",")
}

/// The search of a link of WorkflowAI; `None` without one. What cannot be read
/// stays to be seen as a search that is not finished, so that nothing of it is
/// dropped silently.
fn legacy_query(query: &ParamsMap) -> Option<String> {
    let fields = query.get_str("field_name").filter(|fields| !fields.is_empty())?;
    let operators = query.get_str("operator").unwrap_or_default();
    let values = query.get_str("value").unwrap_or_default();
    Some(match SearchQuery::from_legacy(fields, operators, values) {
        Ok(query) => query.to_string(),
        Err(_) => format!("\"{}", format!("{fields} {operators} {values}").replace('"', " ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(pairs: &[(&'static str, &str)]) -> ParamsMap {
        pairs.iter().map(|(key, value)| (*key, (*value).to_owned())).collect()
    }

    #[test]
    fn state_survives_its_address() {
        let scope = ListScope::from_params(&params(&[("org", "acme"), ("agent", "a")]));
        let state = ListState {
            q: "late refund".to_owned(),
            page: 3,
            sort: "-cost".to_owned(),
            columns: "time,metadata.plan:80".to_owned(),
            run: Some("0195dd7a-6977-7197-7ec3-4fc44ade50dc".to_owned()),
            form: Form::Raw,
            live: true,
        };
        assert_eq!(
            state.href(&scope),
            "/acme/agents/a/runs?q=late+refund&sort=-cost&columns=time,metadata.plan:80&page=3\
             &live=1&runId=0195dd7a-6977-7197-7ec3-4fc44ade50dc&view=raw"
        );
        let read = ListState::from_query(&params(&[
            ("q", "late refund"),
            ("page", "3"),
            ("sort", "-cost"),
            ("columns", "time,metadata.plan:80"),
            ("live", "1"),
            ("runId", "0195dd7a-6977-7197-7ec3-4fc44ade50dc"),
            ("view", "raw"),
        ]));
        assert_eq!(read, state);
    }

    #[test]
    fn old_names_of_the_run_are_read() {
        let state = ListState::from_query(&params(&[("taskRunId", "x"), ("page", "no number")]));
        assert_eq!(state.run.as_deref(), Some("x"));
        assert_eq!(state.page, 0);
    }

    #[test]
    fn searches_of_old_links_are_read() {
        let read = |field, operator, value| {
            let pairs = [("field_name", field), ("operator", operator), ("value", value)];
            ListState::from_query(&params(&pairs)).q
        };
        assert_eq!(read("schema,version", "is,is", "1,3.1"), "schema:1 version:3.1");
        assert_eq!(
            read("price,latency", "greater than,less than or equal to", "0.01,2.5"),
            "cost:>$0.01 latency:<=2.5s"
        );
        assert_eq!(
            read("metadata.user id", "contains", "say \"hi\""),
            r#"metadata."user id":~"say \"hi\"""#
        );
        assert_eq!(read("", "is", "x"), "");
    }

    #[test]
    fn what_cannot_be_read_of_old_links_is_shown_and_matches_nothing() {
        for (field, operator, value) in
            [("eval_hash", "is", "x"), ("model", "resembles", "x\""), ("model,status", "is", "x")]
        {
            let pairs = [("field_name", field), ("operator", operator), ("value", value)];
            let q = ListState::from_query(&params(&pairs)).q;
            assert!(q.contains(field) && SearchQuery::parse(&q).is_err(), "{q}");
        }
    }

    #[test]
    fn another_search_begins_on_its_first_page() {
        let state = ListState { page: 4, run: Some("x".to_owned()), ..ListState::default() };
        assert_eq!(
            state.with_q("a".to_owned()),
            ListState { q: "a".to_owned(), ..ListState::default() }
        );
    }

    #[test]
    fn paths_are_those_of_the_documentation() {
        let all = ListScope { org: "acme".to_owned(), ..ListScope::default() };
        assert_eq!(all.path(), "/acme/runs");
        assert_eq!(all.run_query("a"), "?q=a&in=all");
        let agent = ListScope { agent: Some("a".to_owned()), ..all };
        assert_eq!(agent.path(), "/acme/agents/a/runs");
        let schema = ListScope { schema: Some(2), ..agent };
        assert_eq!(schema.path(), "/acme/agents/a/2/runs");
        assert_eq!(schema.run_query(""), "?schema=2");
    }
}
