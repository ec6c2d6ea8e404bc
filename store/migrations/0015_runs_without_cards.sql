ALTER TABLE runs
    DROP COLUMN IF EXISTS error_details,
    DROP COLUMN IF EXISTS span_id,
    DROP COLUMN IF EXISTS parent_run_id,
    DROP COLUMN IF EXISTS metadata,
    DROP COLUMN IF EXISTS input_preview,
    DROP COLUMN IF EXISTS output_preview
