//! `POST …/runs/search`: a search in a body, also in the form of WorkflowAI.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use model::search::{Expr, FieldQuery, SearchQuery};
use model::{AgentSlug, RunList};
use serde::Deserialize;
use store::{ListRequest, Window};

use super::access::Reader;
use super::agents::AgentPath;
use super::json_body::JsonBody;
use super::list::{answer, check_count, check_limit, parse_cursor, parse_query, parse_sort};
use crate::error::ApiError;
use crate::state::AppState;

/// What the body may say.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchBody {
    q: String,
    field_queries: Vec<FieldQuery>,
    limit: Option<u32>,
    offset: Option<u32>,
    cursor: Option<String>,
    sort: Option<String>,
    count: Option<String>,
}

/// `POST /v1/{org}/agents/{agent}/runs/search`.
pub async fn search_agent_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    Path(path): Path<AgentPath>,
    body: Result<JsonBody<SearchBody>, JsonRejection>,
) -> Result<Json<RunList>, ApiError> {
    answer(&state, &store, body?.0.request(Some(path.slug()?))?).await
}

/// `POST /v1/{org}/runs/search`.
pub async fn search_org_runs(
    Reader(store): Reader,
    State(state): State<AppState>,
    body: Result<JsonBody<SearchBody>, JsonRejection>,
) -> Result<Json<RunList>, ApiError> {
    answer(&state, &store, body?.0.request(None)?).await
}

impl SearchBody {
    fn request(self, agent: Option<AgentSlug>) -> Result<ListRequest, ApiError> {
        let limit = check_limit(self.limit)?;
        let sort = parse_sort(self.sort.as_deref())?;
        let window = match (parse_cursor(sort, self.cursor.as_deref())?, self.offset) {
            (Some(_), Some(_)) => {
                return Err(ApiError::invalid_field("offset", "cannot go with cursor; send one"));
            }
            (Some(window), None) => window,
            (None, offset) => match offset.unwrap_or(0) {
                offset if offset % limit == 0 => Window::Page(offset / limit),
                _ => return Err(ApiError::invalid_field("offset", "must be a multiple of limit")),
            },
        };
        Ok(ListRequest {
            agent,
            schema: None,
            query: to_search(&self.q, &self.field_queries)?,
            sort,
            window,
            limit,
            exact_count: check_count(self.count.as_deref())?,
        })
    }
}

/// The search that asks for all of these conditions and for what `text` asks.
fn to_search(text: &str, queries: &[FieldQuery]) -> Result<SearchQuery, ApiError> {
    let conditions = SearchQuery::from_field_queries(queries).map_err(|error| {
        ApiError::invalid_field(&format!("field_queries[{}]", error.index), error.message)
    })?;
    // Last, since a word still being typed counts only at the end.
    let text = parse_query(text)?;
    let all = conditions.root().into_iter().chain(text.root()).cloned().collect();
    SearchQuery::new(Expr::And(all))
        .map_err(|error| ApiError::invalid_field("field_queries", error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, json: &str) -> Result<SearchQuery, ApiError> {
        to_search(text, &serde_json::from_str::<Vec<FieldQuery>>(json).unwrap())
    }

    #[test]
    fn text_and_conditions_hold_together() {
        let model = r#"[{"field_name":"model","operator":"is","values":["gpt-4o"]}]"#;
        let both = read("refund OR delay", model).unwrap();
        let expected = SearchQuery::parse("model:gpt-4o (refund OR delay)").unwrap();
        assert_eq!(both.root(), expected.root());
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for second in [
            r#"{"field_name":"status","operator":"resembles","values":["x"]}"#,
            r#"{"field_name":"eval_hash","operator":"is","values":["x"]}"#,
            r#"{"field_name":"model","operator":"is","values":[]}"#,
        ] {
            let first = r#"{"field_name":"status","operator":"is","values":["failure"]}"#;
            let error = read("", &format!("[{first},{second}]")).unwrap_err();
            assert_eq!(error.body.details["field"], "field_queries[1]", "{second}");
        }
    }
}
