INSERT INTO run_cards
(
    org, agent, created_at, id, schema, failed, error_code, error_message, error_details,
    version_id, model, provider, temperature, latency_us, time_to_first_token_us,
    cost_nano_usd, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
    conversation_id, environment, source, cached_from, trace_id, span_id, parent_run_id,
    metadata, input_preview, output_preview
)
SELECT
    org, agent, created_at, id, schema, failed, error_code, error_message, error_details,
    version_id, model, provider, temperature, latency_us, time_to_first_token_us,
    cost_nano_usd, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
    conversation_id, environment, source, cached_from, trace_id, span_id, parent_run_id,
    metadata, input_preview, output_preview
FROM runs
WHERE (org, agent, id) NOT IN (SELECT org, agent, id FROM run_cards)
SETTINGS max_partitions_per_insert_block = 0
