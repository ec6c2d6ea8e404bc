//! Cuts a file into records: lines of JSON, one list, or a list inside an object.

use std::io::{BufRead, Read};

use model::json::{BYTE_ORDER_MARK, without_mark};
use model::limits::MAX_RUN_BYTES;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// One record of a file.
#[derive(Debug)]
pub struct Record {
    /// Its line, or its place in a list, from 1.
    pub number: u64,
    /// Its JSON, or why there is none.
    pub text: Result<String, String>,
    /// Bytes of the file up to its end.
    pub position: u64,
}

/// Why reading a file had to end early.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The list is broken, so where the next record begins is not known.
    #[error("the file is broken: {0}; what came before is imported")]
    Broken(#[from] serde_json::Error),
}

/// What holds the records of a file that is one object.
const LISTS: [&str; 5] = ["data", "runs", "traces", "observations", "items"];

/// A record has at most so many bytes; a longer line is passed over.
const MAX_RECORD_BYTES: usize = 2 * MAX_RUN_BYTES;

/// Hands every record to `visit` until that returns false.
///
/// # Errors
/// When the file cannot be read to its end.
pub fn for_each_record(
    mut file: impl BufRead,
    visit: &mut dyn FnMut(Record) -> bool,
) -> Result<(), RecordError> {
    if file.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
        file.consume(BYTE_ORDER_MARK.len());
    }
    let first = loop {
        match file.fill_buf()?.first() {
            Some(byte) if byte.is_ascii_whitespace() => file.consume(1),
            other => break other.copied(),
        }
    };
    match first {
        None => Ok(()),
        Some(b'[') => list(file, visit),
        Some(_) => lines(&mut file, true, visit),
    }
}

fn lines(
    mut file: &mut dyn BufRead,
    may_be_one: bool,
    visit: &mut dyn FnMut(Record) -> bool,
) -> Result<(), RecordError> {
    let mut position = 0;
    let mut number = 0;
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = (&mut file).take(MAX_RECORD_BYTES as u64).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(());
        }
        number += 1;
        position += read as u64;
        let is_whole = line.ends_with(b"\n") || read < MAX_RECORD_BYTES;
        if !is_whole {
            position += pass_over_line(file)?;
        }
        if number == 1 && may_be_one && is_whole && is_begun(&line) {
            return whole(line, file, visit);
        }
        let text = match std::str::from_utf8(&line).map(|line| without_mark(line).trim()) {
            Ok("") => continue,
            _ if !is_whole => Err(format!("has more than {MAX_RECORD_BYTES} bytes")),
            Ok(text) => Ok(text.to_owned()),
            Err(_) => Err("is not UTF-8".to_owned()),
        };
        // The one line of a file may be an object around a list.
        if number == 1
            && let Ok(text) = &text
            && is_wrapped(text)
        {
            return list(text.as_bytes(), visit);
        }
        if !visit(Record { number, text, position }) {
            return Ok(());
        }
    }
}

fn pass_over_line(file: &mut dyn BufRead) -> std::io::Result<u64> {
    let mut passed = 0;
    loop {
        let buffer = file.fill_buf()?;
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let count = end.map_or(buffer.len(), |at| at + 1);
        file.consume(count);
        passed += count as u64;
        if end.is_some() || count == 0 {
            return Ok(passed);
        }
    }
}

fn is_wrapped(text: &str) -> bool {
    let object: Result<std::collections::BTreeMap<String, &RawValue>, _> =
        serde_json::from_str(text);
    object.is_ok_and(|object| {
        let is_list = |name: &str| object.get(name).is_some_and(|list| list.get().starts_with('['));
        // A trace of Langfuse has a list of observations and an id beside it.
        !object.contains_key("id") && LISTS.iter().any(|name| is_list(name))
    })
}

/// Whether a line is JSON that goes on in the next one.
fn is_begun(line: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof())
}

