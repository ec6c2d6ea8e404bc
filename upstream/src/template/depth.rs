//! How deep the values of a template are.

use minijinja::value::{ValueIter, ValueKind};
use minijinja::{Error, ErrorKind, Value};

use super::MAX_VALUE_DEPTH;

/// The items of a value that are looked at before it counts as too much.
const MAX_ITEMS: usize = 1_000_000;

/// A value has more levels than may be printed.
#[derive(Debug, thiserror::Error)]
#[error("the value has more than {MAX_VALUE_DEPTH} levels")]
pub(super) struct TooDeep;

/// Refuses a value that is too deep to be printed, without recursion.
pub(super) fn check(value: &Value) -> Result<(), Error> {
    let Some(first) = items(value)? else { return Ok(()) };
    let mut levels = vec![first];
    let mut looked_at = 0;
    while let Some((container, keys)) = levels.last_mut() {
        let Some(key) = keys.next() else {
            levels.pop();
            continue;
        };
        looked_at += 1;
        if looked_at > MAX_ITEMS {
            return Err(ErrorKind::OutOfFuel.into());
        }
        let item = if container.kind() == ValueKind::Map { container.get_item(&key)? } else { key };
        if let Some(below) = items(&item)? {
            if levels.len() >= MAX_VALUE_DEPTH {
                return Err(Error::from(ErrorKind::InvalidOperation).with_source(TooDeep));
            }
            levels.push(below);
        }
    }
    Ok(())
}

/// The container itself with its items, or its keys; iterators are left alone, since
/// some can be gone through only once.
fn items(value: &Value) -> Result<Option<(Value, ValueIter)>, Error> {
    match value.kind() {
        ValueKind::Seq | ValueKind::Map => Ok(Some((value.clone(), value.try_iter()?))),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_met_and_not_passed() {
        let nested = |levels: usize| {
            (1..levels).fold(Value::from(vec![1]), |inner, _| Value::from(vec![inner]))
        };
        check(&nested(MAX_VALUE_DEPTH)).unwrap();
        check(&nested(MAX_VALUE_DEPTH + 1)).unwrap_err();
    }

    #[test]
    fn what_is_shared_a_thousand_times_over_is_too_much() {
        let wide = (0..10).fold(Value::from(1), |inner, _| Value::from(vec![inner; 10]));
        assert_eq!(check(&wide).unwrap_err().kind(), ErrorKind::OutOfFuel);
    }
}
