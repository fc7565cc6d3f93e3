# SPDX-License-Identifier: MIT
"""The rules and answers of an OpenAI API: what the real one refuses is refused here too."""

import base64
import hashlib
import re
import struct

from api_chat import chat, chunk, chunks, fail, usage_of
from api_responses import response as respond_in_items
from exchange import Exchange
from form import read_form
from refusal import Refused
from serve import (CALLER_KEY, MODELS, OPERATOR_KEY, check_model, read_json, respond, respond_json, route,
                   stream_head)
from small_model import Usage

MIB = 1 << 20
USAGE = usage_of(Usage())


def speech(size: int = 20 * MIB) -> bytes:
    """`size` bytes of sound that look like no text and repeat nowhere near."""
    block = b"".join(hashlib.sha256(struct.pack(">I", n)).digest() for n in range(2048))
    return (block * (size // len(block) + 1))[:size]


def answer(x: Exchange) -> None:
    """The default script: reads the whole request and answers it by the rules of the upstream's API."""
    x.body.read()
    rules = x.upstream.rules
    try:
        act = route(x, x.upstream.routes)
        rules.authorize(x)
        act(x)
    except Refused as refusal:
        rules.refuse(x, refusal)


def refuse(x: Exchange, refusal: Refused) -> None:
    respond_json(x, {"error": refusal.error}, refusal.status)


def authorize(x: Exchange) -> None:
    bearer = re.fullmatch(r"Bearer (\S+)", x.request.get("authorization") or "")
    if not bearer:
        raise Refused(401, "You didn't provide an API key.")
    if bearer[1] not in x.upstream.keys:
        raise Refused(401, "Incorrect API key provided: sk-***.", "invalid_api_key")


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
    ("POST", "/responses", respond_in_items), ("GET", "/files/([^/]+)/content", file_content),
    *((method, "/files/([^/]+)", echo) for method in ("GET", "PUT", "PATCH", "DELETE")),
    ("POST", "/fine_tuning/jobs/([^/]+)/cancel", echo), ("POST", "/files", echo), ("OPTIONS", "/files", echo),
]
