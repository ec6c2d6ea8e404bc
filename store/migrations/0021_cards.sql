CREATE TABLE IF NOT EXISTS cards
(
    org UInt64,
    agent UInt64,
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id UInt128,
    -- What a list shows of a run, as one JSON text: thirty columns took longer to
    -- plan and to open, fifty scattered rows at a time, than this takes to parse.
    card String CODEC(ZSTD(3))
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, agent, created_at, id)
-- Compact parts and small granules: a page of rare matches opens one for each run.
SETTINGS index_granularity = 64, min_bytes_for_wide_part = 1099511627776,
    min_rows_for_wide_part = 1099511627776, non_replicated_deduplication_window = 1000
