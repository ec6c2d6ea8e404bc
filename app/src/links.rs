//! The addresses of pages, as published: `/{org}/agents/{agent}/runs/{run}` and so on.

/// The terms that leave tries out of a search: runs of the playground and of echo.
pub const WITHOUT_TRIES: &str = "-source:playground -provider:echo";
/// The term that finds only them.
pub const TRIES: &str = "(source:playground OR provider:echo)";

/// Where an agent's pages are: `/{org}/agents/{agent}`.
#[must_use]
pub fn agent(org: &str, agent: &str) -> String {
    format!("/{org}/agents/{agent}")
}

/// The agents of an organization.
#[must_use]
pub fn agents(org: &str) -> String {
    format!("/{org}/agents")
}

/// One run.
#[must_use]
pub fn run(org: &str, agent: &str, run: impl std::fmt::Display) -> String {
    format!("/{org}/agents/{agent}/runs/{run}")
}

/// What went to the model in one run.
#[must_use]
pub fn prompt(org: &str, agent: &str, run: impl std::fmt::Display) -> String {
    format!("/{org}/agents/{agent}/runs/{run}/prompt")
}

/// The playground with a run's input and version.
#[must_use]
pub fn try_run(org: &str, agent: &str, version: &str, run: impl std::fmt::Display) -> String {
    format!("/{org}/agents/{agent}/playground?versionId={version}&taskRunId1={run}")
}

/// The playground with a run: its input, its version and its answer.
#[must_use]
pub fn tried(org: &str, agent: &str, run: impl std::fmt::Display) -> String {
    format!("/{org}/agents/{agent}/playground?taskRunId1={run}")
}

/// The playground with a run's input alone.
#[must_use]
pub fn try_input(org: &str, agent: &str, run: impl std::fmt::Display) -> String {
    format!("/{org}/agents/{agent}/playground?inputTaskRunId={run}")
}

/// The sign-in page that leads back to `next`.
#[must_use]
pub fn login(next: &str) -> String {
    format!("/login{}", query(&[("next", next)]))
}

/// A query string with its `?`, without the pairs whose value is empty; nothing
/// when none is left.
#[must_use]
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (key, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(key);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

/// Percent-encodes what has a meaning in a query string and keeps the rest
/// readable: filters are meant to be read in the address bar.
fn encode(value: &str, text: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => text.push(char::from(byte)),
            b'-' | b'_' | b'.' | b'~' | b':' | b'/' | b',' | b'!' | b'*' | b'(' | b')' | b'$' => {
                text.push(char::from(byte));
            }
            b' ' => text.push('+'),
            _ => {
                text.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    text.push(HEX.get(usize::from(nibble)).copied().map_or('0', char::from));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_readable_and_safe() {
        assert_eq!(query(&[("q", ""), ("page", "")]), "");
        assert_eq!(
            query(&[("q", "status:failure cost:>$0.01"), ("page", "2")]),
            "?q=status:failure+cost:%3E$0.01&page=2"
        );
        assert_eq!(query(&[("q", "é&=+%#\"")]), "?q=%C3%A9%26%3D%2B%25%23%22");
    }
}
