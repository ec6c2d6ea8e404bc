-- What searches do not find of the run, as JSON; empty when they find all of it.
ALTER TABLE runs ADD COLUMN IF NOT EXISTS unsearched String CODEC(ZSTD(1))
