# SPDX-License-Identifier: MIT
"""Behaviours of an upstream, each a function that returns a script for one request."""

import gzip
import json
import threading

import api
from exchange import Exchange


def error(status: int, kind: str = "server_error", code: str | None = None, **fields: str):
    """An error of the API's form; `retry_after="7"` becomes the field retry-after."""
    named = [(name.replace("_", "-"), value) for name, value in fields.items()]
    told = {"message": f"scripted {status}", "type": kind, "param": None, "code": code}

    def script(x: Exchange) -> None:
        x.body.read()
        api.respond_json(x, {"error": told}, status, *named)
    return script


def whole(body: bytes, *fields: tuple[str, str], status: int = 200, framing: str = "counted",
          kind: str = "application/json"):
    """A body in a chosen framing: counted, chunked or close."""
    def script(x: Exchange) -> None:
        x.body.read()
        x.head(status, ("content-type", kind), *fields,
               framing=len(body) if framing == "counted" else framing)
        x.send(body)
        x.end()
    return script


def dripping(body: bytes, kind: str = "application/json"):
    """A chunked body, a byte a chunk and a packet."""
    def script(x: Exchange) -> None:
        x.body.read()
        x.head(200, ("content-type", kind), framing="chunked")
        for at in range(len(body)):
            x.send(body[at:at + 1])
        x.end()
    return script


def refusing_early(body: bytes, status: int):
    """An answer before the request's body was read, and then a close."""
    def script(x: Exchange) -> None:
        x.head(status, ("content-type", "application/json"), ("connection", "close"),
               framing=len(body))
        x.send(body)
        x.closes = True
    return script


def dropping(how: str, script):
    """After the script keep-alive is advertised, but the next request is met by a close."""
    def then_drop(x: Exchange) -> None:
        x.drop_next = how
        script(x)
    return then_drop


def compressed(value) -> bytes:
    return gzip.compress(json.dumps(value).encode())


def hold(gate: threading.Event, then=api.answer):
    """Answers nothing until the gate opens."""
    def script(x: Exchange) -> None:
        x.body.read()
        x.wait(gate)
        then(x)
    return script


def stream(words: list[str], gate: threading.Event | None = None, after: int = 2,
           framing: str = "chunked", ending: str = "done"):
    """A streamed chat answer.

    `gate`: wait after so many events. `ending`: "done"; "none" (ends properly, without finish
    and [DONE]); "cut", "reset" (between events); "cut inside" (in the middle of an event).
    """
    def script(x: Exchange) -> None:
        x.body.read()
        api.stream_head(x, framing)
        events = api.chunks("gpt-4-turbo", words)
        for number, event in enumerate(events if ending == "done" else events[:after]):
            if gate and number == after:
                x.wait(gate)
            x.event(event)
        if gate and ending != "done":
            x.wait(gate)
        finish(x, ending)
    return script


def told(gate: threading.Event, then=api.answer):
    """An answer whose body ends only when the gate opens, though its last event is out."""
    def script(x: Exchange) -> None:
        x.end_gate = gate
        then(x)
    return script


def finish(x: Exchange, ending: str) -> None:
    if ending == "cut inside":
        x.send(b'data: {"id":"chatcmpl-1","object":"chat.comp')
    if ending in ("cut", "reset", "cut inside"):
        x.cut(by_reset=ending == "reset")
    if ending == "done":
        x.event("[DONE]")
    x.end()


def cut(by_reset: bool = False, sent: bytes = b"", read: bool = True):
    """Sends some bytes, perhaps none, and breaks off."""
    def script(x: Exchange) -> None:
        if read:
            x.body.read()
        x.raw(sent)
        x.cut(by_reset)
    return script


def sound(gate: threading.Event, size: int = 20 * api.MIB):
    """Speech of which the last byte waits at the gate."""
    def script(x: Exchange) -> None:
        x.body.read()
        data = api.speech(size)
        x.head(200, ("content-type", "audio/mpeg"), framing=size)
        x.raw(data[:-1])
        x.wait(gate)
        x.raw(data[-1:])
    return script


def listen_slowly(gate: threading.Event):
    """Reads all of the body but its last bytes, waits at the gate, then answers by the rules."""
    def script(x: Exchange) -> None:
        size = int(x.request.get("content-length") or 0) or 20 * api.MIB
        while len(x.request.body) < size - 1:
            x.body.some(min(65536, size - 1 - len(x.request.body)))
        x.wait(gate)
        api.answer(x)
    return script


def flood(size: int):
    """As many bytes as the peer takes; the exchange's `stalled` says when it takes none."""
    def script(x: Exchange) -> None:
        x.body.read()
        x.head(200, ("content-type", "audio/mpeg"), framing=size)
        x.flood(api.speech(size))
    return script


def breaking(events: int, how: str = "cut"):
    """An answer by the rules that breaks off after so many events; `how`: cut, reset, or end."""
    def script(x: Exchange) -> None:
        x.break_after(events, how)
        api.answer(x)
    return script


def stalling(events: int, gate: threading.Event):
    """An answer by the rules that stands still after so many events."""
    def script(x: Exchange) -> None:
        x.break_after(events, "stall")
        x.gate = gate
        api.answer(x)
    return script


def at_once(script):
    """The same answer, but what comes before the gate, or else all of it, comes in one piece: no clock can run out within."""
    def held(x: Exchange) -> None:
        pieces: list[bytes] = []

        def release() -> None:
            del x.raw, x.wait
            x.raw(b"".join(pieces))

        def release_and_wait(gate: threading.Event) -> None:
            release()
            x.wait(gate)
        x.raw, x.wait = pieces.append, release_and_wait
        script(x)
        if "raw" in vars(x):
            release()
    return held


def lingering(gate: threading.Event):
    """An answer by the rules whose body does not end with its last event."""
    def script(x: Exchange) -> None:
        x.end = lambda: x.wait(gate)
        api.answer(x)
    return script


def failing(kind: str, **fields: str):
    """An error of the upstream's vendor, perhaps with other fields: `retry_after="1"`."""
    def script(x: Exchange) -> None:
        x.body.read()
        x.upstream.rules.fail(x, kind, {name.replace("_", "-"): value for name, value in fields.items()})
    return script
