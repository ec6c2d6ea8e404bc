//! Versions of an agent.

use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use model::{Micros, NanoUsd, Timestamp};
use serde::{Deserialize, Serialize};

use crate::data::run::VersionDoc;
use crate::error::AppError;
use crate::wire::{Call, Wire, WireJson};

/// The versions of an agent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionsDoc {
    /// The versions, newest number first.
    pub versions: Vec<VersionRow>,
    /// When they were read.
    #[serde(with = "crate::data::moment")]
    pub now: Timestamp,
}

/// A version with what its runs add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionRow {
    /// The version.
    pub version: VersionDoc,
    /// When its newest run was made.
    #[serde(with = "crate::data::moment")]
    pub last_seen: Timestamp,
    /// Runs, without those of the playground and of echo.
    pub run_count: u64,
    /// Runs of the playground and of echo.
    pub playground_run_count: u64,
    /// Failed runs.
    pub failure_count: u64,
    /// What its runs cost.
    pub cost: Option<NanoUsd>,
    /// The median of its runs' latency.
    pub latency_p50: Option<Micros>,
}

/// The versions of an agent, newest number first.
///
/// # Errors
/// `not_found` when the agent is not there.
pub fn list_versions(org: String, agent: String) -> Call<VersionsDoc> {
    Call::of(serve_versions(org, agent))
}

#[server(endpoint = "versions/list", input = Json, output = WireJson)]
async fn serve_versions(org: String, agent: String) -> Result<Wire, AppError> {
    let access = crate::auth::access(&org)?;
    let agent = crate::auth::agent_slug(&agent)?;
    let versions = access.store.versions(&agent).await?.ok_or(AppError::NotFound)?;
    let count = versions.len();
    let rows = versions.into_iter().map(|summary| VersionRow {
        version: crate::read::run::version_doc(&summary.version, count),
        last_seen: summary.last_seen,
        run_count: summary.run_count,
        playground_run_count: summary.playground_run_count,
        failure_count: summary.failure_count,
        cost: summary.cost,
        latency_p50: summary.latency_p50,
    });
    Wire::of(&VersionsDoc { versions: rows.collect(), now: crate::read::now() })
}
