//! What the field `model` says: a model, an agent before it, or a version in use.

use std::num::NonZeroU32;

use super::error::ProxyError;

/// What `model` asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelField<'a> {
    /// The agent named before the model.
    pub agent: Option<&'a str>,
    /// What to ask.
    pub target: Target<'a>,
}

/// What to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// A model, as the provider names it.
    Model(&'a str),
    /// The version that an agent uses for a schema in an environment.
    InUse {
        /// The schema's number.
        schema: NonZeroU32,
        /// The environment.
        environment: &'a str,
    },
}

/// Reads `model`. Where the agent is named elsewhere, nothing is taken off it.
///
/// # Errors
/// When there is an agent and no model, or a reference to a version that is none.
pub fn read(text: &str, agent_is_known: bool) -> Result<ModelField<'_>, ProxyError> {
    if text.starts_with('#') {
        return Ok(ModelField { agent: None, target: in_use(text)? });
    }
    let split = text.split_once('/').filter(|(agent, _)| !agent_is_known && !agent.is_empty());
    let Some((agent, rest)) = split else {
        return Ok(ModelField { agent: None, target: Target::Model(text) });
    };
    let target = if rest.starts_with('#') {
        in_use(rest)?
    } else if rest.is_empty() {
        return Err(ProxyError::invalid_field(
            "model",
            format!("{text:?} names an agent and no model; write it like agent/gpt-4o"),
        ));
    } else {
        Target::Model(rest)
    };
    Ok(ModelField { agent: Some(agent), target })
}

fn in_use(text: &str) -> Result<Target<'_>, ProxyError> {
    let parts = text.strip_prefix('#').and_then(|rest| rest.split_once('/'));
    let read = parts.and_then(|(schema, environment)| {
        let schema = schema.parse().ok()?;
        (!environment.is_empty()).then_some(Target::InUse { schema, environment })
    });
    read.ok_or_else(|| {
        ProxyError::invalid_field(
            "model",
            format!("{text:?} names no schema and environment; write it like agent/#1/production"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model<'a>(agent: Option<&'a str>, model: &'a str) -> ModelField<'a> {
        ModelField { agent, target: Target::Model(model) }
    }

    #[test]
    fn the_first_segment_is_the_agent() {
        assert_eq!(read("gpt-4o", false).unwrap(), model(None, "gpt-4o"));
        assert_eq!(read("support/gpt-4o", false).unwrap(), model(Some("support"), "gpt-4o"));
        let long = "support/meta-llama/llama-3-8b";
        assert_eq!(read(long, false).unwrap(), model(Some("support"), "meta-llama/llama-3-8b"));
        assert_eq!(read("/gpt-4o", false).unwrap(), model(None, "/gpt-4o"));
        assert!(read("support/", false).is_err());
    }

    #[test]
    fn it_is_left_alone_where_the_agent_is_known() {
        assert_eq!(read("support/gpt-4o", true).unwrap(), model(None, "support/gpt-4o"));
    }

    #[test]
    fn a_version_in_use_is_named_by_schema_and_environment() {
        let schema = NonZeroU32::new(2).unwrap();
        let target = Target::InUse { schema, environment: "production" };
        let read_one = read("support/#2/production", false).unwrap();
        assert_eq!(read_one, ModelField { agent: Some("support"), target: target.clone() });
        assert_eq!(read("#2/production", true).unwrap(), ModelField { agent: None, target });
        for wrong in ["support/#0/production", "support/#x/dev", "support/#1", "support/#1/"] {
            assert!(read(wrong, false).is_err(), "{wrong}");
        }
    }
}
