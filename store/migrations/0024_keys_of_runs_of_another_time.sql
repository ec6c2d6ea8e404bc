INSERT INTO run_keys (org, client_key, agent, run)
SELECT org, id, agent, id
FROM runs
-- The time in the id does not lead to these.
WHERE toUnixTimestamp64Milli(created_at) != toInt64(bitShiftRight(id, 80))
