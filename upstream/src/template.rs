//! Renders the Jinja templates of messages.

use std::collections::BTreeSet;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

/// What a template may use up: about this many steps, and 64 bytes for each.
const FUEL: u64 = 500_000;

/// Why a template cannot be rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It uses variables that the input does not have.
    #[error(
        "the message template needs {names}, which the input does not have; add it to the input"
    )]
    Missing {
        /// The variables, quoted and comma-separated.
        names: String,
    },
    /// It takes too long or grows too large.
    #[error("the message template does too much; make its loops shorter")]
    TooMuch,
    /// It is no template, or asks for something that cannot be done.
    #[error("the message template cannot be rendered: {reason} (line {line})")]
    Broken {
        /// What the template engine says.
        reason: String,
        /// The line within the message, from 1.
        line: usize,
    },
}

/// Whether a text holds anything for a template engine to do.
pub(crate) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// Whether any text within a message's content is a template.
pub(crate) fn has_template(content: &Value) -> bool {
    match content {
        Value::String(text) => is_template(text),
        Value::Array(items) => items.iter().any(has_template),
        Value::Object(object) => object.values().any(has_template),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Renders every text within a message's content.
pub(crate) fn render_content(
    content: &mut Value,
    variables: &Map<String, Value>,
) -> Result<(), TemplateError> {
    match content {
        Value::String(text) if is_template(text) => *text = render(text, variables)?,
        Value::Array(items) => {
            for item in items {
                render_content(item, variables)?;
            }
        }
        Value::Object(object) => {
            for value in object.values_mut() {
                render_content(value, variables)?;
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// Renders one template. It has no files to include and a bounded amount of work to do.
fn render(source: &str, variables: &Map<String, Value>) -> Result<String, TemplateError> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|error| broken(&error))?);
    environment.set_fuel(Some(FUEL));
    // A missing variable may be asked about with `if`, but never prints as nothing.
    environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
    let template = environment.template_from_str(source).map_err(|error| broken(&error))?;
    let context = Serde(variables);
    template.render(context).map_err(|error| match error.kind() {
        ErrorKind::OutOfFuel => TemplateError::TooMuch,
        ErrorKind::UndefinedError => {
            let names: BTreeSet<String> = template
                .undeclared_variables(true)
                .into_iter()
                .filter(|path| !has_path(variables, path))
                .map(|path| format!("\"{path}\""))
                .collect();
            if names.is_empty() {
                return broken(&error);
            }
            TemplateError::Missing { names: Vec::from_iter(names).join(", ") }
        }
        _ => broken(&error),
    })
}

fn has_path(variables: &Map<String, Value>, path: &str) -> bool {
    let mut keys = path.split('.');
    let Some(first) = keys.next().and_then(|key| variables.get(key)) else { return false };
    keys.try_fold(first, |value, key| value.get(key)).is_some()
}

fn broken(error: &minijinja::Error) -> TemplateError {
    let reason = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    TemplateError::Broken { reason, line: error.line().unwrap_or(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rendered(source: &str, variables: Value) -> Result<String, TemplateError> {
        let Value::Object(variables) = variables else { panic!("variables are an object") };
        render(source, &variables)
    }

    #[test]
    fn variables_loops_and_filters_work_and_nothing_is_escaped() {
        let text = rendered(
            "{% for r in reviews %}{{ loop.index }}. {{ r.text|upper }}\n{% endfor %}",
            json!({"reviews": [{"text": "<b>&"}, {"text": "ok"}]}),
        );
        assert_eq!(text.unwrap(), "1. <B>&\n2. OK\n");
    }

    #[test]
    fn missing_variables_are_named_and_may_be_asked_about() {
        let error = rendered("{{ city }} in {{ user.name }}", json!({"user": {}})).unwrap_err();
        assert_eq!(error, TemplateError::Missing { names: "\"city\", \"user.name\"".to_owned() });
        assert_eq!(rendered("{% if city %}x{% endif %}", json!({})).unwrap(), "");
    }

    #[test]
    fn work_and_size_are_bounded() {
        let endless =
            "{% for a in range(90000) %}{% for b in range(90000) %}x{% endfor %}{% endfor %}";
        assert_eq!(rendered(endless, json!({})), Err(TemplateError::TooMuch));
        assert_eq!(rendered("{{ 'x' * 2000000000 }}", json!({})), Err(TemplateError::TooMuch));
    }

    #[test]
    fn files_cannot_be_read() {
        let error = rendered("{% include '/etc/hostname' %}", json!({})).unwrap_err();
        assert!(matches!(error, TemplateError::Broken { .. }), "{error}");
    }

    #[test]
    fn broken_templates_say_where() {
        let error = rendered("one\n{{ two", json!({})).unwrap_err();
        assert!(matches!(error, TemplateError::Broken { line: 2, .. }), "{error}");
    }
}
