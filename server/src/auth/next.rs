//! Where to go after signing in: only ever to a page of this server.

use form_urlencoded::byte_serialize;

/// The path if it leads to a page of this server, else `/`.
///
/// `//host` and `/\host` are other servers to a browser, which also drops tabs
/// and line breaks from an address.
#[must_use]
pub fn safe_next(path: Option<&str>) -> &str {
    let stays = |path: &&str| {
        path.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']))
            && !path.contains(|c: char| c.is_control())
    };
    path.filter(stays).unwrap_or("/")
}

/// The sign-in page that leads back to a path.
#[must_use]
pub fn login_path(next: &str) -> String {
    format!("/login?next={}", encode(next))
}

/// A value in a query string.
#[must_use]
pub fn encode(value: &str) -> String {
    byte_serialize(value.as_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_server_pass() {
        assert_eq!(safe_next(Some("/acme/runs?q=a&page=1")), "/acme/runs?q=a&page=1");
        assert_eq!(safe_next(Some("/")), "/");
        for path in ["", "acme", "//evil.example", "/\\evil.example", "https://evil.example"] {
            assert_eq!(safe_next(Some(path)), "/", "{path}");
        }
        for path in ["/\t/evil.example", "/a\r\nset-cookie: x", "javascript:alert(1)"] {
            assert_eq!(safe_next(Some(path)), "/", "{path}");
        }
        assert_eq!(safe_next(None), "/");
    }

    #[test]
    fn the_way_back_is_encoded() {
        assert_eq!(login_path("/a/runs?q=x&page=1"), "/login?next=%2Fa%2Fruns%3Fq%3Dx%26page%3D1");
    }
}
