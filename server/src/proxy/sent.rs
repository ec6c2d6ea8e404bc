//! The texts that a request becomes: what goes to the provider, and what of it
//! is the run's version and input.

use model::derive::{Split, split_request};
use model::edit::{self, Change};
use model::{Json, Version};
use serde_json::Value;
use upstream::{RenderedTexts, WrittenTemplates};

use super::api::Api;
use super::error::ProxyError;
use super::labels::member;

/// A request, ready to be sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// What goes to the provider.
    pub body: Json,
    /// Version and input, with templates and variables as they came.
    pub split: Split,
}

/// Makes the texts of a request.
///
/// Without `in_use` the request stands for itself. With it, the request takes
/// from that version what it does not say; the version's messages come first when
/// it has none of its own or gives variables for them.
///
/// Where the messages are templates, they stay in the body as they came, and come a
/// second time to be rendered.
///
/// # Errors
/// 400 when `input` is no object.
pub fn read(
    api: Api,
    body: &Json,
    model: Option<&str>,
    in_use: Option<&Version>,
) -> Result<(Sent, Option<WrittenTemplates>), ProxyError> {
    let variables = variables(api, body)?;
    // `input` stays for now: without it the split could not tell a template.
    let asked = edit::rewrite(body.as_str(), |key, _| {
        Ok::<_, ProxyError>(match (key, model) {
            ("input", _) if variables.is_some() => Change::Keep,
            ("model", Some(model)) => Change::Replace(quoted(model)),
            _ if api.consumes(key) => Change::Remove,
            _ => Change::Keep,
        })
    })?;
    let asked = match in_use {
        Some(version) => filled(&asked, version, variables.is_some()),
        None => asked,
    };
    let asked = json(&asked)?;
    let split = split_request(&asked);
    let Some(variables) = variables else { return Ok((Sent { body: asked, split }, None)) };
    let mut texts = Vec::new();
    let plain = with_texts(&asked, &mut |text| {
        texts.push(text.to_owned());
        None
    })?;
    let templates = WrittenTemplates::new(variables, &texts)?;
    let body = if templates.is_some() { asked } else { json(&plain)? };
    Ok((Sent { body, split }, templates))
}

impl Sent {
    /// The request without its variables and with its templates rendered.
    ///
    /// # Errors
    /// 400 when a template could not be rendered.
    pub fn rendered(self, texts: &RenderedTexts) -> Result<Self, ProxyError> {
        let mut made = texts.read()?.into_iter();
        let body = json(&with_texts(&self.body, &mut |_| made.next().flatten())?)?;
        Ok(Self { body, ..self })
    }
}

