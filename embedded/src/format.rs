//! Output formats: their content types, and how their pieces join.

/// How the documents that the engine streams become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// They are put one after another.
    Append,
    /// Each begins with the same names, of which only the first stay.
    NamesOnce {
        /// Whether types follow the names.
        types: bool,
    },
    /// They cannot be joined: the result is made in one piece.
    Whole,
}

/// How pieces of a format join.
pub(crate) fn joining(format: &str) -> Joining {
    match format {
        "RowBinary"
        | "Native"
        | "TabSeparated"
        | "TSV"
        | "TabSeparatedRaw"
        | "TSVRaw"
        | "Raw"
        | "CSV"
        | "JSONEachRow"
        | "JSONLines"
        | "NDJSON"
        | "JSONStringsEachRow"
        | "JSONCompactEachRow"
        | "JSONCompactStringsEachRow"
        | "LineAsString"
        | "RawBLOB"
        | "Null" => Joining::Append,
        "RowBinaryWithNames" => Joining::NamesOnce { types: false },
        "RowBinaryWithNamesAndTypes" => Joining::NamesOnce { types: true },
        _ => Joining::Whole,
    }
}

/// The content type that ClickHouse gives a format.
pub(crate) fn content_type(format: &str) -> &'static str {
    match format {
        "TabSeparated"
        | "TSV"
        | "TabSeparatedRaw"
        | "TSVRaw"
        | "TabSeparatedWithNames"
        | "TSVWithNames"
        | "TabSeparatedWithNamesAndTypes"
        | "TSVWithNamesAndTypes" => "text/tab-separated-values; charset=UTF-8",
        "CSV" => "text/csv; charset=UTF-8; header=absent",
        "CSVWithNames" | "CSVWithNamesAndTypes" => "text/csv; charset=UTF-8; header=present",
        "JSONEachRow" | "JSONLines" | "NDJSON" => "application/x-ndjson; charset=UTF-8",
        _ if format.starts_with("JSON") => "application/json; charset=UTF-8",
        "XML" => "application/xml; charset=UTF-8",
        "RowBinary"
        | "RowBinaryWithNames"
        | "RowBinaryWithNamesAndTypes"
        | "Native"
        | "Parquet"
        | "Arrow"
        | "ArrowStream"
        | "ORC"
        | "Avro"
        | "RawBLOB"
        | "Npy" => "application/octet-stream",
        _ => "text/plain; charset=UTF-8",
    }
}

/// Drops the names that every piece but the first repeats.
pub(crate) struct Joiner {
    joining: Joining,
    names: Option<Vec<u8>>,
}

impl Joiner {
    pub(crate) fn new(joining: Joining) -> Self {
        Self { joining, names: None }
    }

    /// The part of the next piece that belongs into the joined document.
    pub(crate) fn join<'a>(&mut self, piece: &'a [u8]) -> &'a [u8] {
        let Joining::NamesOnce { types } = self.joining else { return piece };
        match &self.names {
            None => {
                let length = names_length(piece, types).unwrap_or(0);
                self.names = Some(piece[..length].to_vec());
                piece
            }
            Some(names) => piece.strip_prefix(names.as_slice()).unwrap_or(piece),
        }
    }
}

/// Bytes that the number of columns, their names and types take.
fn names_length(piece: &[u8], types: bool) -> Option<usize> {
    let (columns, mut at) = varint(piece)?;
    for _ in 0..columns * if types { 2 } else { 1 } {
        let (length, size) = varint(piece.get(at..)?)?;
        at = at.checked_add(size)?.checked_add(length)?;
    }
    (at <= piece.len()).then_some(at)
}

/// A LEB128 number and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0_usize;
    for (index, byte) in bytes.iter().take(9).enumerate() {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_types_stay_once() {
        let header = b"\x02\x01a\x02bc\x05UInt8\x06String";
        let piece = |rows: &[u8]| [header.as_slice(), rows].concat();
        let mut joiner = Joiner::new(joining("RowBinaryWithNamesAndTypes"));
        assert_eq!(joiner.join(&piece(b"\x01\x00")), piece(b"\x01\x00"));
        // Rows that look like the header stay.
        assert_eq!(joiner.join(&piece(header)), header);
    }

    #[test]
    fn other_formats_are_left_alone() {
        let mut joiner = Joiner::new(joining("TSV"));
        assert_eq!(joiner.join(b"a\n"), b"a\n");
        assert_eq!(joiner.join(b"a\n"), b"a\n");
        assert_eq!(joining("JSON"), Joining::Whole);
        assert_eq!(joining("CSVWithNames"), Joining::Whole);
    }
}
