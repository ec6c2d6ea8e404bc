//! The HTTP client that every request to a provider goes through.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, redirect};
use url::Url;

use crate::guard::{GuardedResolver, PrivateAddress, is_private_literal, resolves_inside};
use crate::{Provider, UpstreamError};

/// Limits of requests to providers.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamOptions {
    /// Whether providers may live on loopback, private and other internal addresses.
    pub allow_private: bool,
    /// Longest wait for a connection.
    pub connect_timeout: Duration,
    /// Longest wait for the first or the next bytes of an answer.
    pub idle_timeout: Duration,
    /// Longest time that one answer may take.
    pub total_timeout: Duration,
    /// Most bytes of one answer.
    pub max_answer_bytes: usize,
    /// Pause of the echo model between two words.
    pub echo_word_delay: Duration,
}

impl Default for UpstreamOptions {
    fn default() -> Self {
        Self {
            allow_private: false,
            connect_timeout: Duration::from_secs(10),
            // A reasoning model may think for minutes before it says a word.
            idle_timeout: Duration::from_secs(300),
            total_timeout: Duration::from_secs(1_800),
            // Leaves room in the 20 MB of a run for its request and input.
            max_answer_bytes: 12 * 1024 * 1024,
            echo_word_delay: Duration::from_millis(15),
        }
    }
}

/// Asks model providers. Cheap to clone; clones share connections.
#[derive(Clone, Debug)]
pub struct Upstream {
    client: Client,
    options: UpstreamOptions,
}

