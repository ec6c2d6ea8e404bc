//! What searches do not find of a run, in words.

use model::Unsearched;

use super::amount::{bytes, count};

/// What searches do not find of a run; `None` when they find all.
#[must_use]
pub fn unsearched(of: &Unsearched) -> Option<String> {
    let Unsearched { encoded_bytes, text_bytes, numbers, places, values, metadata } = *of;
    let several = |amount: u64, one: &str, many: &str| {
        if amount == 1 { format!("1 {one}") } else { format!("{} {many}", count(amount)) }
    };
    let parts = [
        (encoded_bytes, format!("{} of encoded data", bytes(encoded_bytes))),
        (text_bytes, format!("{} from the middle of long texts", bytes(text_bytes))),
        (numbers, several(numbers, "number of a long list", "numbers of long lists")),
        (
            places,
            several(
                places,
                "value too deep or past 5,000 keys",
                "values too deep or past 5,000 keys",
            ),
        ),
        (values, several(values, "value past 20,000", "values past 20,000")),
        (
            metadata,
            several(metadata, "end of a long metadata value", "ends of long metadata values"),
        ),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(amount, _)| *amount > 0).map(|(_, text)| text).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_words_and_nothing_has_none() {
        assert_eq!(unsearched(&Unsearched::default()), None);
        let picture = Unsearched { encoded_bytes: 5_000_000, ..Unsearched::default() };
        assert_eq!(unsearched(&picture).unwrap(), format!("{} of encoded data", bytes(5_000_000)));
        let several = Unsearched { places: 1, values: 1_234, ..Unsearched::default() };
        assert_eq!(
            unsearched(&several).unwrap(),
            "1 value too deep or past 5,000 keys; 1,234 values past 20,000"
        );
    }
}
