# SPDX-License-Identifier: MIT
"""`GET /metrics`: right in both of its forms, right in its numbers, and not everybody's."""

import hashlib
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open
from prometheus_client.parser import text_string_to_metric_families as parse_plain

import api
import keyring
import proc
import scripts
from client import chat, request
from edge import configuration
from exchange import LONG
from issued import shared  # noqa: F401
from translating import ask, translation

OPEN = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
ACCEPTS = {OPEN: "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5",
           PLAIN: "Accept: text/plain;version=0.0.4, */*;q=0.1"}


def read(edge, form: str = OPEN, *fields: str) -> dict[str, dict[tuple, float]]:
    """Every sample by name and labels, by the form's own parser."""
    answer = edge.ask(request("GET", "/metrics", None, ACCEPTS[form], *fields))
    assert (answer.status, answer.get("content-type")) == (200, form), answer
    text = answer.body.decode()
    assert text.endswith("# EOF\n") == (form == OPEN)
    found: dict[str, dict[tuple, float]] = {}
    for family in (parse_open if form == OPEN else parse_plain)(text):
        for sample in family.samples:
            labels = tuple(sorted(sample.labels.items()))
            assert labels not in found.setdefault(sample.name, {}), f"{sample} stands twice"
            found[sample.name][labels] = sample.value
    return found


def sample(found, name: str, /, **labels: str) -> float:
    return found[name].get(tuple(sorted(labels.items())), 0)


def promtool(*arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["promtool", *arguments], input=stdin, capture_output=True, check=False, timeout=LONG)
    assert done.returncode == 0, done.stdout + done.stderr
    return (done.stdout + done.stderr).decode()


@pytest.fixture
def busy(edges, upstreams, shared):
    """An edge that has served one of each kind."""
    upstream = upstreams()
    edge = edges(translation(upstream, "openai", models={"odd \"name\\": "main/gpt-4o"}), env=shared)
    key = keyring.Keyring(edge.state).issue(rpm=1)
    edge.ask(ask("openai"))
    edge.ask(ask("openai", "hello", True, stream_options={"include_usage": True}))
    edge.ask(ask("anthropic", "hello", False, "edge-model", key.bearer, top_k=5))
    edge.ask(ask("anthropic", "hello", False, "edge-model", key.bearer))
    edge.ask(ask("openai", "hello", False, "odd \"name\\"))
    edge.ask(ask("openai", "hello", False, "invented by a caller"))
    edge.ask(request("GET", "/v1/models"))
    edge.ask(request("GET", "/health"))
    upstream.script(scripts.cut())
    edge.ask(ask("openai"))
    edge.records(9)
    proc.wait_until(lambda: not edge.handlers(), "that the last handler leaves")
    return edge


@pytest.mark.parametrize("form", ACCEPTS)
def test_what_is_counted(busy, form):
    found = read(busy, form)
    requests = "edgefilter_requests_total"
    chat_ = {"endpoint": "chat", "client": "openai", "upstream": "main"}
    assert sample(found, requests, **chat_, model="edge-model", status="200") == 2
    assert sample(found, requests, **chat_, model="edge-model", status="502") == 1
    assert sample(found, requests, **chat_, model="odd \"name\\", status="200") == 1
    told = {"endpoint": "messages", "client": "anthropic"}
    assert sample(found, requests, **told, upstream="main", model="edge-model", status="200") == 1
    assert sample(found, requests, **told, upstream="none", model="none", status="429") == 1
    assert sum(found[requests].values()) == 9
    assert "invented" not in repr(found), "a caller's words are no label"
    tokens = {"upstream": "main", "model": "edge-model"}
    assert sample(found, "edgefilter_tokens_total", **tokens, type="input") == 27
    assert sample(found, "edgefilter_tokens_total", **tokens, type="output") == 9
    assert sample(found, "edgefilter_tokens_total", **tokens, type="cached") == 12
    assert sample(found, "edgefilter_tokens_total", **tokens, type="reasoning") == 3
    assert sample(found, "edgefilter_rate_limited_total", limit="key_requests") == 1
    assert sample(found, "edgefilter_failures_total", code="224", name="keyRequests") == 1
    assert sample(found, "edgefilter_losses_total", feature="top_k") == 1
    assert sample(found, "edgefilter_log_write_failures_total") == 0
    for name in ("edgefilter_request_duration_seconds", "edgefilter_time_to_first_byte_seconds"):
        assert sample(found, f"{name}_count", endpoint="chat") == 5
        assert sample(found, f"{name}_bucket", endpoint="chat", le="+Inf") == 5
    assert sample(found, "edgefilter_connections_active") == 1, "the one that asks"
    assert sample(found, "edgefilter_connections_total") == 10
    assert len(found["edgefilter_build_info"]) == 1


def test_promtool_agrees(busy):
    """It reads the older form only; of the newer one its own parser speaks, in `read`."""
    answer = busy.ask(request("GET", "/metrics", None, ACCEPTS[PLAIN]))
    assert answer.get("content-type") == PLAIN and answer.body.count(b"\n") > 50
    assert promtool("check", "metrics", stdin=answer.body) == ""


