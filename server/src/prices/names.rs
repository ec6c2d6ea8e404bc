//! How models and providers are known by their names.

use std::net::{IpAddr, SocketAddr};

use serde::Deserialize;

/// What a name is known by; all in lower case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Names {
    /// The whole name, or what stands before a date.
    pub(super) names: Vec<String>,
    starts: Vec<String>,
    ends: Vec<String>,
    contains: Vec<String>,
}

/// What may follow a listed name without making it another model.
const SUFFIX_WORDS: [&str; 4] = ["latest", "preview", "exp", "experimental"];

/// What tells a model that was trained further, which has a price of its own.
const TRAINED_FURTHER: [&str; 4] = ["ft:", ".ft-", ":ft-", "tunedmodels/"];
/// Models that charge audio like text, as Google's list has one price for both.
const HEAR_FOR_TEXT: [&str; 5] = [
    "gemini-1.5-flash",
    "gemini-1.5-pro",
    "gemini-2.5-pro",
    "gemini-3-pro-preview",
    "gemini-3.1-pro-preview",
];
/// What serves models on one's own machine.
const OWN_HOSTS: [&str; 12] = [
    "ollama",
    "vllm",
    "lmstudio",
    "llamacpp",
    "llamafile",
    "localai",
    "localhost",
    "sglang",
    "koboldcpp",
    "gpt4all",
    "textgenerationinference",
    "textgenerationwebui",
];
/// Where Bedrock runs a model, before the model's name; `global` is everywhere.
const BEDROCK_REGIONS: [&str; 10] =
    ["global", "us", "eu", "apac", "jp", "au", "ca", "in", "sa", "us-gov"];
/// Whose models Bedrock has, as they begin their names there.
const BEDROCK_MAKERS: [&str; 16] = [
    "ai21",
    "amazon",
    "anthropic",
    "cohere",
    "deepseek",
    "google",
    "meta",
    "minimax",
    "mistral",
    "moonshot",
    "moonshotai",
    "nvidia",
    "openai",
    "qwen",
    "writer",
    "zai",
];

impl Names {
    /// Whether it knows a name by a part of it, with anything behind that part.
    fn knows_part(&self, name: &str) -> bool {
        self.knows_by(name, &|_, _| true)
    }

    /// Whether it knows a model by a part of its name, and what goes on behind that
    /// part makes it no other model.
    pub(super) fn knows_model(&self, name: &str) -> bool {
        let is_trained = trained_further(name).is_some();
        self.knows_by(name, &|part, rest| is_trained || goes_on_as_same(part, rest))
    }

    /// Of a variant (`…:free`) or a model that was trained further (`ft:…`) the part
    /// must be what makes it such a one.
    fn knows_by(&self, name: &str, may_end: &dyn Fn(&str, &str) -> bool) -> bool {
        let is_told = |part: &str| match (trained_further(name), is_variant(name)) {
            (Some(mark), _) => part.contains(mark) && self.names.is_empty(),
            (None, true) => part.contains(':'),
            (None, false) => true,
        };
        let starts = |part: &str| name.strip_prefix(part).is_some_and(|rest| may_end(part, rest));
        let contains = |part: &str| {
            let rests = name.match_indices(part).map(|(at, _)| name.split_at(at + part.len()).1);
            rests.into_iter().any(|rest| may_end(part, rest))
        };
        let parts = |parts: &'_ [String], fits: &dyn Fn(&str) -> bool| {
            parts.iter().any(|part| fits(part) && is_told(part))
        };
        parts(&self.starts, &starts)
            || parts(&self.ends, &|part| name.ends_with(part))
            || parts(&self.contains, &contains)
    }

    /// Whether it lists the dates of a model, but not the one of this name, which
    /// begins with the model's. A date that is not listed may have another price.
    pub(super) fn lists_other_dates(&self, model: &str, name: &str) -> bool {
        let is_dated = |name: &str| name.strip_prefix(model).is_some_and(is_date);
        is_dated(name)
            && self.names.iter().any(|listed| is_dated(listed))
            && !self.names.iter().any(|listed| listed == name)
    }

    /// Whether it knows a name at all.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.names.iter().any(|whole| whole == name) || self.knows_part(name)
    }

    /// Whether a model of this name comes from here, trained further or not.
    pub(super) fn makes(&self, name: &str) -> bool {
        let base = name.strip_prefix("ft:").unwrap_or(name);
        let base = base.split(':').next().unwrap_or(base);
        let base = base.split_once(".ft-").map_or(base, |(base, _)| base);
        self.knows(base)
    }
}

