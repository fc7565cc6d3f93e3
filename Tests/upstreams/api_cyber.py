# SPDX-License-Identifier: MIT
"""The chat engine behind Cyber-OpenAI: one message over WebSocket in, chunks out, a conversation for each token."""

import base64
import hashlib
import json
import re
import urllib.parse

import frames
from exchange import Exchange
from refusal import Refused
from serve import no_constant, respond_json
from small_model import Heard, failure, pieces
from wire import Gone, Malformed

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Fields of one connection that a handshake has.
OWN = frozenset({"upgrade", "connection"})
MODELS = ["ena-test", "ena-large"]
# kind: status, message
FAILURES = {
    "invalid": (400, "Invalid content."), "key": (401, "unknown authorization"),
    "permission": (403, "not allowed"), "missing": (404, "no such engine"), "rate": (429, "slow down"),
    "fault": (500, "the engine is broken"), "overloaded": (503, "too many conversations"),
}
COMMANDS = {"/help": "commands: /help /clear /version", "/clear": "cleared", "/version": "ena 1.2"}
LABEL = re.compile(r"(?:^|\n\n)(System|User|Assistant): ")


def refuse(x: Exchange, refusal: Refused) -> None:
    respond_json(x, {"error": refusal.error["message"]}, refusal.status)


def authorize(x: Exchange) -> None:
    """The token is the only segment of the path, and percent-encoded."""
    segment = x.request.path.removeprefix(x.upstream.prefix + "/")
    token = urllib.parse.unquote(segment, errors="strict")
    if not token or urllib.parse.quote(token, safe="") != segment:
        raise Refused(400, "the path is not one percent-encoded token")
    x.token = token
    if "authorization" in {name.lower() for name, _ in x.request.fields}:
        raise Refused(400, "a key has no place in a field here")


def fail(x: Exchange, kind: str, more: dict | None = None) -> None:
    """Refuses the handshake."""
    status, message = FAILURES[kind]
    respond_json(x, {"error": {"message": message, "code": status}}, status, *(more or {}).items())


def accept(x: Exchange) -> None:
    """Answers the handshake, which must be exactly right (RFC 6455 section 4.2.1)."""
    fields = {name: (x.request.get(name) or "") for name in ("upgrade", "connection", "sec-websocket-key",
                                                             "sec-websocket-version")}
    key = fields["sec-websocket-key"]
    if fields["upgrade"].lower() != "websocket" or "upgrade" not in fields["connection"].lower():
        raise Refused(426, "WebSocket is spoken here")
    if fields["sec-websocket-version"] != "13":
        raise Refused(426, "version 13 is spoken here")
    if not re.fullmatch(r"[A-Za-z0-9+/]{22}==", key) or len(base64.b64decode(key)) != 16:
        raise Refused(400, "bad Sec-WebSocket-Key")
    if key in x.upstream.nonces:
        raise Refused(400, "Sec-WebSocket-Key was used before")
    x.upstream.nonces.add(key)
    digest = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
    x.raw(x.head_bytes(101, [("Upgrade", "websocket"), ("Connection", "Upgrade"),
                             ("Sec-WebSocket-Accept", digest)]))
    x.form = lambda text, name: frames.frame(frames.TEXT, text.encode())
    x.end = lambda: x.raw(frames.close(1000))
    x.closes = True


def next_frame(x: Exchange) -> frames.Frame:
    """The next frame; masks that come twice are no random ones."""
    found = frames.read_frame(x.wire)
    if found.mask in x.upstream.masks:
        x.upstream.faults.append("a mask came twice")
    x.upstream.masks.add(found.mask)
    return found


def read_message(x: Exchange) -> dict:
    """The one message of a conversation, in one frame or more."""
    found = next_frame(x)
    text = found.payload
    if found.opcode != frames.TEXT:
        raise Malformed(f"opcode {found.opcode} instead of a text")
    while not found.is_final:
        found = next_frame(x)
        text += found.payload
    x.request.body += text
    value = json.loads(text.decode(), parse_constant=no_constant)
    strange = sorted(set(value) - {"content", "model"})
    if strange or not isinstance(value.get("content"), str) or not value["content"]:
        raise Malformed(f"the message has {strange}, and content {value.get('content')!r}")
    if not isinstance(value.get("model", ""), str):
        raise Malformed("the model is no text")
    return value


def hear(content: str) -> Heard:
    """The last words of the user in a rendered conversation, or all of it."""
    parts = LABEL.split(content)
    said = [text for role, text in zip(parts[1::2], parts[2::2]) if role == "User"]
    return Heard(text=said[-1] if said else content)


def chunk(model: str, delta: dict, reason: str | None = None) -> dict:
    return {"id": "ena-1", "model": model, "created": 1700000000, "system_fingerprint": "fp_ena",
            "choices": [{"delta": delta, "finish_reason": reason}]}


def stream(asked: dict, text: str, broken: str = ""):
    model = asked.get("model") or MODELS[0]
    for number, piece in enumerate(pieces(text)):
        if broken and number == 3:
            status, message = FAILURES[broken]
            yield {"error": {"message": message, "code": status}}
            return
        yield chunk(model, {"role": "assistant", "content": piece} if number == 0 else {"content": piece})
    yield chunk(model, {}, "stop")


def converse(x: Exchange) -> None:
    accept(x)
    asked = read_message(x)
    x.upstream.heard_contents.append((x.token, asked["content"]))
    heard = hear(asked["content"])
    if kind := failure(heard):
        status, message = FAILURES[kind]
        x.event({"error": {"message": message, "code": status}})
        return leave(x)
    if asked["content"].startswith("/"):
        text, broken = COMMANDS.get(asked["content"].split()[0], "unknown command"), ""
    else:
        said = x.upstream.mind(heard)
        text, broken = said.text or said.refusal, said.broken
    for event in stream(asked, text, broken):
        x.event(event)
    leave(x)


def leave(x: Exchange) -> None:
    """Waits for the peer's close, and answers it; pongs may come before."""
    try:
        while (found := next_frame(x)).opcode != frames.CLOSE:
            if found.opcode != frames.PONG:
                raise Malformed(f"opcode {found.opcode} after the message")
            x.pongs.append(found.payload)
        x.closing = found.payload
        x.raw(frames.close(1000))
    except (Gone, OSError):
        pass


ROUTES = [("GET", "/[^/]+", converse)]
