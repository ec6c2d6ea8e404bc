//! Model providers: where they are and what opens them.

use model::DEFAULT_PROVIDER;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::UpstreamError;

/// The name of the built-in provider and of its only model.
pub const ECHO: &str = "echo";

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const ANTHROPIC_VERSION: HeaderName = HeaderName::from_static("anthropic-version");
/// Anthropic refuses requests that name no version of its API.
const OLDEST_VERSION: &str = "2023-06-01";

/// A provider that people and price lists know by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WellKnown {
    /// Its name.
    pub name: &'static str,
    /// What it speaks.
    pub kind: ProviderKind,
    /// The base URL of its API.
    pub base_url: &'static str,
}

/// The providers whose address needs no looking up.
pub const WELL_KNOWN: [WellKnown; 12] = [
    well_known("openai", "https://api.openai.com/v1"),
    WellKnown {
        name: "anthropic",
        kind: ProviderKind::Anthropic,
        base_url: "https://api.anthropic.com/v1",
    },
    well_known("google", "https://generativelanguage.googleapis.com/v1beta/openai"),
    well_known("mistral", "https://api.mistral.ai/v1"),
    well_known("groq", "https://api.groq.com/openai/v1"),
    well_known("deepseek", "https://api.deepseek.com/v1"),
    well_known("x-ai", "https://api.x.ai/v1"),
    well_known("together", "https://api.together.xyz/v1"),
    well_known("fireworks", "https://api.fireworks.ai/inference/v1"),
    well_known("cerebras", "https://api.cerebras.ai/v1"),
    well_known("cohere", "https://api.cohere.ai/compatibility/v1"),
    well_known("openrouter", "https://openrouter.ai/api/v1"),
];

const fn well_known(name: &'static str, base_url: &'static str) -> WellKnown {
    WellKnown { name, kind: ProviderKind::OpenAiCompatible, base_url }
}

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// OpenAI's chat completions, as most hosts offer them.
    OpenAiCompatible,
    /// Anthropic's messages, and its form of OpenAI's chat completions beside them.
    Anthropic,
    /// The built-in stand-in, which repeats what it is told and is no model.
    Echo,
}

impl ProviderKind {
    /// Kinds that can be set up.
    pub const SET_UP: [Self; 2] = [Self::OpenAiCompatible, Self::Anthropic];

    /// The word by which it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OpenAiCompatible => "openai",
            Self::Anthropic => "anthropic",
            Self::Echo => ECHO,
        }
    }

    /// The kind that can be set up under this word.
    #[must_use]
    pub fn read(word: &str) -> Option<Self> {
        Self::SET_UP.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A model provider. Its `Debug` form hides the key.
#[derive(Clone, Debug)]
pub struct Provider {
    name: String,
    kind: ProviderKind,
    base_url: Option<Url>,
    key: Option<SecretString>,
}

/// Why a base URL cannot be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProvider {
    /// No absolute URL.
    #[error("is not a URL ({0}); write it like https://api.openai.com/v1")]
    NotAUrl(url::ParseError),
    /// Another scheme than HTTP's.
    #[error("must begin with https:// or http://")]
    Scheme,
    /// A user name or password inside.
    #[error("must not hold credentials; give the key on its own")]
    Credentials,
    /// A query or fragment, which no path can be put behind.
    #[error("must end with its path, without ? or #")]
    Query,
}

impl Provider {
    /// The built-in provider that repeats what it is told.
    #[must_use]
    pub fn echo() -> Self {
        Self { name: ECHO.to_owned(), kind: ProviderKind::Echo, base_url: None, key: None }
    }

    /// A provider that speaks OpenAI's chat completions below `base_url`, which
    /// ends with `/v1` as in OpenAI's own clients.
    ///
    /// # Errors
    /// When `base_url` is no plain HTTP URL.
    pub fn openai_compatible(
        name: &str,
        base_url: &str,
        key: Option<SecretString>,
    ) -> Result<Self, InvalidProvider> {
        let url = parse_base_url(base_url)?;
        Ok(Self {
            name: name.to_owned(),
            kind: ProviderKind::OpenAiCompatible,
            base_url: Some(url),
            key,
        })
    }

    /// A provider that speaks Anthropic's messages below `base_url`, which ends
    /// with `/v1`; without any path that is added, as Anthropic's own clients do.
    ///
    /// # Errors
    /// When `base_url` is no plain HTTP URL.
    pub fn anthropic(
        name: &str,
        base_url: &str,
        key: Option<SecretString>,
    ) -> Result<Self, InvalidProvider> {
        let mut url = parse_base_url(base_url)?;
        if url.path() == "/" {
            url.set_path("/v1");
        }
        Ok(Self { name: name.to_owned(), kind: ProviderKind::Anthropic, base_url: Some(url), key })
    }

