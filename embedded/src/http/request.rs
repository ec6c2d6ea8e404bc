//! What a request gives beside its body: parameters and headers.

use crate::compress::Encoding;
use crate::engine::Session;
use crate::exception::{Exception, code};
use http::HeaderMap;
use http::header::ACCEPT_ENCODING;
use http::request::Parts;

/// The parameters of a request, from its URL and its form.
pub(super) struct Given {
    pub(super) query: String,
    pub(super) query_id: Option<String>,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) default_format: Option<String>,
    pub(super) session: Session,
    pub(super) params: Vec<(String, String)>,
    /// The client wants all or nothing.
    pub(super) whole: bool,
    /// The body is in ClickHouse's compressed blocks.
    pub(super) compressed: bool,
    pub(super) encoding: Encoding,
}

impl Given {
    pub(super) fn read(parts: &Parts) -> Result<Self, Exception> {
        let headers = &parts.headers;
        let header =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let database = header("x-clickhouse-database");
        let mut given = Self {
            query: String::new(),
            query_id: None,
            user: None,
            password: None,
            default_format: header("x-clickhouse-format"),
            session: Session { database, settings: Vec::new() },
            params: Vec::new(),
            whole: false,
            compressed: false,
            encoding: accepted(headers),
        };
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            given.accept(&name, value.into_owned())?;
        }
        Ok(given)
    }

    /// Takes one parameter. What has no meaning of its own is a setting.
    pub(super) fn accept(&mut self, name: &str, value: String) -> Result<(), Exception> {
        match name {
            "query" => self.query.push_str(&value),
            "query_id" => self.query_id = Some(value),
            "user" => self.user = Some(value),
            "password" => self.password = Some(value),
            "database" => self.session.database = Some(value).filter(|name| !name.is_empty()),
            "default_format" => self.default_format = Some(value),
            "wait_end_of_query" => self.whole = is_on(&value),
            "decompress" => self.compressed = is_on(&value),
            "compress" if is_on(&value) => self.encoding = Encoding::Block,
            // ClickHouse takes these too; they change nothing here.
            "compress" | "buffer_size" | "quota_key" | "stacktrace" | "session_timeout"
            | "session_check" | "close_session" => {}
            "client_protocol_version" if value == "0" => {}
            "session_id" | "client_protocol_version" => {
                let text = format!("The embedded engine does not support {name}");
                return Err(Exception::new(code::NOT_IMPLEMENTED, "NOT_IMPLEMENTED", text));
            }
            "role" => {
                let text = format!("There is no role `{value}`: the embedded engine has none");
                return Err(Exception::new(code::UNKNOWN_ROLE, "UNKNOWN_ROLE", text));
            }
            // It carries the mark that requests are cancelled by.
            "log_comment" => {}
            _ => match name.strip_prefix("param_") {
                Some(name) => self.params.push((name.to_owned(), value)),
                None => self.session.settings.push((name.to_owned(), value)),
            },
        }
        Ok(())
    }
}

fn is_on(value: &str) -> bool {
    value != "0" && !value.eq_ignore_ascii_case("false")
}

fn accepted(headers: &HeaderMap) -> Encoding {
    let accepts_lz4 = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|coding| coding.trim().eq_ignore_ascii_case("lz4"));
    if accepts_lz4 { Encoding::Lz4Frame } else { Encoding::Plain }
}
