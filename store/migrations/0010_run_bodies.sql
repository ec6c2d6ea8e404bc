CREATE TABLE IF NOT EXISTS run_bodies
(
    org UInt64,
    agent UInt64,
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id UInt128,
    -- Input, output, version, completions and the rest in one text, since the
    -- completions repeat the input and output and the codec then sees it.
    body String CODEC(ZSTD(3)),
    INDEX id_index id TYPE bloom_filter(0.001) GRANULARITY 4
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, agent, created_at, id)
-- A body is read alone, so a granule holds few.
SETTINGS index_granularity = 256, non_replicated_deduplication_window = 1000
