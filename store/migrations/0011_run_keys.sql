CREATE TABLE IF NOT EXISTS run_keys
(
    org UInt64,
    -- A client's own id that could not be a run id, and the run it names.
    client_key UInt128,
    agent UInt64,
    run UInt128
)
ENGINE = ReplacingMergeTree
ORDER BY (org, client_key)
