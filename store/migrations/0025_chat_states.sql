CREATE TABLE IF NOT EXISTS chat_states
(
    org UInt64,
    agent UInt64,
    -- The hash of a chat's messages up to and with an answer.
    state UInt128,
    -- The run that gave the answer, and its conversation.
    run UInt128,
    conversation String,
    -- The run that went on with the conversation from here; 0 while there is none.
    continued_by UInt128,
    is_continued UInt8,
    seen_at DateTime DEFAULT now()
)
ENGINE = ReplacingMergeTree(is_continued)
ORDER BY (org, agent, state, run)
-- Nobody comes back to a chat after a month without starting it anew.
TTL seen_at + INTERVAL 30 DAY
-- States are looked for by their hashes, each in a granule of its own.
SETTINGS index_granularity = 256
