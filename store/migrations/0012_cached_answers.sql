CREATE TABLE IF NOT EXISTS cached_answers
(
    org UInt64,
    agent UInt64,
    version UInt128,
    -- Hash of the run's input.
    input UInt128,
    -- The answer itself is in the run, which is kept anyway.
    run UInt128,
    created_at DateTime64(6, 'UTC')
)
ENGINE = ReplacingMergeTree(created_at)
ORDER BY (org, agent, version, input)
