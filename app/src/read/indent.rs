//! Indents JSON without touching its tokens: number spelling, escapes,
//! duplicate keys and the order of keys stay as they came.

/// Levels beyond which everything stays on its line.
const MAX_INDENT: usize = 40;
/// White space that is added to any JSON; beyond it no more than its own bytes twice over.
const MIN_ADDED_BYTES: usize = 64 * 1024;

/// The JSON with two spaces per level. Deep and long JSON goes on without lines
/// of its own, so that no text grows beyond about three times its size. Other
/// text comes back as it is.
#[must_use]
pub fn indent(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 4);
    let mut depth = 0_usize;
    let mut left = (json.len() * 2).max(MIN_ADDED_BYTES);
    let mut chars = json.chars().peekable();
    let mut in_string = false;
    let mut escaped = false;
    while let Some(c) = chars.next() {
        if in_string {
            text.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_string = true;
                text.push(c);
            }
            '{' | '[' => {
                text.push(c);
                while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
                if let Some(close) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    text.push(close);
                } else {
                    depth += 1;
                    new_line(&mut text, depth, &mut left);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth, &mut left);
                text.push(c);
            }
            ',' => {
                text.push(c);
                new_line(&mut text, depth, &mut left);
            }
            ':' => text.push_str(": "),
            _ if c.is_ascii_whitespace() => {}
            _ => text.push(c),
        }
    }
    text
}

fn new_line(text: &mut String, depth: usize, left: &mut usize) {
    let added = 1 + depth * 2;
    if depth > MAX_INDENT || added > *left {
        return;
    }
    *left -= added;
    text.push('\n');
    for _ in 0..depth {
        text.push_str("  ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stay_as_they_came() {
        assert_eq!(
            indent(r#"{"a":[1.0,1E2,{}],"a" : "x,\"{\\","b":[ ]}"#),
            "{\n  \"a\": [\n    1.0,\n    1E2,\n    {}\n  ],\n  \"a\": \"x,\\\"{\\\\\",\n  \"b\": []\n}"
        );
        assert_eq!(indent("\"a: {b}\""), "\"a: {b}\"");
    }

    #[test]
    fn deep_json_stays_about_as_small_as_it_is() {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        assert!(indent(&deep).len() < deep.len() * 3 + 2 * MIN_ADDED_BYTES);
        let wide = format!("{}[{}1]{}", "[".repeat(39), "1,".repeat(200_000), "]".repeat(39));
        let indented = indent(&wide);
        assert!(indented.len() < wide.len() * 3 + 2 * MIN_ADDED_BYTES);
        let without: String = indented.chars().filter(|c| !c.is_whitespace()).collect();
        assert_eq!(without, wide);
    }
}
