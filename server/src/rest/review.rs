//! `POST …/runs/{run}/review`: what a member thinks of a run.

use axum::Json;
use axum::extract::Path;
use axum::extract::rejection::JsonRejection;
use model::Timestamp;
use model::review::{Outcome, Review, ReviewKind};
use serde::{Deserialize, Deserializer, Serialize};

use super::access::Reviewer;
use super::feedback::{MAX_COMMENT_CHARS, check_length};
use super::json_body::JsonBody;
use super::runs::{RunPath, known};
use crate::error::ApiError;

/// What a member says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// `None` takes back what they said before.
    #[serde(deserialize_with = "said")]
    outcome: Option<String>,
    #[serde(default)]
    comment: Option<String>,
}

/// Nothing said is no `null`: a review is not taken back by accident.
fn said<'de, D: Deserializer<'de>>(outcome: D) -> Result<Option<String>, D::Error> {
    Option::deserialize(outcome)
}

/// A review as it is kept.
#[derive(Serialize)]
pub struct Kept {
    reviewer: String,
    outcome: Option<Outcome>,
    comment: Option<String>,
    updated_at: Option<Timestamp>,
}

/// `POST …/runs/{run}/review`. A later one of the same member takes the place of
/// the former.
pub async fn review(
    reviewer: Reviewer,
    Path(path): Path<RunPath>,
    body: Result<JsonBody<NewReview>, JsonRejection>,
) -> Result<Json<Kept>, ApiError> {
    let JsonBody(new) = body?;
    let outcome = new.outcome.map(|word| word.parse::<Outcome>()).transpose();
    let outcome = outcome.map_err(|error| ApiError::invalid_field("outcome", error))?;
    let comment = new.comment.unwrap_or_default();
    check_length("comment", &comment, MAX_COMMENT_CHARS)?;
    let Reviewer { store, email } = reviewer;
    let run = known(&store, path).await?;
    if !store.set_review(run, ReviewKind::Review, &email, outcome, &comment).await? {
        return Err(ApiError::not_found());
    }
    let reviews = store.reviews(run).await?.ok_or_else(ApiError::not_found)?;
    let is_theirs = |review: &Review| review.kind == ReviewKind::Review && review.reviewer == email;
    let kept = reviews.into_iter().find(is_theirs);
    Ok(Json(Kept {
        outcome: kept.as_ref().map(|review| review.outcome),
        updated_at: kept.as_ref().map(|review| review.updated_at),
        comment: kept.map(|review| review.comment).filter(|comment| !comment.is_empty()),
        reviewer: email,
    }))
}
