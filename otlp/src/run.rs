//! A model's span and its log records as a run.

use std::borrow::Cow;

use model::derive::split_request;
use model::dialect::answer_of_response;
use model::{Completion, IncomingRun, Json, Source, ToolCall};
use serde_json::{Map, Value, json};

use crate::content::{Prompt, Reply};
use crate::facts::{self, Inherited};
use crate::item::{Attributes, Event, LogRecord, Span, run_id, timestamp};
use crate::message::{self, Answer, EventRole};
use crate::table::{self, Field, Reader};
use crate::{error, usage};

/// The member of a request under which all else that the span said is kept.
pub(crate) const RAW_MEMBER: &str = "otel";
const SPAN_KINDS: [&str; 6] =
    ["unspecified", "internal", "server", "client", "producer", "consumer"];

/// A span with its log records, in the order in which things happened.
pub(crate) struct Call<'a> {
    span: &'a Span,
    attributes: Cow<'a, Attributes>,
    events: Vec<&'a Event>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(span: &'a Span, records: impl IntoIterator<Item = &'a LogRecord>) -> Self {
        let of_logs = records.into_iter().map(|record| &record.event);
        let mut events: Vec<&Event> = span.events.iter().chain(of_logs).collect();
        events.sort_by_key(|event| event.at);
        let mut attributes = Cow::Borrowed(&span.attributes);
        let says_all =
            |event: &&&Event| message::role_of_event(&event.name) == Some(EventRole::Details);
        for event in events.iter().filter(says_all) {
            for (key, value) in message::details(event) {
                attributes.to_mut().entry(key).or_insert(value);
            }
        }
        Self { span, attributes, events }
    }

    fn read(&self) -> Reader<'_> {
        Reader::of(&self.attributes)
    }

    /// Whether log records may still bring content that is missing here.
    pub(crate) fn may_grow(&self) -> bool {
        let is_closed = self.events.iter().any(|event| {
            let role = message::role_of_event(&event.name);
            matches!(role, Some(EventRole::Choice | EventRole::Details | EventRole::Completion))
        });
        // The other dialects have all on the span.
        let by_convention = ["gen_ai.operation.name", "gen_ai.provider.name", "gen_ai.system"]
            .iter()
            .any(|key| self.attributes.contains_key(*key));
        let other = ["openinference.span.kind", "ai.operationId", "langfuse.observation.type"]
            .iter()
            .any(|key| self.attributes.contains_key(*key));
        if is_closed || !by_convention || other {
            return false;
        }
        let prompt = Prompt::read(self.read(), &self.events);
        let reply = Reply::read(self.read(), &self.events);
        prompt.is_empty() || (reply.is_empty() && !self.span.failed)
    }

    /// The run, and the calls that the model asked for.
    pub(crate) fn run(&self, inherited: &Inherited) -> IncomingRun {
        let (span, read) = (self.span, self.read());
        let mut prompt = Prompt::read(read, &self.events);
        let reply = Reply::read(read, &self.events);
        let model = asked_model(read);
        let error = error::of_span(span, &read);
        let latency = facts::latency(span);
        let created_at = timestamp(span.start);

        let input = prompt.input.take();
        let request = self.request(&prompt, input.as_ref(), model.as_deref());
        // A request whose input is no messages cannot be taken apart.
        let version = input.is_some().then(|| {
            split_request(&self.request(&Prompt::default(), None, model.as_deref())).version
        });
        let response = self.response(&reply);
        let tool_calls: Vec<ToolCall> = response
            .as_ref()
            .map(|response| answer_of_response(Some(&request), response).tool_calls)
            .unwrap_or_default();
        IncomingRun {
            id: Some(run_id(&span.key, span.start).to_string()),
            agent: Some(facts::agent(span, read, inherited)),
            created_at: Some(created_at),
            input,
            output: reply.output.clone(),
            error: error.clone(),
            version,
            completions: Some(vec![Completion {
                provider: facts::provider(read),
                model: read
                    .text(Field::ResponseModel)
                    .or_else(|| read.text(Field::RequestModel))
                    .or(model),
                request: Some(request),
                response,
                usage: usage::of(read),
                cost: usage::cost(read),
                billed: Some(usage::billed(read)),
                latency,
                started_at: Some(created_at),
                finish_reason: finish_reasons(read).into_iter().next(),
                error,
                ..Completion::default()
            }]),
            tool_calls: (!tool_calls.is_empty()).then_some(tool_calls),
            latency,
            time_to_first_token: facts::time_to_first_token(span, read),
            conversation_id: read
                .text(Field::Conversation)
                .or_else(|| inherited.conversation.clone()),
            metadata: Some(facts::metadata(span, read)),
            environment: facts::environment(span, read),
            source: Some(Source::Otlp),
            trace_id: Some(span.key.trace.clone()),
            span_id: Some(span.key.span.clone()),
            parent_run_id: inherited.parent_run,
            ..IncomingRun::default()
        }
    }

    /// The wire's own request where the span has it, else one made of what the span says.
    fn request(&self, prompt: &Prompt, input: Option<&Json>, model: Option<&str>) -> Json {
        let raw = Json::from(&self.raw());
        let mut text = match &prompt.request {
            Some(request) => {
                let open = request.as_str().trim_end().strip_suffix('}').unwrap_or_default();
                open.trim_end().to_owned()
            }
            None => {
                let mut text = format!("{{\"model\":{}", Json::from(&Value::from(model)).as_str());
                match input {
                    // `input` itself would be taken for messages.
                    Some(input) => add(&mut text, "input_value", input.as_str()),
                    None => add(&mut text, "messages", &joined(&prompt.messages)),
                }
                if !prompt.tools.is_empty() {
                    add(&mut text, "tools", &joined(&prompt.tools));
                }
                for (name, value) in self.parameters() {
                    add(&mut text, &name, &value.to_string());
                }
                text
            }
        };
        if text.ends_with('{') {
            text.push_str("\"model\":null");
        }
        add(&mut text, RAW_MEMBER, raw.as_str());
        text.push('}');
        Json::from_text(&text).unwrap_or(raw)
    }

    fn parameters(&self) -> Vec<(String, Value)> {
        let read = self.read();
        let mut parameters: Vec<(String, Value)> = Vec::new();
        let mut add = |name: &str, value: Value| {
            let known = parameters.iter().any(|(known, _)| known == name);
            let reserved = ["model", "messages", "tools", RAW_MEMBER].contains(&name);
            if !known && !reserved && !value.is_null() {
                parameters.push((name.to_owned(), value));
            }
        };
        for (name, value) in read.parameters() {
            add(name, table::json(value).to_value());
        }
        for given in read.values(Field::Parameters) {
            if let Value::Object(given) = table::json(given).to_value() {
                given.into_iter().for_each(|(name, value)| add(&name, value));
            }
        }
        parameters
    }

    fn response(&self, reply: &Reply) -> Option<Json> {
        if reply.response.is_some() || reply.output.is_some() {
            return reply.response.clone().or_else(|| reply.output.clone());
        }
        if reply.is_empty() {
            return None;
        }
        let read = self.read();
        let reasons = finish_reasons(read);
        let choices = reply.answers.iter().enumerate().map(|(index, answer)| {
            let Answer { message, finish_reason } = answer;
            let reason = finish_reason.as_ref().or_else(|| reasons.get(index));
            let message = message.as_ref().map_or("null", Json::as_str);
            let reason = Json::from(&json!(reason));
            format!(
                r#"{{"index":{index},"message":{message},"finish_reason":{}}}"#,
                reason.as_str()
            )
        });
        let mut text = String::from("{\"id\":");
        text.push_str(&Value::from(read.text(Field::ResponseId)).to_string());
        add(&mut text, "model", &Value::from(read.text(Field::ResponseModel)).to_string());
        add(&mut text, "choices", &format!("[{}]", choices.collect::<Vec<_>>().join(",")));
        text.push('}');
        Json::from_text(&text).ok()
    }

    /// All that the span says and that is no content.
    fn raw(&self) -> Value {
        let span = self.span;
        let plain = |attributes: &Attributes| -> Attributes {
            let plain = attributes.iter().filter(|(key, _)| !table::is_content(key));
            plain.map(|(key, value)| (key.clone(), value.clone())).collect()
        };
        let is_content = |event: &&Event| message::role_of_event(&event.name).is_some();
        let events: Vec<Value> = span
            .events
            .iter()
            .filter(|event| !is_content(event))
            .map(|event| json!({ "name": event.name, "attributes": event.attributes }))
            .collect();
        let kind = usize::try_from(span.kind).ok().and_then(|kind| SPAN_KINDS.get(kind));
        let mut raw = Map::from_iter([
            ("name".to_owned(), Value::from(span.name.as_str())),
            ("kind".to_owned(), json!(kind)),
            ("scope".to_owned(), json!({ "name": span.scope.name, "version": span.scope.version })),
            ("attributes".to_owned(), Value::Object(plain(&self.attributes))),
        ]);
        if let Some(parent) = &span.parent {
            raw.insert("parent_span_id".to_owned(), parent.as_str().into());
        }
        if !events.is_empty() {
            raw.insert("events".to_owned(), Value::Array(events));
        }
        Value::Object(raw)
    }
}

fn add(text: &mut String, name: &str, json: &str) {
    if !text.ends_with('{') {
        text.push(',');
    }
    text.push_str(&Value::from(name).to_string());
    text.push(':');
    text.push_str(json);
}

fn joined(items: &[Json]) -> String {
    format!("[{}]", items.iter().map(Json::as_str).collect::<Vec<_>>().join(","))
}

/// The model that was asked for. OpenInference names the one that answered, and
/// keeps this one among the parameters.
fn asked_model(read: Reader<'_>) -> Option<String> {
    let given = read.json(Field::Parameters).map(|parameters| parameters.to_value());
    let named = given.as_ref().and_then(|given| given.get("model")?.as_str());
    let named = named.map(str::to_owned).filter(|model| !model.is_empty());
    named.or_else(|| read.text(Field::RequestModel))
}

/// Why the model stopped, for each of its answers.
fn finish_reasons(read: Reader<'_>) -> Vec<String> {
    let Some(given) = read.json(Field::FinishReasons) else { return Vec::new() };
    match given.to_value() {
        Value::String(reason) => vec![reason],
        Value::Array(reasons) => {
            reasons.iter().filter_map(Value::as_str).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    }
}
