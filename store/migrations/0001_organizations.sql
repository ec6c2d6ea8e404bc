CREATE TABLE IF NOT EXISTS organizations
(
    id UInt64,
    slug String,
    name String,
    created_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY slug
