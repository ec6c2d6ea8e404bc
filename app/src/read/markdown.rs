//! Markdown for reading, made safe.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::Builder;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd};

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

/// A message's Markdown as HTML. HTML inside it is shown as text, pictures
/// become links, and its headings begin below those of the page.
#[must_use]
pub fn markdown(text: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut depth = 0;
    let events = Parser::new_ext(text, options).filter(|event| is_shallow(event, &mut depth));
    let events = events.map(tame);
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
        Event::Start(Tag::Heading { level, .. }) => Event::Start(Tag::Heading {
            level: lowered(level),
            id: None,
            classes: vec![],
            attrs: vec![],
        }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lowered(level))),
        // People and models write messages in lines.
        Event::SoftBreak => Event::HardBreak,
        Event::TaskListMarker(done) => {
            Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " }))
        }
        other => other,
    }
}

fn lowered(level: pulldown_cmark::HeadingLevel) -> pulldown_cmark::HeadingLevel {
    use pulldown_cmark::HeadingLevel::{H1, H2, H3, H4, H5, H6};
    match level {
        H1 => H4,
        H2 => H5,
        H3 | H4 | H5 | H6 => H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn pictures_become_links_and_bad_links_nothing() {
        let html = markdown("![a](https://example.org/x.png) [b](javascript:alert(1))");
        assert!(!html.contains("<img") && !html.contains("javascript"), "{html}");
        assert!(html.contains("href=\"https://example.org/x.png\""), "{html}");
    }
}