/// The HTTP client could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client for providers: {0}")]
pub struct UpstreamSetupError(#[from] reqwest::Error);

/// Chunks of an answer as they come, within the limits of silence, time and size.
pub type AnswerBytes = BoxStream<'static, Result<Bytes, UpstreamError>>;

/// A path below a base URL. None when the path, read by whoever reads paths
/// differently, could lead elsewhere: the provider's key opens more than the calls
/// that a client may make.
fn below(base: &Url, path: &str) -> Option<Url> {
    if !path.split('/').all(is_plain_segment) {
        return None;
    }
    let start = format!("{}/", base.path().trim_end_matches('/'));
    let mut url = base.clone();
    url.set_path(&start);
    url.path_segments_mut().ok()?.pop_if_empty().extend(path.split('/'));
    let is_below = url.path().strip_prefix(&start).is_some_and(|rest| !rest.is_empty());
    is_below.then_some(url)
}

/// Whether a part of a path means the same to everybody. A percent sign could
/// stand for any character to those who decode twice; no call's path needs one.
#[must_use]
pub fn is_plain_segment(segment: &str) -> bool {
    !matches!(segment, "" | "." | "..")
        && !segment.chars().any(|c| matches!(c, '\\' | '%') || c.is_control())
}

impl Upstream {
    /// Sets up a client with these limits.
    ///
    /// # Errors
    /// When the TLS back end cannot be set up.
    pub fn new(options: UpstreamOptions) -> Result<Self, UpstreamSetupError> {
        let resolver = GuardedResolver { allow_private: options.allow_private };
        let client = Client::builder()
            .user_agent(concat!("runs/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(options.connect_timeout)
            .redirect(redirect::Policy::none())
            // A proxy would resolve the provider's name itself, past the guard.
            .no_proxy()
            .dns_resolver(Arc::new(resolver))
            .build()?;
        Ok(Self { client, options })
    }

    /// The limits.
    #[must_use]
    pub fn options(&self) -> &UpstreamOptions {
        &self.options
    }

    /// Posts a body to `path` below the provider's base URL, with the
    /// provider's key. Any status is a response; redirects are not followed.
    ///
    /// # Errors
    /// When the provider may not be reached, cannot be, or sends no headers in time.
    pub async fn post(
        &self,
        provider: &Provider,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Response, UpstreamError> {
        self.send(provider, Method::POST, path, headers, Some(body)).await
    }

    pub(crate) async fn get(
        &self,
        provider: &Provider,
        path: &str,
    ) -> Result<Response, UpstreamError> {
        self.send(provider, Method::GET, path, HeaderMap::new(), None).await
    }

    async fn send(
        &self,
        provider: &Provider,
        method: Method,
        path: &str,
        mut headers: HeaderMap,
        body: Option<Bytes>,
    ) -> Result<Response, UpstreamError> {
        let url = self.endpoint(provider, path)?;
        provider.authorize(path, &mut headers)?;
        if body.is_some() {
            let json = HeaderValue::from_static("application/json");
            headers.entry(CONTENT_TYPE).or_insert(json);
        }
        let mut request = self.client.request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        self.dispatch(provider.host(), request).await
    }

    /// Sends a request and waits for the headers of its answer.
    pub(crate) async fn dispatch(
        &self,
        host: String,
        request: RequestBuilder,
    ) -> Result<Response, UpstreamError> {
        let limit = self.options.idle_timeout;
        match tokio::time::timeout(limit, request.send()).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(self.classify(host, &error)),
            Err(_) => Err(UpstreamError::Timeout { host, limit }),
        }
    }

    pub(crate) fn request(&self, method: Method, url: Url) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Whether requests may go to where a provider lives, as far as that is known now: a
    /// name is looked up, and one that resolves to nothing may do so later.
    ///
    /// # Errors
    /// [`UpstreamError::PrivateAddress`].
    pub async fn admit(&self, provider: &Provider) -> Result<(), UpstreamError> {
        let url = self.endpoint(provider, "models")?;
        let is_inside = match url.host() {
            Some(url::Host::Domain(name)) if !self.options.allow_private => {
                resolves_inside(name).await
            }
            _ => false,
        };
        if is_inside {
            Err(UpstreamError::PrivateAddress { host: provider.host() })
        } else {
            Ok(())
        }
    }

    pub(crate) fn endpoint(&self, provider: &Provider, path: &str) -> Result<Url, UpstreamError> {
        let Some(base) = provider.base_url() else {
            return Err(UpstreamError::Unreachable {
                host: provider.host(),
                reason: "the built-in provider has no address".to_owned(),
            });
        };
        if !self.options.allow_private && is_private_literal(base) {
            return Err(UpstreamError::PrivateAddress { host: provider.host() });
        }
        below(base, path).ok_or_else(|| UpstreamError::Path { host: provider.host() })
    }

    fn classify(&self, host: String, error: &reqwest::Error) -> UpstreamError {
        let mut cause = error.source();
        let mut innermost = error.to_string();
        while let Some(source) = cause {
            if source.is::<PrivateAddress>() {
                return UpstreamError::PrivateAddress { host };
            }
            innermost = source.to_string();
            cause = source.source();
        }
        if error.is_timeout() {
            UpstreamError::Timeout { host, limit: self.options.connect_timeout }
        } else if error.is_connect() || error.is_builder() {
            UpstreamError::Unreachable { host, reason: innermost }
        } else {
            UpstreamError::Closed { host }
        }
    }

    /// The chunks of a response, within the limits of silence, time and size.
    pub(crate) fn bounded(&self, host: String, response: Response) -> AnswerBytes {
        self.bounded_to(self.options.max_answer_bytes, host, response)
    }

    pub(crate) fn bounded_to(
        &self,
        max_answer_bytes: usize,
        host: String,
        response: Response,
    ) -> AnswerBytes {
        let UpstreamOptions { idle_timeout, total_timeout, .. } = self.options;
        let deadline = tokio::time::Instant::now() + total_timeout;
        let mut chunks = response.bytes_stream();
        async_stream::try_stream! {
            let mut total_bytes = 0usize;
            loop {
                let next = tokio::time::timeout(idle_timeout, chunks.next());
                let timed_out = |limit| UpstreamError::Timeout { host: host.clone(), limit };
                let chunk = tokio::time::timeout_at(deadline, next)
                    .await
                    .map_err(|_| timed_out(total_timeout))?
                    .map_err(|_| timed_out(idle_timeout))?;
                let Some(chunk) = chunk else { break };
                let chunk = chunk.map_err(|_| UpstreamError::Closed { host: host.clone() })?;
                total_bytes = total_bytes.saturating_add(chunk.len());
                if total_bytes > max_answer_bytes {
                    Err(UpstreamError::TooLarge {
                        host: host.clone(),
                        limit_bytes: max_answer_bytes,
                    })?;
                }
                yield chunk;
            }
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_base() {
        for base in ["https://llm.example/v1", "https://llm.example/v1//", "https://llm.example"] {
            let base = Url::parse(base).unwrap();
            let start = base.path().trim_end_matches('/');
            for path in
                ["models", "models/ft:gpt-4o:acme", "models/meta/llama 3?#x", "chat/completions"]
            {
                let url = below(&base, path).unwrap();
                assert!(url.path().starts_with(&format!("{start}/{}", &path[..4])), "{url}");
                assert_eq!((url.query(), url.fragment()), (None, None), "{url}");
            }
            for path in [
                "",
                "models/",
                "/models",
                "models/..",
                "models/../files",
                "models/./x",
                "models//x",
                "models/%2e%2e/files",
                "models/%252E./files",
                r"models\..\files",
                r"models/..\files",
                "models/.\n./files",
                "models/\u{85}",
            ] {
                assert_eq!(below(&base, path), None, "{path:?}");
            }
        }
    }
}
