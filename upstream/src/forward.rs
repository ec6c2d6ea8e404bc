//! Requests that are passed on for others, as they are.

use bytes::Bytes;
use reqwest::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};

use crate::client::AnswerBytes;
use crate::provider::ProviderKind;
use crate::{Provider, Upstream, UpstreamError, echo};

/// A request to pass on.
#[derive(Clone, Debug)]
pub struct Forward<'a> {
    /// Its method.
    pub method: Method,
    /// The path below the provider's base URL.
    pub path: &'a str,
    /// The query string.
    pub query: Option<&'a str>,
    /// Headers, without credentials and those of one connection.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
    /// Most bytes that the answer may have.
    pub max_answer_bytes: usize,
}

/// An answer, as it comes.
pub struct Forwarded {
    /// Its status, whatever it is.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: AnswerBytes,
}

impl Upstream {
    /// Passes a request on, with the provider's key in place of any other.
    ///
    /// # Errors
    /// When the provider may not be reached, cannot be, sends no headers in time,
    /// or answers with a redirect: those are not followed, as they could lead
    /// inside and would take the key along.
    pub async fn forward(
        &self,
        provider: &Provider,
        forward: Forward<'_>,
    ) -> Result<Forwarded, UpstreamError> {
        let Forward { method, path, query, mut headers, body, max_answer_bytes } = forward;
        let mut url = self.endpoint(provider, path)?;
        url.set_query(query);
        provider.authorize(path, &mut headers)?;
        // The answer is read on its way, so it has to come unpacked.
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let mut request = self.request(method, url).headers(headers);
        if let Some(body) = body {
            request = request.body(body);
        }
        let host = provider.host();
        let response = self.dispatch(host.clone(), request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_redirection() {
            return Err(UpstreamError::Redirect { host, status: status.as_u16() });
        }
        let body = self.bounded_to(max_answer_bytes, host, response);
        Ok(Forwarded { status, headers, body })
    }

    /// The built-in model's answer to a chat request, as a stream of events;
    /// `None` for any other provider.
    #[must_use]
    pub fn echo(&self, provider: &Provider, request: &model::Json) -> Option<AnswerBytes> {
        (provider.kind() == ProviderKind::Echo)
            .then(|| echo::answer(request, self.options().echo_word_delay))
    }
}
