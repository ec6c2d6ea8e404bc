CREATE TABLE IF NOT EXISTS runs
(
    tenant_uid UInt32,
    task_uid UInt32,
    created_at_date Date,
    run_uuid UInt128,
    updated_at DateTime,
    task_schema_id UInt16,
    version_id FixedString(32),
    version_iteration UInt16,
    version_model LowCardinality(String),
    version_temperature_percent UInt8,
    input_hash FixedString(32),
    output_hash FixedString(32),
    eval_hash FixedString(32),
    cache_hash FixedString(32),
    input_preview String,
    output_preview String,
    input String,
    output String,
    duration_ds UInt16,
    overhead_ms UInt8,
    cost_millionth_usd UInt32,
    input_token_count UInt32,
    output_token_count UInt32,
    error_payload String,
    metadata Map(String, String),
    provider_config_uuid UUID,
    author_uid UInt32,
    is_active Boolean,
    tool_calls Array(String) CODEC(ZSTD(3)),
    reasoning_steps Array(String),
    llm_completions Array(String) CODEC(ZSTD(3)),
    conversation_id UInt128,
    INDEX cache_hash_index cache_hash TYPE bloom_filter(0.01),
    INDEX eval_hash_index eval_hash TYPE bloom_filter(0.01),
    INDEX input_hash_index input_hash TYPE bloom_filter(0.01)
)
ENGINE = ReplacingMergeTree(updated_at)
PARTITION BY toYYYYMM(created_at_date)
PRIMARY KEY (tenant_uid, created_at_date, task_uid)
ORDER BY (tenant_uid, created_at_date, task_uid, run_uuid)
