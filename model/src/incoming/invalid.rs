//! Why a run is refused.

use std::fmt;

use serde::Serialize;

use crate::limits::MAX_RUN_BYTES;

/// Why a run is refused, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct InvalidRun {
    /// A word for programs, like `unknown_field`.
    pub code: &'static str,
    /// The path of the field at fault, like `completions[0].usage.input_tokens`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// A sentence for people; names the field.
    pub message: String,
    /// The limit that was passed, in the unit that the message names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

impl InvalidRun {
    pub(super) fn too_large() -> Self {
        Self {
            code: "too_large",
            field: None,
            message: format!("a run may have at most {MAX_RUN_BYTES} bytes"),
            limit: Some(MAX_RUN_BYTES as u64),
        }
    }

    pub(crate) fn of_field(code: &'static str, field: &str, rule: impl fmt::Display) -> Self {
        Self {
            code,
            field: Some(field.to_owned()),
            message: format!("`{field}`: {rule}"),
            limit: None,
        }
    }

    pub(crate) fn missing(field: &str, rule: impl fmt::Display) -> Self {
        Self {
            code: "missing_field",
            field: Some(field.to_owned()),
            message: rule.to_string(),
            limit: None,
        }
    }

    pub(super) fn too_long(field: &str, limit: usize) -> Self {
        let rule = format!("must have at most {limit} characters");
        Self { limit: Some(limit as u64), ..Self::of_field("too_long", field, rule) }
    }

    pub(super) fn not_an_object() -> Self {
        Self {
            code: "invalid_run",
            field: None,
            message: "a run must be a JSON object".to_owned(),
            limit: None,
        }
    }

    pub(super) fn not_json(error: &serde_json::Error) -> Self {
        Self {
            code: "invalid_json",
            field: None,
            message: format!("not JSON: {error}"),
            limit: None,
        }
    }

    pub(super) fn unreadable(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let path = error.path().to_string();
        let cause = error.into_inner();
        let text = cause.to_string();
        if text.starts_with("recursion limit exceeded") {
            return Self::of_field("invalid_field", &path, "is nested too deeply");
        }
        if !cause.is_data() {
            return Self::not_json(&cause);
        }
        // serde has one error for all; its own words are the only way to tell them apart.
        let reason = text.split(" at line ").next().unwrap_or(&text);
        if let Some(name) = quoted_after(reason, "unknown field `") {
            let field = if path.ends_with(name) { path } else { join(&path, name) };
            return Self::of_field(
                "unknown_field",
                &field,
                "unknown field; remove it or put it into `metadata`",
            );
        }
        if let Some(name) = quoted_after(reason, "missing field `") {
            let field = join(&path, name);
            return Self::missing(&field, format!("`{field}` is missing"));
        }
        if path == "." {
            return Self::not_an_object();
        }
        Self::of_field(code_of(&path), &path, reason)
    }
}

fn code_of(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("created_at" | "started_at") => "invalid_time",
        Some("cached_from" | "parent_run_id") => "invalid_id",
        _ => "invalid_field",
    }
}

fn quoted_after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.strip_prefix(prefix)?.split('`').next()
}

fn join(path: &str, name: &str) -> String {
    if path == "." { name.to_owned() } else { format!("{path}.{name}") }
}
