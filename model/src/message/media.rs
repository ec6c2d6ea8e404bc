//! Pictures, sounds and files inside messages.

use super::{Media, Part};
use crate::view::{Kind, Object, View};

/// `image_url` (OpenAI chat) and `input_image` (OpenAI responses).
pub(super) fn image_url(part: &Object<'_>) -> Option<Part> {
    let nested = part.get("image_url").filter(|url| url.kind() == Kind::Object).map(View::object);
    let url = match &nested {
        Some(object) => object.string("url"),
        None => part.string("image_url"),
    };
    located(Media { url, file_id: part.string("file_id"), ..Media::default() }).map(Part::Image)
}

/// `input_audio` (OpenAI chat).
pub(super) fn input_audio(part: &Object<'_>) -> Option<Part> {
    let audio = part.get("input_audio")?.object();
    // Mistral has the data or an address in place of the object.
    let Some(data) = audio.text("data") else {
        return located(address_or_data(&part.text("input_audio")?, "audio/mpeg")).map(Part::Audio);
    };
    let format = audio.string("format").unwrap_or_else(|| "wav".to_owned());
    located(address_or_data(&data, &format!("audio/{format}"))).map(Part::Audio)
}

/// `image`, `document` and the like with a `source` (Anthropic).
pub(super) fn with_source(part: &Object<'_>, wrap: fn(Media) -> Part) -> Option<Part> {
    let source = part.get("source")?.object();
    let media_type = source.string("media_type");
    let name = part.string("title");
    let media = match source.text("type")?.as_ref() {
        "base64" => {
            let kind = media_type.as_deref().unwrap_or("application/octet-stream");
            Media { name, ..address_or_data(&source.text("data")?, kind) }
        }
        "url" => Media { url: source.string("url"), media_type, name, file_id: None },
        "file" => Media { file_id: source.string("file_id"), media_type, name, url: None },
        _ => return None,
    };
    located(media).map(wrap)
}

/// `file` (OpenAI chat), `input_file` (OpenAI responses), `file` (Vercel).
pub(super) fn file(part: &Object<'_>) -> Option<Part> {
    let nested = part.get("file").filter(|file| file.kind() == Kind::Object).map(View::object);
    let file = nested.as_ref().unwrap_or(part);
    let media_type =
        first(file, &["mediaType", "mimeType", "media_type", "content_type", "mime_type"]);
    let content = first(file, &["file_data", "data"]).map(|data| {
        address_or_data(&data, media_type.as_deref().unwrap_or("application/octet-stream"))
    });
    let media = Media {
        url: first(file, &["file_url", "url", "uri"]).or(content.and_then(|media| media.url)),
        file_id: file.string("file_id"),
        name: first(file, &["filename", "name"]),
        media_type,
    };
    located(media).map(by_type)
}

/// `inlineData` and `fileData` (Gemini), in either spelling.
pub(super) fn gemini(part: &Object<'_>) -> Option<Part> {
    let inline = part.get("inlineData").or_else(|| part.get("inline_data"));
    let data = inline.or_else(|| part.get("fileData")).or_else(|| part.get("file_data"))?.object();
    let media_type = first(&data, &["mimeType", "mime_type"]);
    let kind = media_type.as_deref().unwrap_or("application/octet-stream");
    let media = match data.text("data") {
        Some(bytes) => address_or_data(&bytes, kind),
        None => {
            Media { url: first(&data, &["fileUri", "file_uri"]), media_type, ..Media::default() }
        }
    };
    located(media).map(by_type)
}

/// `blob` and `uri` (OpenTelemetry).
pub(super) fn otel(part: &Object<'_>) -> Option<Part> {
    let media_type = first(part, &["mime_type", "mimeType"]);
    let modality = part.string("modality").unwrap_or_default();
    let mut media = match part.text("content") {
        Some(data) => {
            address_or_data(&data, media_type.as_deref().unwrap_or("application/octet-stream"))
        }
        None => {
            Media { url: part.string("uri"), file_id: part.string("file_id"), ..Media::default() }
        }
    };
    media.media_type = media_type.or(media.media_type);
    let media = located(media)?;
    Some(match modality.as_str() {
        "image" => Part::Image(media),
        "audio" => Part::Audio(media),
        _ => by_type(media),
    })
}

/// A part whose address stands under one of these names, as a string or as `{"url": …}`.
pub(super) fn addressed(
    part: &Object<'_>,
    names: &[&str],
    wrap: fn(Media) -> Part,
) -> Option<Part> {
    let media_type = first(part, &["mediaType", "mimeType", "media_type"]);
    let url = names.iter().find_map(|name| {
        let value = part.get(name)?;
        value.text().or_else(|| value.get("url")?.text())
    })?;
    let kind = media_type.as_deref().unwrap_or("application/octet-stream");
    located(address_or_data(&url, kind)).map(wrap)
}

fn first(object: &Object<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| object.string(name))
}

/// An address as it is; base64 as a `data:` address.
fn address_or_data(text: &str, media_type: &str) -> Media {
    let is_address = text.starts_with("data:") || text.contains("://");
    let url = if is_address { text.to_owned() } else { format!("data:{media_type};base64,{text}") };
    Media { url: Some(url), media_type: Some(media_type.to_owned()), ..Media::default() }
}

/// Nothing that could be shown or found is no media.
fn located(media: Media) -> Option<Media> {
    (media.url.is_some() || media.file_id.is_some()).then_some(media)
}

fn by_type(media: Media) -> Part {
    let kind = media.media_type.as_deref().unwrap_or_default();
    if kind.starts_with("image/") {
        Part::Image(media)
    } else if kind.starts_with("audio/") {
        Part::Audio(media)
    } else {
        Part::File(media)
    }
}
