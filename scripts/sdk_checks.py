"""What must be the same directly and through a server, and what its run must say."""
import json

# Of one connection, of the client's place in the trial, or another on purpose: Runs has
# its own credentials and asks for answers that are not packed.
NOT_PASSED = {"authorization", "x-api-key", "host", "connection", "accept-encoding",
              "content-length", "transfer-encoding", "x-try", "date", "keep-alive",
              # Node's SDKs make it anew for each request.
              "idempotency-key"}
ADDED = ("url", "cost_usd", "feedback_token")
# What a run says of a fault, and the status of the answer where it is the server's own.
FAULTS = {"cut": "upstream_closed", "garbage": "upstream_invalid", "hang": "client_closed",
          "stall": "client_closed"}


def differing(what, direct, through):
    if direct == through:
        return []
    return [f"{what}: {shown(through)}, directly {shown(direct)}"]


def shown(value):
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 300 else text[:300] + "…"


def stripped(case, items):
    """The items without what a chat answer has besides the provider's own."""
    if case["kind"] != "openai.chat":
        return items
    bare = []
    for item in items:
        item = {name: value for name, value in item.items() if name not in ADDED}
        if isinstance(item.get("choices"), list):
            item["choices"] = [{name: value for name, value in choice.items() if name not in ADDED}
                               for choice in item["choices"]]
        bare.append(item)
    return bare


def passing(headers):
    return {name.lower(): value for name, value in headers.items() if name.lower() not in NOT_PASSED}


def code_of(body):
    inner = (body or {}).get("error") if isinstance(body, dict) else None
    return (inner if isinstance(inner, dict) else body or {}).get("code")


def first_difference(direct, through):
    """Two lists of items are long; where they part is not."""
    for at, (one, other) in enumerate(zip(direct, through)):
        if one != other:
            return differing(f"item {at}", one, other)
    return differing("number of items", len(direct), len(through))


def answers(case, direct, through, kept):
    """What differs between an answer of the provider and one through the server."""
    wrong = differing("request's bytes", kept[0].body.decode(), kept[1].body.decode())
    wrong += differing("path", kept[0].path, kept[1].path)
    wrong += differing("request's headers", passing(kept[0].headers), passing(kept[1].headers))
    given = [kept[1].headers.get(name) for name in ("authorization", "x-api-key")]
    if not any(value in ("none", "Bearer none") for value in given) or any("rk_" in (v or "") for v in given):
        wrong.append(f"credentials: {given}, wanted those of the provider")
    items, error = stripped(case, through["items"]), through.get("error")
    is_own = case["fail"] in ("cut", "garbage")
    if is_own and code_of((error or {}).get("body")) != FAULTS[case["fail"]]:
        # Where an SDK does not raise at an error event, the event is its last item.
        last = items.pop() if items else {}
        if error or (last.get("type"), last.get("code")) != ("error", FAULTS[case["fail"]]):
            wrong.append(f"error: {shown(error or last)}, wanted {FAULTS[case['fail']]}")
    wrong += first_difference(stripped(case, direct["items"]), items)
    if is_own:
        # An answer in one piece has no status yet when it turns out to be none.
        if error and error.get("status") not in (502, 200, None):
            wrong.append(f"status: {error['status']}")
        # Node's SDKs take garbage for a stream without events, which is no better answer.
        if not direct.get("error") and direct["items"]:
            wrong.append("directly there is no error")
        return wrong
    wrong += differing("error", direct.get("error"), error)
    # Where the provider names no request, the server's own name for it stands there.
    if direct.get("request_id"):
        wrong += differing("request id", direct["request_id"], through.get("request_id"))
    for name, value in passing(direct["headers"]).items():
        wrong += differing(f"header {name}", value, passing(through["headers"]).get(name))
    return wrong


def parts(text):
    """The members of an object or the items of a list, each as it is written."""
    decoder, at, found = json.JSONDecoder(), 1, []
    while text[at] not in "]}":
        name = None
        if text[0] == "{":
            name, at = decoder.raw_decode(text, at)
            at += 1
        _, end = decoder.raw_decode(text, at)
        found.append((name, text[at:end]))
        at = end + (text[end] == ",")
    return found


