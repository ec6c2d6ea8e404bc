//! Turns a request into work for the engine.

use super::Gate;
use super::body::Data;
use super::request::Given;
use crate::compress::BlockDecoder;
use crate::exception::{Exception, code};
use crate::insert::Insert;
use crate::policy::Policy;
use crate::query::Query;
use crate::statement::{Shape, outline, shape};
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use std::sync::Arc;

/// What a request asks for.
pub(super) enum Work {
    Query(Query),
    Insert(Insert, Data),
}

/// Longest statement, in bytes. The engine's own limit `max_query_size` is
/// lower by default; this one only bounds the memory.
const LONGEST_TEXT: usize = 64 << 20;

/// Within so many bytes an insert in the body must show where its data begins.
const LONGEST_HEAD: usize = 1 << 20;

pub(super) async fn read(
    gate: &Arc<Gate>,
    headers: &HeaderMap,
    given: &mut Given,
    body: Body,
    readonly: bool,
) -> Result<Work, Exception> {
    let policy = Policy { readonly, backups: gate.backups };
    let mut data = Data::new(body, gate.read_timeout);
    if let Some(coding) = headers.get(CONTENT_ENCODING).filter(|coding| *coding != "identity") {
        let text =
            format!("Content-Encoding {coding:?} is not supported: send decompress=1 or none");
        return Err(Exception::new(779, "UNSUPPORTED_MEDIA_TYPE", text));
    }
    if let Some(boundary) = boundary(headers) {
        read_form(given, data, boundary).await?;
        data = Data::new(Body::empty(), gate.read_timeout);
    }
    if readonly {
        data.discard();
    }
    let mut text = BytesMut::from(given.query.as_bytes());
    if let Shape::Insert(statement) = shape(&text, true) {
        // What stands behind the clause in the URL is data, and plain.
        data.push_front(text.split_off(statement.data).freeze());
        return Ok(insert(given, policy, statement, data));
    }
    if given.compressed {
        let body = decompress(&mut data).await?;
        data = Data::new(Body::empty(), gate.read_timeout);
        data.push_front(body);
        given.compressed = false;
    }
    let mut first = true;
    while let Some(piece) = data.next().await {
        if first && !text.is_empty() {
            text.extend_from_slice(b"\n");
        }
        first = false;
        text.extend_from_slice(&piece?);
        if text.len() <= LONGEST_HEAD
            && let Shape::Insert(statement) = shape(&text, false)
        {
            data.push_front(text.split_off(statement.data).freeze());
            return Ok(insert(given, policy, statement, data));
        }
        if text.len() > LONGEST_TEXT {
            return Err(too_large());
        }
    }
    if let Shape::Insert(statement) = shape(&text, true) {
        data.push_front(text.split_off(statement.data).freeze());
        return Ok(insert(given, policy, statement, data));
    }
    query(given, policy, text).map(Work::Query)
}

fn insert(
    given: &mut Given,
    policy: Policy,
    statement: crate::statement::DataInsert,
    data: Data,
) -> Work {
    let insert = Insert {
        statement,
        params: std::mem::take(&mut given.params),
        session: std::mem::take(&mut given.session),
        policy,
        compressed: given.compressed,
    };
    Work::Insert(insert, data)
}

fn query(given: &mut Given, policy: Policy, text: BytesMut) -> Result<Query, Exception> {
    let sql = String::from_utf8(text.into()).map_err(|_| {
        Exception::new(code::SYNTAX_ERROR, "SYNTAX_ERROR", "The statement is not UTF-8 text")
    })?;
    let outline = outline(&sql);
    let format = outline
        .format
        .clone()
        .or_else(|| given.default_format.take())
        .unwrap_or_else(|| "TabSeparated".to_owned());
    Ok(Query {
        sql,
        outline,
        format,
        params: std::mem::take(&mut given.params),
        session: std::mem::take(&mut given.session),
        policy,
        encoding: given.encoding,
        whole: given.whole,
    })
}

async fn decompress(data: &mut Data) -> Result<Bytes, Exception> {
    let mut decoder = BlockDecoder::default();
    let mut text = BytesMut::new();
    while let Some(piece) = data.next().await {
        decoder.push(&piece?);
        while let Some(block) = decoder.next()? {
            text.extend_from_slice(&block);
        }
        if text.len() > LONGEST_TEXT {
            return Err(too_large());
        }
    }
    decoder.finish()?;
    Ok(text.freeze())
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    multer::parse_boundary(content_type).ok()
}

/// Reads a form: its fields are parameters like those of the URL.
async fn read_form(given: &mut Given, data: Data, boundary: String) -> Result<(), Exception> {
    let limits = multer::SizeLimit::new().whole_stream(LONGEST_TEXT as u64);
    let constraints = multer::Constraints::new().size_limit(limits);
    let mut form = multer::Multipart::with_constraints(data, boundary, constraints);
    while let Some(field) = form.next_field().await.map_err(bad_form)? {
        if field.file_name().is_some() {
            let text = "The embedded engine does not support external tables";
            return Err(Exception::new(code::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", text));
        }
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.bytes().await.map_err(bad_form)?;
        let value = String::from_utf8(value.into())
            .map_err(|_| bad_arguments(&format!("The form field {name} is not UTF-8 text")))?;
        given.accept(&name, value)?;
    }
    Ok(())
}

fn bad_form(error: multer::Error) -> Exception {
    match error {
        multer::Error::StreamSizeExceeded { .. } => too_large(),
        error => bad_arguments(&format!("Cannot read the form: {error}")),
    }
}

fn bad_arguments(text: &str) -> Exception {
    Exception::new(code::BAD_ARGUMENTS, "BAD_ARGUMENTS", text)
}

fn too_large() -> Exception {
    let text = format!("Query is too large: the limit is {} MiB", LONGEST_TEXT >> 20);
    Exception::new(code::QUERY_IS_TOO_LARGE, "QUERY_IS_TOO_LARGE", text)
}
