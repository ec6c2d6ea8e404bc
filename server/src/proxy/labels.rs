//! What a request says to Runs: whose run it is, and how to treat it.

use std::borrow::Cow;
use std::time::Duration;

use http::HeaderMap;
use model::limits::MAX_LABEL_CHARS;
use model::run::Metadata;
use model::{AgentSlug, Json, edit};

use super::error::ProxyError;
use super::fallback::{self, Fallback};
use super::headers::OURS;
use super::model_field::{self, Target};

/// The agent of requests that name none.
const DEFAULT_AGENT: &str = "default";

/// When the cache may answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheMode {
    /// At temperature 0 without tools.
    #[default]
    Auto,
    /// Whenever it has an answer.
    Always,
    /// Not this time.
    Never,
}

/// What a request says to Runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Labels {
    /// The agent.
    pub agent: AgentSlug,
    /// The number of the run's schema.
    pub schema: Option<u32>,
    /// Where it runs.
    pub environment: Option<String>,
    /// The conversation it belongs to.
    pub conversation_id: Option<String>,
    /// The run's labels.
    pub metadata: Metadata,
    /// The provider's name.
    pub provider: Option<String>,
    /// When the cache may answer.
    pub cache: CacheMode,
    /// How old a stored answer may be.
    pub cache_max_age: Option<Duration>,
    /// What to ask when the provider cannot answer now.
    pub fallbacks: Vec<Fallback>,
}

/// The members of a request's body.
pub type Members<'a> = [(Cow<'a, str>, &'a str)];

/// The text of a member's value, the last one if there are several; null is absent.
#[must_use]
pub fn member<'a>(members: &Members<'a>, name: &str) -> Option<&'a str> {
    let found = members.iter().rfind(|(key, _)| key == name);
    found.map(|(_, value)| *value).filter(|value| *value != "null")
}

impl Labels {
    /// Reads the labels of a request, and what its `model` asks for.
    ///
    /// # Errors
    /// 400 that names the field or header that is wrong.
    pub fn read<'a>(
        headers: &HeaderMap,
        members: &'a Members<'a>,
    ) -> Result<(Self, Option<OwnedTarget>), ProxyError> {
        let source = Source { headers, members };
        let metadata = metadata(members)?;
        let named = match source.word("agent", "agent_id")? {
            Some(name) => Some(name),
            None => metadata.get("agent_id").map(agent_in_metadata).transpose()?,
        };
        let model = member(members, "model").and_then(edit::text);
        let field =
            model.as_deref().map(|text| model_field::read(text, named.is_some())).transpose()?;
        let prefix = field.as_ref().and_then(|field| field.agent).map(str::to_owned);
        let place = if named.is_some() { "agent_id" } else { "model" };
        let name = named.or(prefix).unwrap_or_else(|| DEFAULT_AGENT.to_owned());
        let agent = AgentSlug::new(&name).map_err(|error| {
            ProxyError::invalid_field(place, format!("the agent's name {error}"))
        })?;
        let target = field.map(|field| OwnedTarget::from(field.target));

        let mut labels = Self {
            agent,
            schema: source.schema()?,
            environment: source.label("environment", "environment")?,
            conversation_id: source.label("conversation-id", "conversation_id")?,
            metadata,
            provider: source.word("provider", "provider")?.filter(|name| !name.is_empty()),
            cache: source.cache()?,
            cache_max_age: source.max_age()?,
            fallbacks: fallback::read(member(members, "use_fallback"))?,
        };
        if let Some(OwnedTarget::InUse { schema, environment }) = &target {
            labels.schema = labels.schema.or(Some(*schema));
            labels.environment = labels.environment.or_else(|| Some(environment.clone()));
        }
        Ok((labels, target))
    }
}

/// What `model` asks for, on its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnedTarget {
    /// A model, as the provider names it.
    Model(String),
    /// The version in use for a schema in an environment.
    InUse {
        /// The schema's number.
        schema: u32,
        /// The environment.
        environment: String,
    },
}

impl From<Target<'_>> for OwnedTarget {
    fn from(target: Target<'_>) -> Self {
        match target {
            Target::Model(model) => Self::Model(model.to_owned()),
            Target::InUse { schema, environment } => {
                Self::InUse { schema: schema.get(), environment: environment.to_owned() }
            }
        }
    }
}

fn agent_in_metadata(value: &Json) -> Result<String, ProxyError> {
    edit::text(value.as_str())
        .map(Cow::into_owned)
        .ok_or_else(|| ProxyError::invalid_field("metadata.agent_id", "must be a string"))
}

/// The run's labels; `metadata` of another form is for the provider to judge.
fn metadata(members: &Members<'_>) -> Result<Metadata, ProxyError> {
    let entries = member(members, "metadata").and_then(edit::members).unwrap_or_default();
    let mut metadata = Metadata::new();
    for (key, value) in entries {
        check_length(&format!("a key of metadata, {}", shortened(&key)), &key)?;
        if let Ok(value) = Json::from_text(value) {
            metadata.insert(key.into_owned(), value);
        }
    }
    Ok(metadata)
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

fn check_length(field: &str, text: &str) -> Result<(), ProxyError> {
    if text.chars().count() > MAX_LABEL_CHARS {
        let rule = format!("must have at most {MAX_LABEL_CHARS} characters");
        return Err(ProxyError::invalid_field(field, rule));
    }
    Ok(())
}

/// Headers, which win, and members of the body.
struct Source<'a> {
    headers: &'a HeaderMap,
    members: &'a Members<'a>,
}

