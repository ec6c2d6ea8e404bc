//! Messages as texts, exactly as they went to the model, cut to what a page can hold.

use model::{Message, Part};

use super::clip::{MESSAGE_CHARS, TREE_CHARS, clip, short};
use super::find::{count, find};
use super::indent::indent;
use super::markdown::{HeadingLevel, markdown};
use super::message::{json_text, media_doc};
use crate::data::prompt::{PromptMessage, PromptPart};

/// Characters of all messages of a page that are sent first.
const PAGE_CHARS: usize = 400_000;
/// Messages of a page that are sent first.
const PAGE_MESSAGES: usize = 400;
/// Parts of messages of a page that are sent first, besides the first of each message.
const PAGE_PARTS: usize = 600;

/// How the texts of messages are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextForm<'a> {
    /// To the letter.
    Verbatim,
    /// As Markdown.
    Markdown,
    /// To the letter, with this text marked.
    Finding(&'a str),
}

/// What a page holds of the messages of one exchange.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    chars: usize,
    messages: usize,
    parts: usize,
}

impl Room {
    /// The room that each of so many exchanges has.
    #[must_use]
    pub fn shared_by(exchanges: usize) -> Self {
        let exchanges = exchanges.max(1);
        Self {
            chars: PAGE_CHARS / exchanges,
            messages: (PAGE_MESSAGES / exchanges).clamp(10, PAGE_MESSAGES),
            parts: (PAGE_PARTS / exchanges).clamp(20, PAGE_PARTS),
        }
    }

    /// The first messages, each long text cut, and how many messages follow.
    #[must_use]
    pub fn fill(self, messages: &[Message], form: TextForm<'_>) -> (Vec<PromptMessage>, u32) {
        let shown = messages.get(..self.messages).unwrap_or(messages);
        let mut room = self.parts;
        let counts: Vec<usize> = shown
            .iter()
            .map(|message| {
                let count = message.parts.len().min(room + 1);
                room -= count.saturating_sub(1);
                count
            })
            .collect();
        let parts: usize = counts.iter().sum();
        let chars = (self.chars / parts.max(1)).clamp(TREE_CHARS, MESSAGE_CHARS);
        let later = u32::try_from(messages.len() - shown.len()).unwrap_or(u32::MAX);
        let shown = shown.iter().zip(counts).map(|(message, count)| PromptMessage {
            role: short(&message.role.to_string()),
            parts: message
                .parts
                .iter()
                .take(count)
                .map(|part| prompt_part(part, chars, form))
                .collect(),
            later_parts: u32::try_from(message.parts.len() - count).unwrap_or(u32::MAX),
        });
        (shown.collect(), later)
    }
}

fn prompt_part(part: &Part, chars: usize, form: TextForm<'_>) -> PromptPart {
    let text = clip(&whole_text(part), chars);
    let found = match form {
        TextForm::Finding(wanted) => find(&text.text, wanted),
        TextForm::Verbatim | TextForm::Markdown => None,
    };
    let is_markdown = form == TextForm::Markdown && matches!(part, Part::Text(_));
    let html = is_markdown.then(|| markdown(&text.text, HeadingLevel::H4));
    PromptPart { label: label(part).as_deref().map(short), text, found, html }
}

/// How often a text is in messages.
#[must_use]
pub fn count_in(messages: &[Message], wanted: &str) -> usize {
    let parts = messages.iter().flat_map(|message| &message.parts);
    parts.map(|part| count(&whole_text(part), wanted)).sum()
}

