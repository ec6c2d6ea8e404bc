//! `POST /v1/feedback` and `GET /v1/feedback`: what end users think of a run.
//!
//! They have no account; the token that came with the run lets them in, from any
//! site, since that is where the run was shown to them.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderValue, Method, StatusCode};
use model::RunId;
use model::review::{Outcome, Review, ReviewKind};
use serde::{Deserialize, Serialize};
use store::OrgStore;

use super::json_body::JsonBody;
use crate::auth::client_ip::{ClientIp, network};
use crate::auth::failures::Failures;
use crate::error::ApiError;
use crate::feedback_token::Claim;
use crate::state::AppState;

/// Calls at once, and the time that each takes to be forgotten.
const CALLS: (NonZeroU32, Duration) = (NonZeroU32::MIN.saturating_add(59), Duration::from_secs(1));

pub(super) const MAX_COMMENT_CHARS: usize = 5_000;
const MAX_USER_CHARS: usize = 200;

/// Limits on calls. A token is checked without asking anybody, so that one that is right
/// need not wait because of others' wrong ones, which may come from the same proxy.
pub struct FeedbackLimits {
    /// Calls with a good token, by what it is for.
    good: Failures<Claim>,
    /// Calls with another, by address.
    bad: Failures<IpAddr>,
}

impl Default for FeedbackLimits {
    fn default() -> Self {
        Self { good: Failures::new(CALLS.0, CALLS.1), bad: Failures::new(CALLS.0, CALLS.1) }
    }
}

/// What an end user says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFeedback {
    #[serde(default)]
    feedback_token: String,
    #[serde(default)]
    outcome: String,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    user_id: Option<String>,
}

/// Whose feedback is asked for.
#[derive(Deserialize)]
pub struct Asked {
    feedback_token: String,
    #[serde(default)]
    user_id: Option<String>,
}

/// Feedback as it is kept.
#[derive(Serialize)]
pub struct Told {
    outcome: Option<Outcome>,
    comment: Option<String>,
    user_id: Option<String>,
}

/// `POST /v1/feedback`. A later one of the same user takes the place of the former.
pub async fn give(
    State(state): State<AppState>,
    ClientIp(client): ClientIp,
    body: Result<JsonBody<NewFeedback>, JsonRejection>,
) -> Result<Json<Told>, ApiError> {
    let JsonBody(new) = body?;
    for (field, value) in [("feedback_token", &new.feedback_token), ("outcome", &new.outcome)] {
        if value.is_empty() {
            return Err(ApiError::invalid_field(field, "is missing"));
        }
    }
    let outcome: Outcome =
        new.outcome.parse().map_err(|error| ApiError::invalid_field("outcome", error))?;
    let comment = new.comment.unwrap_or_default();
    check_length("comment", &comment, MAX_COMMENT_CHARS)?;
    let user = new.user_id.unwrap_or_default();
    check_length("user_id", &user, MAX_USER_CHARS)?;
    let (store, run) = open(&state, client, &new.feedback_token).await?;
    let is_kept =
        store.set_review(run, ReviewKind::Feedback, &user, Some(outcome), &comment).await?;
    if !is_kept {
        return Err(ApiError::not_found());
    }
    Ok(Json(Told { outcome: Some(outcome), comment: some(comment), user_id: some(user) }))
}

/// `GET /v1/feedback?feedback_token=…&user_id=…`.
pub async fn read(
    State(state): State<AppState>,
    ClientIp(client): ClientIp,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Json<Told>, ApiError> {
    let Query(asked) = asked?;
    let (store, run) = open(&state, client, &asked.feedback_token).await?;
    let user = asked.user_id.unwrap_or_default();
    let is_theirs =
        |review: &Review| review.kind == ReviewKind::Feedback && review.reviewer == user;
    let reviews = store.reviews(run).await?.ok_or_else(ApiError::not_found)?;
    let found = reviews.into_iter().find(is_theirs);
    Ok(Json(Told {
        outcome: found.as_ref().map(|review| review.outcome),
        comment: found.and_then(|review| some(review.comment)),
        user_id: some(user),
    }))
}

/// The run of a token, with the store of its organization.
async fn open(
    state: &AppState,
    client: IpAddr,
    token: &str,
) -> Result<(OrgStore, RunId), ApiError> {
    let FeedbackLimits { good, bad } = &state.feedback_limits;
    let Some(claim) = state.feedback_tokens.check(token) else {
        bad.count(&network(client)).map_err(ApiError::too_many_attempts)?;
        return Err(ApiError::invalid_field("feedback_token", "is not one of this server's"));
    };
    good.count(&claim).map_err(ApiError::too_many_attempts)?;
    let org = state.store.org_by_id(claim.org).await?.ok_or_else(ApiError::not_found)?;
    Ok((state.store.org(&org), claim.run))
}

pub(super) fn check_length(field: &str, text: &str, most: usize) -> Result<(), ApiError> {
    if text.chars().count() > most {
        return Err(ApiError::invalid_field(field, format!("must have at most {most} characters")));
    }
    Ok(())
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// Middleware that lets the pages of other sites call: the token is all that
/// opens anything here, and no cookie is looked at.
pub async fn from_any_site(request: axum::extract::Request, next: Next) -> Response {
    let mut response = match *request.method() {
        Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
        _ => next.run(request).await,
    };
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    response
}
