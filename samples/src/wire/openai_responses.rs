//! OpenAI's responses, which its reasoning models are asked through.

use super::{Call, Finish};
use crate::out::{self, Object};
use crate::rng::Rng;

pub(super) fn request(call: &Call<'_>, out: &mut String) {
    out::object(out, |o| {
        o.text("model", call.model.name);
        o.text("instructions", &call.scene.system);
        o.array("input", |input| {
            for turn in &call.scene.turns {
                input.object(|o| {
                    o.text("role", "user");
                    o.text("content", &turn.text);
                });
            }
        });
        o.object("reasoning", |reasoning| {
            reasoning.text("effort", "medium");
            reasoning.text("summary", "auto");
        });
        text_format(call, o);
        o.raw("store", false);
    });
}

fn text_format(call: &Call<'_>, o: &mut Object<'_>) {
    let Some(schema) = call.kind.output_schema else { return };
    o.object("text", |text| {
        text.object("format", |format| {
            format.text("type", "json_schema");
            format.text("name", "output");
            format.raw("strict", true);
            format.raw("schema", schema);
        });
    });
}

pub(super) fn response(call: &Call<'_>, rng: &mut Rng, out: &mut String) {
    let mut id = |prefix: &str| {
        let mut id = prefix.to_owned();
        rng.hex(16, &mut id);
        rng.hex(16, &mut id);
        id
    };
    let (response_id, reasoning_id, message_id) = (id("resp_"), id("rs_"), id("msg_"));
    out::object(out, |o| {
        o.text("id", &response_id);
        o.text("object", "response");
        o.raw("created_at", call.created);
        o.text("status", call.finish_word());
        o.raw("error", "null");
        if call.finish == Finish::Length {
            o.object("incomplete_details", |o| o.text("reason", "max_output_tokens"));
        } else {
            o.raw("incomplete_details", "null");
        }
        o.text("model", call.model.answers_as);
        o.array("output", |output| {
            output.object(|item| {
                item.text("id", &reasoning_id);
                item.text("type", "reasoning");
                item.array("summary", |summary| {
                    for thought in &call.scene.thoughts {
                        summary.object(|o| {
                            o.text("type", "summary_text");
                            o.text("text", &format!("**{}**\n\n{}", thought.title, thought.text));
                        });
                    }
                });
            });
            output.object(|item| {
                item.text("id", &message_id);
                item.text("type", "message");
                item.text("status", call.finish_word());
                item.text("role", "assistant");
                item.array("content", |content| {
                    content.object(|part| {
                        part.text("type", "output_text");
                        part.raw("annotations", "[]");
                        part.text("text", call.answer);
                    });
                });
            });
        });
        o.object("usage", |usage| {
            let tokens = call.tokens;
            usage.raw("input_tokens", tokens.input);
            usage.object("input_tokens_details", |o| o.raw("cached_tokens", tokens.cached));
            usage.raw("output_tokens", tokens.output);
            usage.object("output_tokens_details", |o| o.raw("reasoning_tokens", tokens.reasoning));
            usage.raw("total_tokens", tokens.input + tokens.output);
        });
    });
}
