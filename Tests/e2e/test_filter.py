# SPDX-License-Identifier: MIT
"""As a filter: a connection's worth of requests from standard input, answers on standard output."""

import json

import pytest

import edge as starting
from client import chat, request


def split(data: bytes) -> tuple[str, bytes]:
    head, _, body = data.partition(b"\r\n\r\n")
    return head.decode(), body


def test_health_of_the_readme():
    done = starting.run(stdin=b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    head, body = split(done.stdout)
    assert done.returncode == 0, done.stderr
    assert head.startswith("HTTP/1.1 200 ")
    assert json.loads(body)["status"] == "healthy"


def test_several_requests():
    done = starting.run(stdin=request("GET", "/health") * 3)
    assert done.returncode == 0
    assert done.stdout.count(b"HTTP/1.1 200 ") == 3


def test_the_embedded_echo():
    """Without a file the echo answers: the caller's last words, word by word."""
    done = starting.run(stdin=chat("echo", "one two", stream=True))
    words = [json.loads(line[6:])["choices"] for line in done.stdout.decode().split("\n")
             if line.startswith("data: {")]
    text = "".join(choices[0]["delta"].get("content") or "" for choices in words if choices)
    assert text == "one two"
    assert b"data: [DONE]\n\n" in done.stdout


def test_to_an_upstream(tmp_path, upstream):
    file = tmp_path / "e.yaml"
    file.write_text(json.dumps(starting.configuration(upstream, callers="open")))
    state = {"STATE_DIRECTORY": str(tmp_path)}
    done = starting.run("-c", str(file), stdin=chat("gpt-4"), env=state)
    assert split(done.stdout)[0].startswith("HTTP/1.1 200 "), done
    assert b"You said: Hello there" in done.stdout
    assert len(list(tmp_path.glob("requests-*.jsonl"))) == 1


@pytest.mark.parametrize("stdin", [b"", b"\r\n"])
def test_nothing(stdin):
    done = starting.run(stdin=stdin)
    assert (done.returncode, done.stdout) == (0, b"")


def test_garbage():
    done = starting.run(stdin=b"garbage\r\n\r\n")
    assert split(done.stdout)[0].startswith("HTTP/1.1 400 ")
