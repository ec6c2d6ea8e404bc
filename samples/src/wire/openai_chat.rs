//! OpenAI's chat completions, which Mistral and Groq speak too.

use super::{Call, Finish, pieces};
use crate::out::{self, Array, Object};
use crate::rng::Rng;
use crate::scene::Speaker;

pub(super) fn request(call: &Call<'_>, out: &mut String) {
    out::object(out, |o| {
        o.text("model", call.model.name);
        o.array("messages", |messages| write_messages(call, messages));
        if let Some(temperature) = call.temperature {
            o.raw("temperature", temperature);
        }
        if let Some(max_tokens) = call.kind.max_tokens {
            o.raw("max_tokens", max_tokens);
        }
        if let Some(tools) = call.kind.tools {
            o.raw("tools", tools);
        }
        if let Some(schema) = call.kind.output_schema {
            o.object("response_format", |format| {
                format.text("type", "json_schema");
                format.object("json_schema", |o| {
                    o.text("name", "output");
                    o.raw("strict", true);
                    o.raw("schema", schema);
                });
            });
        }
        if call.is_stream {
            o.raw("stream", true);
            o.object("stream_options", |options| options.raw("include_usage", true));
        }
    });
}

fn write_messages(call: &Call<'_>, messages: &mut Array<'_>) {
    let mut say = |role, text| {
        messages.object(|o| {
            o.text("role", role);
            o.text("content", text);
        });
    };
    say("system", &call.scene.system);
    for turn in &call.scene.turns {
        say(if turn.speaker == Speaker::User { "user" } else { "assistant" }, &turn.text);
    }
    if call.has_results {
        messages.object(|o| {
            o.text("role", "assistant");
            o.raw("content", "null");
            write_tool_calls(call, o);
        });
        for tool in &call.scene.tool_uses {
            messages.object(|o| {
                o.text("role", "tool");
                o.text("tool_call_id", &tool.id);
                o.text("content", &tool.result);
            });
        }
    }
}

fn write_tool_calls(call: &Call<'_>, message: &mut Object<'_>) {
    message.array("tool_calls", |calls| {
        for tool in &call.scene.tool_uses {
            calls.object(|o| {
                o.text("id", &tool.id);
                o.text("type", "function");
                o.object("function", |function| {
                    function.text("name", tool.name);
                    function.text("arguments", &tool.arguments);
                });
            });
        }
    });
}

pub(super) fn response(call: &Call<'_>, rng: &mut Rng, out: &mut String) {
    out::object(out, |o| {
        head(call, &id(rng), "chat.completion", o);
        o.array("choices", |choices| {
            choices.object(|choice| {
                choice.raw("index", 0);
                choice.object("message", |message| {
                    message.text("role", "assistant");
                    if call.finish == Finish::ToolCalls {
                        message.raw("content", "null");
                        write_tool_calls(call, message);
                    } else {
                        message.text("content", call.answer);
                    }
                    message.raw("refusal", "null");
                });
                choice.raw("logprobs", "null");
                choice.text("finish_reason", call.finish_word());
            });
        });
        usage(call, o);
    });
}

pub(super) fn events(call: &Call<'_>, rng: &mut Rng, out: &mut String) {
    let id = id(rng);
    let mut event = |fill: &dyn Fn(&mut Object<'_>)| {
        out.push_str("data: ");
        out::object(out, |o| {
            head(call, &id, "chat.completion.chunk", o);
            fill(o);
        });
        out.push_str("\n\n");
    };
    let choice = |delta: &dyn Fn(&mut Object<'_>), finish: Option<&str>, o: &mut Object<'_>| {
        o.array("choices", |choices| {
            choices.object(|choice| {
                choice.raw("index", 0);
                choice.object("delta", |o| delta(o));
                match finish {
                    Some(word) => choice.text("finish_reason", word),
                    None => choice.raw("finish_reason", "null"),
                }
            });
        });
    };
    event(&|o| {
        let first = |delta: &mut Object<'_>| {
            delta.text("role", "assistant");
            delta.text("content", "");
        };
        choice(&first, None, o);
    });
    for piece in pieces(call.answer) {
        event(&|o| choice(&|delta| delta.text("content", piece), None, o));
    }
    event(&|o| choice(&|_| {}, Some(call.finish_word()), o));
    event(&|o| {
        o.raw("choices", "[]");
        usage(call, o);
    });
    out.push_str("data: [DONE]\n\n");
}

fn id(rng: &mut Rng) -> String {
    let mut id = String::from("chatcmpl-");
    rng.token(29, &mut id);
    id
}

fn head(call: &Call<'_>, id: &str, object: &str, o: &mut Object<'_>) {
    o.text("id", id);
    o.text("object", object);
    o.raw("created", call.created);
    o.text("model", call.model.answers_as);
}

fn usage(call: &Call<'_>, o: &mut Object<'_>) {
    let tokens = call.tokens;
    o.object("usage", |usage| {
        usage.raw("prompt_tokens", tokens.input);
        usage.raw("completion_tokens", tokens.output);
        usage.raw("total_tokens", tokens.input + tokens.output);
        if call.model.provider == "openai" {
            usage.object("prompt_tokens_details", |o| o.raw("cached_tokens", tokens.cached));
            usage.object("completion_tokens_details", |o| {
                o.raw("reasoning_tokens", tokens.reasoning);
            });
        }
    });
}
