//! Langfuse's own attributes.

use crate::table::Field::*;
use crate::table::{Dialect, Rule};

pub(super) const DIALECT: Dialect = Dialect {
    rules: &[
        Rule("langfuse.trace.name", Workflow),
        Rule("langfuse.session.id", Conversation),
        Rule("langfuse.user.id", User),
        Rule("langfuse.environment", Environment),
        Rule("langfuse.observation.model.name", RequestModel),
        Rule("langfuse.observation.model.parameters", Parameters),
        Rule("langfuse.observation.usage_details", UsageDetails),
        Rule("langfuse.observation.cost_details", CostDetails),
        Rule("langfuse.observation.completion_start_time", FirstChunkAt),
        Rule("langfuse.observation.input", Input),
        Rule("langfuse.observation.output", Output),
        Rule("langfuse.observation.input", ToolInput),
        Rule("langfuse.observation.output", ToolOutput),
        Rule("langfuse.observation.status_message", ErrorMessage),
        Rule("langfuse.observation.metadata", Labels),
        Rule("langfuse.trace.metadata", Labels),
        Rule("langfuse.trace.tags", Label("tags")),
        Rule("langfuse.release", Label("release")),
        Rule("langfuse.version", Label("version")),
        Rule("langfuse.observation.prompt.name", Label("prompt_name")),
        Rule("langfuse.observation.prompt.version", Label("prompt_version")),
    ],
    numbered: &[],
    label_prefixes: &["langfuse.observation.metadata.", "langfuse.trace.metadata."],
};
