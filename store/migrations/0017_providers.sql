CREATE TABLE IF NOT EXISTS providers
(
    org UInt64,
    name String,
    kind LowCardinality(String),
    base_url String,
    -- Encrypted with a key that is not in the database; empty when there is none.
    sealed_key String,
    created_at DateTime64(6, 'UTC'),
    removed UInt8,
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, name)