/// What says that a model was trained further.
fn trained_further(name: &str) -> Option<&'static str> {
    TRAINED_FURTHER.into_iter().find(|mark| match *mark {
        "ft:" => name.starts_with(mark),
        mark => name.contains(mark),
    })
}

/// Whether a name goes on, after a colon, with what may make it another model at
/// another price: `:free`, `:thinking`, `:8b`, and not `:0`, which Bedrock counts by.
fn is_variant(name: &str) -> bool {
    let mut parts = name.split(':').skip(1).peekable();
    let is_plain = |part: &str| {
        part.split('-').all(|part| {
            SUFFIX_WORDS.contains(&part) || part.bytes().all(|byte| byte.is_ascii_digit())
        })
    };
    // More than one number says how much of a prompt fits, at another price.
    match parts.next() {
        Some(first) => !is_plain(first) || parts.peek().is_some(),
        None => false,
    }
}

/// Whether a name is one of Bedrock's: `us.anthropic.claude-…-v1:0`, or an ARN.
/// Other clouds have makers before a name as well, but no region and no number.
pub(super) fn is_of_bedrock(name: &str) -> bool {
    if name.starts_with("arn:aws") {
        return name.contains(":bedrock:");
    }
    let (first, rest) = name.split_once('.').unwrap_or((name, ""));
    let has_region = BEDROCK_REGIONS.contains(&first);
    let rest = if has_region { rest } else { name };
    let Some((maker, model)) = rest.split_once('.') else { return false };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_numbered = model.rsplit_once(':').is_some_and(|(_, number)| is_number(number))
        || model.rsplit_once("-v").is_some_and(|(_, number)| is_number(number));
    BEDROCK_MAKERS.contains(&maker)
        && (has_region || is_numbered || matches!(maker, "amazon" | "anthropic"))
}

/// Whether a name is a path of Google's cloud.
pub(super) fn is_of_google(name: &str) -> bool {
    name.starts_with("publishers/") || name.starts_with("projects/")
}

/// The name, and what is left of it without the places in front that some APIs want.
pub(super) fn without_places(name: &str) -> Vec<&str> {
    let tail = if name.starts_with("arn:") {
        name.rsplit_once('/').map(|(_, tail)| tail)
    } else if is_of_google(name) {
        name.split_once("/models/").map(|(_, tail)| tail)
    } else {
        name.strip_prefix("models/")
    };
    let names = std::iter::once(name).chain(tail);
    let plain = |name| ["@default", "@latest"].iter().find_map(|end| str::strip_suffix(name, end));
    names.flat_map(|name| std::iter::once(name).chain(plain(name))).collect()
}

/// The name itself, then what is left of it without a date, a build number or a
/// word that names no other model, the longest first.
pub(super) fn without_suffixes(name: &str) -> Vec<&str> {
    let separators = name.char_indices().filter(|(_, c)| is_separator(*c)).map(|(at, _)| at);
    let mut ends: Vec<usize> = separators.chain([name.len()]).collect();
    ends.sort_unstable_by(|a, b| b.cmp(a));
    let parts = ends.into_iter().filter_map(|end| name.split_at_checked(end));
    parts.filter(|(_, suffix)| is_same_model(suffix)).map(|(name, _)| name).collect()
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '@' | ':')
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_same_model(suffix: &str) -> bool {
    let parts: Vec<&str> = suffix.split(is_separator).filter(|part| !part.is_empty()).collect();
    are_of_same_model(&parts)
}

/// Whether parts behind a model's name are dates, numbers and words that name no other.
fn are_of_same_model(parts: &[&str]) -> bool {
    let Some((first, others)) = parts.split_first() else { return true };
    // One or two digits would be a newer model: claude-opus-4 is not claude-opus-4-9.
    let begins = SUFFIX_WORDS.contains(first) || (is_number(first) && first.len() >= 3);
    begins && others.iter().all(|part| SUFFIX_WORDS.contains(part) || is_number(part))
}

