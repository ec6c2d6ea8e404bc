CREATE TABLE IF NOT EXISTS schemas
(
    org UInt64,
    agent UInt64,
    shape UInt128,
    number UInt32
)
ENGINE = ReplacingMergeTree
ORDER BY (org, agent, shape)