fn json(text: &str) -> Result<Json, ProxyError> {
    // What was JSON stays JSON whatever is changed in it here.
    Json::from_text(text)
        .map_err(|error| ProxyError::invalid_field("body", format!("cannot be read: {error}")))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// The text of the variables; whatever reads it anew bounds it.
fn variables(api: Api, body: &Json) -> Result<Option<&str>, ProxyError> {
    let members = edit::members(body.as_str()).unwrap_or_default();
    let Some(raw) = member(&members, "input").filter(|_| api.has_variables()) else {
        return Ok(None);
    };
    if !raw.trim_start().starts_with('{') {
        let wanted = "must be an object, the variables of the message templates";
        return Err(ProxyError::invalid_field("input", wanted));
    }
    Ok(Some(raw))
}

/// The request without its variables and with other texts in its messages, where
/// there is another.
fn with_texts(
    asked: &Json,
    other: &mut dyn FnMut(&str) -> Option<String>,
) -> Result<String, ProxyError> {
    let mut map = |text: &str| Ok::<_, ProxyError>(other(text));
    edit::rewrite(asked.as_str(), |key, value| {
        Ok(match key {
            "input" => Change::Remove,
            "system" => replaced(value, edit::map_texts(value, &mut map)?),
            "messages" => {
                let messages = edit::rewrite(value, |_, message| {
                    let made = edit::rewrite(message, |key, content| match key {
                        "content" => Ok(replaced(content, edit::map_texts(content, &mut map)?)),
                        _ => Ok::<_, ProxyError>(Change::Keep),
                    })?;
                    Ok::<_, ProxyError>(replaced(message, made))
                })?;
                replaced(value, messages)
            }
            _ => Change::Keep,
        })
    })
}

fn replaced(old: &str, new: String) -> Change {
    if old == new { Change::Keep } else { Change::Replace(new) }
}

/// Parts of a version that are no fields of a request.
const NOT_OF_A_REQUEST: [&str; 5] =
    ["provider", "instructions", "output_schema", "model", "messages"];

fn filled(asked: &str, version: &Version, has_variables: bool) -> String {
    let members = edit::members(asked).unwrap_or_default();
    let mut added: Vec<(&str, String)> = Vec::new();
    let own = member(&members, "messages");
    let has_own = own.is_some_and(|own| edit::items(own).next().is_some());
    if let Some(first) = &version.messages
        && (has_variables || !has_own)
    {
        let first = first.iter().map(Value::to_string);
        let own = own.into_iter().flat_map(edit::items).map(str::to_owned);
        let messages: Vec<String> = first.chain(own).collect();
        added.push(("messages", format!("[{}]", messages.join(","))));
    }
    let object = version.to_object();
    for (name, value) in &object {
        let is_said = member(&members, name).is_some();
        if !is_said && !NOT_OF_A_REQUEST.contains(&name.as_str()) {
            added.push((name, value.to_string()));
        }
    }
    edit::with_members(asked, &added)
}

#[cfg(test)]
mod tests {
    use shares::Holder;
    use upstream::TemplateRenderer;

    use super::*;

    async fn made(
        api: Api,
        body: &str,
        model: Option<&str>,
        in_use: Option<&Version>,
    ) -> Result<Sent, ProxyError> {
        let body = Json::from_text(body).unwrap();
        let (sent, templates) = read(api, &body, model, in_use)?;
        let Some(templates) = templates else { return Ok(sent) };
        let renderer = TemplateRenderer::here();
        let turn = renderer.turn(Holder::of_org(1)).await?;
        sent.rendered(&renderer.render(turn, templates).await?)
    }

    async fn sent(body: &str, model: Option<&str>) -> Sent {
        made(Api::Chat, body, model, None).await.unwrap()
    }

    #[tokio::test]
    async fn only_what_is_for_runs_is_taken_out() {
        let body = r#"{ "agent_id" : "a", "model":"a\/gpt-4o", "temperature":0.20,
            "messages":[ {"role":"user","content":"{{ not a template }}"} ], "use_cache":"never",
            "seed":12345678901234567890, "new":1, "new":1E0, "provider":"p" }"#;
        let made = sent(body, Some("gpt-4o")).await;
        let expected = r#"{ "model":"gpt-4o", "temperature":0.20,
            "messages":[ {"role":"user","content":"{{ not a template }}"} ], "seed":12345678901234567890, "new":1, "new":1E0 }"#;
        assert_eq!(made.body.as_str(), expected);
        assert_eq!(made.split.version.model.as_deref(), Some("gpt-4o"));
        let plain = r#"{"messages": [ ],"x":1.0}"#;
        assert_eq!(sent(plain, None).await.body.as_str(), plain);
    }

    #[tokio::test]
    async fn templates_are_rendered_and_kept() {
        let body = r#"{"model":"m","input":{"city":"Köln"},"messages":[
            {"role":"system","content":"Of {{ city }}.", "n":1.0},
            {"role":"user","content":[{"type":"text","text":"{{city|upper}}?"}]},
            {"role":"user","content":"plain"}]}"#;
        let made = sent(body, Some("m")).await;
        let expected = r#"{"model":"m","messages":[
            {"role":"system","content":"Of Köln.", "n":1.0},
            {"role":"user","content":[{"type":"text","text":"KÖLN?"}]},
            {"role":"user","content":"plain"}]}"#;
        assert_eq!(made.body.as_str(), expected);
        assert_eq!(made.split.version.messages.as_ref().unwrap().len(), 2);
        let input = r#"{"city":"Köln","messages":[{"role":"user","content":"plain"}]}"#;
        assert_eq!(made.split.input.as_str(), input);
    }

    #[tokio::test]
    async fn the_input_of_responses_is_the_provider_s() {
        let body = r#"{"model":"m","input":"Hi","agent_id":"a"}"#;
        let made = made(Api::Responses, body, None, None).await.unwrap();
        assert_eq!(made.body.as_str(), r#"{"model":"m","input":"Hi"}"#);
    }

    #[tokio::test]
    async fn broken_templates_and_inputs_are_refused() {
        let error = async |body: &str| made(Api::Chat, body, None, None).await.unwrap_err();
        assert_eq!(error(r#"{"input":[1]}"#).await.param.as_deref(), Some("input"));
        let missing = error(r#"{"input":{},"messages":[{"content":"{{ a }}"}]}"#).await;
        assert_eq!(missing.param.as_deref(), Some("messages"));
        let greedy = r#"{"input":{},"messages":[{"content":"{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}"}]}"#;
        assert!(error(greedy).await.message.contains("steps"));
    }

    #[tokio::test]
    async fn a_version_in_use_fills_what_is_not_said() {
        let version: Version = serde_json::from_str(
            r#"{"model":"gpt-4o","provider":"openai","temperature":0.5,"top_p":1,
                "messages":[{"role":"system","content":"Of {{ city }}."}]}"#,
        )
        .unwrap();
        let body = r#"{"model":"a/#1/dev","top_p":0.1,"input":{"city":"Rom"},"messages":[]}"#;
        let made = made(Api::Chat, body, Some("gpt-4o"), Some(&version)).await.unwrap();
        let expected = r#"{"model":"gpt-4o","top_p":0.1,"messages":[{"content":"Of Rom.","role":"system"}],"temperature":0.5}"#;
        assert_eq!(made.body.as_str(), expected);
    }
}
