//! Gives a stored answer again.

use axum::response::Response;
use bytes::Bytes;
use http::header::{AGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use model::dialect::form;
use model::edit;
use model::{Json, NanoUsd};

use super::api::Api;
use super::ask::Ask;
use super::caching::Hit;
use super::events::data_of;
use super::extras::Extras;
use super::labels::member;
use super::whole::until_sent;
use crate::cache::Answer;
use crate::clock::now;
use crate::rest::body::Room;

/// A stored answer in the form that the client wants; `None` when it cannot have it.
#[must_use]
pub fn text(ask: &Ask, answer: &Answer) -> Option<String> {
    let events = edit::text(answer.response.as_str());
    let api = ask.api;
    match (events, ask.wants_stream) {
        (None, false) => Some(answer.response.as_str().to_owned()),
        (Some(events), true) if api == Api::Chat && !ask.wants_usage => Some(uncounted(&events)),
        (Some(events), true) => Some(events.into_owned()),
        (None, true) => events_of(api, &answer.response, ask.wants_usage),
        (Some(events), false) => match api {
            Api::Chat => form::chat::whole_of_events(&events),
            Api::Responses => form::responses::whole_of_events(&events),
            Api::Messages => form::messages::whole_of_events(&events),
        },
    }
}

fn events_of(api: Api, whole: &Json, wants_usage: bool) -> Option<String> {
    match api {
        Api::Chat => form::chat::events_of_whole(whole.as_str(), wants_usage),
        Api::Responses => form::responses::events_of_whole(whole.as_str()),
        Api::Messages => form::messages::events_of_whole(whole.as_str()),
    }
}

/// A stream without the event that counts tokens, which this client did not ask for.
fn uncounted(events: &str) -> String {
    let counts = |event: &&str| {
        let data = data_of(event).and_then(|place| event.get(place));
        let members = data.and_then(edit::members).unwrap_or_default();
        let is_empty = member(&members, "choices") == Some("[]");
        is_empty && member(&members, "usage").is_some_and(|usage| usage.starts_with('{'))
    };
    events_in(events).filter(|event| !counts(event)).collect()
}

fn events_in(events: &str) -> impl Iterator<Item = &str> {
    let mut rest = events;
    std::iter::from_fn(move || {
        let ends =
            ["\n\n", "\r\n\r\n"].into_iter().filter_map(|end| Some(rest.find(end)? + end.len()));
        let end = ends.min().unwrap_or(rest.len());
        let (event, tail) = rest.split_at_checked(end).filter(|(event, _)| !event.is_empty())?;
        rest = tail;
        Some(event)
    })
}

/// The response to the client.
#[must_use]
pub fn respond(
    ask: &Ask,
    hit: &Hit,
    extras: &Extras,
    ours: HeaderMap,
    room: Option<Room>,
) -> Response {
    let free = Some(NanoUsd(0));
    let (kind, body) = match (ask.api, ask.wants_stream) {
        (Api::Chat, true) => {
            let events = events_in(&hit.text).map(|event| {
                extras
                    .of_event(event, ask.wants_usage, |_| free)
                    .unwrap_or_else(|| event.to_owned())
            });
            ("text/event-stream; charset=utf-8", events.collect())
        }
        (Api::Chat, false) => {
            let made = extras.of_answer(&hit.text, free);
            ("application/json", made.unwrap_or_else(|| hit.text.clone()))
        }
        (_, true) => ("text/event-stream; charset=utf-8", hit.text.clone()),
        (_, false) => ("application/json", hit.text.clone()),
    };
    let mut response = Response::new(until_sent(Bytes::from(body), room));
    let headers = response.headers_mut();
    *headers = ours;
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let age = u64::try_from((now().0 - hit.answer.created_at.0) / 1_000_000).unwrap_or(0);
    headers.insert(AGE, HeaderValue::from(age));
    response
}
