# SPDX-License-Identifier: MIT
"""What all stand-ins serve with: keys, models, answers in JSON, requests read strictly."""

import json
import re

from exchange import Exchange
from refusal import Refused

OPERATOR_KEY = "sk-e2e-operator-4f9d1c0b77aa52"
CALLER_KEY = "sk-e2e-caller-90aa31bb02ff18"
MODELS = ["gpt-4-turbo", "gpt-4o", "text-embedding-3-small", "whisper-1", "tts-1", "dall-e-3", "gpt-5", "reasoner",
          "claude-opus-5", "claude-sonnet-4-5"]


def respond(x: Exchange, status: int, body: bytes, kind: str, *fields) -> None:
    x.head(status, ("content-type", kind), (x.upstream.request_id, "req_upstream_1"), *fields,
           framing=len(body))
    if x.request.method != "HEAD":
        x.send(body)


def respond_json(x: Exchange, value, status: int = 200, *fields) -> None:
    respond(x, status, json.dumps(value, ensure_ascii=False).encode(), "application/json", *fields)


def stream_head(x: Exchange, framing: str = "chunked") -> None:
    x.head(200, ("content-type", "text/event-stream; charset=utf-8"),
           (x.upstream.request_id, "req_upstream_1"), framing=framing)


def route(x: Exchange, routes):
    """What serves this request; refuses what no route is for, before it asks for a key."""
    prefix = re.escape(x.upstream.prefix)
    methods = {method: act for method, pattern, act in routes
               if re.fullmatch(prefix + pattern, x.request.path)}
    if not methods:
        raise Refused(404, f"Invalid URL ({x.request.method} {x.request.path})")
    if x.request.method not in methods:
        raise Refused(405, f"Not allowed to {x.request.method}", "method_not_supported")
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
