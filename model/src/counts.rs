//! Counts of tokens, before it is known what is part of what.

use crate::Usage;

/// What somebody counted. Parts stand inside their wholes or beside them,
/// depending on who counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Tokens of the prompt.
    pub input: Option<u64>,
    /// Those that came from a cache.
    pub cache_read: Option<u64>,
    /// Those that were written to a cache.
    pub cache_write: Option<u64>,
    /// Tokens of the answer.
    pub output: Option<u64>,
    /// Those spent on reasoning.
    pub reasoning: Option<u64>,
    /// All tokens.
    pub total: Option<u64>,
}

impl Counts {
    /// The usage with every part inside its whole.
    ///
    /// A part cannot be larger than its whole, so such a one was counted beside it;
    /// where both can be, the total decides, and without one it is inside. What a
    /// total counts beyond its parts is of an answer of unknown length.
    #[must_use]
    pub fn usage(self) -> Usage {
        let (input, output) = match self.pair_of_total() {
            Some((input, output)) => (Some(input), self.output.map(|_| output)),
            None if self.rest_of_total().is_some() => (self.inputs().first().copied(), None),
            None => (self.inputs().first().copied(), self.outputs().first().copied()),
        };
        Usage {
            input_tokens: input,
            cached_input_tokens: self.cache_read,
            output_tokens: output,
            reasoning_tokens: self.reasoning,
        }
    }

    /// Itself, with what is left of the total counted as reasoning: Google counts
    /// thoughts in the total only where its answers have the form of others.
    #[must_use]
    pub fn with_rest_as_reasoning(self) -> Self {
        let Some(rest) = self.rest_of_total() else { return self };
        let output = self.outputs().first().copied().unwrap_or(0);
        let reasoning = self.reasoning.unwrap_or(0).saturating_add(rest);
        Self { output: Some(output.saturating_add(rest)), reasoning: Some(reasoning), ..self }
    }

    /// What a prompt and an answer come to that the total is the sum of.
    fn pair_of_total(&self) -> Option<(u64, u64)> {
        let total = self.total?;
        let outputs = self.outputs();
        let answers = if outputs.is_empty() { vec![0] } else { outputs };
        let inputs = self.inputs().into_iter();
        let mut pairs = inputs.flat_map(|input| answers.iter().map(move |answer| (input, *answer)));
        pairs.find(|(input, answer)| input.checked_add(*answer) == Some(total))
    }

    /// What the total counts beyond the prompt and the answer.
    fn rest_of_total(&self) -> Option<u64> {
        if self.pair_of_total().is_some() {
            return None;
        }
        let input = self.inputs().first().copied()?;
        let output = self.outputs().first().copied().unwrap_or(0);
        self.total?.checked_sub(input.saturating_add(output)).filter(|rest| *rest > 0)
    }

    /// What the prompt may come to, the likeliest first.
    fn inputs(&self) -> Vec<u64> {
        let Some(input) = self.input else { return Vec::new() };
        let (read, write) = (self.cache_read.unwrap_or(0), self.cache_write.unwrap_or(0));
        let parts = read.saturating_add(write);
        let inside = (parts <= input).then_some(input);
        let beside = input.saturating_add(parts);
        let written_beside = (read <= input).then(|| input.saturating_add(write));
        inside.into_iter().chain([beside]).chain(written_beside).collect()
    }

    /// What the answer may come to, the likeliest first.
    fn outputs(&self) -> Vec<u64> {
        let Some(output) = self.output else { return Vec::new() };
        let reasoning = self.reasoning.unwrap_or(0);
        let inside = (reasoning <= output).then_some(output);
        inside.into_iter().chain([output.saturating_add(reasoning)]).collect()
    }
}

impl Usage {
    /// Itself, without a prompt of no tokens, which no prompt is: so say those who
    /// do not count. `None` when nothing is counted.
    #[must_use]
    pub fn counted(self) -> Option<Self> {
        let counts = [
            self.input_tokens,
            self.cached_input_tokens,
            self.output_tokens,
            self.reasoning_tokens,
        ];
        let is_counted = counts.into_iter().flatten().any(|tokens| tokens > 0);
        let input_tokens = self.input_tokens.filter(|tokens| *tokens > 0);
        is_counted.then_some(Self { input_tokens, ..self })
    }

