CREATE TABLE IF NOT EXISTS run_bodies
(
    org UInt64,
    agent UInt64,
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id UInt128,
    input String CODEC(ZSTD(3)),
    output String CODEC(ZSTD(3)),
    version String CODEC(ZSTD(3)),
    completions String CODEC(ZSTD(3)),
    tool_calls String CODEC(ZSTD(3)),
    reasoning String CODEC(ZSTD(3)),
    INDEX id_index id TYPE bloom_filter(0.001) GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, agent, created_at, id)
SETTINGS index_granularity_bytes = 8388608, non_replicated_deduplication_window = 1000
