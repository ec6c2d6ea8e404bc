ALTER TABLE runs ADD PROJECTION IF NOT EXISTS agent_totals
(
    SELECT org, agent, min(created_at), max(created_at), count(), sum(cost_nano_usd)
    GROUP BY org, agent
)
