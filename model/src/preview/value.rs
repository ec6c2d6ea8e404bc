//! JSON values in a line.

use std::borrow::Cow;

use super::line::Line;
use crate::view::{Kind, Object, View};

/// Levels that are shown; deeper ones are `{…}` and `[…]`.
const MAX_DEPTH: usize = 4;

/// Writes a value; braces and quotes only inside another one.
pub(super) fn write(line: &mut Line, view: View<'_>, depth: usize) {
    match view.kind() {
        Kind::Text => write_text(line, view, depth),
        Kind::Number => line.push(&number(view.raw())),
        Kind::Null | Kind::Bool => line.push(view.raw()),
        Kind::List if depth > MAX_DEPTH => line.push("[…]"),
        Kind::Object if depth > MAX_DEPTH => line.push("{…}"),
        Kind::List => {
            line.push("[");
            let mut is_first = true;
            for item in view.items() {
                if line.is_full() {
                    return;
                }
                line.push(if is_first { "" } else { ", " });
                is_first = false;
                write(line, item, depth + 1);
            }
            line.push("]");
        }
        Kind::Object => {
            if let Some((kind, url)) = file(view) {
                line.push_file(kind, &url);
                return;
            }
            let is_outer = depth == 0;
            line.push(if is_outer { "" } else { "{" });
            write_members(line, view.members(), depth);
            line.push(if is_outer { "" } else { "}" });
        }
    }
}

/// Writes `key: value, key: value`.
pub(super) fn write_members<'a>(
    line: &mut Line,
    members: impl Iterator<Item = (Cow<'a, str>, View<'a>)>,
    depth: usize,
) {
    let mut is_first = true;
    for (key, value) in members {
        if line.is_full() {
            return;
        }
        line.push(if is_first { "" } else { ", " });
        is_first = false;
        line.push(&key);
        line.push(": ");
        // The text of an outermost member stands without quotes.
        let is_text = depth == 0 && value.kind() == Kind::Text;
        write(line, value, if is_text { 0 } else { depth + 1 });
    }
}

fn write_text(line: &mut Line, view: View<'_>, depth: usize) {
    if view.chars().take(5).eq("data:".chars()) {
        line.push_file(file_kind(&view.chars().skip(5).take(32).collect::<String>()), "data:");
        return;
    }
    let quote = if depth == 0 { "" } else { "\"" };
    line.push(quote);
    line.extend(view.chars());
    line.push(quote);
}

/// Numbers as written, long fractions to two decimals.
fn number(raw: &str) -> Cow<'_, str> {
    let is_long = raw.split_once('.').is_some_and(|(_, fraction)| fraction.len() > 2);
    let value = if is_long { raw.parse::<f64>().ok() } else { None };
    match value {
        Some(value) if (0.01..1e15).contains(&value.abs()) => {
            Cow::Owned(((value * 100.0).round() / 100.0).to_string())
        }
        _ => Cow::Borrowed(raw),
    }
}

/// A file: an object with an address and a media type, or an image part of a message.
fn file(view: View<'_>) -> Option<(&'static str, Cow<'_, str>)> {
    // A file has few members; do not read a large object twice.
    let mut members = view.members();
    let few: Vec<_> = members.by_ref().take(8).collect();
    if members.next().is_some() {
        return None;
    }
    let object = Object::from_members(few);
    if let Some(image) = object.get("image_url") {
        return Some(("img", image.text().or_else(|| image.get("url")?.text())?));
    }
    let kind = object.text("content_type").or_else(|| object.text("media_type"))?;
    let url = ["url", "storage_url", "data"].iter().find_map(|name| object.text(name))?;
    // Bare base64 is data just as well.
    let is_address = url.contains("://");
    Some((file_kind(&kind), if is_address { url } else { Cow::Borrowed("data:") }))
}

fn file_kind(media_type: &str) -> &'static str {
    if media_type.starts_with("image/") {
        "img"
    } else if media_type.starts_with("audio/") {
        "audio"
    } else {
        "file"
    }
}

#[cfg(test)]
mod tests {
    use crate::Json;
    use crate::preview::of_value;

    fn shown(text: &str) -> String {
        of_value(&Json::from_text(text).unwrap())
    }

    #[test]
    fn objects_lose_their_outer_braces() {
        let text =
            r#"{"name":"Ann","n":0.125,"ok":true,"no":null,"at":{"city":"Paris"},"l":["a",1]}"#;
        let line = r#"name: Ann, n: 0.13, ok: true, no: null, at: {city: "Paris"}, l: ["a", 1]"#;
        assert_eq!(shown(text), line);
    }

    #[test]
    fn plain_values_stand_alone() {
        assert_eq!(shown("\"a\\nb\""), "a b");
        assert_eq!(shown("0.0000061"), "0.0000061");
        assert_eq!(shown("12345678901234567890123"), "12345678901234567890123");
        assert_eq!(shown("[]"), "[]");
        assert_eq!(shown("{}"), "-");
    }

    #[test]
    fn files_are_links_and_data_is_not_shown() {
        let url = r#"{"f":{"content_type":"image/png","url":"https://e.org/a.png"}}"#;
        assert_eq!(shown(url), "f: [[img:https://e.org/a.png]]");
        let data = r#"{"f":{"content_type":"audio/wav","data":"UklGRg=="},"g":"data:image/png;base64,AA"}"#;
        assert_eq!(shown(data), "f: [[audio:]], g: [[img:]]");
    }

    #[test]
    fn depth_is_limited() {
        let depth = 100_000;
        let text = "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(shown(&text), "[[[[[[…]]]]]]");
    }
}
