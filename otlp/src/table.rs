//! What attributes mean: the words of all dialects in one table.

use model::Json;
use model::json::without_mark;
use serde_json::Value;

use crate::dialect::DIALECTS;
use crate::item::Attributes;

/// What an attribute can say about a span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The agent's name.
    Agent,
    /// The name of the thing a span is about, which is the agent's on an agent's span.
    AgentEntity,
    /// The name of the workflow that the span is part of.
    Workflow,
    /// The conversation or session.
    Conversation,
    /// The end user.
    User,
    /// Like `production`.
    Environment,
    /// Who serves the model.
    Provider,
    /// The model that was asked for.
    RequestModel,
    /// The model that answered.
    ResponseModel,
    /// The provider's id of the answer.
    ResponseId,
    /// A parameter of the request, under the name that OpenAI gives it.
    Parameter(&'static str),
    /// An object of parameters.
    Parameters,
    /// Tokens of the prompt, those from a cache included.
    InputTokens,
    /// Tokens of the prompt that came from a cache.
    CachedTokens,
    /// Tokens of the prompt that were written to a cache.
    CacheWriteTokens,
    /// Tokens of audio in the prompt.
    InputAudioTokens,
    /// Tokens of the answer, reasoning included.
    OutputTokens,
    /// Tokens of audio in the answer.
    OutputAudioTokens,
    /// All tokens.
    TotalTokens,
    /// The class of service in which the call was answered.
    ServiceTier,
    /// Tokens of the answer spent on reasoning.
    ReasoningTokens,
    /// An object of token counts that do not overlap.
    UsageDetails,
    /// Dollars.
    Cost,
    /// An object of dollars.
    CostDetails,
    /// Seconds from the start to the first part of the answer.
    FirstChunkSeconds,
    /// Milliseconds from the start to the first part of the answer.
    FirstChunkMillis,
    /// The time of the first part of the answer.
    FirstChunkAt,
    /// Why the model stopped; one word or a list of them.
    FinishReasons,
    /// Instructions beside the messages.
    Instructions,
    /// A list of messages.
    InputMessages,
    /// A list of answers.
    OutputMessages,
    /// A list of tools.
    Tools,
    /// The whole request, messages, a text, or any other JSON.
    Input,
    /// The whole response, a message, a text, or any other JSON.
    Output,
    /// The text of the answer.
    OutputText,
    /// The answer's thoughts.
    OutputReasoning,
    /// The answer's tool calls.
    OutputToolCalls,
    /// A word for the error.
    ErrorType,
    /// A sentence for the error.
    ErrorMessage,
    /// An object of labels.
    Labels,
    /// One label, under this name.
    Label(&'static str),
    /// A tool's name.
    ToolName,
    /// The id of a tool call.
    ToolCallId,
    /// Arguments of a tool call.
    ToolInput,
    /// Result of a tool call.
    ToolOutput,
}

/// One attribute and what it says.
pub(crate) struct Rule(pub(crate) &'static str, pub(crate) Field);

/// What a family of numbered attributes (`prefix.0.role`, `prefix.1.role`) says.
pub(crate) struct Numbered {
    pub(crate) prefix: &'static str,
    pub(crate) field: Field,
    /// What stands between the number and the fields of the item.
    pub(crate) inner: &'static str,
}

/// Everything that one dialect says.
pub(crate) struct Dialect {
    pub(crate) rules: &'static [Rule],
    pub(crate) numbered: &'static [Numbered],
    /// What begins so is a label.
    pub(crate) label_prefixes: &'static [&'static str],
}

/// Reads fields out of attributes, in every dialect; the first that speaks wins.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a>(&'a Attributes);

impl<'a> Reader<'a> {
    pub(crate) fn of(attributes: &'a Attributes) -> Self {
        Self(attributes)
    }

    pub(crate) fn attributes(self) -> &'a Attributes {
        self.0
    }

    /// The first attribute of this meaning that is present and not empty.
    pub(crate) fn value(self, field: Field) -> Option<&'a Value> {
        self.values(field).next()
    }

    /// Every attribute of this meaning that is present and not empty.
    pub(crate) fn values(self, field: Field) -> impl Iterator<Item = &'a Value> {
        rules().filter(move |rule| rule.1 == field).filter_map(move |rule| {
            self.0
                .get(rule.0)
                .filter(|value| !matches!(value.as_str(), Some("")) && !value.is_null())
        })
    }

    pub(crate) fn text(self, field: Field) -> Option<String> {
        match self.value(field)? {
            Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    pub(crate) fn number(self, field: Field) -> Option<f64> {
        self.values(field).find_map(number).filter(|number| number.is_finite())
    }

    pub(crate) fn count(self, field: Field) -> Option<u64> {
        let count = self.number(field)?;
        (0.0..9e15).contains(&count).then_some(count.round() as u64)
    }

    /// As JSON: a text that is JSON stands for it, byte for byte.
    pub(crate) fn json(self, field: Field) -> Option<Json> {
        self.value(field).map(json)
    }

    /// The parameters of the request that have a rule of their own.
    pub(crate) fn parameters(self) -> impl Iterator<Item = (&'static str, &'a Value)> {
        rules().filter_map(move |rule| match rule.1 {
            Field::Parameter(name) => Some((name, self.0.get(rule.0)?)),
            _ => None,
        })
    }

    /// The labels that have a rule of their own.
    pub(crate) fn labels(self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let ruled = rules().filter_map(move |rule| match rule.1 {
            Field::Label(name) => Some((name, self.0.get(rule.0)?)),
            _ => None,
        });
        let prefixes = || DIALECTS.iter().flat_map(|dialect| dialect.label_prefixes);
        let prefixed = self.0.iter().filter_map(move |(key, value)| {
            let name = prefixes().find_map(|prefix| key.strip_prefix(prefix))?;
            Some((name, value))
        });
        ruled.chain(prefixed)
    }
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    DIALECTS.iter().flat_map(|dialect| dialect.rules)
}

/// Whether an attribute's content stands in the messages, tools, input or output.
pub(crate) fn is_content(key: &str) -> bool {
    let numbered = DIALECTS.iter().flat_map(|dialect| dialect.numbered);
    let is_item = |prefix: &str| key.strip_prefix(prefix).is_some_and(|rest| rest.starts_with('.'));
    numbered.into_iter().any(|family| is_item(family.prefix))
        || rules().any(|rule| {
            rule.0 == key
                && matches!(
                    rule.1,
                    Field::Instructions
                        | Field::InputMessages
                        | Field::OutputMessages
                        | Field::Tools
                        | Field::Input
                        | Field::Output
                        | Field::OutputText
                        | Field::OutputReasoning
                        | Field::OutputToolCalls
                )
        })
}

/// A text that is JSON stands for it, any other value for itself.
pub(crate) fn json(value: &Value) -> Json {
    let text = value.as_str().map(|text| without_mark(text.trim()));
    let text = text.filter(|text| text.trim_start().starts_with(['{', '[', '"']));
    text.and_then(|text| Json::from_text(text).ok()).unwrap_or_else(|| Json::from(value))
}

pub(crate) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_text_of_json_stands_for_it_with_a_mark_before_it_or_not() {
        for text in ["{\"a\":1.0}", "\u{feff}{\"a\":1.0}", " \u{feff} {\"a\":1.0}\n"] {
            assert_eq!(super::json(&json!(text)).as_str(), "{\"a\":1.0}", "{text:?}");
        }
        assert_eq!(super::json(&json!("\u{feff}a")).as_str(), "\"\u{feff}a\"");
    }
}
