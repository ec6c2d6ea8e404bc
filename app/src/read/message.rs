//! Messages for reading.

use model::{Json, Media, Message, Part};

use super::clip::{clip, short};
use super::markdown::{HeadingLevel, markdown};
use super::node::node;
use super::page_room::PageRoom;
use crate::data::node::Clip;
use crate::data::value::{MediaDoc, MessageDoc, PartDoc};
use crate::list_state::Form;

/// Bytes of a picture inside a message that a page shows.
const MAX_PICTURE_BYTES: usize = 300_000;
/// Longest address that is a link.
const MAX_HREF_BYTES: usize = 2_000;
/// Characters of an address in a label.
const LABEL_CHARS: usize = 80;

/// A message; `index` is its place among all.
#[must_use]
pub fn message_doc(index: u32, message: &Message, form: Form, room: &mut PageRoom) -> MessageDoc {
    let shown = room.take_parts(message.parts.len());
    MessageDoc {
        index,
        role: short(&message.role.to_string()),
        parts: message.parts.iter().take(shown).map(|part| part_doc(part, form, room)).collect(),
        later_parts: u32::try_from(message.parts.len() - shown).unwrap_or(u32::MAX),
    }
}

fn part_doc(part: &Part, form: Form, room: &mut PageRoom) -> PartDoc {
    match part {
        Part::Text(text) if form == Form::Readable => {
            let Clip { text, more_chars } = room.message(text);
            PartDoc::Markdown { html: markdown(&text, HeadingLevel::H3), more_chars }
        }
        Part::Text(text) => PartDoc::Text(room.message(text)),
        Part::Image(media) => {
            let mut doc = media_doc("image", media);
            doc.picture = doc.picture.filter(|picture| room.take_picture(picture.len()));
            PartDoc::Media(doc)
        }
        Part::Audio(media) => PartDoc::Media(media_doc("audio", media)),
        Part::File(media) => PartDoc::Media(media_doc("file", media)),
        Part::ToolCall { id, name, input } => PartDoc::ToolCall {
            id: id.as_deref().map(short),
            name: short(name),
            input: node(input, room),
        },
        Part::ToolResult { id, name, output, is_error } => PartDoc::ToolResult {
            id: id.as_deref().map(short),
            name: name.as_deref().map(short),
            output: node(output, room),
            is_error: *is_error,
        },
        Part::Reasoning { title, text } => {
            PartDoc::Reasoning { title: title.as_deref().map(short), text: room.message(text) }
        }
        Part::Other(json) => PartDoc::Other(node(json, room)),
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
    let label = label.map(short).unwrap_or_else(|| match carried {
        Some(carried) => {
            let media_type = short(carried.split([';', ',']).next().unwrap_or_default());
            let size = crate::format::bytes(carried.len() as u64 / 4 * 3);
            format!("{media_type}, {size}")
        }
        None if url.is_empty() => media.media_type.as_deref().map(short).unwrap_or_default(),
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
        href: (is_web && url.len() <= MAX_HREF_BYTES).then(|| url.to_owned()),
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
    fn a_message_of_many_pictures_shows_the_first() {
        let picture = media(&format!("data:image/png;base64,{}", "A".repeat(200_000)));
        let message = Message {
            parts: vec![Part::Image(picture); 50],
            ..Message::text(model::MessageRole::User, "")
        };
        let doc = message_doc(0, &message, Form::Readable, &mut PageRoom::of_value());
        let shown = doc
            .parts
            .iter()
            .filter(|part| matches!(part, PartDoc::Media(MediaDoc { picture: Some(_), .. })));
        assert_eq!((shown.count(), doc.parts.len()), (2, 50));
    }

    #[test]
    fn only_web_addresses_become_links() {
        let web = media_doc("image", &media("https://example.org/a.png"));
        assert_eq!(web.href.as_deref(), Some("https://example.org/a.png"));
        assert_eq!(media_doc("file", &media("javascript:alert(1)")).href, None);
    }
}
