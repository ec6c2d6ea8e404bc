CREATE TABLE IF NOT EXISTS views
(
    org UInt64,
    -- 0 for the list of all agents.
    agent UInt64,
    id UInt64,
    -- Who made it; 0 for a key.
    owner UInt64,
    is_shared UInt8,
    is_default UInt8,
    is_live UInt8,
    name String,
    query String,
    sort LowCardinality(String),
    columns String,
    deleted UInt8,
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, agent, id)
