CREATE TABLE IF NOT EXISTS accounts
(
    id UInt64,
    email String,
    password_hash String,
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY email
