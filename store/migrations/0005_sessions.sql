CREATE TABLE IF NOT EXISTS sessions
(
    token_hash String,
    account UInt64,
    expires_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY token_hash
TTL toDateTime(expires_at) + INTERVAL 1 DAY