def said(case, items):
    """Model, finish reason, usage, text and calls of tools, from what the SDK gave."""
    fold = {"openai.chat": said_in_chat, "openai.responses": said_in_responses,
            "anthropic.messages": said_in_messages}[case["kind"]]
    return fold(items)


def parsed(arguments):
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def said_in_chat(items):
    model = reason = usage = None
    text, calls = "", {}
    for item in items:
        model = item.get("model") or model
        usage = item.get("usage") or (item.get("x_groq") or {}).get("usage") or usage
        for choice in item.get("choices") or []:
            if choice.get("index"):
                continue
            reason = choice.get("finish_reason") or reason
            message = choice.get("message") or choice.get("delta") or {}
            content = message.get("content") or message.get("refusal") or ""
            text += content if isinstance(content, str) else "".join(p.get("text", "") for p in content)
            asked = [(c.get("index", at), c["function"]) for at, c in enumerate(message.get("tool_calls") or [])]
            if message.get("function_call"):
                asked.append(("function", message["function_call"]))
            for at, function in asked:
                call = calls.setdefault(at, ["", ""])
                call[0] = call[0] or function.get("name") or ""
                call[1] += function.get("arguments") or ""
    counts = usage or {}
    # DeepSeek counts the cache under a name of its own too.
    cached = (counts.get("prompt_tokens_details") or {}).get("cached_tokens", counts.get("prompt_cache_hit_tokens"))
    tokens = [counts.get("prompt_tokens"), cached, counts.get("completion_tokens"),
              (counts.get("completion_tokens_details") or {}).get("reasoning_tokens")]
    return model, reason, tokens, text, [[name, parsed(given)] for name, given in calls.values()]


def said_in_responses(items):
    whole = {}
    for item in items:
        whole = item.get("response") or (item if item.get("object") == "response" else whole)
    # Not every recorded stream's last event repeats the output.
    output = whole.get("output") or [i["item"] for i in items if i.get("type") == "response.output_item.done"]
    text, calls = "", []
    for item in output:
        if item["type"] == "message":
            text += "".join(part.get("text", part.get("refusal", "")) for part in item["content"])
        elif item["type"] in ("function_call", "custom_tool_call"):
            calls.append([item["name"], parsed(item.get("arguments", item.get("input")))])
    counts = whole.get("usage") or {}
    tokens = [counts.get("input_tokens"), (counts.get("input_tokens_details") or {}).get("cached_tokens"),
              counts.get("output_tokens"), (counts.get("output_tokens_details") or {}).get("reasoning_tokens")]
    reason = (whole.get("incomplete_details") or {}).get("reason") or whole.get("status")
    return whole.get("model"), reason, tokens, text, calls


def said_in_messages(items):
    whole, counts, blocks = {}, {}, {}
    for item in items:
        kind = item["type"]
        if kind in ("message", "message_start"):
            whole = dict(item.get("message") or item)
            blocks = dict(enumerate(dict(block) for block in whole["content"]))
            counts.update({k: v for k, v in whole["usage"].items() if v is not None})
        elif kind == "content_block_start":
            blocks[item["index"]] = {**item["content_block"], "grown": ""}
        elif kind == "content_block_delta":
            block, delta = blocks[item["index"]], item["delta"]
            block["text"] = block.get("text", "") + delta.get("text", "")
            block["grown"] += delta.get("partial_json", "")
        elif kind == "message_delta":
            whole.update(item["delta"])
            # The end counts what the beginning could not know; an empty count says nothing.
            counts.update({k: v for k, v in (item.get("usage") or {}).items() if v})
    text = "".join(block.get("text") or "" for block in blocks.values() if block["type"] == "text")
    calls = [[block["name"], parsed(block["grown"]) if block.get("grown") else block["input"]]
             for block in blocks.values() if block["type"] == "tool_use"]
    # Anthropic counts what it reads from and writes to its cache beside the input.
    beside = [counts.get(name) for name in ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")]
    given = sum(count or 0 for count in beside) if counts else None
    tokens = [given, beside[1], counts.get("output_tokens"), None]
    return whole.get("model"), whole.get("stop_reason"), tokens, text, calls


def text_of(output):
    """The text of a run's output; thoughts are no text of the answer."""
    if not isinstance(output, dict):
        return None
    content = output.get("content") or output.get("refusal") or ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text") or part.get("refusal") or "" for part in content
                   if part.get("type") in ("text", "output_text", "refusal", None))


