//! Reads `use_fallback`: which models may answer when the first cannot.

use model::edit;

use super::error::ProxyError;
use super::labels::member;

/// Most models in the list; each may take as long as the first.
const MAX_FALLBACKS: usize = 8;

/// A model to ask instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallback {
    /// The model, as its provider names it.
    pub model: String,
    /// Its provider; the request's own when none is named.
    pub provider: Option<String>,
}

/// Reads the field: `never`, `auto` or a list of models, each a name or an object
/// with `model` and `provider`. The provider of a request is chosen by its caller
/// alone, so `auto`, the default, asks nobody that is not given.
///
/// # Errors
/// 400 for anything else, and for more models than may be tried.
pub fn read(raw: Option<&str>) -> Result<Vec<Fallback>, ProxyError> {
    let wrong = |message: &str| ProxyError::invalid_field("use_fallback", message);
    let Some(raw) = raw else { return Ok(Vec::new()) };
    if let Some(word) = edit::text(raw) {
        return match word.as_ref() {
            "auto" | "never" => Ok(Vec::new()),
            _ => Err(wrong("must be auto, never or a list of models")),
        };
    }
    if !raw.trim_start().starts_with('[') {
        return Err(wrong("must be auto, never or a list of models"));
    }
    let fallbacks: Option<Vec<Fallback>> = edit::items(raw).map(one).collect();
    let fallbacks = fallbacks.ok_or_else(|| {
        wrong("holds what is neither a model nor an object with model and provider")
    })?;
    if fallbacks.len() > MAX_FALLBACKS {
        return Err(wrong(&format!("must have at most {MAX_FALLBACKS} models")));
    }
    Ok(fallbacks)
}

fn one(item: &str) -> Option<Fallback> {
    let name =
        |raw: &str| edit::text(raw).map(|text| text.into_owned()).filter(|it| !it.is_empty());
    if let Some(model) = name(item) {
        return Some(Fallback { model, provider: None });
    }
    let members = edit::members(item)?;
    let provider = match member(&members, "provider") {
        Some(raw) => Some(name(raw)?),
        None => None,
    };
    Some(Fallback { model: name(member(&members, "model")?)?, provider })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_lists_are_read() {
        for word in [None, Some("\"auto\""), Some("\"never\""), Some("[]")] {
            assert_eq!(read(word).unwrap(), [], "{word:?}");
        }
        let list = read(Some(r#"["gpt-4o", {"model": "m", "provider": "p"}]"#)).unwrap();
        let of = |model: &str, provider: Option<&str>| Fallback {
            model: model.to_owned(),
            provider: provider.map(str::to_owned),
        };
        assert_eq!(list, [of("gpt-4o", None), of("m", Some("p"))]);
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("[{}]", ["\"m\""; MAX_FALLBACKS + 1].join(","));
        for raw in ["7", "{}", "\"always\"", "[1]", "[\"\"]", r#"[{"provider":"p"}]"#, &long] {
            let error = read(Some(raw)).unwrap_err();
            assert_eq!(error.param.as_deref(), Some("use_fallback"), "{raw}");
        }
    }
}
