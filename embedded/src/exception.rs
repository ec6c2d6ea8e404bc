//! ClickHouse's exceptions: their codes, texts and HTTP statuses.

use http::StatusCode;

/// Codes that this crate raises itself, as ClickHouse numbers them.
pub(crate) mod code {
    pub(crate) const CANNOT_READ_ALL_DATA: i32 = 33;
    pub(crate) const BAD_ARGUMENTS: i32 = 36;
    pub(crate) const CHECKSUM_DOESNT_MATCH: i32 = 40;
    pub(crate) const NOT_IMPLEMENTED: i32 = 48;
    pub(crate) const SYNTAX_ERROR: i32 = 62;
    pub(crate) const UNKNOWN_COMPRESSION_METHOD: i32 = 89;
    pub(crate) const UNKNOWN_SETTING: i32 = 115;
    pub(crate) const READONLY: i32 = 164;
    pub(crate) const REQUIRED_PASSWORD: i32 = 194;
    pub(crate) const TOO_MANY_SIMULTANEOUS_QUERIES: i32 = 202;
    pub(crate) const QUERY_IS_TOO_LARGE: i32 = 229;
    pub(crate) const ABORTED: i32 = 236;
    pub(crate) const CANNOT_DECOMPRESS: i32 = 271;
    pub(crate) const ACCESS_DENIED: i32 = 497;
    pub(crate) const UNKNOWN_ROLE: i32 = 511;
    pub(crate) const AUTHENTICATION_FAILED: i32 = 516;
    pub(crate) const STD_EXCEPTION: i32 = 1001;
}

/// A failed request, as ClickHouse would report it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exception {
    code: i32,
    message: String,
}

impl Exception {
    /// An exception of our own; `name` is ClickHouse's name of the code.
    pub(crate) fn new(code: i32, name: &str, text: impl AsRef<str>) -> Self {
        let message = format!("Code: {code}. DB::Exception: {}. ({name})", text.as_ref());
        Self { code, message }
    }

    /// An exception of the engine, whose text begins with `Code: N`.
    pub(crate) fn from_engine(text: &str) -> Self {
        let (text, _) = text.rsplit_once(" (version ").unwrap_or((text, ""));
        let code = text.strip_prefix("Code: ").and_then(|rest| {
            let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
            digits.parse().ok()
        });
        match code {
            Some(code) => Self { code, message: text.to_owned() },
            None => Self::new(code::STD_EXCEPTION, "STD_EXCEPTION", text),
        }
    }

    /// ClickHouse's number of the error.
    pub(crate) fn code(&self) -> i32 {
        self.code
    }

    /// The text that the client gets, with the version that it looks for.
    pub(crate) fn render(&self, version: &str) -> String {
        format!("{} (version {version} (official build))\n", self.message)
    }

    /// The status of an answer whose body has not begun.
    pub(crate) fn status(&self) -> StatusCode {
        match self.code {
            code::REQUIRED_PASSWORD => StatusCode::UNAUTHORIZED,
            192 | 193 | code::ACCESS_DENIED | 512 | code::AUTHENTICATION_FAILED => {
                StatusCode::FORBIDDEN
            }
            6
            | 8
            | 15
            | 25..=27
            | 36..=38
            | 41
            | 44
            | 53
            | 62
            | 72
            | 117
            | 123
            | 167
            | 168
            | 223
            | 321
            | 376
            | 427
            | 441
            | 675
            | 676 => StatusCode::BAD_REQUEST,
            30
            | 46
            | 47
            | 50
            | 56
            | 60
            | 63
            | 73
            | 78
            | 81
            | 115
            | 152
            | 336
            | code::UNKNOWN_ROLE => StatusCode::NOT_FOUND,
            code::QUERY_IS_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
            code::NOT_IMPLEMENTED => StatusCode::NOT_IMPLEMENTED,
            76 | 209 | 439 | code::TOO_MANY_SIMULTANEOUS_QUERIES => StatusCode::SERVICE_UNAVAILABLE,
            159 => StatusCode::REQUEST_TIMEOUT,
            381 => StatusCode::LENGTH_REQUIRED,
            779 => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_engine_s_text_keeps_its_code_and_gets_one_version() {
        let text = "Code: 60. DB::Exception: Table x.y does not exist. (UNKNOWN_TABLE)";
        for given in [text.to_owned(), format!("{text} (version 26.7.2.1)")] {
            let exception = Exception::from_engine(&given);
            assert_eq!(exception.code(), 60);
            assert_eq!(exception.status(), StatusCode::NOT_FOUND);
            assert_eq!(
                exception.render("26.7.2.1"),
                format!("{text} (version 26.7.2.1 (official build))\n")
            );
        }
    }

    #[test]
    fn a_text_without_a_code_is_an_internal_error() {
        let exception = Exception::from_engine("Invalid insert stream");
        assert_eq!(exception.code(), code::STD_EXCEPTION);
        assert_eq!(exception.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
