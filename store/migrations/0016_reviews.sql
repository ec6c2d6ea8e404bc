CREATE TABLE IF NOT EXISTS reviews
(
    org UInt64,
    agent UInt64,
    run UInt128,
    -- review: by a member; feedback: by an end user.
    kind LowCardinality(String),
    reviewer String,
    -- Empty when it was taken back.
    outcome LowCardinality(String),
    comment String CODEC(ZSTD(3)),
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, agent, run, kind, reviewer)