    /// Itself, with parts that are larger than their wholes added to these.
    #[must_use]
    pub fn with_parts_inside(self) -> Self {
        let counts = Counts {
            input: self.input_tokens,
            cache_read: self.cached_input_tokens,
            output: self.output_tokens,
            reasoning: self.reasoning_tokens,
            ..Counts::default()
        };
        counts.usage()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Input and output of counts: input, read, written, output, reasoning, total.
    fn wholes(counts: [u64; 6]) -> (Option<u64>, Option<u64>) {
        let [input, read, write, output, reasoning, total] = counts;
        let counts = Counts {
            input: Some(input),
            cache_read: Some(read),
            cache_write: Some(write),
            output: Some(output),
            reasoning: Some(reasoning),
            total: (total > 0).then_some(total),
        };
        let usage = counts.usage();
        (usage.input_tokens, usage.output_tokens)
    }

    #[test]
    fn parts_are_inside_unless_they_do_not_fit() {
        assert_eq!(wholes([98_805, 98_795, 0, 40, 0, 0]), (Some(98_805), Some(40)));
        assert_eq!(wholes([100, 60, 40, 20, 20, 0]), (Some(100), Some(20)));
        assert_eq!(wholes([10, 90, 0, 20, 30, 0]), (Some(100), Some(50)));
        assert_eq!(wholes([10, 9, 2, 20, 0, 0]), (Some(21), Some(20)));
    }

    #[test]
    fn the_total_decides_where_both_are_possible() {
        assert_eq!(wholes([100, 60, 0, 20, 5, 120]), (Some(100), Some(20)));
        assert_eq!(wholes([100, 60, 0, 20, 0, 180]), (Some(160), Some(20)));
        // xAI counts reasoning beside the answer.
        assert_eq!(wholes([100, 0, 0, 20, 5, 125]), (Some(100), Some(25)));
        assert_eq!(wholes([100, 60, 30, 20, 0, 150]), (Some(130), Some(20)));
        // A total that nothing adds up to decides nothing.
        assert_eq!(wholes([100, 60, 0, 20, 0, 7]), (Some(100), Some(20)));
    }

    #[test]
    fn a_total_beyond_its_parts_is_of_an_answer_of_unknown_length() {
        assert_eq!(wholes([10, 0, 0, 20, 0, 230]), (Some(10), None));
        assert_eq!(wholes([100, 60, 0, 20, 5, 150]), (Some(100), None));
        let counts =
            Counts { input: Some(10), output: Some(20), total: Some(230), ..Counts::default() };
        let usage = counts.with_rest_as_reasoning().usage();
        assert_eq!((usage.input_tokens, usage.output_tokens), (Some(10), Some(220)));
        assert_eq!(usage.reasoning_tokens, Some(200));
        let whole = Counts { total: Some(30), ..counts };
        assert_eq!(whole.with_rest_as_reasoning(), whole);
        let thoughts = Counts { output: None, ..counts };
        assert_eq!(thoughts.usage().output_tokens, None);
        assert_eq!(thoughts.with_rest_as_reasoning().usage().output_tokens, Some(220));
    }

    #[test]
    fn what_is_unknown_stays_unknown() {
        let counts = Counts { cache_read: Some(5), total: Some(9), ..Counts::default() };
        assert_eq!(counts.usage().input_tokens, None);
        let prompt = Counts { input: Some(9), total: Some(9), ..Counts::default() };
        assert_eq!((prompt.usage().input_tokens, prompt.usage().output_tokens), (Some(9), None));
    }

    proptest::proptest! {
        #[test]
        fn parts_end_up_inside(counts: [u64; 6]) {
            let (input, output) = wholes(counts);
            proptest::prop_assert!(input >= Some(counts[1]) && input >= Some(counts[2]));
            proptest::prop_assert!(output.is_none_or(|output| output >= counts[4]));
        }
    }
}