impl Source<'_> {
    fn header(&self, name: &str) -> Result<Option<String>, ProxyError> {
        let name = format!("{OURS}{name}");
        let Some(value) = self.headers.get(&name) else { return Ok(None) };
        match std::str::from_utf8(value.as_bytes()) {
            Ok(text) => Ok(Some(text.trim().to_owned())),
            Err(_) => Err(ProxyError::invalid_field(&name, "must be UTF-8")),
        }
    }

    fn word(&self, header: &str, field: &str) -> Result<Option<String>, ProxyError> {
        if let Some(text) = self.header(header)? {
            return Ok(Some(text));
        }
        let Some(raw) = member(self.members, field) else { return Ok(None) };
        match edit::text(raw) {
            Some(text) => Ok(Some(text.into_owned())),
            None => Err(ProxyError::invalid_field(field, "must be a string")),
        }
    }

    fn label(&self, header: &str, field: &str) -> Result<Option<String>, ProxyError> {
        let text = self.word(header, field)?.filter(|text| !text.is_empty());
        if let Some(text) = &text {
            check_length(field, text)?;
        }
        Ok(text)
    }

    fn schema(&self) -> Result<Option<u32>, ProxyError> {
        let header = self.header("schema-id")?;
        let Some(text) = header.as_deref().or_else(|| member(self.members, "schema_id")) else {
            return Ok(None);
        };
        let digits = edit::text(text).unwrap_or(Cow::Borrowed(text));
        match digits.trim().parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(ProxyError::invalid_field("schema_id", "must be a number from 1")),
        }
    }

    fn cache(&self) -> Result<CacheMode, ProxyError> {
        match self.word("cache", "use_cache")?.as_deref() {
            None | Some("auto") => Ok(CacheMode::Auto),
            // The second is what WorkflowAI's oldest clients send.
            Some("always" | "when_available") => Ok(CacheMode::Always),
            Some("never") => Ok(CacheMode::Never),
            Some(_) => Err(ProxyError::invalid_field("use_cache", "must be auto, always or never")),
        }
    }

    fn max_age(&self) -> Result<Option<Duration>, ProxyError> {
        let Some(text) = self.header("cache-max-age")? else { return Ok(None) };
        let seconds: u64 = text.parse().map_err(|_| {
            ProxyError::invalid_field("x-runs-cache-max-age", "must be a number of seconds")
        })?;
        Ok(Some(Duration::from_secs(seconds)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str, pairs: &[(&'static str, &str)]) -> Result<Labels, ProxyError> {
        let headers = pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        Labels::read(&headers, &edit::members(body).unwrap()).map(|(labels, _)| labels)
    }

    fn agent(body: &str, pairs: &[(&'static str, &str)]) -> String {
        read(body, pairs).unwrap().agent.to_string()
    }

    #[test]
    fn the_agent_is_named_in_one_of_five_ways() {
        let model = r#"{"model":"Support Desk/gpt-4o"}"#;
        assert_eq!(agent(model, &[]), "support-desk");
        let in_metadata = r#"{"model":"a/b","metadata":{"agent_id":"meta"}}"#;
        assert_eq!(agent(in_metadata, &[]), "meta");
        let in_body = r#"{"model":"a/b","agent_id":"body","metadata":{"agent_id":"meta"}}"#;
        assert_eq!(agent(in_body, &[]), "body");
        assert_eq!(agent(in_body, &[("x-runs-agent", "header")]), "header");
        assert_eq!(agent(r#"{"model":"gpt-4o"}"#, &[]), "default");
        assert_eq!(agent("{}", &[]), "default");
    }

    #[test]
    fn labels_are_read_and_headers_win() {
        let body = r#"{"conversation_id":"c1","environment":"dev","schema_id":2,"provider":"p",
            "use_cache":"never","metadata":{"user":"u","n":1.0}}"#;
        let labels = read(body, &[("x-runs-environment", "prod")]).unwrap();
        assert_eq!(labels.conversation_id.as_deref(), Some("c1"));
        assert_eq!(labels.environment.as_deref(), Some("prod"));
        assert_eq!((labels.schema, labels.cache), (Some(2), CacheMode::Never));
        assert_eq!(labels.metadata["n"].as_str(), "1.0");
        let in_use = read(r#"{"model":"a/#3/staging"}"#, &[]).unwrap();
        assert_eq!((in_use.schema, in_use.environment.as_deref()), (Some(3), Some("staging")));
    }

    #[test]
    fn wrong_labels_are_named() {
        let param = |body: &str| read(body, &[]).unwrap_err().param.unwrap().into_string();
        assert_eq!(param(r#"{"agent_id":5}"#), "agent_id");
        assert_eq!(param(r#"{"agent_id":"!"}"#), "agent_id");
        assert_eq!(param(r#"{"model":"!/gpt-4o"}"#), "model");
        assert_eq!(param(r#"{"use_cache":"perhaps"}"#), "use_cache");
        assert_eq!(param(r#"{"schema_id":0}"#), "schema_id");
        let long = format!(r#"{{"environment":"{}"}}"#, "e".repeat(MAX_LABEL_CHARS + 1));
        assert_eq!(param(&long), "environment");
    }
}
