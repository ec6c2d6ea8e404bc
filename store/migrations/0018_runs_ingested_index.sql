-- What arrived lately is in few granules of few parts.
ALTER TABLE runs ADD INDEX IF NOT EXISTS ingested_index ingested_at TYPE minmax GRANULARITY 4
