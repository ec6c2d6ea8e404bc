//! The form of API keys, and where a request carries one.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::token::{NoRandomness, random_token};

/// What every key begins with.
pub const KEY_PREFIX: &str = "rk_";
/// Characters of a key that are kept, by which people tell keys apart.
const SHOWN_CHARS: usize = KEY_PREFIX.len() + 6;
const KEY_HEADER: &str = "x-api-key";

/// What the headers say about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented<'a> {
    /// No header of a key.
    None,
    /// A header that holds no well-formed key.
    Malformed,
    /// A well-formed key, known or not.
    Key(&'a str),
}

/// A new key.
///
/// # Errors
/// When the operating system has no random bytes.
pub fn random_key() -> Result<String, NoRandomness> {
    Ok(format!("{KEY_PREFIX}{}", random_token()?))
}

/// Whether a text is `rk_` and 16 to 128 characters of `A-Za-z0-9_-`.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    text.strip_prefix(KEY_PREFIX).is_some_and(|rest| {
        (16..=128).contains(&rest.len())
            && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    })
}

/// The first characters of a well-formed key.
#[must_use]
pub fn shown_prefix(key: &str) -> String {
    key.chars().take(SHOWN_CHARS).collect()
}

/// Reads `Authorization: Bearer rk_…`, else `x-api-key`.
#[must_use]
pub fn presented(headers: &HeaderMap) -> Presented<'_> {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let candidates = [text(AUTHORIZATION.as_str()).map(bearer), text(KEY_HEADER).map(str::trim)];
    if candidates.iter().all(Option::is_none) {
        return Presented::None;
    }
    match candidates.into_iter().flatten().find(|key| is_well_formed(key)) {
        Some(key) => Presented::Key(key),
        None => Presented::Malformed,
    }
}

/// The credentials of the scheme `Bearer`, whose name has no case (RFC 9110,
/// section 11.1); nothing for any other scheme.
fn bearer(text: &str) -> &str {
    match text.split_once(' ') {
        Some((scheme, credentials)) if scheme.eq_ignore_ascii_case("bearer") => credentials.trim(),
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "rk_0123456789abcdef";

    fn of(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn keys_have_a_form() {
        assert!(is_well_formed(KEY));
        assert!(is_well_formed(&random_key().unwrap()));
        assert!(is_well_formed(&format!("rk_{}", "a".repeat(128))));
        for text in ["", "rk_", "rk_short", "sk_0123456789abcdef", "rk_0123456789abcde!"] {
            assert!(!is_well_formed(text), "{text}");
        }
        assert!(!is_well_formed(&format!("rk_{}", "a".repeat(129))));
    }

    #[test]
    fn keys_are_found_in_both_headers() {
        assert_eq!(presented(&of("authorization", &format!("Bearer {KEY}"))), Presented::Key(KEY));
        assert_eq!(presented(&of("authorization", &format!("bearer  {KEY}"))), Presented::Key(KEY));
        assert_eq!(presented(&of("x-api-key", KEY)), Presented::Key(KEY));
        let mut both = of("authorization", "Basic abc");
        both.insert("x-api-key", KEY.parse().unwrap());
        assert_eq!(presented(&both), Presented::Key(KEY));
        assert_eq!(presented(&HeaderMap::new()), Presented::None);
        assert_eq!(presented(&of("authorization", KEY)), Presented::Malformed);
        assert_eq!(presented(&of("authorization", "Basic abc")), Presented::Malformed);
        assert_eq!(presented(&of("x-api-key", "")), Presented::Malformed);
    }
}