/// Whether a name that begins with a listed part goes on as the same model: with a
/// date, a build number, a word that says nothing, or the version of a cloud.
fn goes_on_as_same(part: &str, rest: &str) -> bool {
    let digits = |bytes: &mut dyn Iterator<Item = u8>| {
        bytes.take_while(|byte| byte.is_ascii_digit()).count()
    };
    // A number that the part ends in the middle of: a part of a date is one, and
    // claude-opus-4-1 is not claude-opus-4-10.
    let (before, after) = (digits(&mut part.bytes().rev()), digits(&mut rest.bytes()));
    if before > 0 && after > 0 && before + after < 3 {
        return false;
    }
    let rest = if before > 0 { rest.split_at(after).1 } else { rest };
    let (rest, is_numbered) = match rest.rsplit_once(':') {
        Some((rest, number)) if is_number(number) => (rest, true),
        _ => (rest, false),
    };
    let mut parts: Vec<&str> = rest.split(is_separator).filter(|part| !part.is_empty()).collect();
    let version = parts.iter().position(|part| part.strip_prefix('v').is_some_and(is_number));
    if let Some(at) = version
        && (is_numbered || parts.len() > 1 || parts == ["v1"])
    {
        parts.remove(at);
    }
    // Google dates by month and year.
    let is_month = parts.len() == 2 && parts.iter().all(|part| is_number(part));
    (is_month && parts.last().is_some_and(|year| year.len() == 4)) || are_of_same_model(&parts)
}

/// Whether what follows a model's name is a date and nothing else: `-2407`, `-2024-08-06`.
fn is_date(suffix: &str) -> bool {
    let mut parts = suffix.split(is_separator);
    parts.next() == Some("")
        && parts.next().is_some_and(|first| is_number(first) && first.len() >= 4)
        && parts.all(is_number)
}

/// Whether software that runs on anybody's own machine serves a model, or such a
/// machine itself: it has no list prices, whatever the model's maker asks.
pub(super) fn is_own_host(provider: &str) -> bool {
    let name = provider.trim().to_lowercase().replace(['-', '_', '.', ' '], "");
    let provider = provider.trim();
    let address = provider.parse::<SocketAddr>().map(|it| it.ip()).or_else(|_| provider.parse());
    let is_own = |it: IpAddr| it.is_loopback() || it.is_unspecified();
    OWN_HOSTS.iter().any(|host| name.contains(host)) || address.is_ok_and(is_own)
}

/// Whether anybody may serve a model whose maker is known for others.
pub(super) fn has_open_weights(model: &str) -> bool {
    ["gpt-oss", "gemma"].into_iter().any(|name| model.contains(name))
}

/// Whether a model charges audio in its input like text.
pub(super) fn hears_for_text(model: &str) -> bool {
    let model = model.to_lowercase();
    HEAR_FOR_TEXT.iter().any(|known| {
        model
            .match_indices(known)
            .any(|(at, _)| goes_on_as_same(known, model.split_at(at + known.len()).1))
    })
}

/// Whether a model charges images in its input like text: Gemini's do, but for those
/// that talk and those that embed.
pub(super) fn sees_for_text(model: &str) -> bool {
    let model = model.to_lowercase();
    let has = |word: &str| model.contains(word);
    has("gemini-") && !["live", "audio", "embedding", "omni", "robotics"].into_iter().any(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_told_from_numbers() {
        for name in ["a:free", "a:thinking", "llama3:8b", "ft:a:org::id", "a-v1:0:200k"] {
            assert!(is_variant(name), "{name}");
        }
        for name in ["a", "a-v1:0", "a:latest", "a:20250101"] {
            assert!(!is_variant(name), "{name}");
        }
    }

    #[test]
    fn places_are_told_by_their_form() {
        for name in [
            "us.anthropic.claude-x-v1:0",
            "anthropic.claude-x-v1:0",
            "us-gov.anthropic.claude-x",
            "arn:aws:bedrock:us-east-1:1:inference-profile/eu.amazon.nova-pro-v1:0",
        ] {
            assert!(is_of_bedrock(name), "{name}");
        }
        for name in ["gpt-4.1", "claude-3.5-haiku", "eu.x", "a/claude-3.5", "meta.llama-3.3-70b"] {
            assert!(!is_of_bedrock(name), "{name}");
        }
        assert!(without_places("models/g").contains(&"g"));
        let vertex = "projects/p/locations/l/publishers/google/models/g@default";
        assert!(without_places(vertex).contains(&"g"));
    }
}
