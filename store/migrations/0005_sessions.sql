CREATE TABLE IF NOT EXISTS sessions
(
    token_hash String,
    account UInt64,
    expires_at DateTime64(6, 'UTC'),
    -- A row that ends a session keeps its expiry, so that both leave together.
    ended UInt8,
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY token_hash
TTL toDateTime(expires_at) + INTERVAL 1 DAY
