CREATE TABLE IF NOT EXISTS versions
(
    org UInt64,
    agent UInt64,
    id UInt128,
    major UInt32,
    minor UInt32,
    major_hash UInt128,
    snapshot String CODEC(ZSTD(3)),
    first_seen DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (org, agent, id)
