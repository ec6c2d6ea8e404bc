//! The types that browser, server, SQL, REST and files share.
//!
//! Nothing here does I/O and everything compiles to WebAssembly. A run comes in
//! as an [`IncomingRun`], is checked and completed into a [`NewRun`], and goes
//! out as a [`Run`] or, in lists, a [`RunItem`].

pub mod access;
pub mod agent;
pub mod agent_order;
pub mod chat_state;
pub mod column;
pub mod completion;
pub mod counts;
pub mod derive;
pub mod dialect;
pub mod digest;
pub mod edit;
pub mod finetune;
pub mod fold;
pub mod id;
pub mod incoming;
pub mod json;
pub mod leaves;
pub mod limits;
pub mod list;
pub mod message;
pub mod nested;
pub mod preview;
mod private;
pub mod review;
pub mod run;
pub mod sameness;
pub mod saved_view;
pub mod search;
pub mod shape;
pub mod slug;
pub mod sort;
pub mod stats;
pub mod suggest;
pub mod time;
pub mod units;
pub mod unsearched;
pub mod version;
mod view;

pub use access::{InvalidKeyName, Role, Scope, key_name};
pub use agent::AgentSummary;
pub use agent_order::{AgentSort, AgentSortKey, InvalidAgentSort};
pub use chat_state::ChatStates;
pub use column::{Column, ColumnKind, Columns, InvalidColumns};
pub use completion::{Completion, CostSource, DEFAULT_PROVIDER, Usage};
pub use counts::Counts;
pub use id::RunId;
pub use incoming::{Charge, CompleteContext, IncomingRun, InvalidRun, NewRun, SchemaHint};
pub use json::Json;
pub use list::RunList;
pub use message::{Media, Message, MessageRole, Part};
pub use run::{Reasoning, Run, RunError, RunItem, RunStatus, Source, ToolCall};
pub use search::{SearchError, SearchQuery};
pub use shape::Shape;
pub use slug::{AgentSlug, OrgSlug};
pub use sort::{InvalidSort, Sort, SortKey};
pub use suggest::{
    FieldValue, SearchField, SearchFields, Suggestion, SuggestionBasis, SuggestionKind, Suggestions,
};
pub use time::Timestamp;
pub use units::{Micros, NanoUsd};
pub use unsearched::Unsearched;
pub use version::{RunVersion, Version, VersionId, VersionNumber, VersionSummary};
