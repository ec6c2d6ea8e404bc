CREATE TABLE IF NOT EXISTS api_keys
(
    id UInt64,
    org UInt64,
    name String,
    -- Only the hash is kept; the prefix lets people tell their keys apart.
    hash String,
    prefix String,
    scopes Array(LowCardinality(String)),
    created_at DateTime64(6, 'UTC'),
    revoked_at Nullable(DateTime64(6, 'UTC')),
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY hash
