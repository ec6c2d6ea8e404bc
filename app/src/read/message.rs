//! Messages for reading.

use model::{Json, Media, Message, Part};

use super::clip::{MESSAGE_CHARS, clip};
use super::markdown::{HeadingLevel, markdown};
use super::node::node;
use crate::data::node::Clip;
use crate::data::value::{MediaDoc, MessageDoc, PartDoc};
use crate::list_state::Form;

/// Bytes of a picture inside a message that a page shows.
const MAX_PICTURE_BYTES: usize = 300_000;
/// Characters of an address in a label.
const LABEL_CHARS: usize = 80;

/// A message; `index` is its place among all.
#[must_use]
pub fn message_doc(index: u32, message: &Message, form: Form) -> MessageDoc {
    MessageDoc {
        index,
        role: message.role.to_string(),
        parts: message.parts.iter().map(|part| part_doc(part, form)).collect(),
    }
}

fn part_doc(part: &Part, form: Form) -> PartDoc {
    match part {
        Part::Text(text) if form == Form::Readable => {
            let Clip { text, more_chars } = clip(text, MESSAGE_CHARS);
            PartDoc::Markdown { html: markdown(&text, HeadingLevel::H3), more_chars }
        }
        Part::Text(text) => PartDoc::Text(clip(text, MESSAGE_CHARS)),
        Part::Image(media) => PartDoc::Media(media_doc("image", media)),
        Part::Audio(media) => PartDoc::Media(media_doc("audio", media)),
        Part::File(media) => PartDoc::Media(media_doc("file", media)),
        Part::ToolCall { id, name, input } => {
            PartDoc::ToolCall { id: id.clone(), name: name.clone(), input: node(input) }
        }
        Part::ToolResult { id, name, output, is_error } => PartDoc::ToolResult {
            id: id.clone(),
            name: name.clone(),
            output: node(output),
            is_error: *is_error,
        },
        Part::Reasoning { title, text } => {
            PartDoc::Reasoning { title: title.clone(), text: clip(text, MESSAGE_CHARS) }
        }
        Part::Other(json) => PartDoc::Other(node(json)),
    }
}

/// The text of a part, for the whole of it; `None` for parts that hold no text.
#[must_use]
pub fn part_text(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) | Part::Reasoning { text, .. } => Some(text),
        _ => None,
    }
}

/// What a picture, sound or file is called, and where it can be opened.
#[must_use]
pub fn media_doc(kind: &str, media: &Media) -> MediaDoc {
    let url = media.url.as_deref().unwrap_or_default();
    let carried = url.strip_prefix("data:");
    let is_web = url.starts_with("https://") || url.starts_with("http://");
    let label = [media.name.as_deref(), media.file_id.as_deref()].into_iter().flatten().next();
    let label = label.map(str::to_owned).unwrap_or_else(|| match carried {
        Some(carried) => {
            let media_type = carried.split([';', ',']).next().unwrap_or_default();
            let size = crate::format::bytes(carried.len() as u64 / 4 * 3);
            format!("{media_type}, {size}")
        }
        None if url.is_empty() => media.media_type.clone().unwrap_or_default(),
        None => clip(url, LABEL_CHARS).text,
    });
    let is_picture = kind == "image"
        && url.len() <= MAX_PICTURE_BYTES
        // Not SVG: a picture should be no document.
        && ["png", "jpeg", "jpg", "gif", "webp", "avif"]
            .iter()
            .any(|kind| carried.is_some_and(|c| c.starts_with(&format!("image/{kind};base64,"))));
    MediaDoc {
        kind: kind.to_owned(),
        label,
        href: is_web.then(|| url.to_owned()),
        picture: is_picture.then(|| url.to_owned()),
    }
}

/// A JSON value as the text of a prompt: a string as it is, anything else indented.
#[must_use]
pub fn json_text(json: &Json) -> String {
    serde_json::from_str::<String>(json.as_str())
        .unwrap_or_else(|_| super::indent::indent(json.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(url: &str) -> Media {
        Media { url: Some(url.to_owned()), ..Media::default() }
    }

    #[test]
    fn only_small_bitmaps_become_pictures() {
        assert!(media_doc("image", &media("data:image/png;base64,AAAA")).picture.is_some());
        let svg = media_doc("image", &media("data:image/svg+xml;base64,AAAA"));
        assert_eq!((svg.picture, svg.href), (None, None));
        let large = format!("data:image/png;base64,{}", "A".repeat(MAX_PICTURE_BYTES));
        assert!(media_doc("image", &media(&large)).picture.is_none());
    }

    #[test]
    fn only_web_addresses_become_links() {
        let web = media_doc("image", &media("https://example.org/a.png"));
        assert_eq!(web.href.as_deref(), Some("https://example.org/a.png"));
        assert_eq!(media_doc("file", &media("javascript:alert(1)")).href, None);
    }
}
