//! Cuts texts to what is sent first.

use crate::data::node::Clip;

/// Characters of a name: a key, a role, an id.
pub const NAME_CHARS: usize = 500;
/// Characters of a text inside a tree that are sent first.
pub const TREE_CHARS: usize = 2_000;
/// Characters of a message that are sent first.
pub const MESSAGE_CHARS: usize = 20_000;
/// Characters of raw JSON that are sent first.
pub const RAW_CHARS: usize = 100_000;
/// Characters that are sent when more was asked for; the rest is a download.
pub const ASKED_CHARS: usize = 1_000_000;

/// The beginning of a text and how much follows.
#[must_use]
pub fn clip(text: &str, chars: usize) -> Clip {
    match text.char_indices().nth(chars) {
        None => Clip::whole(text),
        Some((end, _)) => {
            let (kept, rest) = text.split_at(end);
            let more = u32::try_from(rest.chars().count()).unwrap_or(u32::MAX);
            Clip { text: kept.to_owned(), more_chars: more }
        }
    }
}

/// A name that is seldom long; what is cut off shows as `…`.
#[must_use]
pub fn short(text: &str) -> String {
    let Clip { mut text, more_chars } = clip(text, NAME_CHARS);
    if more_chars > 0 {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(clip("héé", 3), Clip::whole("héé"));
        assert_eq!(clip("héé", 2), Clip { text: "hé".to_owned(), more_chars: 1 });
        assert_eq!(clip("", 0), Clip::whole(""));
    }
}
