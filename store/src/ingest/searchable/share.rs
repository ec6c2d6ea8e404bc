//! Shares what a run may add to the search text between its texts.

/// Of a text that is cut, so much at least is searched: less would be of no use.
const MIN_SHARE: usize = 1_024;

/// How many bytes of each text are searched: all get the same at most, and what short
/// ones leave goes to the long ones. When they are too many even for the least share,
/// those at the ends come first, the last of all before the first: the question of a
/// chat stands at its end.
pub(super) fn share(budget: usize, lengths: &[usize]) -> Vec<usize> {
    let level = level(budget, lengths);
    if level >= MIN_SHARE {
        return lengths.iter().map(|length| *length.min(&level)).collect();
    }
    let mut shares = vec![0; lengths.len()];
    let mut left = budget;
    let (mut first, mut last) = (0, lengths.len());
    while left > 0 && first < last {
        let at = if first < lengths.len() - last {
            first += 1;
            first - 1
        } else {
            last -= 1;
            last
        };
        shares[at] = lengths[at].min(MIN_SHARE).min(left);
        left -= shares[at];
    }
    shares
}

/// The height up to which all lengths fit into the budget together.
fn level(budget: usize, lengths: &[usize]) -> usize {
    let mut sorted = lengths.to_vec();
    sorted.sort_unstable();
    let mut left = budget;
    for (taken, length) in sorted.iter().enumerate() {
        let each = left / (sorted.len() - taken);
        if *length > each {
            return each;
        }
        left -= length;
    }
    usize::MAX
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_whole_and_long_ones_share_the_rest() {
        assert_eq!(share(100_000, &[10, 20]), [10, 20]);
        assert_eq!(share(100_000, &[500_000, 10, 500_000, 90]), [49_950, 10, 49_950, 90]);
        assert_eq!(share(10_000, &[]), Vec::<usize>::new());
    }

    #[test]
    fn of_too_many_texts_those_at_the_ends_are_searched() {
        let shares = share(10_000, &[3_000; 100]);
        let taken: Vec<usize> = (0..100).filter(|at| shares[*at] > 0).collect();
        assert_eq!(taken, [0, 1, 2, 3, 4, 95, 96, 97, 98, 99]);
        assert_eq!(shares.iter().sum::<usize>(), 10_000);
    }
}
