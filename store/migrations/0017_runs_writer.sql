-- Which process wrote the row: its stamps in ingested_at rise with visibility.
ALTER TABLE runs ADD COLUMN IF NOT EXISTS writer UInt64 DEFAULT 0 CODEC(Delta, ZSTD(1))