/// A file that is one object over several lines, of which the first was read;
/// or lines, of which the first is broken.
fn whole(
    mut text: Vec<u8>,
    file: &mut dyn BufRead,
    visit: &mut dyn FnMut(Record) -> bool,
) -> Result<(), RecordError> {
    file.take(MAX_RECORD_BYTES as u64).read_to_end(&mut text)?;
    let is_cut = text.len() >= MAX_RECORD_BYTES;
    let is_one = serde_json::from_slice::<IgnoredAny>(&text);
    match (is_one, std::str::from_utf8(&text)) {
        (Ok(_), Ok(one)) if is_wrapped(one) => list(text.as_slice(), visit),
        (Ok(_), Ok(one)) => {
            let (text, position) = (Ok(one.to_owned()), one.len() as u64);
            visit(Record { number: 1, text, position });
            Ok(())
        }
        // Too large for one record, so it must be a list of them.
        (Err(error), _) if error.is_eof() && is_cut => list(text.as_slice().chain(file), visit),
        _ => lines(&mut text.as_slice().chain(file), false, visit),
    }
}

fn list(file: impl BufRead, visit: &mut dyn FnMut(Record) -> bool) -> Result<(), RecordError> {
    let mut reader = serde_json::Deserializer::from_reader(file);
    let mut walk = Walk { number: 0, position: 0, stopped: false, visit };
    let outcome = reader.deserialize_any(&mut walk);
    if walk.stopped { Ok(()) } else { Ok(outcome.and_then(|()| reader.end())?) }
}

/// Takes the elements of a list, or of the lists in an object, one by one.
struct Walk<'a> {
    number: u64,
    position: u64,
    stopped: bool,
    visit: &'a mut dyn FnMut(Record) -> bool,
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of records, or an object that holds one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<Box<RawValue>>()? {
            self.number += 1;
            self.position += item.get().len() as u64 + 1;
            let text = Ok(item.get().to_owned());
            if !(self.visit)(Record { number: self.number, text, position: self.position }) {
                self.stopped = true;
                return Err(serde::de::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if LISTS.contains(&name.as_str()) {
                map.next_value_seed(&mut *self)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(file: &str) -> Vec<(u64, Result<String, String>)> {
        let mut found = Vec::new();
        for_each_record(file.as_bytes(), &mut |record| {
            found.push((record.number, record.text));
            true
        })
        .unwrap();
        found
    }

    fn texts(file: &str) -> Vec<String> {
        records(file).into_iter().filter_map(|(_, text)| text.ok()).collect()
    }

    #[test]
    fn lines_lists_and_lists_in_objects_are_cut() {
        let expected = ["{\"a\":1}", "{\"b\": 2}"];
        assert_eq!(texts("\u{feff}{\"a\":1}\r\n\n{\"b\": 2}"), expected);
        assert_eq!(texts("\u{feff}{\"a\":1}\n\u{feff}{\"b\": 2}\n\u{feff}"), expected);
        assert_eq!(texts(" [{\"a\":1},\n{\"b\": 2}]"), expected);
        assert_eq!(texts("{\"data\":[{\"a\":1},{\"b\": 2}],\"meta\":{\"page\":1}}"), expected);
        assert_eq!(texts("{\n\"meta\":1,\"data\":[{\"a\":1},{\"b\": 2}]\n}"), expected);
        assert_eq!(texts("{\n\"a\":1\n}"), ["{\n\"a\":1\n}"]);
        assert_eq!(texts(""), Vec::<String>::new());
    }

    #[test]
    fn a_broken_line_is_a_record_of_its_own() {
        let found = records("{\"a\":\n{\"b\":2}\n");
        assert_eq!(found[0], (1, Ok("{\"a\":".to_owned())));
        assert_eq!(found[1], (2, Ok("{\"b\":2}".to_owned())));
    }

    #[test]
    fn a_broken_list_gives_what_came_before() {
        let mut seen = 0;
        let outcome = for_each_record("[{},{},{".as_bytes(), &mut |_| {
            seen += 1;
            true
        });
        assert!(matches!(outcome, Err(RecordError::Broken(_))));
        assert_eq!(seen, 2);
    }
}
