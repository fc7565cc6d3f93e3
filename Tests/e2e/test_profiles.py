# SPDX-License-Identifier: MIT
"""Each system by its own file: what `check` makes of it, and the pages and words that its callers knew."""

import json
import re
import time

import pytest
import yaml

import api
import edge as starting
import neko
import profiles
import scripts
from client import chat, request

TAKEN = {"cyber-openai": "CYBER_ENGINE_HOST", "dashscope-gateway": "DASHSCOPE_BASE_URL",
         "anuneko-openai": "ANUNEKO_TOKEN", "infiniproxy": "OPENAI_BASE_URL"}
ALONE = {"cyber-openai": {"CYBER_ENGINE_HOST": "127.0.0.1"},
         "dashscope-gateway": {"DASHSCOPE_BASE_URL": "https://dashscope.example"},
         "anuneko-openai": {"ANUNEKO_TOKEN": profiles.KEY}, "infiniproxy": {"OPENAI_API_KEY": profiles.KEY}}
LISTENS = {"cyber-openai": "0.0.0.0:8000", "dashscope-gateway": "0.0.0.0:8000", "anuneko-openai": "0.0.0.0:8000",
           "relay-bartender": "0.0.0.0:8080", "infiniproxy": "localhost:8000"}


@pytest.mark.parametrize("name", profiles.NAMES)
def test_its_own_file_and_ours_come_to_the_same(tmp_path, name):
    own = profiles.check_original(profiles.filled(profiles.original(name), tmp_path))
    ours = starting.run("-c", str(profiles.FOLDER / name / "edgefilter.yaml"), "check",
                        env=profiles.credentials(tmp_path))
    for done in (own, ours):
        assert (done.returncode, done.stderr) == (0, b"")
        said = done.stdout.decode()
        assert f"\nprofile: {name}  # standing in for {profiles.NAMES[name]}\n" in f"\n{said}"
        assert LISTENS[name] in said
        assert profiles.KEY not in said
    assert profiles.meaning(own.stdout.decode()) == profiles.meaning(ours.stdout.decode())


@pytest.mark.parametrize("name", TAKEN)
def test_variables_of_the_process_are_as_good(tmp_path, name):
    file = profiles.filled(profiles.original(name), tmp_path)
    done = starting.run("check", env=profiles.variables(file))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == profiles.check_original(file).stdout
    taken = re.search(r"^# taken from the environment: (.*)$", done.stdout.decode(), re.M)
    assert taken and TAKEN[name] in taken[1].split(", ")


@pytest.mark.parametrize("name", ALONE)
def test_one_variable_is_enough(name):
    done = starting.run("check", env=ALONE[name])
    assert (done.returncode, done.stderr) == (0, b"")
    assert f"profile: {name}  # standing in for" in done.stdout.decode()


@pytest.mark.parametrize("name", ["cyber-openai", "anuneko-openai", "infiniproxy", "relay-bartender"])
def test_a_sample_is_no_key(name):
    done = profiles.check_original(profiles.original(name))
    assert done.returncode == 102
    assert "the key is a sample, put the real one" in done.stderr.decode()


@pytest.mark.parametrize("one, other", [("infiniproxy", "dashscope-gateway"), ("cyber-openai", "anuneko-openai"),
                                        ("anuneko-openai", "infiniproxy")])
def test_two_families_are_told_by_name(one, other):
    done = starting.run("check", env=ALONE[one] | ALONE[other])
    assert done.returncode == 102
    complaint = done.stderr.decode()
    assert "more than one upstream is named" in complaint
    assert all(variable in complaint for variable in ALONE[one] | ALONE[other])


