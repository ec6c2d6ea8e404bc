//! OpenLLMetry, also known as Traceloop.

use crate::table::Field::*;
use crate::table::{Dialect, Numbered, Rule};

pub(super) const DIALECT: Dialect = Dialect {
    rules: &[
        Rule("traceloop.workflow.name", Workflow),
        Rule("traceloop.entity.name", AgentEntity),
        Rule("traceloop.association.properties.session_id", Conversation),
        Rule("traceloop.association.properties.thread_id", Conversation),
        Rule("traceloop.association.properties.conversation_id", Conversation),
        Rule("traceloop.association.properties.user_id", User),
        Rule("llm.vendor", Provider),
        Rule("llm.request.model", RequestModel),
        Rule("llm.response.model", ResponseModel),
        Rule("llm.response.id", ResponseId),
        Rule("llm.temperature", Parameter("temperature")),
        Rule("llm.top_p", Parameter("top_p")),
        Rule("llm.top_k", Parameter("top_k")),
        Rule("llm.frequency_penalty", Parameter("frequency_penalty")),
        Rule("llm.presence_penalty", Parameter("presence_penalty")),
        Rule("llm.request.max_tokens", Parameter("max_tokens")),
        Rule("llm.request.reasoning_effort", Parameter("reasoning_effort")),
        Rule("llm.is_streaming", Parameter("stream")),
        Rule("gen_ai.request.structured_output_schema", Parameter("response_schema")),
        Rule("llm.usage.prompt_tokens", InputTokens),
        Rule("llm.usage.cache_read_input_tokens", CachedTokens),
        Rule("llm.usage.cache_creation_input_tokens", CacheWriteTokens),
        Rule("llm.usage.total_tokens", TotalTokens),
        Rule("llm.usage.completion_tokens", OutputTokens),
        Rule("llm.usage.reasoning_tokens", ReasoningTokens),
        Rule("llm.response.finish_reason", FinishReasons),
        Rule("traceloop.entity.name", ToolName),
        Rule("traceloop.entity.input", ToolInput),
        Rule("traceloop.entity.output", ToolOutput),
        Rule("traceloop.prompt.key", Label("prompt_name")),
        Rule("traceloop.prompt.version", Label("prompt_version")),
    ],
    numbered: &[
        Numbered { prefix: "gen_ai.prompt", field: InputMessages, inner: "" },
        Numbered { prefix: "gen_ai.completion", field: OutputMessages, inner: "" },
        Numbered { prefix: "llm.prompts", field: InputMessages, inner: "" },
        Numbered { prefix: "llm.completions", field: OutputMessages, inner: "" },
        Numbered { prefix: "llm.request.functions", field: Tools, inner: "" },
    ],
    label_prefixes: &["traceloop.association.properties."],
};
