-- Deleting an agent makes the sums of the parts that it touches anew.
ALTER TABLE runs MODIFY SETTING lightweight_mutation_projection_mode = 'rebuild'