@pytest.mark.parametrize("way", ["listen", "inetd"])
def test_a_page_for_all_forms(edges, upstream, shared, way):
    """What one process counted, all tell."""
    edge = edges(configuration(upstream), way, env=shared)
    edge.ask(chat("gpt-4"))
    edge.records(1)
    other = edges(configuration(upstream), "listen" if way == "inetd" else "inetd", env=shared)
    other.ask(chat("gpt-4"))
    other.records(1)
    found = read(other)
    labels = {"endpoint": "chat", "client": "openai", "upstream": "main", "model": "gpt-4", "status": "200"}
    assert sample(found, "edgefilter_requests_total", **labels) == 2


def test_who_may_read_it(edges, upstream, shared):
    secret = "admin-key-for-a-test-4711"
    admin = hashlib.sha256(secret.encode()).hexdigest()
    for callers, keyless in ((None, 200), ("open", 200), ("issued", 401), ("upstream", 401)):
        config = configuration(upstream, admin={"key": admin}, **({"callers": callers} if callers else {}))
        edge = edges(config, env=shared)
        key = keyring.Keyring(edge.state).issue()
        ask_ = lambda *fields: edge.ask(request("GET", "/metrics", None, *fields)).status  # noqa: E731, B023
        assert ask_() == keyless
        assert ask_(f"Authorization: Bearer {secret}") == 200
        assert ask_(key.bearer) == 401
        if keyless == 401:
            assert ask_(f"Authorization: Bearer {api.CALLER_KEY}") == 401
            assert ask_(f"x-api-key: {secret}x") == 401
        if callers is None:
            assert ask_("X-Forwarded-For: 10.1.1.1") == 401
            assert ask_("Origin: https://evil.example") == 403
    assert edge.ask(request("POST", "/metrics", b"", f"x-api-key: {secret}")).status == 405
    assert upstream.exchanges == []


def test_what_was_killed_is_counted(edges, upstream, shared):
    edge = edges(configuration(upstream), env=shared)
    gate = upstream.gate()
    upstream.script(scripts.hold(gate))
    client = edge.dial()
    client.send(chat("gpt-4"))
    upstream.heard()
    os.kill(edge.handler(client), signal.SIGKILL)
    edge.records(1)
    found = read(edge)
    assert sample(found, "edgefilter_handlers_died_total", how="killed") == 1
    labels = {"endpoint": "chat", "client": "openai", "upstream": "main", "model": "gpt-4", "status": "none"}
    assert sample(found, "edgefilter_requests_total", **labels) == 1


def test_records_that_cannot_be_written_are_counted(edges, upstream, shared):
    edge = edges(configuration(upstream), env=shared)
    edge.ask(chat("gpt-4"))
    edge.records(1)
    file, = edge.state.glob("requests-*")
    kept = file.read_bytes()
    file.unlink()
    file.mkdir()
    assert edge.ask(chat("gpt-4")).status == 200, "served on all the same"
    edge.wait_stderr("A request record is lost")
    file.rmdir()
    file.write_bytes(kept)
    assert sample(read(edge), "edgefilter_log_write_failures_total") == 1


def test_counting_outlives_a_reload(edges, upstream, shared):
    for env in (shared, {"RUNTIME_DIRECTORY": ""}):
        edge = edges(configuration(upstream), env=env)
        before = read(edge)["edgefilter_connections_total"][()]
        os.kill(edge.pid, signal.SIGHUP)
        proc.wait_until(lambda: sum("listens on" in line for line in edge.stderr) == 2, "the reload")  # noqa: B023
        assert read(edge)["edgefilter_connections_total"][()] == before + 1


CONTRIB = Path(__file__).resolve().parents[2] / "contrib"
RULES = CONTRIB / "prometheus"


def test_alert_rules():
    assert "SUCCESS" in promtool("check", "rules", str(RULES / "edgefilter.rules.yml"))
    assert "SUCCESS" in promtool("test", "rules", str(RULES / "edgefilter.test.yml"))
    assert "SUCCESS" in promtool("check", "config", "--syntax-only", str(RULES / "scrape.yml"))


def expressions() -> list[str]:
    """Every query of the dashboard and of the alerts."""
    board = json.loads((CONTRIB / "grafana" / "edgefilter.json").read_text())
    rules = (RULES / "edgefilter.rules.yml").read_text()
    return [target["expr"] for panel in board["panels"] for target in panel["targets"]] + [rules]


def test_what_is_shown_is_there(busy):
    """The dashboard and the alerts ask for nothing that is not told."""
    found = read(busy, PLAIN)
    pattern = re.compile(r"edgefilter_(?:[a-z_]+(?:_total|_bucket|_info|_active)|spares)\b")
    asked = {name for text in expressions() for name in pattern.findall(text)}
    assert asked - set(found) - {"edgefilter_handlers_died_total"} == set()
    queries = [text.replace("$__rate_interval", "5m").replace("$__range", "5m") for text in expressions()[:-1]]
    rules = [{"record": f"panel:{number}", "expr": query} for number, query in enumerate(queries)]
    promtool("check", "rules", "/dev/stdin", stdin=json.dumps({"groups": [{"name": "a", "rules": rules}]}).encode())
