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
        let lines = lines_of_run(bytes, at);
        let end = lines.last().map_or(at, |line| line.end);
        if lines.len() > 1 && is_wrapped(bytes, &lines) {
            found.extend(encoded(bytes, at..end));
        } else {
            // A list of keys or hashes: each stands for itself.
            found.extend(lines.into_iter().filter_map(|line| encoded(bytes, line)));
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

/// The lines of the run that begins here, as of base64 that was wrapped: all are equally
/// long but the last, and the first where it begins behind something else.
fn lines_of_run(bytes: &[u8], from: usize) -> Vec<Range<usize>> {
    let mut line = from..end_of_line(bytes, from);
    let begins_line = from.checked_sub(1).and_then(|at| bytes.get(at)).is_none_or(|b| is_break(*b));
    let mut width = begins_line.then_some(line.len());
    let mut lines = vec![line.clone()];
    while goes_on(bytes.get(line.clone()).unwrap_or_default()) {
        let rest = bytes.get(line.end..).unwrap_or_default();
        let next = match rest {
            [b'\r', b'\n', ..] => line.end + 2,
            [b'\n', ..] | [b'\r', ..] => line.end + 1,
            _ => break,
        };
        line = next..end_of_line(bytes, next);
        let width = *width.get_or_insert(line.len());
        let text = bytes.get(line.clone()).unwrap_or_default();
        // What other words follow is none of its lines.
        let is_spaced = matches!(bytes.get(line.end), Some(b' ' | b'\t')) && !text.ends_with(b"=");
        if line.is_empty() || line.len() > width || is_spaced || is_of_other_alphabet(text) {
            break;
        }
        lines.push(line.clone());
        if line.len() < width {
            break;
        }
    }
    lines
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest.iter().position(|byte| !is_inside(*byte)).unwrap_or(rest.len())
}

/// Whether base64 can go on behind this line: it is long enough, nothing fills it up, and
/// it is not a key or hash, be it hexadecimal, decimal or in base 32, which has digits and
/// one case of letters. (Zeros in base64 are a line of `A`.)
fn goes_on(line: &[u8]) -> bool {
    let token = line.strip_prefix(b"0x").unwrap_or(line);
    let has = |test: fn(&u8) -> bool| token.iter().any(test);
    let is_token = has(u8::is_ascii_digit)
        && !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase))
        && !has(|byte| matches!(byte, b'+' | b'/'));
    let is_full = line.len() >= MIN_LINE_BYTES && line.last() != Some(&b'=');
    is_full && !is_token && !is_of_other_alphabet(line)
}

/// Whether a line has marks with which base64 is written that is not wrapped.
fn is_of_other_alphabet(line: &[u8]) -> bool {
    line.iter().any(|byte| matches!(byte, b'-' | b'_'))
}

/// Whether lines are those of one text in base64 rather than a list of keys, which have no
/// `+` and `/`. Base64 of plain ASCII has hardly any either, but each fourth character of
/// it stands for six bits of which the first is 0.
fn is_wrapped(bytes: &[u8], lines: &[Range<usize>]) -> bool {
    let characters = || lines.iter().filter_map(|line| bytes.get(line.clone())).flatten();
    characters().any(|byte| matches!(byte, b'+' | b'/'))
        || characters().step_by(4).all(|byte| matches!(byte, b'A'..=b'Z' | b'a'..=b'f'))
}

/// The part of a run that is not searched, if it is encoded.
fn encoded(bytes: &[u8], run: Range<usize>) -> Option<Range<usize>> {
    let text = bytes.get(run.clone())?;
    let breaks = text.iter().filter(|byte| is_break(**byte)).count();
    let marks = text.iter().filter(|byte| is_mark(**byte)).count();
    let bytes = text.len() - breaks;
    let is_encoded = bytes > MAX_WORD_BYTES && bytes / (marks + 1) >= MIN_BYTES_BETWEEN_MARKS;
    is_encoded.then_some(run.start + BEGINNING_BYTES..run.end)
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

    fn wrapped(text: &str, width: usize, separator: &str) -> String {
        let lines = text.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap());
        lines.collect::<Vec<_>>().join(separator)
    }

    #[test]
    fn base64_goes_in_lines_of_any_width() {
        let zeros = format!("{}{}{}", base64(900), "A".repeat(900), base64(900));
        // "the quick brown fox jumps; " in base64, which has neither `+` nor `/`.
        let plain = "dGhlIHF1aWNrIGJyb3duIGZveCBqdW1wczsg".repeat(30);
        for text in [base64(3_000), zeros, plain, format!("{}==", base64(2_998))] {
            for width in [60, 64, 70, 72, 76, 128] {
                for separator in ["\n", "\r\n"] {
                    let letter = format!("before:\n{}\n\nbehind", wrapped(&text, width, separator));
                    let rest = left(&letter);
                    assert!(rest.ends_with("\n\nbehind"), "{width}: {rest}");
                    // Lines of nothing but `A` in the middle count as lines.
                    assert!(rest.len() < 100, "{width}: {rest}");
                }
            }
        }
        let picture = base64(3_000);
        let quoted = format!("see data:image/png;base64,{} there", wrapped(&picture, 76, "\n"));
        assert!(left(&quoted).len() < 150, "{}", left(&quoted));
        let certificate = format!(
            "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\nsigned by Zoé",
            wrapped(&picture, 64, "\n")
        );
        let rest = left(&certificate);
        assert!(rest.ends_with("-----END CERTIFICATE-----\nsigned by Zoé"), "{rest}");
        assert!(rest.len() < 200, "{rest}");
    }

    #[test]
    fn lists_of_hashes_and_keys_stay() {
        let random = base64(4_096);
        let of = |alphabet: &[u8], length: usize, n: usize| {
            let bytes = random.as_bytes().iter().skip(n * length).take(length);
            let pick = |byte: &u8| char::from(alphabet[usize::from(*byte) * 7 % alphabet.len()]);
            bytes.map(pick).collect::<String>()
        };
        let hex = b"0123456789abcdef".as_slice();
        let upper_hex = b"0123456789ABCDEF".as_slice();
        let base32 = b"abcdefghijklmnopqrstuvwxyz234567".as_slice();
        let base58 = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".as_slice();
        let digits = b"0123456789".as_slice();
        for (alphabet, length, begin, end) in [
            (hex, 64, "", ""),
            (hex, 64, "0x", ""),
            (hex, 96, "", ""),
            (hex, 128, "", ""),
            (upper_hex, 64, "", ""),
            (upper_hex, 64, "sha256-", ""),
            (base32, 59, "", ""),
            (base58, 64, "", ""),
            (base58, 88, "", ""),
            (base58, 150, "sk-proj-", ""),
            (base58, 86, "", "=="),
            (digits, 80, "", ""),
        ] {
            let lines: Vec<String> =
                (0..20).map(|n| format!("{begin}{}{end}", of(alphabet, length, n))).collect();
            for separator in ["\n", "\r\n", "\n\n"] {
                let text = format!("these:\n{}\nand no more", lines.join(separator));
                assert_eq!(left(&text), text);
            }
        }
        let lengths = [60, 61, 75, 58, 70, 66, 90, 120, 57, 99];
        let lines: Vec<String> =
            lengths.iter().enumerate().map(|(n, length)| of(base58, *length, n)).collect();
        assert_eq!(left(&lines.join("\n")), lines.join("\n"));
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