/// What a part is, where it is no plain text.
fn label(part: &Part) -> Option<String> {
    Some(match part {
        Part::Text(_) => return None,
        Part::Image(_) => "image".to_owned(),
        Part::Audio(_) => "audio".to_owned(),
        Part::File(_) => "file".to_owned(),
        Part::ToolCall { name, id, .. } => with_id(format!("tool call {name}"), id.as_deref()),
        Part::ToolResult { id, name, is_error, .. } => {
            let what = if *is_error { "tool error" } else { "tool result" };
            let what = [Some(what), name.as_deref()].into_iter().flatten().collect::<Vec<_>>();
            with_id(what.join(" "), id.as_deref())
        }
        Part::Reasoning { title, .. } => {
            title.clone().map_or("reasoning".to_owned(), |title| format!("reasoning: {title}"))
        }
        Part::Other(_) => "other".to_owned(),
    })
}

/// The text of a part; JSON indented.
#[must_use]
pub fn whole_text(part: &Part) -> String {
    match part {
        Part::Text(text) | Part::Reasoning { text, .. } => text.clone(),
        Part::Image(media) => media_doc("image", media).label,
        Part::Audio(media) => media_doc("audio", media).label,
        Part::File(media) => media_doc("file", media).label,
        Part::ToolCall { input, .. } => json_text(input),
        Part::ToolResult { output, .. } => json_text(output),
        Part::Other(json) => indent(json.as_str()),
    }
}

fn with_id(what: String, id: Option<&str>) -> String {
    id.map_or(what.clone(), |id| format!("{what} ({id})"))
}

#[cfg(test)]
mod tests {
    use model::MessageRole;

    use super::*;

    fn texts(count: usize, chars: usize) -> Vec<Message> {
        let text = "é".repeat(chars);
        (0..count).map(|_| Message::text(MessageRole::User, text.clone())).collect()
    }

    fn shown_chars(messages: &[PromptMessage]) -> usize {
        let parts = messages.iter().flat_map(|message| &message.parts);
        parts.map(|part| part.text.text.chars().count()).sum()
    }

    #[test]
    fn what_a_page_can_hold_is_whole() {
        let (messages, later) =
            Room::shared_by(1).fill(&texts(20, MESSAGE_CHARS), TextForm::Verbatim);
        assert_eq!((messages.len(), later), (20, 0));
        assert_eq!(shown_chars(&messages), 20 * MESSAGE_CHARS);
        assert!(messages.iter().all(|message| message.parts[0].text.more_chars == 0));
    }

    #[test]
    fn an_endless_prompt_is_cut_and_says_so() {
        let (messages, _) = Room::shared_by(1).fill(&texts(1, 11_000_000), TextForm::Markdown);
        assert_eq!(shown_chars(&messages), MESSAGE_CHARS);
        assert_eq!(messages[0].parts[0].text.more_chars as usize, 11_000_000 - MESSAGE_CHARS);
        assert!(messages[0].parts[0].html.as_ref().is_some_and(|html| html.len() < 50_000));

        let (messages, later) = Room::shared_by(1).fill(&texts(5_000, 5_000), TextForm::Verbatim);
        assert_eq!(messages.len() + later as usize, 5_000);
        assert!(shown_chars(&messages) <= PAGE_MESSAGES * TREE_CHARS);
    }

    #[test]
    fn a_message_of_endless_parts_is_cut_and_says_so() {
        let parts = vec![Part::Text("é".repeat(3_000)); 100_000];
        let message = Message { parts, ..Message::text(MessageRole::User, "") };
        let (messages, later) =
            Room::shared_by(1).fill(&[message.clone(), message], TextForm::Verbatim);
        assert_eq!(later, 0);
        for message in &messages {
            assert_eq!(message.parts.len() + message.later_parts as usize, 100_000);
        }
        assert!(messages[0].parts.len() > 100 && messages[1].parts.len() == 1);
        assert!(shown_chars(&messages) <= (PAGE_PARTS + 2) * TREE_CHARS);
    }

    #[test]
    fn many_exchanges_share_the_page() {
        let (messages, later) = Room::shared_by(100).fill(&texts(100, 5_000), TextForm::Verbatim);
        assert_eq!((messages.len(), later), (10, 90));
        assert_eq!(shown_chars(&messages), 10 * TREE_CHARS);
    }
}
