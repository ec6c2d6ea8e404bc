//! A request, taken apart into what stays from run to run and what differs.

use serde_json::Value;

use crate::dialect::{self, Request};
use crate::view::{Kind, View};
use crate::{Json, Version};

/// The two halves of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Model, parameters, tools and leading instructions or message templates.
    pub version: Version,
    /// Template variables and the remaining messages; the whole request where
    /// it is not understood.
    pub input: Json,
}

/// Fields of a single call, of how the answer travels, or of Runs itself.
const NOT_OF_A_VERSION: [&str; 20] = [
    "stream",
    "stream_options",
    "user",
    "metadata",
    "store",
    "previous_response_id",
    "conversation",
    "prompt_cache_key",
    "safety_identifier",
    "background",
    "prediction",
    "agent_id",
    "conversation_id",
    "environment",
    "schema_id",
    "provider",
    "use_cache",
    "use_fallback",
    "id",
    // What a span said beside the request.
    "otel",
];
/// Names of one parameter in different dialects.
const MAX_TOKENS: [&str; 3] = ["max_tokens", "max_completion_tokens", "max_output_tokens"];
/// Fields of a version that are no parameters.
const RESERVED: [&str; 3] = ["instructions", "output_schema", "number"];

/// Takes a request apart.
///
/// With variables (an object `input` beside the messages) the messages up to
/// the last templated one are the version, else the leading `system` and
/// `developer` messages are.
#[must_use]
pub fn split_request(request: &Json) -> Split {
    let body = dialect::unwrapped(request);
    let Some(read) = Request::read(View::of(&body)) else {
        return Split { version: Version::default(), input: request.clone() };
    };
    let messages = read.messages();
    let variables = read.variables();
    let templated =
        messages.iter().rposition(|raw| is_template(raw)).filter(|_| variables.is_some());
    let fixed = match templated {
        Some(last) => last + 1,
        None => messages.iter().take_while(|raw| is_instruction(raw)).count(),
    };
    let (leading, rest) = messages.split_at_checked(fixed).unwrap_or((&messages, &[]));

    let mut version = Version { model: read.model(), ..Version::default() };
    let values: Vec<Value> =
        leading.iter().filter_map(|raw| View::checked(raw)).map(View::to_value).collect();
    version.messages = (!values.is_empty()).then_some(values);
    let tools: Vec<Value> = read.tools().iter().map(|tool| View::of(tool).to_value()).collect();
    version.tools = (!tools.is_empty()).then_some(tools);
    for (name, value) in read.parameters() {
        set_parameter(&mut version, &name, View::of(&value));
    }

    let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
    let input = input_text(variables, &rest.join(","));
    Split { version, input: Json::from_text(&input).unwrap_or_else(|_| request.clone()) }
}

/// Whether a message holds Jinja expressions or statements.
fn is_template(raw: &str) -> bool {
    raw.contains("{{") || raw.contains("{%")
}

fn is_instruction(raw: &str) -> bool {
    let role = View::checked(raw).and_then(|message| message.get("role")?.text());
    matches!(role.as_deref(), Some("system" | "developer"))
}

/// The variables, if any, with the messages among them.
fn input_text(variables: Option<View<'_>>, messages: &str) -> String {
    let Some(variables) = variables else { return format!(r#"{{"messages":[{messages}]}}"#) };
    // A variable of this name would be hidden.
    if messages.is_empty() || variables.get("messages").is_some() {
        return variables.raw().to_owned();
    }
    let open = variables.raw().strip_suffix('}').unwrap_or_default().trim_end();
    let comma = if variables.members().next().is_some() { "," } else { "" };
    format!(r#"{open}{comma}"messages":[{messages}]}}"#)
}

fn set_parameter(version: &mut Version, name: &str, value: View<'_>) {
    if NOT_OF_A_VERSION.contains(&name) || RESERVED.contains(&name) {
        return;
    }
    if name == "temperature" {
        version.temperature = value.to_f64();
        return;
    }
    if MAX_TOKENS.contains(&name) {
        version.max_tokens = value.to_u64().or(version.max_tokens);
        return;
    }
    if name == "generationConfig" && value.kind() == Kind::Object {
        let config = value.object();
        version.temperature = config.get("temperature").and_then(View::to_f64);
        version.max_tokens = config.get("maxOutputTokens").and_then(View::to_u64);
    }
    if let Some(schema) = output_schema(name, value) {
        version.output_schema = Some(schema.to_value());
    }
    version.extra.insert(name.to_owned(), value.to_value());
}

/// The schema that an answer must have, wherever the dialect has it.
fn output_schema<'a>(name: &str, value: View<'a>) -> Option<View<'a>> {
    let schema = match name {
        "response_format" => value
            .get("json_schema")
            .and_then(|format| format.get("schema"))
            .or_else(|| value.get("schema")),
        "text" | "output_config" => value.get("format").and_then(|format| format.get("schema")),
        "output_format" => value.get("schema"),
        "generationConfig" => {
            value.get("responseJsonSchema").or_else(|| value.get("responseSchema"))
        }
        _ => None,
    };
    schema.filter(|schema| schema.kind() == Kind::Object)
}
