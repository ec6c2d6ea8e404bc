//! How fast and how surely an exchange was served, which has its own price.

use crate::view::{Kind, Object, View};

/// The class of service of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tier {
    /// What list prices are for.
    Standard,
    /// Answered within a day.
    Batch,
    /// Answered when there is room.
    Flex,
    /// Answered first.
    Priority,
    /// Any other, such as capacity that was bought ahead, a faster mode, or a region
    /// at an extra charge.
    Other,
}

impl Tier {
    /// Reads a provider's word; a word that is not known is no standard service.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        let word = word.trim().to_lowercase().replace('-', "_");
        match word.strip_prefix("on_demand_").unwrap_or(&word) {
            ""
            | "auto"
            | "default"
            | "standard"
            | "standard_only"
            | "on_demand"
            | "traffic_type_unspecified"
            | "unspecified" => Self::Standard,
            "batch" => Self::Batch,
            "flex" => Self::Flex,
            "priority" => Self::Priority,
            _ => Self::Other,
        }
    }
}

/// Without one of these words a body says nothing of a tier.
pub(super) const MARKS: [&str; 6] =
    ["service_tier", "serviceTier", "trafficType", "speed", "inference_geo", "performanceConfig"];

/// The tier that a request asks for, or that a body or an event of an answer says.
pub(super) fn of_body(body: &Object<'_>) -> Option<Tier> {
    let usage = ["usage", "usageMetadata"].iter().find_map(|name| body.get(name));
    let usage = usage.map(View::object).unwrap_or_default();
    let said = [body, &usage].into_iter().find_map(|object| {
        let names = ["service_tier", "serviceTier", "trafficType"];
        let value = names.iter().find_map(|name| object.get(name))?;
        // Bedrock wraps the word.
        let word = if value.kind() == Kind::Object { value.get("type")? } else { value };
        word.text().map(|word| Tier::from_word(&word))
    });
    let is_dearer = [body, &usage].into_iter().any(|object| {
        let is = |name: &str, word: &str| object.text(name).is_some_and(|text| text == word);
        is("speed", "fast") || is("inference_geo", "us")
    });
    let latency = body.get("performanceConfig").and_then(|config| config.get("latency")?.text());
    let is_dearer = is_dearer || latency.is_some_and(|latency| latency == "optimized");
    if is_dearer { Some(Tier::Other) } else { said }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<Tier> {
        of_body(&View::checked(text).unwrap().object())
    }

    #[test]
    fn tiers_are_read_from_every_dialect() {
        for (text, expected) in [
            (r#"{"service_tier":"default"}"#, Some(Tier::Standard)),
            (r#"{"service_tier":"flex"}"#, Some(Tier::Flex)),
            (r#"{"service_tier":"scale"}"#, Some(Tier::Other)),
            (r#"{"usage":{"service_tier":"batch"}}"#, Some(Tier::Batch)),
            (r#"{"usage":{"service_tier":"standard","speed":"fast"}}"#, Some(Tier::Other)),
            (r#"{"usage":{"service_tier":"standard","inference_geo":"us"}}"#, Some(Tier::Other)),
            (r#"{"serviceTier":{"type":"priority"}}"#, Some(Tier::Priority)),
            (r#"{"performanceConfig":{"latency":"optimized"}}"#, Some(Tier::Other)),
            (r#"{"usageMetadata":{"trafficType":"ON_DEMAND"}}"#, Some(Tier::Standard)),
            (r#"{"usageMetadata":{"trafficType":"ON_DEMAND_FLEX"}}"#, Some(Tier::Flex)),
            (r#"{"usageMetadata":{"trafficType":"PROVISIONED_THROUGHPUT"}}"#, Some(Tier::Other)),
            (r#"{"service_tier":null,"usage":{"prompt_tokens":1}}"#, None),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
