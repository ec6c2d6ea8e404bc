//! Which headers pass, and which the proxy adds.

use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, COOKIE, EXPECT,
    HOST, HeaderName, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE,
    STRICT_TRANSPORT_SECURITY, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderValue};

/// What headers for Runs begin with.
pub const OURS: &str = "x-runs-";
/// The run's id.
pub const RUN_ID: HeaderName = HeaderName::from_static("x-runs-id");
/// The run's page.
pub const RUN_URL: HeaderName = HeaderName::from_static("x-runs-url");
/// What lets an end user's feedback in.
pub const FEEDBACK_TOKEN: HeaderName = HeaderName::from_static("x-runs-feedback-token");
/// Whether the answer came from the cache.
pub const CACHE: HeaderName = HeaderName::from_static("x-runs-cache");
/// Why it did, or did not.
pub const CACHE_REASON: HeaderName = HeaderName::from_static("x-runs-cache-reason");

/// Headers of one connection (RFC 9110, section 7.6.1), and those that describe
/// a body which is not passed on as it is packed.
const OF_ONE_HOP: [HeaderName; 11] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    CONTENT_LENGTH,
    CONTENT_ENCODING,
];

/// What opens Runs or another service, and what is about this server.
const NOT_FOR_PROVIDERS: [HeaderName; 8] = [
    AUTHORIZATION,
    COOKIE,
    HOST,
    EXPECT,
    ACCEPT_ENCODING,
    HeaderName::from_static("x-api-key"),
    HeaderName::from_static("api-key"),
    HeaderName::from_static("x-goog-api-key"),
];

/// What a provider says about its own host, and would be taken for this one's.
const NOT_FOR_CLIENTS: [HeaderName; 5] = [
    SET_COOKIE,
    STRICT_TRANSPORT_SECURITY,
    HeaderName::from_static("alt-svc"),
    HeaderName::from_static("content-security-policy"),
    HeaderName::from_static("clear-site-data"),
];

/// The headers of a request that go on to the provider.
#[must_use]
pub fn to_provider(headers: &HeaderMap) -> HeaderMap {
    passing(headers, |name| !NOT_FOR_PROVIDERS.contains(name) && !name.as_str().starts_with(OURS))
}

/// The headers of an answer that go on to the client.
#[must_use]
pub fn to_client(headers: &HeaderMap) -> HeaderMap {
    passing(headers, |name| !NOT_FOR_CLIENTS.contains(name) && !name.as_str().starts_with(OURS))
}

fn passing(headers: &HeaderMap, passes: impl Fn(&HeaderName) -> bool) -> HeaderMap {
    let named: Vec<String> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|name| name.trim().to_ascii_lowercase())
        .collect();
    let kept = headers.iter().filter(|(name, _)| {
        !OF_ONE_HOP.contains(name)
            && !named.iter().any(|other| other == name.as_str())
            && passes(name)
    });
    kept.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// A text as the value of a header; what no header can hold is left out.
#[must_use]
pub fn value(text: &str) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn credentials_and_headers_of_the_hop_stay_here() {
        let sent = headers(&[
            ("authorization", "Bearer rk_x"),
            ("x-api-key", "rk_x"),
            ("cookie", "a=b"),
            ("host", "runs"),
            ("connection", "close, X-Secret"),
            ("x-secret", "1"),
            ("transfer-encoding", "chunked"),
            ("x-runs-agent", "a"),
            ("openai-beta", "assistants=v2"),
            ("user-agent", "OpenAI/Python"),
            ("content-type", "application/json"),
        ]);
        assert_eq!(names(&to_provider(&sent)), ["openai-beta", "user-agent", "content-type"]);
    }

    #[test]
    fn answers_keep_what_is_about_them() {
        let received = headers(&[
            ("x-ratelimit-remaining-requests", "99"),
            ("x-request-id", "req_1"),
            ("retry-after", "3"),
            ("content-length", "12"),
            ("set-cookie", "__cf_bm=1"),
            ("x-runs-id", "forged"),
        ]);
        let kept = ["x-ratelimit-remaining-requests", "x-request-id", "retry-after"];
        assert_eq!(names(&to_client(&received)), kept);
    }
}
