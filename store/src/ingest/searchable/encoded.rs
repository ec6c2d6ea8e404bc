//! Finds what nobody searches in a text: pictures and files in base64, and other words
//! that are longer than any word.

use std::ops::Range;

/// A run of letters and digits beyond this is no word.
const MAX_WORD_BYTES: usize = 256;
/// The beginning of a run is searched all the same: who looks for one has its beginning.
const BEGINNING_BYTES: usize = 64;
/// Encoded bytes are cut into words by `+`, `/`, `-` and `_` each 32 characters or so, a
/// path or a list of names much more often.
const MIN_BYTES_BETWEEN_MARKS: usize = 16;
/// A line that is at least this long may go on in the next one: base64 in letters and
/// certificates has lines of 64 or 76.
const MIN_LINE_BYTES: usize = 57;

/// Where the encoded parts of a text are, without their beginnings. Characters beyond
/// ASCII are never part of one, so scripts without spaces stay.
pub(super) fn encoded_parts(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + MAX_WORD_BYTES < bytes.len() {
        // Each has a first line without a gap, so most texts are passed over in strides.
        let line = bytes.get(at..at + MIN_LINE_BYTES).unwrap_or_default();
        if let Some(gap) = line.iter().rposition(|byte| !is_inside(*byte)) {
            at += gap + 1;
            continue;
        }
        let end = end_of_run(bytes, at);
        if is_encoded(bytes.get(at..end).unwrap_or_default()) {
            found.push(at + BEGINNING_BYTES..end);
        }
        at = end + 1;
    }
    found
}

/// Whether a line of an encoding can hold this byte.
fn is_inside(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || is_mark(byte)
}

fn is_mark(byte: u8) -> bool {
    matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=')
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// Where the run that begins here ends: at the first byte that no encoding has, at the
/// end of a line that is too short to go on, or at an empty line.
fn end_of_run(bytes: &[u8], from: usize) -> usize {
    let mut line = 0;
    let mut line_feeds = 0;
    let mut end = from;
    for (offset, byte) in bytes.iter().skip(from).enumerate() {
        if is_break(*byte) {
            line_feeds += u32::from(*byte == b'\n');
            if line > 0 && line < MIN_LINE_BYTES || line_feeds > 1 {
                break;
            }
            line = 0;
        } else if is_inside(*byte) {
            line_feeds = 0;
            line += 1;
            end = from + offset + 1;
        } else {
            break;
        }
    }
    end.max(from + 1)
}

fn is_encoded(run: &[u8]) -> bool {
    let breaks = run.iter().filter(|byte| is_break(**byte)).count();
    let marks = run.iter().filter(|byte| is_mark(**byte)).count();
    let bytes = run.len() - breaks;
    bytes > MAX_WORD_BYTES && bytes / (marks + 1) >= MIN_BYTES_BETWEEN_MARKS
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Base64 of bytes without order.
    fn base64(bytes: usize) -> String {
        const ALPHABET: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut hasher = blake3::Hasher::new().finalize_xof();
        let mut random = vec![0; bytes];
        hasher.fill(&mut random);
        random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 63)])).collect()
    }

    fn left(text: &str) -> String {
        let mut rest = String::new();
        let mut at = 0;
        for part in encoded_parts(text) {
            rest.push_str(&text[at..part.start]);
            at = part.end;
        }
        rest + &text[at..]
    }

    #[test]
    fn pictures_go_and_what_is_written_around_them_stays() {
        let picture = base64(50_000);
        let text = format!("what is on data:image/png;base64,{picture} please, and why?");
        let beginning = &picture[..BEGINNING_BYTES];
        assert_eq!(
            left(&text),
            format!("what is on data:image/png;base64,{beginning} please, and why?")
        );
        assert_eq!(left(&format!("{picture}==")), beginning);
        let lines: Vec<&str> =
            picture.as_bytes().chunks(76).map(|line| str::from_utf8(line).unwrap()).collect();
        let letter = format!("Dear all,\n\n{}\n\nyours, Zoé", lines.join("\r\n"));
        let rest = left(&letter);
        assert!(rest.starts_with("Dear all,") && rest.ends_with("yours, Zoé"), "{rest}");
        assert!(rest.len() < 200, "{rest}");
    }

    #[test]
    fn words_stay_however_they_are_written() {
        let texts = [
            "короткий текст без кодировки ".repeat(100),
            "我们今天去北京旅游然后回家".repeat(100),
            "usr/share/doc/runs/".repeat(100),
            "a_snake_case_name-".repeat(60),
            "{\"id\":12345,\"name\":\"x\"},".repeat(100),
            "word ".repeat(1_000),
            "two\nlines\n".repeat(500),
            format!("{} {}", base64(200), base64(200)),
        ];
        for text in texts {
            assert_eq!(left(&text), text);
        }
    }

    #[test]
    fn a_word_that_is_longer_than_any_goes() {
        let kept = "0a1b".repeat(BEGINNING_BYTES / 4);
        assert_eq!(left(&format!("key {} end", "0a1b".repeat(100))), format!("key {kept} end"));
    }
}
