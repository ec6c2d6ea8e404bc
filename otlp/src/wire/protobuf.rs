//! Walks the envelope of a request in protobuf.
//!
//! The envelope is read field by field instead of into messages: a few bytes of
//! empty groups would otherwise become gigabytes of structs, and one span that
//! cannot be read would spoil its whole request.

use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::item::{Origin, Raw};
use super::{DecodeError, Visit};

/// Traces and logs number the fields of their envelopes alike.
mod tag {
    pub(super) const GROUPS: u32 = 1;
    pub(super) const RESOURCE_OR_SCOPE: u32 = 1;
    pub(super) const MEMBERS: u32 = 2;
}

/// The length-delimited fields of a message; others are passed over.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u32, &'a [u8]), DecodeError>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            match self.field() {
                Ok(Some(field)) => return Some(Ok(field)),
                Ok(None) => {}
                Err(error) => {
                    self.0 = &[];
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

impl<'a> Fields<'a> {
    fn field(&mut self) -> Result<Option<(u32, &'a [u8])>, DecodeError> {
        let malformed = |error: prost::DecodeError| DecodeError::Malformed(error.to_string());
        let (tag, wire_type) = decode_key(&mut self.0).map_err(malformed)?;
        if wire_type != WireType::LengthDelimited {
            let context = DecodeContext::default();
            return skip_field(wire_type, tag, &mut self.0, context)
                .map(|()| None)
                .map_err(malformed);
        }
        let length = decode_varint(&mut self.0).map_err(malformed)?;
        let parts = usize::try_from(length).ok().and_then(|at| self.0.split_at_checked(at));
        let Some((value, rest)) = parts else {
            return Err(DecodeError::Malformed(format!(
                "field {tag} says {length} bytes and {} are left",
                self.0.len()
            )));
        };
        self.0 = rest;
        Ok(Some((tag, value)))
    }

    /// The values of one field.
    fn of(bytes: &'a [u8], wanted: u32) -> impl Iterator<Item = Result<&'a [u8], DecodeError>> {
        Self(bytes).filter_map(move |field| match field {
            Ok((tag, value)) => (tag == wanted).then_some(Ok(value)),
            Err(error) => Some(Err(error)),
        })
    }
}

pub(super) fn walk(bytes: &[u8], visit: &mut Visit<'_>) -> Result<(), DecodeError> {
    for group in Fields::of(bytes, tag::GROUPS) {
        let group = group?;
        let mut origin = Origin::default();
        if let Some(resource) = last(group, tag::RESOURCE_OR_SCOPE)? {
            origin.set_resource(Raw::Protobuf(resource));
        }
        for members in Fields::of(group, tag::MEMBERS) {
            let members = members?;
            let scope = last(members, tag::RESOURCE_OR_SCOPE)?;
            origin.set_scope(scope.map(Raw::Protobuf));
            for member in Fields::of(members, tag::MEMBERS) {
                visit(&origin, Raw::Protobuf(member?))?;
            }
        }
    }
    Ok(())
}

/// In protobuf the last of a field that may stand once wins.
fn last(bytes: &[u8], wanted: u32) -> Result<Option<&[u8]>, DecodeError> {
    Fields::of(bytes, wanted).try_fold(None, |_, value| value.map(Some))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_beyond_the_end_are_refused() {
        let error = Fields(&[0x0a, 0x05, 0x01]).next().unwrap().unwrap_err();
        assert_eq!(error, DecodeError::Malformed("field 1 says 5 bytes and 1 are left".into()));
    }

    #[test]
    fn unknown_fields_are_passed_over() {
        let bytes = [0x18, 0x96, 0x01, 0x12, 0x01, 0x07];
        let fields: Vec<_> = Fields(&bytes).map(Result::unwrap).collect();
        assert_eq!(fields, [(2, [7].as_slice())]);
    }
}
