//! Who may talk to the engine.

use super::request::Given;
use crate::exception::{Exception, code};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use subtle::ConstantTimeEq;

/// The one user of this start and its password.
pub(crate) struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    pub(crate) fn new(user: String, password: String) -> Self {
        Self { user, password }
    }

    /// Compares with what the request gives: ClickHouse's headers, basic
    /// authentication or the parameters `user` and `password`, in this order.
    pub(super) fn check(&self, headers: &HeaderMap, given: &Given) -> Result<(), Exception> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (user, password) = (header("x-clickhouse-user"), header("x-clickhouse-key"));
        let (user, password) = if user.is_some() || password.is_some() {
            (user.map(str::to_owned), password.map(str::to_owned))
        } else if let Some(authorization) = header(AUTHORIZATION.as_str()) {
            let (user, password) = basic(authorization).ok_or_else(refused)?;
            (Some(user), Some(password))
        } else {
            (given.user.clone(), given.password.clone())
        };
        let Some(password) = password else {
            return Err(Exception::new(
                code::REQUIRED_PASSWORD,
                "REQUIRED_PASSWORD",
                "Authentication failed: a password is required",
            ));
        };
        let user = user.unwrap_or_else(|| crate::options::DEFAULT_USER.to_owned());
        let same = user.as_bytes().ct_eq(self.user.as_bytes())
            & password.as_bytes().ct_eq(self.password.as_bytes());
        if bool::from(same) { Ok(()) } else { Err(refused()) }
    }
}

fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, encoded) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

fn refused() -> Exception {
    Exception::new(
        code::AUTHENTICATION_FAILED,
        "AUTHENTICATION_FAILED",
        "Authentication failed: password is incorrect, or there is no user with such name; \
         both are in the file engine.json of the data directory",
    )
}
