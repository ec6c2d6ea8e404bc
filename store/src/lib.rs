//! The run store: everything that Runs keeps, in ClickHouse, over HTTP.
//!
//! [`Store`] holds what belongs to no single organization (organizations,
//! accounts, keys, sessions). Runs are reached only through [`OrgStore`], which
//! is bound to one organization when it is made, so that no query can forget it.

mod accounts;
mod agents;
mod agents_page;
mod api_keys;
mod arrivals;
mod breaker;
mod cached_answers;
mod cards;
mod cells;
mod change_watcher;
mod client;
mod clock;
mod condition;
mod conversation;
mod count;
mod cursor;
mod delete;
mod directory;
mod elsewhere;
mod erase;
mod error;
mod export;
mod get_run;
mod in_use;
mod index_term;
mod ingest;
mod list;
mod migrations;
mod neighbours;
mod org_store;
mod organizations;
mod providers;
mod recent_days;
mod reviews;
mod rows;
mod savings;
mod sessions;
mod sorted;
mod sql;
mod stats;
mod suggest;
#[cfg(test)]
mod testing;
mod texts;
mod time_histogram;
mod turn;
mod underway;
mod undrained;
mod unsearched;
mod versions;
mod views;
mod window_scan;

pub use accounts::{Account, AccountId};
pub use agents_page::{AgentsPage, AgentsRequest};
pub use api_keys::{ApiKey, NewKey};
pub use arrivals::{Arrival, ArrivalCursor, Arrivals, FOREIGN_DELAY_US, InvalidArrivalCursor};
pub use cached_answers::{AnswerKey, CachedAnswer};
pub use cells::{CellValue, Place, RunCells};
pub use client::{Store, StoreConfig};
pub use cursor::{Cursor, InvalidCursor};
pub use delete::DeletedAgent;
pub use elsewhere::{Elsewhere, Withheld};
pub use error::StoreError;
pub use export::Export;
pub use ingest::{
    IngestedRun, OrgBatch, RejectedRun, Wanted, WriteOptions, WriteOutcome, Written, content_hash,
};
pub use list::{ListRequest, Window};
pub use migrations::MigrationReport;
pub use neighbours::Neighbours;
pub use org_store::OrgStore;
pub use organizations::{Member, Org, OrgId};
pub use providers::StoredProvider;
pub use recent_days::{DayCount, RECENT_DAYS, Week};
pub use sorted::SortedCursor;
pub use texts::RunTexts;
pub use underway::{Passage, Underway};
pub use undrained::{Forgotten, Undrained};
pub use views::ViewKeeper;