@pytest.mark.parametrize("is_own", [True, False])
@pytest.mark.parametrize("name", profiles.NAMES)
def test_each_file_serves(edges, tmp_path, name, is_own):
    """As it stands, but for the port, and for where a log of its own goes."""
    port, env = starting.free_port(), profiles.credentials(tmp_path)
    source = profiles.original(name) if is_own else profiles.FOLDER / name / "edgefilter.yaml"
    file = profiles.filled(source, tmp_path)
    text = re.sub(r"\b80[08]0\b", str(port), file.read_text()).replace("logs/api.log", str(tmp_path / "logs/api.log"))
    flag = "-c" if file.suffix == ".yaml" else "--env"
    if str(port) not in text:
        text += f"PORT={port}\n"
    edge = edges(text, "configured" if flag == "-c" else "environment", port=port, env=env)
    page = edge.ask(request("GET", "/")).json
    assert page["stands_in_for"] == profiles.NAMES[name]
    assert sorted(edge.ask(request("GET", "/health")).json) == HEALTH[name]
    assert (tmp_path / "logs/api.log").exists() == (name == "cyber-openai")


def test_the_composed_pair(tmp_path):
    """compose.yaml by its own words: its command is one that edgefilter takes, its files are there."""
    folder = profiles.FOLDER / "dashscope-gateway"
    services = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    flags, (verb, address) = services["edgefilter"]["command"][:-2], services["edgefilter"]["command"][-2:]
    assert (verb, address) == ("listen", "127.0.0.1:8000")
    assert address in (folder / "nginx.conf").read_text()
    assert services["nginx"]["network_mode"] == "service:edgefilter"
    here = [word.replace("/etc/edgefilter", str(folder)) for word in flags]
    done = starting.run(*here, "check")
    assert (done.returncode, done.stderr) == (0, b"")
    assert "trusted_proxies: [127.0.0.1]" in done.stdout.decode().replace('"', "")


def echo(name: str, **settings) -> dict:
    return {"profile": name, "upstreams": {"echo": {"dialect": "echo"}}, **settings}


HEALTH = {"cyber-openai": ["service", "status", "timestamp", "version"],
          "dashscope-gateway": ["service", "status", "timestamp"], "anuneko-openai": ["status", "timestamp", "version"],
          "relay-bartender": ["service", "status"], "infiniproxy": ["service", "status", "timestamp", "version"]}
SERVICES = {"dashscope-gateway": "DashScope to OpenAI API Gateway", "relay-bartender": "relay-bartender"}


@pytest.mark.parametrize("path", ["/health", "/health/"])
@pytest.mark.parametrize("name", HEALTH)
def test_health(edges, name, path):
    answer = edges(echo(name)).ask(request("GET", path))
    assert (answer.status, answer.get("content-type")) == (200, "application/json")
    assert sorted(answer.json) == HEALTH[name]
    assert answer.json["status"] == ("ok" if name == "relay-bartender" else "healthy")
    if "service" in answer.json:
        assert answer.json["service"] == SERVICES.get(name, "edgefilter")
    told = answer.json.get("timestamp")
    if name == "anuneko-openai":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}", told)
        assert answer.json["version"] == "1.0.0"
    elif told is not None:
        assert abs(told - time.time()) < 60


@pytest.mark.parametrize("name", profiles.NAMES)
def test_welcome(edges, name):
    page = edges(echo(name)).ask(request("GET", "/")).json
    assert page["name"] == "edgefilter" and page["version"] and page["message"]
    assert page["stands_in_for"] == profiles.NAMES[name]
    assert "POST /v1/chat/completions" in page["endpoints"]
    assert "openai" in page["dialects"]
    if name == "dashscope-gateway":
        assert page["usage"] == {"endpoint": "/v1/chat/completions", "method": "POST",
                                 "auth": "Bearer YOUR_DASHSCOPE_API_KEY", "model": "farui-plus"}
    if name == "anuneko-openai":
        assert "DELETE /sessions/{id}" in page["endpoints"]


INFINI = {(): "Missing API key. Include 'Authorization: Bearer <your-api-key>' header.",
          ("Authorization: Basic YTpi",): "Invalid authorization header format. Use 'Bearer <api-key>'",
          (f"Authorization: Bearer {api.CALLER_KEY}",): "Invalid or inactive API key",
          (f"x-api-key: {api.CALLER_KEY}",): "Invalid or inactive API key"}