    /// The same as [`Provider::openai_compatible`], with the name of the well-known provider
    /// on that host, like `openai` for `api.openai.com`, else [`DEFAULT_PROVIDER`]. A host is
    /// no name: it changes with the machine, and versions must not.
    ///
    /// # Errors
    /// When `base_url` is no plain HTTP URL.
    pub fn from_base_url(
        base_url: &str,
        key: Option<SecretString>,
    ) -> Result<Self, InvalidProvider> {
        let mut provider = Self::openai_compatible("", base_url, key)?;
        let host = provider.host();
        let is_there = |known: &&WellKnown| {
            Url::parse(known.base_url).is_ok_and(|url| url.host_str() == Some(host.as_str()))
        };
        let known = WELL_KNOWN.iter().find(is_there);
        provider.name = known.map_or(DEFAULT_PROVIDER, |known| known.name).to_owned();
        Ok(provider)
    }

    /// The name that runs carry.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it goes by this name. The server's own provider also goes by its host, which
    /// was its name in runs of earlier releases.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name == name || (self.name == DEFAULT_PROVIDER && self.host() == name)
    }

    /// The name as a part of versions; `None` for the server's own provider, whose name says
    /// nothing about who answers.
    #[must_use]
    pub fn version_name(&self) -> Option<String> {
        (self.name != DEFAULT_PROVIDER).then(|| self.name.clone())
    }

    /// What it speaks.
    #[must_use]
    pub fn kind(&self) -> ProviderKind {
        self.kind
    }

    /// The host, for messages.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.base_url.as_ref().and_then(Url::host_str);
        host.unwrap_or(ECHO).to_owned()
    }

    /// Puts the key where the API below `path` wants it.
    pub(crate) fn authorize(
        &self,
        path: &str,
        headers: &mut HeaderMap,
    ) -> Result<(), UpstreamError> {
        let is_anthropic = self.kind == ProviderKind::Anthropic;
        if is_anthropic {
            headers.entry(ANTHROPIC_VERSION).or_insert(HeaderValue::from_static(OLDEST_VERSION));
        }
        let Some(key) = &self.key else { return Ok(()) };
        let key = key.expose_secret();
        // Anthropic takes its own header everywhere but at the API it copies; a
        // gateway with several APIs on one address may take either.
        let takes_bearer = !is_anthropic || path == "chat/completions";
        if !takes_bearer || path.starts_with("messages") {
            headers.insert(X_API_KEY, self.secret_header(key)?);
        }
        if takes_bearer {
            headers.insert(AUTHORIZATION, self.secret_header(&format!("Bearer {key}"))?);
        }
        Ok(())
    }

    fn secret_header(&self, text: &str) -> Result<HeaderValue, UpstreamError> {
        let mut value = HeaderValue::try_from(text).map_err(|_| UpstreamError::Invalid {
            host: self.host(),
            reason: "the provider's key holds characters that no header can".to_owned(),
        })?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// Scheme, host and port.
    #[must_use]
    pub fn origin(&self) -> String {
        self.base_url.as_ref().map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    pub(crate) fn base_url(&self) -> Option<&Url> {
        self.base_url.as_ref()
    }
}

fn parse_base_url(text: &str) -> Result<Url, InvalidProvider> {
    let url = Url::parse(text.trim()).map_err(InvalidProvider::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(InvalidProvider::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidProvider::Credentials);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(InvalidProvider::Query);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_hosts() {
        let name = |url| Provider::from_base_url(url, None).unwrap().name().to_owned();
        assert_eq!(name("https://api.openai.com/v1"), "openai");
        assert_eq!(name("https://generativelanguage.googleapis.com/v1beta/openai"), "google");
        for unknown in ["http://127.0.0.1:11434/v1", "https://llm.example.org"] {
            assert_eq!(name(unknown), "default");
        }
    }

    #[test]
    fn the_default_provider_is_no_part_of_a_version() {
        let of = |url| Provider::from_base_url(url, None).unwrap();
        assert_eq!(of("http://127.0.0.1:11434/v1").version_name(), None);
        assert_eq!(of("https://api.openai.com/v1").version_name().as_deref(), Some("openai"));
        assert!(of("http://127.0.0.1:11434/v1").is_named("127.0.0.1"));
        assert!(!of("https://api.openai.com/v1").is_named("api.openai.com"));
    }

    #[test]
    fn base_urls_are_plain() {
        let error = |url| Provider::from_base_url(url, None).unwrap_err();
        assert!(matches!(error("api.openai.com/v1"), InvalidProvider::NotAUrl(_)));
        assert_eq!(error("file:///etc/passwd"), InvalidProvider::Scheme);
        assert_eq!(error("https://me:secret@example.org/v1"), InvalidProvider::Credentials);
        assert_eq!(error("https://example.org/v1?key=a"), InvalidProvider::Query);
    }

    #[test]
    fn debug_hides_the_key() {
        let key = Some(SecretString::from("sk-very-secret"));
        let provider = Provider::from_base_url("https://api.openai.com/v1", key).unwrap();
        assert!(!format!("{provider:?}").contains("very-secret"));
    }
}
