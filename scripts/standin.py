"""What stands between a client and a provider while clients are tried: a relay that
keeps the bytes of both ways and commits faults, and a provider for want of another."""
import json
import select
import socket
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import StreamRequestHandler, ThreadingTCPServer

# A provider's own refusals, in the words of OpenAI and of Anthropic.
REFUSALS = {"429": "rate_limit_error", "500": "api_error", "503": "overloaded_error"}
GARBAGE = b"\xff\xfe<no json>"


class Exchange:
    """A request as the provider received it, and what it sent back."""

    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body
        self.answer_headers, self.raw = {}, b""

    @property
    def answer(self):
        """The bytes of the answer without the framing of HTTP, as far as they went."""
        if self.answer_headers.get("transfer-encoding") != "chunked":
            return self.raw
        found, rest = b"", self.raw
        while b"\r\n" in rest:
            size, rest = rest.split(b"\r\n", 1)
            size = int(size, 16)
            found, rest = found + rest[:size], rest[size + 2:]
        return found


class Relay(ThreadingTCPServer):
    """Passes requests on to a provider at an http:// address. Beside what the client
    says it looks at two headers: `x-try`, under which an exchange is kept, and
    `x-try-fail`, the fault to commit."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, provider):
        super().__init__(("127.0.0.1", 0), Passing)
        address = urllib.parse.urlsplit(provider)
        self.provider = (address.hostname, address.port or 80)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.exchanges = {}
        # By kind; names that price lists take for no vendor, so that prices go by the model.
        port = self.server_address[1]
        self.names = {"openai": f"try-{port}-1", "anthropic": f"try-{port}-2"}

    def handle_error(self, request, address):
        """Clients that leave are part of the play."""


class Passing(StreamRequestHandler):
    """One request: every connection serves only one, so that an answer ends with it."""

    def handle(self):
        first, headers = read_head(self.rfile)
        if not first:
            return
        self.kept = Exchange(first.split()[1], headers, b"")
        self.kept.body = self.rfile.read(int(headers.get("content-length", 0)))
        self.server.exchanges.setdefault(headers.get("x-try"), []).append(self.kept)
        fail = headers.get("x-try-fail")
        if fail in REFUSALS or fail == "garbage":
            return self.refuse(fail)
        if fail == "hang":
            return self.connection.recv(1)
        if fail == "slow":
            time.sleep(2)
        with socket.create_connection(self.server.provider) as onward:
            onward.sendall(head(first, {**headers, "connection": "close"}) + self.kept.body)
            with onward.makefile("rb") as back:
                self.pass_back(back, onward, fail)

    def refuse(self, fail):
        kind, status, body = REFUSALS.get(fail), fail, GARBAGE
        if kind:
            error = {"type": kind, "message": f"fault {fail}"}
            whole = {"error": {**error, "code": kind, "param": None}}
            if self.kept.path.startswith("/v1/messages"):
                whole = {"type": "error", "error": error}
            body = json.dumps(whole).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)),
                   "connection": "close", "x-request-id": "req_fault", "request-id": "req_fault"}
        self.kept.answer_headers = headers
        first = f"HTTP/1.1 {'200' if fail == 'garbage' else status} Fault"
        self.send(head(first, headers), body)

    def pass_back(self, back, onward, fail):
        first, headers = read_head(back)
        self.kept.answer_headers = headers
        # After `close` Node takes whatever has come for the whole, and sees no cut.
        last = {} if fail == "cut" else {"connection": "close"}
        self.send(head(first, {**headers, **last}), b"")
        if fail in ("cut", "stall"):
            whole = back.read()
            self.send(b"", whole[:len(whole) // 2])
            if fail == "stall":
                self.connection.recv(1)
            return
        while chunk := back.read1(65536):
            self.send(b"", chunk)
            # Who has left is not told the rest.
            if select.select([self.connection], [], [], 0)[0]:
                return

    def send(self, framing, body):
        self.kept.raw += body
        self.wfile.write(framing + body)


def read_head(stream):
    """The first line and the headers of a message, with names in lower case."""
    first = stream.readline().decode().strip()
    headers = {}
    for line in iter(stream.readline, b"\r\n"):
        if not line:
            break
        name, value = line.decode("latin-1").split(":", 1)
        headers[name.strip().lower()] = value.strip()
    return first, headers


def head(first, headers):
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


TOOL = {"type": "object", "properties": {"city": {"type": "string"}}}
CHAT_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": TOOL}}
HELLO = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hello, Zoé"}]
WEATHER = [{"role": "user", "content": "Weather in Paris?"}]
CHAT = {"model": "gpt-4o-mini", "messages": HELLO, "temperature": 0.2}
RESPONSES = {"model": "gpt-4o-mini", "instructions": "Be brief.", "input": "Hello"}
MESSAGES = {"model": "claude-3-5-haiku-20241022", "max_tokens": 50, "messages": WEATHER}
CLAUDE_TOOL = {"name": "get_weather", "input_schema": TOOL}
STREAM = {"stream": True}
COUNTED = {**STREAM, "stream_options": {"include_usage": True}}
REQUESTS = [("openai.chat", request) for request in (
    CHAT, {**CHAT, **STREAM}, {**CHAT, **COUNTED}, {**CHAT, "n": 2},
    {**CHAT, "messages": WEATHER, "tools": [CHAT_TOOL]},
    {**CHAT, "messages": WEATHER, "tools": [CHAT_TOOL], **COUNTED},
    {**CHAT, "model": "no-such-model"}, {**CHAT, "model": "vendor/some-model", "seed": 7},
)] + [("openai.responses", request) for request in (
    RESPONSES, {**RESPONSES, **STREAM}, {**RESPONSES, "model": "no-such-model"},
)] + [("anthropic.messages", request) for request in (
    MESSAGES, {**MESSAGES, **STREAM}, {**MESSAGES, "tools": [CLAUDE_TOOL]},
    {**MESSAGES, "tools": [CLAUDE_TOOL], **STREAM}, {**MESSAGES, "model": "no-such-model"},
)]
CALL = {"id": "call_1", "type": "function",
        "function": {"name": "get_weather", "arguments": "{\"city\": \"Paris\"}"}}


def chat(request):
    """A chat answer, or its events."""
    base = {"id": "chatcmpl-1", "created": 1790000000, "model": request["model"]}
    usage = {"prompt_tokens": 21, "completion_tokens": 5, "total_tokens": 26,
             "prompt_tokens_details": {"cached_tokens": 8}}
    end = "tool_calls" if request.get("tools") else "stop"
    if request.get("stream"):
        deltas = [{"role": "assistant", "content": "Fi"}, {"content": "ne, é"}]
        if end == "tool_calls":
            deltas = [{"role": "assistant", "content": None, "tool_calls": [{"index": 0, **CALL}]}]
        parts = [{"choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
        parts.append({"choices": [{"index": 0, "delta": {}, "finish_reason": end}]})
        if request.get("stream_options"):
            parts.append({"choices": [], "usage": usage})
        return [{**base, "object": "chat.completion.chunk", **part} for part in parts]
    message = {"role": "assistant", "content": "Fine, é"}
    if end == "tool_calls":
        message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    choices = [{"index": at, "message": message, "finish_reason": end}
               for at in range(request.get("n", 1))]
    return {**base, "object": "chat.completion", "choices": choices, "usage": usage}


def responses(request):
    """A response, or its events."""
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
            "content": [{"type": "output_text", "text": "Fine, é", "annotations": []}]}
    whole = {"id": "resp_1", "object": "response", "created_at": 1790000000, "status": "completed",
             "model": request["model"], "output": [item],
             "usage": {"input_tokens": 21, "output_tokens": 5, "total_tokens": 26,
                       "input_tokens_details": {"cached_tokens": 8},
                       "output_tokens_details": {"reasoning_tokens": 0}}}
    if not request.get("stream"):
        return whole
    begun = {**whole, "status": "in_progress", "output": [], "usage": None}
    place = {"item_id": "msg_1", "output_index": 0}
    events = [{"type": "response.created", "response": begun},
              {"type": "response.output_item.added", "output_index": 0,
               "item": {**item, "status": "in_progress", "content": []}},
              {"type": "response.output_text.delta", **place, "content_index": 0, "delta": "Fi"},
              {"type": "response.output_text.delta", **place, "content_index": 0, "delta": "ne, é"},
              {"type": "response.output_item.done", "output_index": 0, "item": item},
              {"type": "response.completed", "response": whole}]
    return [{**event, "sequence_number": at} for at, event in enumerate(events)]


def messages(request):
    """Anthropic's answer, or its events."""
    text, end = {"type": "text", "text": "Fine, é"}, "end_turn"
    blocks, given = [text], [{"type": "text_delta", "text": "Fine, é"}]
    if request.get("tools"):
        call = {"type": "tool_use", "id": "toolu_1", "name": "get_weather", "input": {"city": "Paris"}}
        blocks, end = [text, call], "tool_use"
        given.append({"type": "input_json_delta", "partial_json": "{\"city\": \"Paris\"}"})
    whole = {"id": "msg_1", "type": "message", "role": "assistant", "model": request["model"],
             "content": blocks, "stop_reason": end, "stop_sequence": None,
             "usage": {"input_tokens": 12, "cache_creation_input_tokens": 3,
                       "cache_read_input_tokens": 6, "output_tokens": 5}}
    if not request.get("stream"):
        return whole
    empty = {"text": {"text": ""}, "tool_use": {"input": {}}}
    begun = {**whole, "content": [], "stop_reason": None, "usage": {**whole["usage"], "output_tokens": 1}}
    events = [{"type": "message_start", "message": begun}, {"type": "ping"}]
    for at, (block, delta) in enumerate(zip(blocks, given)):
        events += [{"type": "content_block_start", "index": at,
                    "content_block": {**block, **empty[block["type"]]}},
                   {"type": "content_block_delta", "index": at, "delta": delta},
                   {"type": "content_block_stop", "index": at}]
    ended = {"stop_reason": end, "stop_sequence": None}
    return events + [{"type": "message_delta", "delta": ended, "usage": {"output_tokens": 5}},
                     {"type": "message_stop"}]