@pytest.mark.parametrize("lines", INFINI)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages"])
def test_infiniproxys_401(edges, upstream, path, lines):
    edge = edges(starting.configuration(upstream, profile="infiniproxy", callers="issued"))
    answer = edge.ask(request("POST", path, {"model": "gpt-4", "max_tokens": 9, "messages": []}, *lines))
    assert answer.status == 401
    assert answer.json["error"]["message"] == INFINI[lines]
    assert answer.json.get("type") == ("error" if path == "/v1/messages" else None)


DASHSCOPE = {(): "missing_authorization", ("Authorization: Bearer short",): "invalid_api_key",
             ("Authorization: Basic YTpi",): "invalid_authorization_format"}


@pytest.mark.parametrize("lines", DASHSCOPE)
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/models"])
def test_the_dashscope_gateways_401(edges, upstream, path, lines):
    edge = edges(starting.configuration(upstream, profile="dashscope-gateway", upstream_key="caller"))
    method, body = ("GET", None) if path.endswith("models") else ("POST", {"model": "gpt-4", "messages": []})
    answer = edge.ask(request(method, path, body, *lines))
    assert (answer.status, answer.error["type"], answer.error["code"]) == \
        (401, "authentication_error", DASHSCOPE[lines])
    assert upstream.exchanges == []
    assert edge.ask(request("GET", "/health")).status == 200


ANUNEKO = {b"": "请求体不能为空", b'{"model":"m","messages":[]}': "messages 不能为空", b'{"model":"m"}': "messages 不能为空",
           b'{"model":"m","messages":[{"role":"system","content":"x"}]}': "未找到用户消息"}


@pytest.mark.parametrize("body", ANUNEKO)
def test_anunekos_texts(edges, upstreams, tmp_path, body):
    """Those of its sessions are in test_anuneko.py."""
    edge = neko.start(edges, upstreams, tmp_path).edge
    answer = edge.ask(request("POST", "/v1/chat/completions", body, "Content-Type: application/json"))
    assert (answer.status, answer.error["type"], answer.error["message"]) == \
        (400, "invalid_request_error", ANUNEKO[body])
    told = edge.ask(request("POST", "/v1/messages", body.replace(b'{"', b'{"max_tokens":9,"', 1)))
    assert (told.status, told.json["error"]["message"]) == (400, ANUNEKO[body])
    missing = edge.ask(request("POST", "/v1/nowhere", b"{}"))
    assert (missing.status, missing.error["type"], missing.error["message"]) == \
        (404, "invalid_request_error", "端点不存在")


def test_errors_have_the_gateways_types(edges, upstream):
    nobody = f"http://127.0.0.1:{starting.free_port()}/v1"
    edge = edges(starting.configuration(upstream, profile="dashscope-gateway", upstream_key="caller",
                                        upstream_base_url=nobody))
    answer = edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {api.CALLER_KEY}"))
    assert (answer.status, answer.error["type"]) == (502, "dashscope_error")


def test_a_stream_that_breaks_has_the_gateways_type(edges, upstream):
    upstream.script(scripts.stream(["never", "to", "end"], ending="cut"))
    edge = edges(starting.configuration(upstream, profile="dashscope-gateway", upstream_key="caller"))
    *_, event, end = edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {api.CALLER_KEY}", stream=True)).events
    assert (json.loads(event)["error"]["type"], end) == ("dashscope_error", "[DONE]")


def test_a_profile_changes_nothing_else(edges, upstream):
    # Neither the body of what passes as it is: the default model of a system is no model of another's.
    nameless = edges(starting.configuration(upstream, profile="dashscope-gateway", upstream_key="caller"))
    body = {"messages": [{"role": "user", "content": "x"}]}
    answer = nameless.ask(request("POST", "/v1/chat/completions", body, f"Authorization: Bearer {api.CALLER_KEY}"))
    assert answer.status == 400
    assert all(b"farui" not in heard.body for heard in upstream.requests)
    plain, dressed = (edges(starting.configuration(upstream, **more)) for more in ({}, {"profile": "infiniproxy"}))
    assert plain.ask(chat("gpt-4")).json == dressed.ask(chat("gpt-4")).json
    assert json.loads(plain.ask(request("GET", "/")).body)["message"].startswith("LLM API gateway")
