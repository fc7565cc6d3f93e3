# SPDX-License-Identifier: MIT
"""Mistakes that operators and callers make on the first day, and whether what they read says what to do."""

import json
import re
import socket
import ssl
import threading

import pytest

import api
import edge as starting
import profiles
from client import chat, request
from edge import configuration, free_port, run

MARK = "\ufeff"


def complaint(tmp_path, text: str, *arguments: str, name: str = "edgefilter.yaml") -> str:
    """What is said of a file that is refused."""
    file = tmp_path / name
    file.write_text(text)
    done = run("--env" if name.endswith("env") else "-c", str(file), *(arguments or ["check"]))
    assert done.returncode == 102, done
    return done.stderr.decode().removeprefix(f"{tmp_path}/")


def effective(tmp_path, text: str, name: str = "edgefilter.yaml") -> str:
    file = tmp_path / name
    file.write_text(text)
    done = run("--env" if name.endswith("env") else "-c", str(file), "check")
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


@pytest.mark.parametrize("dialect, told, meant", [
    ("openai", "https://api.example/v1/chat/completions", "https://api.example/v1"),
    ("openai", "https://api.example/v1/completions/", "https://api.example/v1"),
    ("responses", "https://api.example/v1/responses", "https://api.example/v1"),
    ("anthropic", "https://api.example/v1/messages", "https://api.example/v1"),
    ("anthropic", "https://api.example/anthropic/v1/messages", "https://api.example/anthropic/v1"),
    ("openai", "https://x.services.ai.example/models", "https://x.services.ai.example/models"),
    ("dashscope", "https://api.example/compatible-mode/v1/chat/completions", "https://api.example/api/v1"),
    ("dashscope", "https://api.example/api/v1/services/aigc/text-generation/generation", "https://api.example/api/v1"),
])
def test_the_address_of_an_endpoint_is_a_base(tmp_path, dialect, told, meant):
    said = effective(tmp_path, json.dumps({"upstreams": {"a": {"dialect": dialect, "base_url": told, "key": "caller"}}}))
    assert f'base_url: "{meant}"' in said


def test_relay_bartenders_base_may_be_an_endpoint(tmp_path):
    said = effective(tmp_path, "backend: {base_url: 'https://api.example/v1/chat/completions'}\n")
    assert 'base_url: "https://api.example/v1"' in said


@pytest.mark.parametrize("key, hint", [
    ("$OPENAI_API_KEY", "${env:NAME} in a configuration file"), ("${OPENAI_API_KEY}", "did you mean ${env:OPENAI_API_KEY}?"),
])
def test_a_variable_is_no_key(tmp_path, key, hint):
    said = complaint(tmp_path, f"upstreams:\n  a: {{ base_url: 'https://x.example', key: '{key}' }}\n")
    assert said.startswith("edgefilter.yaml:2:44: ") and hint in said


def test_a_variable_is_no_key_in_variables_either(tmp_path):
    said = complaint(tmp_path, "OPENAI_API_KEY=${SECRET}\n", name="of.env")
    assert said.startswith("of.env:1:1: ") and "${env:NAME} in a configuration file" in said


def test_a_credential_that_is_nowhere(tmp_path):
    said = complaint(tmp_path, "upstreams:\n  a: { key: '${credential:of-nobody}' }\n")
    assert "$CREDENTIALS_DIRECTORY is not set" in said
    assert "/etc/credstore/edgefilter.of-nobody, /etc/edgefilter/credentials/of-nobody" in said


@pytest.mark.parametrize("text, place, hint", [
    ("upstreams:\n\ta: x\n", "2:1", "spaces, not tabs"), ("models:\n  *: a\n", "2:4", '"*"'),
    ("upstreams:\n  a: x\n   b: y\n", "3:5", "indentation"),
])
def test_what_is_no_yaml_comes_with_a_hint(tmp_path, text, place, hint):
    said = complaint(tmp_path, text)
    assert said.startswith(f"edgefilter.yaml:{place}: not YAML: ") and hint in said


@pytest.mark.parametrize("flag", [["-p", "99999"], ["--port", "x"]])
def test_a_flag_is_told_by_its_name(tmp_path, flag):
    assert complaint(tmp_path, "backend: {}\n", *flag, "check").startswith("--port: expected a number")


def test_plain_http_on_this_machine_is_no_warning(tmp_path):
    assert "in clear" not in effective(tmp_path, "backend: {base_url: 'http://127.0.0.1:9'}\n")
    assert "in clear" in effective(tmp_path, "backend: {base_url: 'http://x.example'}\n")


def test_a_mark_before_variables(tmp_path):
    """As editors on Windows write files."""
    said = effective(tmp_path, f"{MARK}OPENAI_BASE_URL=https://x.example/v1\r\nPROXY_PORT=9000\r\n", name="of.env")
    assert 'base_url: "https://x.example/v1"' in said and "localhost:9000" in said


