CREATE TABLE IF NOT EXISTS agents
(
    org UInt64,
    slug String,
    -- A deleted agent's name can be used again: the new agent has another id,
    -- so the old one's runs stay out of sight while they are being removed.
    id UInt64,
    name String,
    first_seen DateTime64(6, 'UTC'),
    deleted UInt8,
    updated_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(updated_at)
ORDER BY (org, slug, id)
