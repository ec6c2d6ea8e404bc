//! What the list of agents shows, as its URL says it.

use leptos_router::params::ParamsMap;
use serde::{Deserialize, Serialize};

use crate::links;

/// What of the agents is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentsState {
    /// Words that names hold, exactly as typed.
    pub q: String,
    /// The order, as the address has it; empty for those that ran last first.
    pub sort: String,
    /// The page, from 0.
    pub page: u32,
}

impl AgentsState {
    /// Reads a query string.
    #[must_use]
    pub fn from_query(query: &ParamsMap) -> Self {
        Self {
            q: query.get("q").unwrap_or_default(),
            sort: query.get("sort").unwrap_or_default(),
            page: query.get_str("page").and_then(|text| text.parse().ok()).unwrap_or(0),
        }
    }

    /// The address of this state.
    #[must_use]
    pub fn href(&self, org: &str) -> String {
        let page = if self.page == 0 { String::new() } else { self.page.to_string() };
        let query = links::query(&[("q", &self.q), ("sort", &self.sort), ("page", &page)]);
        format!("{}{query}", links::agents(org))
    }

    /// Other words, from the first page.
    #[must_use]
    pub fn with_q(&self, q: String) -> Self {
        Self { q, page: 0, ..self.clone() }
    }

    /// The same agents in another order, from the first page.
    #[must_use]
    pub fn with_sort(&self, sort: String) -> Self {
        Self { sort, page: 0, ..self.clone() }
    }

    /// Another page.
    #[must_use]
    pub fn with_page(&self, page: u32) -> Self {
        Self { page, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_survives_its_address() {
        let state = AgentsState { q: "a b&c".to_owned(), sort: "-cost".to_owned(), page: 3 };
        assert_eq!(state.href("acme"), "/acme/agents?q=a+b%26c&sort=-cost&page=3");
        let pairs = [("q", "a b&c"), ("sort", "-cost"), ("page", "3")];
        let query = pairs.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        assert_eq!(AgentsState::from_query(&query), state);
        assert_eq!(AgentsState::default().href("acme"), "/acme/agents");
        assert_eq!(state.with_q("x".to_owned()).page, 0);
        assert_eq!(state.with_sort(String::new()).page, 0);
    }
}
