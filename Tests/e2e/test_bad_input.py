# SPDX-License-Identifier: MIT
"""Bad input: a correct status, a useful message, a close where it must be, one record."""

import gzip

import pytest

import api
import proc
import scripts
from client import chat, request
from edge import configuration

PATH = "/v1/chat/completions"
JSON = "Content-Type: application/json"
LIMITS = {"body": "64KiB"}
GET = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
POST = request("POST", PATH, None, JSON)[:-2]
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def counted(value: bytes) -> bytes:
    return POST + b"Content-Length: " + value + b"\r\n\r\n" + b'{"model":"gpt-4"}'


# Bytes after which nobody knows where the next request begins: answered and closed.
BROKEN = {
    "head too large": (GET + b"X: " + b"x" * 40_000 + b"\r\n\r\n", 431),
    "head without end": (GET + b"X-Y: z\r\n" * 6000, 431),
    "too many fields": (GET + b"".join(b"X-%d: y\r\n" % n for n in range(120)) + b"\r\n", 431),
    "target too long": (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    "words": (b"hello there\r\n\r\n", 400),
    "two spaces": (b"GET  /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "bare LF": (b"GET /health HTTP/1.1\nHost: x\n\n", 400),
    "bare CR": (GET + b"X: a\rb\r\n\r\n", 400),
    "NUL in a field": (GET + b"X: a\0b\r\n\r\n", 400),
    "space before the colon": (GET + b"X : a\r\n\r\n", 400),
    "folded field": (GET + b"X: a\r\n b\r\n\r\n", 400),
    "no host": (b"GET /health HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: y\r\n\r\n", 400),
    "userinfo in the target": (b"GET http://u@x/health HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "version 2": (b"GET /health HTTP/2.0\r\nHost: localhost\r\n\r\n", 505),
    "version of letters": (b"GET /health HTTP/a.b\r\nHost: localhost\r\n\r\n", 400),
    "unknown expectation": (GET + b"Expect: tea\r\n\r\n", 417),
    "length of letters": (counted(b"ten"), 400),
    "length with a sign": (counted(b"+17"), 400),
    "negative length": (counted(b"-1"), 400),
    "length as a list": (counted(b"17, 17"), 400),
    "length overflows": (counted(b"99999999999999999999"), 400),
    "two lengths": (POST + b"Content-Length: 17\r\n" + counted(b"18")[len(POST):], 400),
    "length and coding": (CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n", 400),
    "unknown coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "coding twice": (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400),
    "coding in 1.0": (CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n", 400),
    "body too large": (counted(b"65537"), 413),
    "chunked body too large": (CHUNKED + b"8000\r\n" + b" " * 32768 + b"\r\n8001\r\n"
                               + b" " * 32769 + b"\r\n0\r\n\r\n", 413),
    "chunk size of letters": (CHUNKED + b"xyz\r\n", 400),
    "chunk size overflows": (CHUNKED + b"fffffffffffffffff\r\n", 400),
    "chunk longer than its size": (CHUNKED + b"2\r\nabc\r\n0\r\n\r\n", 400),
    "chunk extension without end": (CHUNKED + b"2;" + b"x" * 5000, 400),
}

# Requests that end where they should: answered, then kept alive or closed with an announcement.
WRONG = {
    "no JSON": (request("POST", PATH, b"{", JSON), 400),
    "JSON and more": (request("POST", PATH, b'{"model":"gpt-4"} x', JSON), 400),
    "a trailing comma": (request("POST", PATH, b'{"model":"gpt-4",}', JSON), 400),
    "not UTF-8": (request("POST", PATH, b'{"model":"gpt-4","user":"\xff"}', JSON), 400),
    "too deep": (request("POST", PATH, b'{"model":"gpt-4","x":' + b"[" * 3000, JSON), 400),
    "an array": (request("POST", PATH, b"[]", JSON), 400),
    "an empty body": (request("POST", PATH, b"", JSON), 400),
    "model a number": (request("POST", PATH, {"model": 5, "messages": []}), 400),
    "model null": (request("POST", PATH, {"model": None, "messages": []}), 400),
    "no messages": (request("POST", PATH, {"model": "gpt-4"}), 400),
    "messages a number": (request("POST", PATH, {"model": "gpt-4", "messages": 5}), 400),
    "gzip that is none": (request("POST", PATH, b"{}", JSON, "Content-Encoding: gzip"), 400),
    "unknown endpoint": (request("POST", "/v1/nonsense", {"model": "gpt-4"}), 404),
    "unknown endpoint, GET": (request("GET", "/v1/nonsense"), 404),
    "unknown model": (chat("mystery-7"), 404),
    "wrong method": (request("GET", PATH), 405),
    "not JSON by its type": (request("POST", PATH, b"x", "Content-Type: text/plain"), 400),
}


@pytest.fixture
def edge(edges, upstream):
    return edges(configuration(upstream, limits=LIMITS))


@pytest.mark.parametrize("name", BROKEN)
def test_broken(edge, upstream, name):
    data, status = BROKEN[name]
    client = edge.dial()
    client.send(data)
    answer = client.answer()
    assert (answer.status, answer.closes) == (status, True), answer
    assert answer.error["type"] == "invalid_request_error"
    assert int(answer.get("x-edgefilter-code")) > 0
    assert client.is_closed()
    assert edge.records(1)[0]["status"] == status
    assert all(len(heard.body) < 65537 for heard in upstream.requests)


@pytest.mark.parametrize("name", WRONG)
def test_wrong(edge, name):
    data, status = WRONG[name]
    client = edge.dial()
    answer = client.ask(data)
    assert answer.status == status, answer
    assert answer.error["message"]
    if answer.closes:
        assert client.is_closed()
        client = edge.dial()
    assert client.ask(chat("gpt-4")).status == 200
    assert [record["status"] for record in edge.records(2)] == [status, 200]


@pytest.mark.parametrize("name, setting", [
    ("head too large", "limits.line"), ("too many fields", "limits.fields"), ("body too large", "limits.body"),
    ("head of many lines", "limits.head")])
def test_a_limit_is_named(edge, name, setting):
    """Whoever meets a limit, or runs the gateway, reads where it is set."""
    lines = b"".join(b"X-%d: " % n + b"y" * 2000 + b"\r\n" for n in range(30))
    data = BROKEN.get(name, (GET + lines + b"\r\n",))[0]
    assert f"(operator: see {setting})." in edge.ask(data).error["message"]


def test_wrong_types_name_the_member(edge):
    answer = edge.ask(request("POST", PATH, {"model": 5, "messages": []}))
    assert answer.error["param"] == "model"


@pytest.mark.parametrize("method", ["BREW", "TRACE", "get"])
def test_unknown_method(edge, upstream, method):
    client = edge.dial()
    answer = client.ask(request(method, PATH))
    assert answer.status in (405, 501), answer
    assert answer.error["message"]
    assert edge.records(1)[0]["status"] == answer.status
    assert upstream.exchanges == []


def test_connect(edge, upstream):
    answer = edge.ask(b"CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\n\r\n")
    assert answer.status in (405, 501)
    assert upstream.exchanges == []


@pytest.mark.parametrize("data", [
    counted(b"500"), CHUNKED + b"ff\r\nabc", CHUNKED + b"3\r\nabc", CHUNKED, GET + b"X: y",
    b"GET /he",
], ids=["lying length", "truncated chunk", "truncated between chunks", "no chunk", "half a head",
        "half a line"])
def test_truncated(edge, upstream, data):
    """The caller stops in the middle and ends its side."""
    client = edge.dial()
    client.send(data)
    client.finish_sending()
    answer = client.answer()
    assert (answer.status, answer.closes) == (400, True), answer
    assert answer.error["message"]
    assert client.is_closed()
    edge.records(1)
    assert all(upstream.connection(x).wait_closed() for x in upstream.exchanges)


def test_length_shorter_than_the_body(edge):
    """What is left over is the next request, and a bad one."""
    client = edge.dial()
    client.send(counted(b"16") + b"\r\n\r\n")
    first = client.answer()
    assert first.status == 400
    if not first.closes:
        second = client.answer()
        assert (second.status, second.closes) == (400, True)
    assert client.is_closed()


@pytest.mark.parametrize("method, target, line, status", [
    ("POST", PATH, "Origin: https://evil.example", 403), ("PUT", "/v1/files/f", "Via: 1.1 p", 401),
    ("POST", "/health", "X: y", 405), ("GET", "/health", "X: y", 200),
    ("POST", "/v1/chat/completions", "Expect: tea", 417),
    ("OPTIONS", PATH, "Origin: http://localhost\r\nAccess-Control-Request-Method: POST", 204),
])
@pytest.mark.parametrize("coding", ["counted", "chunked"])
def test_unread_body_is_no_request(edge, coding, method, target, line, status):
    """An answer before the body was read: the body must not be taken for the next request."""
    inner = request("GET", "/smuggled")
    if coding == "counted":
        data = request(method, target, inner, JSON, line)
    else:
        data = request(method, target, None, JSON, line, "Transfer-Encoding: chunked")
        data += b"%x\r\n%b\r\n0\r\n\r\n" % (len(inner), inner)
    client = edge.dial()
    client.send(data)
    answer = client.answer()
    assert answer.status == status
    if answer.closes:
        assert client.is_closed()
        client = edge.dial()
    assert client.ask(request("GET", "/health")).status == 200
    assert [record["status"] for record in edge.records(2)] == [status, 200]


def test_large_body_refused_is_still_answered(edge):
    """Lingering close: the answer is not lost in a reset while the client is still sending."""
    client = edge.dial()
    client.send(request("POST", PATH, None, JSON, "Content-Length: 1000000") + b" " * 60_000)
    answer = client.answer()
    assert (answer.status, answer.closes) == (413, True)


def test_model_without_a_route(edges, upstream):
    edge = edges(configuration(upstream, {"gpt-4": "main/gpt-4-turbo"}))
    answer = edge.ask(chat("mystery-7"))
    assert (answer.status, answer.error["code"]) == (404, "model_not_found")
    assert "mystery-7" in answer.error["message"]
    assert upstream.exchanges == []


def test_gzip_bomb(edge, upstream):
    bomb = gzip.compress(b" " * 40_000_000)
    answer = edge.ask(request("POST", PATH, bomb, JSON, "Content-Encoding: gzip"))
    assert answer.status in (400, 413)
    assert edge.records(1)[0]["status"] == answer.status


def test_nothing_at_all(edge):
    """A connection without a byte is no request: no answer and no record."""
    client = edge.dial()
    client.finish_sending()
    assert client.is_closed()
    edge.ask(request("GET", "/health"))
    assert len(edge.records(1)) == 1


def test_one_empty_line_first(edge):
    assert edge.ask(b"\r\n" + request("GET", "/health")).status == 200


def test_caller_text_stays_in_its_line(edge):
    edge.ask_in_turn(chat('x"\n{"id":1}\r\\' + "y" * 5000), request("GET", "/v1/files/%0a%22%7d"))
    first, second = edge.records(2)
    assert len(first["model"].encode()) < 300
    assert second["status"] == 200


@pytest.mark.parametrize("head", [
    b"nonsense\r\n\r\n", b"HTTP/1.1 twohundred\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: " + b"y" * 99999,
    b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"",
], ids=["words", "status", "huge head", "length", "zeros", "nothing"])
def test_bad_upstream(edge, upstream, head):
    upstream.script(scripts.cut(sent=head))
    answer = edge.ask(chat("gpt-4"))
    assert (answer.status, answer.error["type"]) == (502, "relay_error"), answer
    assert answer.error["code"] == "backend_error"
    assert answer.error["message"].startswith("Backend request failed:")


def test_handlers_outlive_bad_input(edge):
    for data, _ in BROKEN.values():
        client = edge.dial()
        client.send(data)
        client.answer()
        client.close()
    proc.wait_until(lambda: not edge.handlers(), "the end of the handlers")
    assert edge.ask(request("GET", "/health")).status == 200


def test_two_models_translated(upstream, edges):
    """Where no name decides the way, too: the record would tell one, and the provider bill the other."""
    edge = edges({"upstreams": {"main": {"dialect": "openai", "base_url": upstream.url,
                                         "key": api.OPERATOR_KEY}}})
    for name in ["model", "mod\\u0065l"]:
        body = (b'{"model":"cheap","%s":"dear","max_tokens":9,"messages":[{"role":"user","content":"a"}]}'
                % name.encode())
        answer = edge.ask(b"POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s"
                          % (len(body), body))
        assert answer.status == 400 and b"must stand once" in answer.body
    assert not upstream.requests
