ALTER TABLE runs ADD PROJECTION IF NOT EXISTS answers_served
(
    SELECT org, agent, cached_from, count(), sum(ifNull(latency_us, 0))
    GROUP BY org, agent, cached_from
)
