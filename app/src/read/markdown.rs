//! Markdown for reading, made safe.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
pub use pulldown_cmark::HeadingLevel;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

use crate::format::visible;

/// What may be in the HTML of a message; nothing that loads, runs or has a style.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags: HashSet<&str> = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ]
    .into();
    let mut cleaner = Builder::empty();
    cleaner
        .tags(tags)
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow external"));
    cleaner
});

/// How deeply quotes, lists and emphasis nest; what is deeper stands at that level.
/// Cleaning looks through all elements that are open, for each one that opens.
const MAX_NESTING: usize = 32;

/// A message's Markdown as HTML. HTML inside it is shown as text, pictures become
/// links, and its headings begin at the level `top`, just below those of the page,
/// and leave out no level on the way down.
#[must_use]
pub fn markdown(text: &str, top: HeadingLevel) -> String {
    let text = visible(text);
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut depth = 0;
    let mut outline = Outline { top, open: Vec::new() };
    let events = Parser::new_ext(&text, options).filter(|event| is_shallow(event, &mut depth));
    let events = events.map(|event| outline.place(seen(tame(event))));
    let mut html = String::with_capacity(text.len() * 3 / 2);
    pulldown_cmark::html::push_html(&mut html, events);
    CLEANER.clean(&html).to_string()
}

/// Whether an event is no beginning and no end of what is nested too deeply.
fn is_shallow(event: &Event<'_>, depth: &mut usize) -> bool {
    match event {
        Event::Start(_) => {
            *depth += 1;
            *depth <= MAX_NESTING
        }
        Event::End(_) => {
            *depth -= 1;
            *depth < MAX_NESTING
        }
        _ => true,
    }
}

fn tame(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // People and models write messages in lines.
        Event::SoftBreak => Event::HardBreak,
        Event::TaskListMarker(done) => {
            Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " }))
        }
        other => other,
    }
}

/// Makes visible what nobody sees and entities stood for.
fn seen(event: Event<'_>) -> Event<'_> {
    let shown = |text: CowStr<'_>| CowStr::from(visible(&text).into_owned());
    match event {
        Event::Text(text) => Event::Text(shown(text)),
        Event::Code(text) => Event::Code(shown(text)),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title: shown(title), id })
        }
        other => other,
    }
}

/// The headings above the place in a text that is being written.
struct Outline {
    top: HeadingLevel,
    /// Their own levels, each deeper than the one before.
    open: Vec<HeadingLevel>,
}

impl Outline {
    /// Gives a heading the level that its place has.
    fn place<'a>(&mut self, event: Event<'a>) -> Event<'a> {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.open.retain(|above| *above < level);
                self.open.push(level);
                Event::Start(Tag::Heading {
                    level: self.level(),
                    id: None,
                    classes: vec![],
                    attrs: vec![],
                })
            }
            Event::End(TagEnd::Heading(_)) => Event::End(TagEnd::Heading(self.level())),
            other => other,
        }
    }

    fn level(&self) -> HeadingLevel {
        let depth = self.top as usize + self.open.len().saturating_sub(1);
        HeadingLevel::try_from(depth).unwrap_or(HeadingLevel::H6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(text: &str) -> String {
        super::markdown(text, HeadingLevel::H4)
    }

    #[test]
    fn headings_leave_out_no_level() {
        let levels = |text: &str, top| {
            let html = super::markdown(text, top);
            let starts = html.split("<h").skip(1).map(|rest| rest[..1].to_owned());
            starts.filter(|level| level != "r").collect::<String>()
        };
        assert_eq!(levels("# a\n### b\n###### c\n## d\n# e", HeadingLevel::H3), "34543");
        assert_eq!(levels("### a\n### b\n#### c\n# d\n# e", HeadingLevel::H3), "33433");
        assert_eq!(levels("# a\n## b\n### c\n#### d\n##### e", HeadingLevel::H4), "45666");
    }

    #[test]
    fn markdown_is_rendered() {
        assert_eq!(
            markdown("# A\n**b** `c`"),
            "<h4>A</h4>\n<p><strong>b</strong> <code>c</code></p>\n"
        );
    }

    #[test]
    fn lines_stay_lines() {
        assert_eq!(markdown("a\nb"), "<p>a<br>\nb</p>\n");
    }

    #[test]
    fn html_stays_text() {
        let html = markdown("<script>alert(1)</script> <b onclick=x>y</b>");
        assert!(!html.contains("<script") && !html.contains("<b "), "{html}");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn what_nests_without_end_is_flat_from_some_level_on() {
        let quoted = |levels: usize| markdown(&format!("{}x", ">".repeat(levels)));
        let levels = |html: &str| html.matches("<blockquote>").count();
        // The text is in a paragraph of its own.
        assert_eq!(levels(&quoted(MAX_NESTING - 1)), MAX_NESTING - 1);
        assert_eq!(levels(&quoted(MAX_NESTING + 1)), MAX_NESTING);
        for deep in [quoted(100_000), markdown(&("- ".repeat(100_000) + "x"))] {
            assert!(deep.len() < 2_000 && deep.contains('x'), "{}", deep.len());
        }
        let emphasis = markdown(&("**a *b ".repeat(10_000) + "x" + &"c* d**".repeat(10_000)));
        assert!(emphasis.contains('x'));
        assert_eq!(emphasis.matches("<em>").count(), emphasis.matches("</em>").count());
    }

    #[test]
    fn what_browsers_change_has_a_sign() {
        assert_eq!(
            markdown("a\0 `b\u{202e}`\r\nc\rd"),
            "<p>a␀ <code>b‹U+202E›</code><br>\nc␍<br>\nd</p>\n"
        );
    }

    #[test]
    fn entities_do_not_bring_it_back() {
        assert_eq!(
            markdown("a&#x202E;b `c` [d](https://e.test \"f&#27;g\")")
                .replace(" rel=\"noopener noreferrer nofollow external\"", ""),
            "<p>a‹U+202E›b <code>c</code> <a href=\"https://e.test\" title=\"f␛g\">d</a></p>\n"
        );
    }

    #[test]
    fn pictures_become_links_and_bad_links_nothing() {
        let html = markdown("![a](https://example.org/x.png) [b](javascript:alert(1))");
        assert!(!html.contains("<img") && !html.contains("javascript"), "{html}");
        assert!(html.contains("href=\"https://example.org/x.png\""), "{html}");
    }
}
