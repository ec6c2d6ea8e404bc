CREATE TABLE IF NOT EXISTS members
(
    org UInt64,
    account UInt64,
    role LowCardinality(String),
    -- An empty role means that the membership has ended.
    created_at DateTime64(6, 'UTC'),
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (account, org)
