CREATE TABLE IF NOT EXISTS runs
(
    org UInt64,
    agent UInt64,
    -- Nearly sorted within an agent, so differences are small.
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    -- UUIDs do not sort by time in ClickHouse; the integer does.
    id UInt128,
    client_key UInt128,
    content_hash UInt128,
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
    -- The object as sent, since its values may be any JSON.
    metadata String CODEC(ZSTD(3)),
    input_preview String CODEC(ZSTD(3)),
    output_preview String CODEC(ZSTD(3)),
    tools Array(LowCardinality(String)),
    -- Folded values of input, output and error: what words and phrases search.
    search_text String CODEC(ZSTD(3)),
    -- Which part of search_text belongs to which JSON path, for `path:~part`.
    segment_paths Array(LowCardinality(String)),
    segment_ends Array(UInt32) CODEC(Delta, ZSTD(1)),
    -- One entry for each path that is present and one for each scalar value at a path.
    leaves Array(String) CODEC(ZSTD(3)),
    number_paths Array(LowCardinality(String)),
    -- The double orders numbers; the integer decides between doubles that are equal,
    -- so 64-bit integers compare exactly.
    number_doubles Array(Float64) CODEC(ZSTD(1)),
    number_integers Array(Int128) CODEC(ZSTD(1)),
    ingested_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    INDEX search_text_index search_text TYPE text(tokenizer = 'splitByNonAlpha'),
    INDEX leaves_index leaves TYPE text(tokenizer = 'array'),
    INDEX id_index id TYPE bloom_filter(0.001) GRANULARITY 8,
    INDEX conversation_index conversation_id TYPE bloom_filter(0.01) GRANULARITY 8
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, agent, created_at, id)
-- A page of rare matches opens one granule a row, so granules are small; the
-- bound on bytes is high so that wide rows do not make them smaller still.
SETTINGS index_granularity = 1024, index_granularity_bytes = 67108864,
    non_replicated_deduplication_window = 1000
