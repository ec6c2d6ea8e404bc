//! What the proxy adds to a chat answer: the run's page, its cost, and the token
//! that lets feedback in.

use model::dialect::Billed;
use model::edit::{self, Change};
use model::{Json, NanoUsd, Usage, dialect};

use super::events::data_of;
use super::labels::member;

/// What is added to an answer.
#[derive(Clone, Debug)]
pub struct Extras {
    /// JSON texts.
    url: String,
    feedback_token: String,
}

/// Model and tokens, as far as a part of an answer tells them.
pub struct Counted {
    /// The model that answered.
    pub model: Option<String>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// What is charged otherwise.
    pub billed: Billed,
    /// What the provider says that it charged.
    pub cost: Option<NanoUsd>,
}

impl Counted {
    fn of(part: &Json) -> Self {
        let answer = dialect::answer_of_response(None, part);
        let billed = dialect::billed_of_exchange(None, Some(part));
        Self { model: answer.model, usage: answer.usage, billed, cost: answer.cost }
    }
}

impl Extras {
    /// Those of a run.
    #[must_use]
    pub fn new(url: &str, feedback_token: &str) -> Self {
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        Self { url: quoted(url), feedback_token: quoted(feedback_token) }
    }

    /// A whole answer with the extras; `None` when it is no chat completion.
    #[must_use]
    pub fn of_answer(&self, body: &str, cost: Option<NanoUsd>) -> Option<String> {
        let members = edit::members(body)?;
        let choices = member(&members, "choices").filter(|raw| raw.starts_with('['))?;
        let cost = cost_text(cost);
        let choices = self.in_choices(choices, Some(&cost), |_| true);
        Some(self.in_body(body, choices, Some(&cost)))
    }

    /// The event that ends an answer, with the extras; `None` for any other event.
    /// The last of them is the one that counts tokens, where the client asked for
    /// that, else the one that ends a choice.
    pub fn of_event(
        &self,
        event: &str,
        wants_usage: bool,
        price: impl FnOnce(Option<Counted>) -> Option<NanoUsd>,
    ) -> Option<String> {
        let place = data_of(event)?;
        let data = event.get(place.clone())?;
        let members = edit::members(data)?;
        let choices = member(&members, "choices").filter(|raw| raw.starts_with('['))?;
        let has_usage = member(&members, "usage").is_some_and(|raw| raw.starts_with('{'));
        let ends_a_choice = edit::items(choices).any(has_ended);
        let is_count = has_usage && edit::items(choices).next().is_none();
        if !ends_a_choice && !is_count {
            return None;
        }
        // Before the tokens are counted the cost is not unknown but yet to come.
        let counted =
            || Json::from_text(data).ok().filter(|_| has_usage).map(|it| Counted::of(&it));
        let cost = (has_usage || !wants_usage).then(|| cost_text(price(counted())));
        let choices = self.in_choices(choices, cost.as_deref(), has_ended);
        let made = self.in_body(data, choices, cost.as_deref());
        let (before, after) = (event.get(..place.start)?, event.get(place.end..)?);
        Some(format!("{before}{made}{after}"))
    }

    fn in_choices(
        &self,
        choices: &str,
        cost: Option<&str>,
        is_meant: impl Fn(&str) -> bool,
    ) -> String {
        let made = edit::rewrite(choices, |_, choice| {
            Ok::<_, std::convert::Infallible>(match is_meant(choice) && choice.starts_with('{') {
                true => Change::Replace(edit::with_members(choice, &self.members(cost, true))),
                false => Change::Keep,
            })
        });
        let Ok(made) = made;
        made
    }

    fn in_body(&self, body: &str, choices: String, cost: Option<&str>) -> String {
        let made = edit::rewrite(body, |key, _| {
            Ok::<_, std::convert::Infallible>(match key {
                "choices" => Change::Replace(choices.clone()),
                _ => Change::Keep,
            })
        });
        let Ok(made) = made;
        edit::with_members(&made, &self.members(cost, false))
    }

    fn members(&self, cost: Option<&str>, with_url: bool) -> Vec<(&'static str, String)> {
        let url = with_url.then(|| ("url", self.url.clone()));
        let cost = cost.map(|cost| ("cost_usd", cost.to_owned()));
        let token = Some(("feedback_token", self.feedback_token.clone()));
        [url, cost, token].into_iter().flatten().collect()
    }
}

fn has_ended(choice: &str) -> bool {
    let members = edit::members(choice).unwrap_or_default();
    member(&members, "finish_reason").is_some()
}

fn cost_text(cost: Option<NanoUsd>) -> String {
    cost.and_then(|cost| serde_json::to_string(&cost).ok()).unwrap_or_else(|| "null".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extras() -> Extras {
        Extras::new("http://runs/r", "t.s")
    }

    #[test]
    fn answers_keep_their_bytes_beside_the_extras() {
        let body = "{\n  \"id\": \"chatcmpl-1\",\n  \"choices\": [\n    {\"index\": 0, \"logprobs\": 1.0}\n  ],\n  \"x\": 1E2\n}\n";
        let made = extras().of_answer(body, Some(NanoUsd(6_100))).unwrap();
        let expected = "{\n  \"id\": \"chatcmpl-1\",\n  \"choices\": [\n    {\"index\": 0, \"logprobs\": 1.0,\"url\":\"http://runs/r\",\"cost_usd\":6.1e-6,\"feedback_token\":\"t.s\"}\n  ],\n  \"x\": 1E2,\"cost_usd\":6.1e-6,\"feedback_token\":\"t.s\"\n}\n";
        assert_eq!(made, expected);
        assert_eq!(extras().of_answer(r#"{"error":{}}"#, None), None);
    }

    #[test]
    fn only_the_last_events_change() {
        let event = |event: &str, wants_usage| {
            extras().of_event(event, wants_usage, |counted| {
                counted.and_then(|it| it.usage).and_then(|usage| usage.output_tokens).map(NanoUsd)
            })
        };
        let delta =
            "data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n";
        assert_eq!(event(delta, false), None);
        let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\r\n\r\n";
        assert_eq!(
            event(end, false).unwrap(),
            "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"url\":\"http://runs/r\",\"cost_usd\":null,\"feedback_token\":\"t.s\"}],\"cost_usd\":null,\"feedback_token\":\"t.s\"}\r\n\r\n"
        );
        assert!(!event(end, true).unwrap().contains("cost_usd"));
        let count = "data: {\"choices\":[],\"usage\":{\"completion_tokens\":2}}\n\n";
        assert_eq!(
            event(count, true).unwrap(),
            "data: {\"choices\":[],\"usage\":{\"completion_tokens\":2},\"cost_usd\":2e-9,\"feedback_token\":\"t.s\"}\n\n"
        );
    }
}
