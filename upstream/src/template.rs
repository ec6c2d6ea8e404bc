//! Renders the Jinja templates of messages.

use std::collections::{BTreeSet, HashSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, UndefinedBehavior};
use serde_json::{Map, Value};

/// What the templates of a request may use up: about this many steps, and 64
/// bytes for each.
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
    templates: &mut Templates,
) -> Result<(), TemplateError> {
    match content {
        Value::String(text) => {
            if let Some(rendered) = templates.render(text)? {
                *text = rendered;
            }
        }
        Value::Array(items) => {
            for item in items {
                render_content(item, templates)?;
            }
        }
        Value::Object(object) => {
            for value in object.values_mut() {
                render_content(value, templates)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// Renders the texts of one request. They have no files to include, and a
/// bounded amount of work to do between them.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    variables: Map<String, Value>,
    context: minijinja::Value,
    fuel: u64,
}

impl Templates {
    /// For texts that know these variables.
    ///
    /// # Errors
    /// Never with the syntax that is set up here.
    pub fn new(variables: Map<String, Value>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.map_err(|error| broken(&error))?);
        // A missing variable may be asked about with `if`, but never prints as nothing.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        let context = minijinja::Value::from(Serde(&variables));
        Ok(Self { environment, variables, context, fuel: FUEL })
    }

    /// The rendered text; `None` when it is no template.
    ///
    /// # Errors
    /// When it is broken, needs a variable that is not there, or does too much.
    pub fn render(&mut self, source: &str) -> Result<Option<String>, TemplateError> {
        if !is_template(source) {
            return Ok(None);
        }
        self.environment.set_fuel(Some(self.fuel));
        let template =
            self.environment.template_from_str(source).map_err(|error| broken(&error))?;
        match template.render_captured(self.context.clone()) {
            Ok(rendered) => {
                self.fuel = rendered.state().fuel_levels().map_or(0, |(_, left)| left);
                Ok(Some(rendered.into_output()))
            }
            Err(error) => Err(self.explain(&error, &template.undeclared_variables(true))),
        }
    }

    fn explain(&self, error: &minijinja::Error, used: &HashSet<String>) -> TemplateError {
        match error.kind() {
            ErrorKind::OutOfFuel => TemplateError::TooMuch,
            ErrorKind::UndefinedError => {
                let names: BTreeSet<String> = used
                    .iter()
                    .filter(|path| !has_path(&self.variables, path))
                    .map(|path| format!("\"{path}\""))
                    .collect();
                if names.is_empty() {
                    return broken(error);
                }
                TemplateError::Missing { names: Vec::from_iter(names).join(", ") }
            }
            _ => broken(error),
        }
    }
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
        Templates::new(variables)?.render(source).map(|made| made.unwrap_or(source.to_owned()))
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
    fn many_texts_share_the_bound() {
        let mut templates = Templates::new(Map::new()).unwrap();
        let long = "{% for a in range(50000) %}x{% endfor %}";
        let outcome: Result<Vec<_>, _> = (0..100).map(|_| templates.render(long)).collect();
        assert_eq!(outcome, Err(TemplateError::TooMuch));
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
