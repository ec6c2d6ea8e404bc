//! Where the parts of an object or list begin and end.

use memchr::memchr2;

/// A member of an object, or an element of a list (then `key` is empty).
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    /// Where it begins in the text of the object or list.
    pub(super) start: usize,
    /// From the key to the end of the value.
    pub(super) whole: &'a str,
    /// The key with its quotes, as written.
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// Walks the entries of one object or list.
pub(super) struct Entries<'a> {
    text: &'a str,
    at: usize,
    keyed: bool,
}

impl<'a> Entries<'a> {
    pub(super) fn of_object(text: &'a str) -> Self {
        Self::new(text, b'{', true)
    }

    pub(super) fn of_list(text: &'a str) -> Self {
        Self::new(text, b'[', false)
    }

    fn new(text: &'a str, open: u8, keyed: bool) -> Self {
        let at = if text.as_bytes().first() == Some(&open) { 1 } else { text.len() };
        Self { text, at, keyed }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let bytes = self.text.as_bytes();
        let start = skip_blank(bytes, self.at);
        if matches!(bytes.get(start), None | Some(b'}' | b']')) {
            self.at = bytes.len();
            return None;
        }
        let (key, value_start) = if self.keyed {
            let end = end_of_value(bytes, start);
            (self.slice(start, end), skip_blank(bytes, end))
        } else {
            ("", start)
        };
        let end = end_of_value(bytes, value_start);
        self.at = end;
        Some(Entry {
            start,
            whole: self.slice(start, end),
            key,
            value: self.slice(value_start, end),
        })
    }
}

/// Past white space, commas and colons, which the checked text has in the right places.
fn skip_blank(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let blank = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':'));
    from + blank.count()
}

/// The position after the value that begins at `from`; always beyond `from`.
fn end_of_value(bytes: &[u8], from: usize) -> usize {
    match bytes.get(from) {
        Some(b'"') => end_of_string(bytes, from),
        Some(b'{' | b'[') => end_of_container(bytes, from),
        Some(_) => {
            let rest = bytes.get(from + 1..).unwrap_or_default();
            let scalar = rest.iter().take_while(|b| {
                !matches!(b, b',' | b'}' | b']' | b':' | b' ' | b'\t' | b'\n' | b'\r')
            });
            from + 1 + scalar.count()
        }
        None => bytes.len(),
    }
}

fn end_of_string(bytes: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    bytes.len()
}

fn end_of_container(bytes: &[u8], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = end_of_string(bytes, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