def test_a_variable_almost_named(tmp_path):
    said = effective(tmp_path, "DB_HOST=x\nOPENAI_BASEURL=https://x.example/v1\n", name="of.env")
    told = f'# {tmp_path}/of.env:2:1: "OPENAI_BASEURL" is no variable that counts here: did you mean OPENAI_BASE_URL?\n'
    assert told in said and "DB_HOST" not in said


@pytest.mark.parametrize("host", ["ws://127.0.0.1", "127.0.0.1/engine"])
def test_an_engine_is_a_host(tmp_path, host):
    said = complaint(tmp_path, f"CYBER_ENGINE_HOST={host}\n", name="of.env")
    assert said.startswith("of.env:1:1: expected a host alone") and len(said.splitlines()) == 1


def test_a_sample_of_a_cookie(tmp_path):
    text = profiles.original("anuneko-openai").read_text().replace("your_token_here", profiles.KEY)
    said = effective(tmp_path, text, name="of.env")
    assert re.search(r"^# .*of\.env:3:1: the value of Cookie is a sample: put the real one, or leave it out$", said, re.M)


@pytest.mark.parametrize("words, said", [
    (["check", "it"], "check takes no word such as 'it'"),
    (["usage", "today"], "usage takes no word such as 'today'"),
    (["listne"], "unknown command listne: did you mean listen?"),
    (["check", "--conect"], "unknown option --conect: did you mean --connect?"),
])
def test_words_that_nobody_takes(words, said):
    done = run(*words)
    assert (done.returncode, done.stdout) == (100, b"")
    assert done.stderr.decode() == f"edgefilter: {said}; see edgefilter --help\n"


@pytest.mark.parametrize("flags, said", [
    (["--from", "open-ai", "--to", "openai"], "nobody calls in the dialect 'open-ai'; known: openai, anthropic, responses"),
    (["--from", "openai", "--to", "claude"], "no provider has the dialect 'claude'; known: openai, anthropic, responses, ")])
@pytest.mark.parametrize("tool", ["translate", "dialects"])
def test_dialects_that_are_none(tool, flags, said):
    done = run(tool, *flags)
    assert done.returncode == 100
    assert said in done.stderr.decode()


@pytest.mark.parametrize("address, status, hint", [
    ("here", 100, "expected an address such as 127.0.0.1:8000"), ("8000", 100, "expected an address such as"),
    ("127.0.0.1:99999", 100, "expected an address such as"), ("192.0.2.1:8000", 111, "this machine has no such address"),
    ("/nowhere/of/ours/s", 111, "the folder is not there"),
])
def test_addresses_that_cannot_be(address, status, hint):
    done = run("listen", address)
    assert done.returncode == status
    assert re.search(rf"^edgefilter: .*{re.escape(address)}: .*: {hint}", done.stderr.decode(), re.M), done.stderr


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = run("listen", address)
    assert done.returncode == 111
    assert f"bind {address}: Address already in use: another program listens there" in done.stderr.decode()


def test_a_start_is_seen_wherever_the_log_goes(edges, tmp_path):
    log = tmp_path / "logs/edge.log"
    edge = edges({"log": {"file": str(log)}})
    edge.wait_stderr(rf"edgefilter \S+ listens on 127\.0\.0\.1:{edge.port}\. Its log is {log}\.$")
    assert any("the embedded echo answers" in line for line in edge.stderr)
    assert "listens on" in log.read_text()
    edge.ask(request("GET", "/health"))
    assert not any("Request" in line for line in edge.stderr)


@pytest.mark.parametrize("callers, hint", [("issued", "keys issue"), ("upstream", "its provider's own key")])
def test_who_is_served_is_told_as_it_is(edges, upstream, callers, hint):
    edge = edges(configuration(upstream, callers=callers))
    answer = edge.ask(chat("gpt-4"))
    assert (answer.status, answer.error["code"]) == (401, "missing_api_key")
    assert hint in answer.error["message"] and "own machine" not in answer.error["message"]
    other = edge.ask(chat("gpt-4", "x", f"Authorization: {api.CALLER_KEY}"))
    assert (other.status, other.error["code"]) == (401, "missing_api_key")
    assert "another form" in other.error["message"]


def test_a_key_that_was_not_issued_is_told_who_issues(edges, upstream):
    answer = edges(configuration(upstream, callers="issued")).ask(chat("gpt-4", "x", f"x-api-key: {api.CALLER_KEY}"))
    assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
    assert "keys issue" in answer.error["message"] and "callers: open" not in answer.error["message"]


BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def test_a_browser_is_told_in_a_page_how_to_administer(edge):
    """A page that is nothing but text; programs go on hearing JSON."""
    told = edge.ask(request("GET", "/admin", None, BROWSER))
    assert (told.status, told.get("content-type"), told.get("x-edgefilter-code")) == (401, "text/html; charset=utf-8", "227")
    assert "--admin localhost:8001" in told.body.decode() and b"<script" not in told.body
    policy = told.get("content-security-policy")
    assert policy.startswith("default-src 'none'; style-src 'sha256-") and "script-src" not in policy
    assert (told.get("cache-control"), told.get("x-content-type-options")) == ("no-store", "nosniff")
    for accept in ("Accept: */*", "Accept: application/json, text/html;q=0.5", "X-Nothing: 1"):
        plain = edge.ask(request("GET", "/admin", None, accept))
        assert (plain.status, plain.error["code"]) == (401, "admin_only"), accept
    assert edge.ask(request("GET", "/admin/users", None, BROWSER)).error["code"] == "admin_only", "no page was asked for"
    assert [record["code"] for record in edge.records(5)] == [227] * 5


def test_no_admin_key_can_be_wrong_where_there_is_none(edge):
    answer = edge.ask(request("GET", "/usage/api-key/1", None, f"Authorization: Bearer {api.CALLER_KEY}"))
    assert (answer.status, answer.error["code"]) == (401, "admin_only")
    assert "--admin localhost:8001" in answer.error["message"]


@pytest.mark.parametrize("body, said", [(b"", "is empty"), (f'{MARK}{{"model":"gpt-4"}}'.encode(), "byte order mark")])
def test_bodies_that_are_no_object(edge, upstream, body, said):
    answer = edge.ask(request("POST", "/v1/chat/completions", body, "Content-Type: application/json"))
    assert (answer.status, answer.error["code"]) == (400, "invalid_json")
    assert said in answer.error["message"]
    assert upstream.exchanges == []


def test_one_endpoint_is_summed_up_once(edge):
    """Whatever a client's base URL ended in."""
    for path in ["/v1/messages", "/v1/v1/messages", "/v1/messages/"]:
        told = edge.ask(request("POST", path, {"model": "gpt-4", "max_tokens": 9,
                                               "messages": [{"role": "user", "content": "x"}]}))
        assert told.status == 200
    assert [record["endpoint"] for record in edge.records(3)] == ["/v1/messages"] * 3
    edge.wait_stderr("Path: /v1/v1/messages,")


def test_no_key_is_sent_and_one_is_wanted(tmp_path, upstream):
    upstream.expects_proxy = False
    file = tmp_path / "edgefilter.yaml"
    file.write_text(json.dumps(configuration(upstream, upstream_key="none")))
    done = run("-c", str(file), "check", "--connect")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (111, b"  key: none is sent, and one is wanted (401)")


@pytest.mark.parametrize("scheme, answer, said", [
    ("https", b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n", "no TLS handshake: is https spoken there?"),
    ("http", b"", "closed without an answer: is http spoken there, or https?")])
def test_the_wrong_scheme(tmp_path, scheme, answer, said):
    """One that speaks HTTP refuses what is no request, one that speaks TLS hangs up on a request."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_once, args=[server, answer], daemon=True).start()
        file = tmp_path / "edgefilter.yaml"
        file.write_text(f"upstreams: {{a: {{base_url: '{scheme}://127.0.0.1:{server.getsockname()[1]}', key: none}}}}\n")
        done = run("-c", str(file), "check", "--connect")
    assert done.returncode == 111
    assert done.stdout.decode().splitlines()[-1] == f"  failed: Backend request failed: {said}."


def answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(65536)
        connection.sendall(answer)


def test_a_certificate_that_nobody_knows(tmp_path, upstream, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    upstream.secure(context)
    file = tmp_path / "edgefilter.yaml"
    file.write_text(json.dumps({"upstreams": {"a": {"base_url": f"https://{upstream.authority}", "key": "none"}}}))
    done = run("-c", str(file), "check", "--connect")
    assert done.returncode == 111
    assert done.stdout.decode().splitlines()[-1] == \
        "  failed: Backend request failed: the certificate shown there is not trusted here (see SSL_CERT_FILE)."


def test_a_name_that_the_provider_does_not_list(tmp_path, upstream):
    upstream.expects_proxy = False
    file = tmp_path / "edgefilter.yaml"
    file.write_text(json.dumps(configuration(upstream, models={"gpt-4": "main/gpt-44", "good": "main/gpt-4o"})))
    done = run("-c", str(file), "check", "--connect")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == b"  models: not in its list: gpt-44"


@pytest.mark.parametrize("dialect, has, lacks", [
    ("openai", "* /v1/*", "POST /v1/embeddings"), ("dashscope", "POST /v1/embeddings", "* /v1/*"), ("cyber", "", "* /v1/*"),
])
def test_the_welcome_names_what_is_there(edges, dialect, has, lacks):
    scheme = "ws" if dialect == "cyber" else "http"
    address = {"dialect": dialect, "base_url": f"{scheme}://127.0.0.1:{free_port()}", "key": starting.SECRETS[0]}
    told = edges({"upstreams": {"main": address}}).ask(request("GET", "/")).json["endpoints"]
    assert "POST /v1/messages/count_tokens" in told and "GET /usage/me" in told
    assert (not has or has in told) and lacks not in told
