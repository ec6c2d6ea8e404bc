//! Anthropic's messages.

use super::{Call, Finish, pieces};
use crate::out::{self, Array, Object};
use crate::rng::Rng;
use crate::scene::Speaker;

pub(super) fn request(call: &Call<'_>, out: &mut String) {
    out::object(out, |o| {
        o.text("model", call.model.name);
        o.raw("max_tokens", call.kind.max_tokens.unwrap_or(1_024));
        o.text("system", &call.scene.system);
        o.array("messages", |messages| write_messages(call, messages));
        if let Some(temperature) = call.temperature {
            o.raw("temperature", temperature);
        }
        if !call.scene.thoughts.is_empty() {
            o.object("thinking", |thinking| {
                thinking.text("type", "enabled");
                thinking.raw("budget_tokens", 2_000);
            });
        }
        if let Some(tools) = call.kind.anthropic_tools {
            o.raw("tools", tools);
        }
        if call.is_stream {
            o.raw("stream", true);
        }
    });
}

fn write_messages(call: &Call<'_>, messages: &mut Array<'_>) {
    for turn in &call.scene.turns {
        messages.object(|o| {
            let is_user = turn.speaker == Speaker::User;
            o.text("role", if is_user { "user" } else { "assistant" });
            o.text("content", &turn.text);
        });
    }
    if call.has_results {
        messages.object(|o| {
            o.text("role", "assistant");
            o.array("content", |content| write_tool_uses(call, content));
        });
        messages.object(|o| {
            o.text("role", "user");
            o.array("content", |content| {
                for tool in &call.scene.tool_uses {
                    content.object(|part| {
                        part.text("type", "tool_result");
                        part.text("tool_use_id", &tool.id);
                        part.text("content", &tool.result);
                    });
                }
            });
        });
    }
}

fn write_tool_uses(call: &Call<'_>, content: &mut Array<'_>) {
    for tool in &call.scene.tool_uses {
        content.object(|part| {
            part.text("type", "tool_use");
            part.text("id", &tool.id);
            part.text("name", tool.name);
            part.raw("input", &tool.arguments);
        });
    }
}

pub(super) fn response(call: &Call<'_>, rng: &mut Rng, out: &mut String) {
    out::object(out, |o| {
        head(call, &id(rng), o);
        o.array("content", |content| {
            for thought in &call.scene.thoughts {
                let mut signature = String::from("Ep");
                rng.token(48, &mut signature);
                content.object(|part| {
                    part.text("type", "thinking");
                    part.text("thinking", &thought.text);
                    part.text("signature", &signature);
                });
            }
            if call.finish == Finish::ToolCalls {
                write_tool_uses(call, content);
            } else {
                content.object(|part| {
                    part.text("type", "text");
                    part.text("text", call.answer);
                });
            }
        });
        o.text("stop_reason", call.finish_word());
        o.raw("stop_sequence", "null");
        o.object("usage", |o| {
            input_usage(call, o);
            o.raw("output_tokens", call.tokens.output);
        });
    });
}

pub(super) fn events(call: &Call<'_>, rng: &mut Rng, out: &mut String) {
    event(out, "message_start", |o| {
        o.object("message", |message| {
            head(call, &id(rng), message);
            message.raw("content", "[]");
            message.raw("stop_reason", "null");
            message.raw("stop_sequence", "null");
            message.object("usage", |o| {
                input_usage(call, o);
                o.raw("output_tokens", 1);
            });
        });
    });
    let mut index = 0;
    for thought in &call.scene.thoughts {
        block(out, index, "thinking", &thought.text);
        index += 1;
    }
    block(out, index, "text", call.answer);
    event(out, "message_delta", |o| {
        o.object("delta", |delta| {
            delta.text("stop_reason", call.finish_word());
            delta.raw("stop_sequence", "null");
        });
        o.object("usage", |usage| usage.raw("output_tokens", call.tokens.output));
    });
    event(out, "message_stop", |_| {});
}

fn block(out: &mut String, index: u32, kind: &str, text: &str) {
    event(out, "content_block_start", |o| {
        o.raw("index", index);
        o.object("content_block", |block| {
            block.text("type", kind);
            block.text(kind, "");
        });
    });
    for piece in pieces(text) {
        event(out, "content_block_delta", |o| {
            o.raw("index", index);
            o.object("delta", |delta| {
                delta.text("type", if kind == "text" { "text_delta" } else { "thinking_delta" });
                delta.text(kind, piece);
            });
        });
    }
    event(out, "content_block_stop", |o| o.raw("index", index));
}

fn event(out: &mut String, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
    out.push_str("event: ");
    out.push_str(name);
    out.push_str("\ndata: ");
    out::object(out, |o| {
        o.text("type", name);
        fill(o);
    });
    out.push_str("\n\n");
}

fn id(rng: &mut Rng) -> String {
    let mut id = String::from("msg_01");
    rng.token(22, &mut id);
    id
}

fn head(call: &Call<'_>, id: &str, o: &mut Object<'_>) {
    o.text("id", id);
    o.text("type", "message");
    o.text("role", "assistant");
    o.text("model", call.model.answers_as);
}

/// Anthropic counts cached tokens apart.
fn input_usage(call: &Call<'_>, usage: &mut Object<'_>) {
    usage.raw("input_tokens", call.tokens.input - call.tokens.cached);
    usage.raw("cache_creation_input_tokens", 0);
    usage.raw("cache_read_input_tokens", call.tokens.cached);
}
