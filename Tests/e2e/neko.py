# SPDX-License-Identifier: MIT
"""Edgefilters in front of the chat site AnuNeko, started as its gateway was."""

import json
from types import SimpleNamespace

import pytest

import api_anuneko
import proc
from api_anuneko import COOKIE, TOKEN
from client import request
from edge import free_port

CAT, OTHER = "mihoyo-orange_cat", "mihoyo-exotic_shorthair"
# Its document names no file. What one says here is that its limits, ten chats a minute, are not for these tests.
EMPTY = {"log": {"level": "info"}, "limits": {"per_address": {"minute": 0, "hour": 0, "day": 0}}}


def environment(upstream, folder, **more: str) -> dict[str, str]:
    """The variables of its document, and where the site and the runtime directory are."""
    runtime = folder / "run"
    runtime.mkdir(exist_ok=True)
    return {"ANUNEKO_TOKEN": TOKEN, "ANUNEKO_BASE_URL": upstream.url, "FLASK_HOST": "127.0.0.1",
            "FLASK_PORT": "8000", "FLASK_DEBUG": "False", "MAX_CONTENT_LENGTH": "16777216",
            "REQUEST_TIMEOUT": "30", "RUNTIME_DIRECTORY": str(runtime), **more}


def start(edges, upstreams, folder, way: str = "listen", config: dict | None = None, **more: str):
    """A site and an edgefilter in front of it."""
    upstream = upstreams(vendor="anuneko", prefix="")
    upstream.site = api_anuneko.Site()
    upstream.cookies = [COOKIE] if "ANUNEKO_COOKIE" in more else []
    running = edges(config or EMPTY, way, env=environment(upstream, folder, **more), port=free_port())
    return SimpleNamespace(edge=running, upstream=upstream, site=upstream.site, run=folder / "run")


@pytest.fixture
def found(edges, upstreams, tmp_path):
    return start(edges, upstreams, tmp_path)


def chat(text: str = "你好", model: str = CAT, *lines: str, **members) -> bytes:
    body = {"model": model, "messages": [{"role": "user", "content": text}], **members}
    return request("POST", "/v1/chat/completions", body, *lines)


def calls(upstream) -> list[str]:
    """What the site was asked for, in order, each by the last word of its path."""
    return [exchange.request.path.rpartition("/")[2] for exchange in upstream.exchanges]


def events(answer) -> list[dict]:
    """The chunks of a stream, whose end is checked."""
    *chunks, end = answer.events
    assert end == "[DONE]", answer.body
    return [json.loads(chunk) for chunk in chunks]


def text_of(answer) -> str:
    """What an answer says, streamed or whole."""
    if "event-stream" in answer.get("content-type"):
        return "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in events(answer)
                       if chunk["choices"])
    return answer.json["choices"][0]["message"]["content"]


def session_of(answer) -> str:
    """The session that an answer names, the same in all of it."""
    told = events(answer) if "event-stream" in answer.get("content-type") else [answer.json]
    names = {chunk["session_id"] for chunk in told}
    assert len(names) == 1, names
    return names.pop()


def rested(found, session: str):
    """The file of a session, once its handler has written the last word of it."""
    file, = found.run.glob(f"sessions/*-{session}")
    proc.wait_until(lambda: json.loads(file.read_text())["settled"], "the session's last words")
    return file


def settled(found, count: int) -> None:
    """Waits until so many branches were chosen, and none is left."""
    proc.wait_until(lambda: len(found.site.settled) >= count, f"{count} branches chosen: {calls(found.upstream)}")
    assert len(found.site.settled) == count
    assert not [chat for chat in found.site.chats.values() if chat.open]