class StandIn(BaseHTTPRequestHandler):
    """Answers like a provider, from the request alone."""

    protocol_version = "HTTP/1.1"
    answers = {"/v1/chat/completions": chat, "/v1/responses": responses, "/v1/messages": messages}

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        status, kind = 200, "application/json"
        if request["model"] == "no-such-model":
            error = {"message": "no such model", "type": "not_found_error"}
            status, made = 404, {"type": "error", "error": error}
            if self.path != "/v1/messages":
                made = {"error": {**error, "code": "model_not_found", "param": None}}
        else:
            made = self.answers[self.path](request)
        if isinstance(made, list):
            kind = "text/event-stream"
            lines = [(part.get("type"), json.dumps(part)) for part in made]
            text = "".join((f"event: {word}\n" if word else "") + f"data: {line}\n\n"
                           for word, line in lines)
            body = (text + ("data: [DONE]\n\n" if self.path.endswith("completions") else "")).encode()
        else:
            # Spaces and escapes as they come tell whether bytes pass as they are.
            body = json.dumps(made, indent=1).encode()
        self.send_response(status)
        for name, value in (("content-type", kind), ("content-length", str(len(body))),
                            ("x-request-id", "req_1"), ("request-id", "req_1"),
                            ("x-ratelimit-remaining-requests", "99")):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def stand_in():
    """A running stand-in server."""
    return ThreadingHTTPServer(("127.0.0.1", 0), StandIn)
