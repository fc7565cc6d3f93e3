# SPDX-License-Identifier: MIT
"""The rules and answers of an OpenAI API: what the real one refuses is refused here too."""

import base64
import hashlib
import json
import re
import struct

from exchange import Exchange
from form import read_form

OPERATOR_KEY = "sk-e2e-operator-4f9d1c0b77aa52"
CALLER_KEY = "sk-e2e-caller-90aa31bb02ff18"
MODELS = ["gpt-4-turbo", "gpt-4o", "text-embedding-3-small", "whisper-1", "tts-1", "dall-e-3"]
MIB = 1 << 20
USAGE = {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12,
         "prompt_tokens_details": {"cached_tokens": 4},
         "completion_tokens_details": {"reasoning_tokens": 1}}


class Refused(Exception):
    """The request breaks a rule of the API."""

    def __init__(self, status: int, message: str, code: str | None = None,
                 param: str | None = None):
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": "invalid_request_error", "param": param,
                      "code": code}


def speech(size: int = 20 * MIB) -> bytes:
    """`size` bytes of sound that look like no text and repeat nowhere near."""
    block = b"".join(hashlib.sha256(struct.pack(">I", n)).digest() for n in range(2048))
    return (block * (size // len(block) + 1))[:size]


def respond(x: Exchange, status: int, body: bytes, kind: str, *fields) -> None:
    x.head(status, ("content-type", kind), ("x-request-id", "req_upstream_1"), *fields,
           framing=len(body))
    if x.request.method != "HEAD":
        x.send(body)


def respond_json(x: Exchange, value, status: int = 200, *fields) -> None:
    respond(x, status, json.dumps(value, ensure_ascii=False).encode(), "application/json", *fields)


def answer(x: Exchange) -> None:
    """The default script: reads the whole request and answers it by the rules."""
    x.body.read()
    try:
        route(x)(x)
    except Refused as refusal:
        respond_json(x, {"error": refusal.error}, refusal.status)


def route(x: Exchange):
    prefix = re.escape(x.upstream.prefix)
    methods = {method: act for method, pattern, act in ROUTES
               if re.fullmatch(prefix + pattern, x.request.path)}
    if not methods:
        raise Refused(404, f"Invalid URL ({x.request.method} {x.request.path})")
    if x.request.method not in methods:
        raise Refused(405, f"Not allowed to {x.request.method}", "method_not_supported")
    bearer = re.fullmatch(r"Bearer (\S+)", x.request.get("authorization") or "")
    if not bearer:
        raise Refused(401, "You didn't provide an API key.")
    if bearer[1] not in x.upstream.keys:
        raise Refused(401, "Incorrect API key provided: sk-***.", "invalid_api_key")
    return methods[x.request.method]


def no_constant(name: str):
    raise ValueError(name)


def read_json(x: Exchange, *needed: str) -> dict:
    if x.request.get("content-type") != "application/json":
        raise Refused(415, "Unsupported content type", "unsupported_content_type")
    try:
        value = json.loads(bytes(x.request.body).decode(), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "We could not parse the JSON body of your request.") from error
    if not isinstance(value, dict):
        raise Refused(400, "The body must be a JSON object.")
    for name in ("model", *needed):
        if name not in value:
            raise Refused(400, f"Missing required parameter: '{name}'.",
                          "missing_required_parameter", name)
    check_model(x, value["model"])
    return value


def check_model(x: Exchange, model) -> None:
    if not isinstance(model, str):
        raise Refused(400, "Invalid type for 'model'.", "invalid_type", "model")
    if model not in x.upstream.models:
        raise Refused(404, f"The model `{model}` does not exist.", "model_not_found", "model")


def chat(x: Exchange) -> None:
    asked = read_json(x, "messages")
    if not isinstance(asked["messages"], list) or not asked["messages"]:
        raise Refused(400, "Invalid type for 'messages'.", "invalid_type", "messages")
    if "stream_options" in asked and not asked.get("stream"):
        raise Refused(400, "'stream_options' needs 'stream'.", None, "stream_options")
    said = f"You said: {asked['messages'][-1].get('content')}"
    if asked.get("stream"):
        with_usage = bool((asked.get("stream_options") or {}).get("include_usage"))
        stream_head(x)
        for chunk in chunks(asked["model"], said.split(" "), with_usage):
            x.event(chunk)
        x.event("[DONE]")
        x.end()
        return
    message = {"role": "assistant", "content": said, "refusal": None}
    respond_json(x, {"id": "chatcmpl-1", "object": "chat.completion", "created": 1700000000,
                     "model": asked["model"], "usage": USAGE,
                     "choices": [{"index": 0, "message": message, "logprobs": None,
                                  "finish_reason": "stop"}]},
                 200, ("x-ratelimit-remaining-requests", "59"))


def stream_head(x: Exchange, framing: str = "chunked") -> None:
    x.head(200, ("content-type", "text/event-stream; charset=utf-8"),
           ("x-request-id", "req_upstream_1"), framing=framing)


def chunk(model: str, delta: dict, reason: str | None = None) -> dict:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1700000000,
            "model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def chunks(model: str, words: list[str], with_usage: bool = False) -> list[dict]:
    """A complete streamed answer, one word an event."""
    spaced = [word if n == 0 else " " + word for n, word in enumerate(words)]
    events = [chunk(model, {"role": "assistant", "content": ""})]
    events += [chunk(model, {"content": word}) for word in spaced]
    events.append(chunk(model, {}, "stop"))
    if with_usage:
        events.append({**chunk(model, {}), "choices": [], "usage": USAGE})
    return events


def completion(x: Exchange) -> None:
    asked = read_json(x, "prompt")
    choice = {"text": f"{asked['prompt']} and on", "index": 0, "logprobs": None,
              "finish_reason": "length"}
    respond_json(x, {"id": "cmpl-1", "object": "text_completion", "created": 1700000000,
                     "model": asked["model"], "choices": [choice], "usage": USAGE})


def embedding(x: Exchange) -> None:
    asked = read_json(x, "input")
    numbers = [0.25, -0.5, 1.0]
    packed = base64.b64encode(struct.pack("<3f", *numbers)).decode()
    vector = packed if asked.get("encoding_format") == "base64" else numbers
    respond_json(x, {"object": "list", "model": asked["model"],
                     "data": [{"object": "embedding", "index": 0, "embedding": vector}],
                     "usage": {"prompt_tokens": 2, "total_tokens": 2}})


def image(x: Exchange) -> None:
    asked = read_json(x, "prompt")
    picture = base64.b64encode(asked["prompt"].encode() * 1000).decode()
    respond_json(x, {"created": 1700000000, "data": [{"b64_json": picture}]})


def transcription(x: Exchange) -> None:
    try:
        parts = read_form(x.request.get("content-type") or "", bytes(x.request.body))
    except ValueError as error:
        raise Refused(400, f"Bad form: {error}") from error
    named = {part.name: part for part in parts}
    if "file" not in named or named["file"].filename is None or "model" not in named:
        raise Refused(400, "Missing required parameter: 'file' or 'model'.", None, "file")
    check_model(x, named["model"].content.decode())
    sound = named["file"].content
    respond_json(x, {"text": f"{len(sound)} {hashlib.sha256(sound).hexdigest()}"})


def spoken(x: Exchange) -> None:
    read_json(x, "input", "voice")
    x.head(200, ("content-type", "audio/mpeg"), framing="chunked")
    sound = speech()
    for at in range(0, len(sound), 100_003):
        x.send(sound[at:at + 100_003])
    x.end()


def model_entry(name: str) -> dict:
    return {"id": name, "object": "model", "created": 1700000000, "owned_by": "e2e"}


def models(x: Exchange) -> None:
    respond_json(x, {"object": "list", "data": [model_entry(name) for name in x.upstream.models]})


def model(x: Exchange) -> None:
    name = x.request.path.removeprefix(f"{x.upstream.prefix}/models/")
    check_model(x, name)
    respond_json(x, model_entry(name))


def response(x: Exchange) -> None:
    asked = read_json(x, "input")
    text = {"type": "output_text", "text": f"You said: {asked['input']}", "annotations": []}
    respond_json(x, {"id": "resp_1", "object": "response", "created_at": 1700000000,
                     "status": "completed", "model": asked["model"], "tools": [],
                     "tool_choice": "auto", "parallel_tool_calls": True,
                     "output": [{"id": "msg_1", "type": "message", "role": "assistant",
                                 "status": "completed", "content": [text]}]})


def file_content(x: Exchange) -> None:
    respond(x, 200, speech(MIB), "application/octet-stream")


def echo(x: Exchange) -> None:
    """Says what it heard: for the methods that no endpoint of the SDK's list uses."""
    respond_json(x, {"method": x.request.method, "target": x.request.target,
                     "body": bytes(x.request.body).decode("latin-1")})


ROUTES = [
    ("POST", "/chat/completions", chat), ("POST", "/completions", completion),
    ("POST", "/embeddings", embedding), ("POST", "/images/generations", image),
    ("POST", "/audio/transcriptions", transcription), ("POST", "/audio/speech", spoken),
    ("GET", "/models", models), ("HEAD", "/models", models), ("GET", "/models/(.+)", model),
    ("POST", "/responses", response), ("GET", "/files/([^/]+)/content", file_content),
    *((method, "/files/([^/]+)", echo) for method in ("GET", "PUT", "PATCH", "DELETE")),
    ("POST", "/files", echo), ("OPTIONS", "/files", echo),
]
