//! Indents JSON without touching its tokens: number spelling, escapes,
//! duplicate keys and the order of keys stay as they came.

/// Levels beyond which nothing is indented further.
const MAX_INDENT: usize = 40;

/// The JSON with two spaces per level. Other text comes back as it is.
#[must_use]
pub fn indent(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + json.len() / 4);
    let mut depth = 0_usize;
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
                    new_line(&mut text, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push(c);
            }
            ',' => {
                text.push(c);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            _ if c.is_ascii_whitespace() => {}
            _ => text.push(c),
        }
    }
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    for _ in 0..depth.min(MAX_INDENT) {
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
}
