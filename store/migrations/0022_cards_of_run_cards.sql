INSERT INTO cards (org, agent, created_at, id, card)
SELECT
    org, agent, created_at, id,
    toJSONString(CAST(tuple(
        schema, failed, error_code, error_message, error_details, version_id, model, provider,
        temperature, latency_us, time_to_first_token_us, cost_nano_usd, input_tokens,
        cached_input_tokens, output_tokens, reasoning_tokens, conversation_id, environment,
        source, cached_from, trace_id, span_id, parent_run_id, metadata, input_preview,
        output_preview) AS Tuple(
        schema UInt32, failed UInt8, error_code String, error_message String,
        error_details String, version_id UInt128, model String, provider String,
        temperature Nullable(Float64), latency_us Nullable(UInt64),
        time_to_first_token_us Nullable(UInt64), cost_nano_usd Nullable(UInt64),
        input_tokens Nullable(UInt64), cached_input_tokens Nullable(UInt64),
        output_tokens Nullable(UInt64), reasoning_tokens Nullable(UInt64),
        conversation_id String, environment String, source String, cached_from UInt128,
        trace_id String, span_id String, parent_run_id UInt128, metadata String,
        input_preview String, output_preview String)))
FROM run_cards
WHERE (org, agent, id) NOT IN (SELECT org, agent, id FROM cards)
SETTINGS max_partitions_per_insert_block = 0, output_format_json_quote_64bit_integers = 0
