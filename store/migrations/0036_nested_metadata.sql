CREATE TABLE IF NOT EXISTS nested_metadata
(
    org UInt64,
    agent UInt64,
    created_at DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    id UInt128,
    -- As the columns of runs: the places inside of metadata, of runs that were stored
    -- when those had no entries. Rows cannot be changed there without writing all anew.
    leaves Array(String) CODEC(ZSTD(3)),
    number_paths Array(LowCardinality(String)),
    number_doubles Array(Float64) CODEC(ZSTD(1)),
    number_integers Array(Int128) CODEC(ZSTD(1)),
    INDEX leaves_index leaves TYPE text(tokenizer = 'array')
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(created_at)
ORDER BY (org, agent, created_at, id)
SETTINGS index_granularity = 1024
