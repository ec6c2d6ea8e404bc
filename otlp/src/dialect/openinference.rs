//! OpenInference, as Phoenix and its instrumentations speak it.

use crate::table::Field::*;
use crate::table::{Dialect, Numbered, Rule};

pub(super) const DIALECT: Dialect = Dialect {
    rules: &[
        Rule("agent.name", Agent),
        Rule("llm.provider", Provider),
        Rule("llm.system", Provider),
        Rule("llm.model_name", RequestModel),
        Rule("llm.invocation_parameters", Parameters),
        Rule("llm.token_count.prompt", InputTokens),
        Rule("llm.token_count.prompt_details.cache_read", CachedTokens),
        Rule("llm.token_count.prompt_details.cache_input", CachedTokens),
        Rule("llm.token_count.prompt_details.cache_write", CacheWriteTokens),
        Rule("llm.token_count.prompt_details.audio", InputAudioTokens),
        Rule("llm.token_count.completion_details.audio", OutputAudioTokens),
        Rule("llm.token_count.total", TotalTokens),
        Rule("llm.token_count.completion", OutputTokens),
        Rule("llm.token_count.completion_details.reasoning", ReasoningTokens),
        Rule("llm.cost.total", Cost),
        Rule("llm.finish_reason", FinishReasons),
        Rule("input.value", Input),
        Rule("output.value", Output),
        Rule("tool.name", ToolName),
        Rule("tool_call.function.name", ToolName),
        Rule("tool.id", ToolCallId),
        Rule("tool_call.id", ToolCallId),
        Rule("tool_call.function.arguments", ToolInput),
        Rule("input.value", ToolInput),
        Rule("tool.parameters", ToolInput),
        Rule("output.value", ToolOutput),
        Rule("metadata", Labels),
        Rule("llm.prompt_template.variables", Label("prompt_variables")),
        Rule("llm.prompt_template.version", Label("prompt_version")),
        Rule("tag.tags", Label("tags")),
    ],
    numbered: &[
        Numbered { prefix: "llm.input_messages", field: InputMessages, inner: "message." },
        Numbered { prefix: "llm.output_messages", field: OutputMessages, inner: "message." },
        Numbered { prefix: "llm.prompts", field: InputMessages, inner: "prompt." },
        Numbered { prefix: "llm.choices", field: OutputMessages, inner: "completion." },
        Numbered { prefix: "llm.tools", field: Tools, inner: "tool." },
    ],
    label_prefixes: &[],
};