def run(case, text, through, kept):
    """What is not right about a run."""
    run, fail, wrong = json.loads(text), case["fail"], []

    def expect(what, found, wanted):
        wrong.extend(f"run's {what}: {shown(found)}, wanted {shown(wanted)}" for _ in [0] if found != wanted)

    (attempt,) = [dict(parts(raw)) for _, raw in parts(dict(parts(text))["completions"])]
    completion = run["completions"][0]
    expect("request", attempt["request"], kept.body.decode())
    answer = kept.answer.decode("utf-8", "replace")
    is_stream = "event-stream" in kept.answer_headers.get("content-type", "")
    if not answer or isinstance(completion["response"], str):
        came = completion["response"] or ""
        # Of an answer that its client left, what was still on the way is not kept.
        left = fail == "stall" and came and answer.startswith(came)
        expect("response", came, came if left else answer)
        if not is_stream and fail not in ("cut", "garbage", "hang"):
            wrong.append("run's response is a text, wanted JSON")
    else:
        expect("response", attempt["response"], answer.strip())
    expect("model asked for", run["version"].get("model"), case["request"].get("model"))
    expect("source", run["source"], "proxy")
    expect("conversation", run["conversation_id"], kept.headers["x-try"])
    expect("cost", run["cost_usd"], completion["cost_usd"])
    counted = completion["usage"] or {}
    expect("usage", run["usage"], {name: counted.get(name) for name in run["usage"]})
    expect("output is there", run["output"] is not None, bool(answer))
    error = through.get("error")
    expect("status", run["status"], "failure" if error or fail in FAULTS else "success")
    if fail in FAULTS:
        expect("error code", run["error"] and run["error"]["code"], FAULTS[fail])
        # The responses API says a text once more when it is whole, and only that is read here.
        if fail == "cut" and is_stream and case["kind"] != "openai.responses":
            expect("text", text_of(run["output"]), said(case, through["items"])[3])
        return wrong
    if error:
        told = error["body"].get("error", error["body"])
        codes = (told.get("code"), told.get("type"))
        if run["error"]["code"] not in codes or run["error"]["message"] != told["message"]:
            wrong.append(f"run's error: {shown(run['error'])}, wanted {shown(told)}")
        return wrong
    model, reason, tokens, words, calls = said(case, through["items"])
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_tokens")
    expect("model", completion["model"], model)
    expect("finish reason", completion["finish_reason"], reason)
    expect("tokens", [counted.get(name) for name in names], tokens)
    expect("text", text_of(run["output"]), words)
    if not is_stream and case["kind"] != "openai.responses":
        whole = json.loads(answer)
        message = {name: whole.get(name) for name in ("role", "content")}
        expect("output", run["output"], whole["choices"][0]["message"] if "choices" in whole else message)
    expect("tool calls", [[call["name"], call["input"]] for call in run["tool_calls"]], calls)
    if not any(tokens):
        expect("cost without tokens", run["cost_usd"], None)
    if fail == "slow" and run["latency_ms"] < 2000:
        wrong.append(f"run's latency: {run['latency_ms']}, wanted 2000 at least")
    if is_stream and words:
        expect("time to the first token is known", run["time_to_first_token_ms"] is not None, True)
    headers = through["headers"]
    expect("address", headers["x-runs-url"], run["url"])
    expect("cache", headers["x-runs-cache"], "bypass")
    if case["kind"] == "openai.chat":
        wanted = {"url": run["url"], "cost_usd": run["cost_usd"],
                  "feedback_token": headers["x-runs-feedback-token"]}
        expect("additions", additions(through["items"]), wanted)
    return wrong


def additions(items):
    """What a chat answer has besides the provider's own, as its last items say."""
    choices = [choice for item in items for choice in item.get("choices") or []]
    return {name: holder[name] for holder in [*choices, *items] for name in ADDED if name in holder}
