# SPDX-License-Identifier: MIT
"""The stand-in for an engine over WebSocket, as a real client finds it."""

import json

import pytest
import websockets.exceptions
import websockets.sync.client

from cyber import engine  # noqa: F401


def test_engine_serves_websockets(engine):
    engine.expects_proxy = False
    with websockets.sync.client.connect(f"ws://{engine.authority}/a%2Fb") as socket:
        socket.send(json.dumps({"content": "one two", "model": "ena-large"}))
        found = [json.loads(socket.recv())]
        while found[-1]["choices"][0]["finish_reason"] is None:
            found.append(json.loads(socket.recv()))
    assert "".join(one["choices"][0]["delta"].get("content", "") for one in found) == "You said: one two"
    assert {one["model"] for one in found} == {"ena-large"}
    assert engine.heard_contents == [("a/b", "one two")]


@pytest.mark.parametrize("path, status", [("/", 404), ("/a/b", 404), ("/a:b", 400)])
def test_engine_refuses_other_paths(engine, path, status):
    engine.expects_proxy = False
    with pytest.raises(websockets.exceptions.InvalidStatus) as refused:
        websockets.sync.client.connect(f"ws://{engine.authority}{path}")
    assert refused.value.response.status_code == status
