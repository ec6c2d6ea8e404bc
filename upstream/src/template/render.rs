//! Renders the texts of one request with a bounded amount of work.

use std::collections::{BTreeSet, HashSet};
use std::error::Error as _;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, ValueKind};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior};
use serde_json::{Map, Value};

use super::bounds::Bounds;
use super::depth::{self, TooDeep};
use super::{Excess, MAX_STEPS, MAX_VALUE_DEPTH, TemplateError, is_template};

/// How deeply macros and loops call themselves; each call of a macro counts for six.
const MAX_RECURSION: usize = 200;

/// The texts of a request, rendered; `None` where one is no template.
///
/// # Errors
/// When one is broken, needs a variable that is not there, is too much or does too
/// much.
pub(super) fn render(
    variables: Map<String, Value>,
    texts: &[String],
) -> Result<Vec<Option<String>>, TemplateError> {
    let mut templates = Templates::new(variables)?;
    texts.iter().map(|text| templates.render(text)).collect()
}

/// What the texts of one request share. They have no files to include.
struct Templates {
    environment: Environment<'static>,
    syntax: SyntaxConfig,
    bounds: Bounds,
    variables: Map<String, Value>,
    context: minijinja::Value,
    steps: u64,
}

impl Templates {
    fn new(variables: Map<String, Value>) -> Result<Self, TemplateError> {
        let mut environment = Environment::new();
        let syntax = SyntaxConfig::builder()
            .keep_trailing_newline(true)
            .build()
            .map_err(|error| broken(&error))?;
        environment.set_syntax(syntax.clone());
        // A missing variable may be asked about with `if`, but never prints as nothing.
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_recursion_limit(MAX_RECURSION);
        environment.set_formatter(|out, state, value| {
            depth::check(value)?;
            minijinja::escape_formatter(out, state, value)
        });
        // What changes in a loop grows without end, and what shows the engine's inside
        // is nobody's business.
        environment.remove_global("namespace");
        environment.remove_global("debug");
        environment.remove_filter("pprint");
        environment.add_filter("sum", sum);
        let context = minijinja::Value::from(Serde(&variables));
        let bounds = Bounds::default();
        Ok(Self { environment, syntax, bounds, variables, context, steps: MAX_STEPS })
    }

    fn render(&mut self, source: &str) -> Result<Option<String>, TemplateError> {
        if !is_template(source) {
            return Ok(None);
        }
        self.bounds.check(source, &self.syntax)?;
        self.environment.set_fuel(Some(self.steps));
        let template =
            self.environment.template_from_str(source).map_err(|error| broken(&error))?;
        match template.render_captured(self.context.clone()) {
            Ok(rendered) => {
                self.steps = rendered.state().fuel_levels().map_or(0, |(_, left)| left);
                Ok(Some(rendered.into_output()))
            }
            Err(error) => Err(self.explain(&error, &template.undeclared_variables(true))),
        }
    }

    fn explain(&self, error: &Error, used: &HashSet<String>) -> TemplateError {
        if is_too_deep(error) {
            return TemplateError::Exceeds {
                what: Excess::Levels,
                limit: MAX_VALUE_DEPTH as u64,
                line: error.line(),
                advice: "print its parts".to_owned(),
            };
        }
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

/// Adds numbers; the engine's own filter also makes a list of lists out of them, one
/// within another.
fn sum(
    state: &State<'_, '_>,
    values: minijinja::Value,
    attribute: Option<&str>,
    kwargs: Kwargs,
) -> Result<minijinja::Value, Error> {
    let attribute = match attribute {
        Some(attribute) => Some(attribute),
        None => kwargs.get::<Option<&str>>("attribute")?,
    };
    kwargs.assert_all_used()?;
    let mut numbers = Vec::new();
    for item in values.try_iter()? {
        let item = match attribute {
            Some(attribute) => item.get_attr(attribute)?,
            None => item,
        };
        if !matches!(item.kind(), ValueKind::Number | ValueKind::Bool) {
            let text = format!("sum adds numbers, not a {}", item.kind());
            return Err(Error::new(ErrorKind::InvalidOperation, text));
        }
        numbers.push(item);
    }
    let none = Kwargs::from_iter(std::iter::empty::<(&str, minijinja::Value)>());
    minijinja::filters::sum(state, numbers.into(), None, None, none)
}

fn is_too_deep(error: &Error) -> bool {
    let mut cause = error.source();
    while let Some(error) = cause {
        if error.is::<TooDeep>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn has_path(variables: &Map<String, Value>, path: &str) -> bool {
    let mut keys = path.split('.');
    let Some(first) = keys.next().and_then(|key| variables.get(key)) else { return false };
    keys.try_fold(first, |value, key| value.get(key)).is_some()
}

fn broken(error: &Error) -> TemplateError {
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
        let made = super::render(variables, &[source.to_owned()])?;
        Ok(made.into_iter().flatten().next().unwrap_or(source.to_owned()))
    }

    #[test]
    fn variables_loops_and_filters_work_and_nothing_is_escaped() {
        let text = rendered(
            "{% for r in reviews %}{{ loop.index }}. {{ r.text|upper }}\n{% endfor %}",
            json!({"reviews": [{"text": "<b>&"}, {"text": "ok"}]}),
        );
        assert_eq!(text.unwrap(), "1. <B>&\n2. OK\n");
        let variables = json!({"a": [{"n": 1}, {"n": 2.5}]});
        assert_eq!(rendered("{{ a|sum(attribute='n') }}", variables).unwrap(), "3.5");
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
        let long = "{% for a in range(50000) %}x{% endfor %}".to_owned();
        assert_eq!(super::render(Map::new(), &vec![long; 100]), Err(TemplateError::TooMuch));
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

    #[test]
    fn values_do_not_grow_in_depth_from_step_to_step() {
        let grown = "{% set x=[] %}{% for i in range(9) %}{% set x=[x] %}{% endfor %}{{ x }}";
        assert_eq!(rendered(grown, json!({})).unwrap(), "[]");
        for refused in [
            "{% set ns=namespace() %}",
            "{{ [[1],[2]]|sum }}",
            "{{ debug() }}",
            "{% macro f(x) %}{{ f([x]) }}{% endmacro %}{{ f(1) }}",
        ] {
            let error = rendered(refused, json!({})).unwrap_err();
            assert!(matches!(error, TemplateError::Broken { .. }), "{refused}: {error}");
        }
    }

    #[test]
    fn what_is_printed_has_a_depth() {
        let deep = "{% macro f(x, n) %}{% if n %}{{ f([[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]], n-1) }}{% else %}{{ x }}{% endif %}{% endmacro %}";
        assert!(rendered(&format!("{deep}{{{{ f(1, 16) }}}}"), json!({})).is_ok());
        let error = rendered(&format!("{deep}{{{{ f(1, 17) }}}}"), json!({})).unwrap_err();
        let limit = MAX_VALUE_DEPTH as u64;
        assert!(
            matches!(error, TemplateError::Exceeds { what: Excess::Levels, limit: l, .. } if l == limit),
            "{error}"
        );
    }
}
