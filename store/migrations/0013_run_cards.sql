CREATE TABLE IF NOT EXISTS run_cards
(
    org UInt64,
    agent UInt64,
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id UInt128,
    schema UInt32,
    failed UInt8,
    error_code LowCardinality(String),
    error_message String CODEC(ZSTD(3)),
    error_details String CODEC(ZSTD(3)),
    version_id UInt128,
    model LowCardinality(String),
    provider LowCardinality(String),
    temperature Nullable(Float64),
    latency_us Nullable(UInt64),
    time_to_first_token_us Nullable(UInt64),
    cost_nano_usd Nullable(UInt64),
    input_tokens Nullable(UInt64),
    cached_input_tokens Nullable(UInt64),
    output_tokens Nullable(UInt64),
    reasoning_tokens Nullable(UInt64),
    conversation_id String CODEC(ZSTD(1)),
    environment LowCardinality(String),
    source LowCardinality(String),
    cached_from UInt128,
    trace_id String CODEC(ZSTD(1)),
    span_id String CODEC(ZSTD(1)),
    parent_run_id UInt128,
    metadata String CODEC(ZSTD(3)),
    input_preview String CODEC(ZSTD(3)),
    output_preview String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, agent, created_at, id)
-- What a list shows of a run, read fifty scattered rows at a time: compact parts
-- keep all columns of a granule together, and small granules cost little each.
SETTINGS index_granularity = 128, min_bytes_for_wide_part = 1099511627776,
    min_rows_for_wide_part = 1099511627776, non_replicated_deduplication_window = 1000
