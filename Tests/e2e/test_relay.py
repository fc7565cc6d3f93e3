# SPDX-License-Identifier: MIT
"""Promise 6: same dialect on both sides, so bytes pass untouched, but for the model's name."""

import gzip
import json

import pytest

import api
import scripts
from client import chat, request
from edge import configuration

PATH = "/v1/chat/completions"
JSON = "Content-Type: application/json"

# What the caller sends, and what the upstream must get: the same but for the value of `model`.
BODIES = [
    (b'{"model":"gpt-4","messages":[{"role":"user","content":"x"}]}',
     b'{"model":"gpt-4-turbo","messages":[{"role":"user","content":"x"}]}'),
    (b' {\r\n\t"messages" : [ {"role":"user","content":"x"} ] ,\n "model"  :\t"gpt-4" }\n ',
     b' {\r\n\t"messages" : [ {"role":"user","content":"x"} ] ,\n "model"  :\t"gpt-4-turbo" }\n '),
    (b'{"m\\u006fdel":"gpt\\u002d4","messages":[{"role":"user","content":"x"}]}',
     b'{"m\\u006fdel":"gpt-4-turbo","messages":[{"role":"user","content":"x"}]}'),
    (b'{"seed":1.0E+2,"seed":0e0,"model":"gpt-4"}',
     b'{"seed":1.0E+2,"seed":0e0,"model":"gpt-4-turbo"}'),
    (b'{"n":12345678901234567890123,"x":{"model":"gpt-4"},"y":["model","gpt-4"],"model":"gpt-4"}',
     b'{"n":12345678901234567890123,"x":{"model":"gpt-4"},"y":["model","gpt-4"],'
     b'"model":"gpt-4-turbo"}'),
    (b'{"model":"gpt-4","user":"\\ud83d\\ude00 \xf0\x9f\x98\x80 \\/","a":1,"a":2}',
     b'{"model":"gpt-4-turbo","user":"\\ud83d\\ude00 \xf0\x9f\x98\x80 \\/","a":1,"a":2}'),
    (b'{"model":"gpt-4o","odd" :  [ ] }', b'{"model":"gpt-4o","odd" :  [ ] }'),
]


def post(body: bytes, *lines: str, path: str = PATH) -> bytes:
    return request("POST", path, body, JSON, *lines)


@pytest.mark.parametrize("sent, expected", BODIES)
def test_only_the_model_changes(edge, upstream, sent, expected):
    edge.ask(post(sent))
    heard = upstream.exchange().request
    assert bytes(heard.body) == expected
    assert heard.all("content-length") == [str(len(expected))]


def test_duplicate_models_agree(edge, upstream):
    """A reader that takes the first and one that takes the last must see the same name."""
    edge.ask(post(b'{"model":"gpt-4","model":"gpt-4","messages":[]}'))
    if upstream.exchanges:
        assert b'"gpt-4"' not in bytes(upstream.exchange().request.body)


NAMING = 'the "model":"gpt-4-turbo" said'


@pytest.mark.parametrize("path, said", [
    ("/v1/chat/completions", {"messages": [{"role": "user", "content": NAMING}]}),
    ("/v1/completions", {"prompt": NAMING}), ("/v1/responses", {"input": NAMING}),
])
def test_answer_names_the_callers_model(edges, upstream, path, said):
    edge = edges(configuration(upstream, upstream_quirks=["responses"]))
    answer = edge.ask(request("POST", path, {"model": "gpt-4", **said}))
    assert answer.status == 200, answer
    assert answer.json["model"] == "gpt-4"


def test_answer_untouched_but_for_the_model(edge, upstream):
    body = (b' {"id" : "x",\n\t"m": 1.50, "choices":[{"model":"gpt-4-turbo"}], '
            b'"model" :"gpt-4-turbo" ,"z":"\\u00e9"} \n')
    upstream.script(scripts.whole(body), scripts.whole(body))
    assert edge.ask(chat("gpt-4")).body == body.replace(b'"model" :"gpt-4-turbo"',
                                                        b'"model" :"gpt-4"')
    assert edge.ask(chat("gpt-4-turbo")).body == body


def test_stream_names_the_callers_model(edge):
    answer = edge.ask(chat("gpt-4", stream=True))
    assert answer.get("content-type").startswith("text/event-stream")
    assert answer.events[-1] == "[DONE]"
    assert {json.loads(event)["model"] for event in answer.events[:-1]} == {"gpt-4"}


def test_stream_untouched_when_nothing_is_mapped(edge, upstream):
    odd = (b': hello\n\ndata:{"model" : "gpt-4o", "choices":[]}\n\nid: 7\r\nevent: message\r\n'
           b'data: {"choices":[],"odd":1.0}\r\n\r\n: keep-alive\n\ndata: [DONE]\n\n')
    upstream.script(scripts.dripping(odd, "text/event-stream"))
    assert edge.ask(chat("gpt-4o", stream=True)).body == odd


def test_events_pass_one_by_one(edge, upstream):
    """An event comes out before the next one goes in."""
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate, after=2))
    client = edge.dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    assert b'"content":"a"' in client.read_until(b'"content":"a"')
    gate.set()
    client.read_until(b"[DONE]")
    assert client.read_chunk() == b""


def test_query_string_is_kept(edge, upstream):
    target = "/v1/files/a%2Fb%20c?x=1&&y=%C3%A9&z=a+b?;"
    assert edge.ask(request("GET", target)).json["target"] == target
    assert upstream.exchange().request.target == target


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_every_method(edge, method):
    body = None if method == "GET" else b"raw \x00\xff bytes"
    answer = edge.ask(request(method, "/v1/files/f1", body))
    assert answer.json["method"] == method
    assert answer.json["body"].encode("latin-1") == (body or b"")


def test_head(edge):
    client = edge.dial()
    answer = client.ask(request("HEAD", "/v1/models"))
    assert (answer.status, answer.body) == (200, b"")
    assert client.ask(request("GET", "/health")).status == 200


def test_hop_by_hop_fields_are_dropped(edge, upstream):
    """The upstream itself reports each of them as a fault."""
    answer = edge.ask(request(
        "GET", "/v1/models", None, "Connection: x-private, keep-alive", "X-Private: 1",
        "Keep-Alive: timeout=9", "TE: trailers", "Proxy-Authorization: Basic eA==",
        "Proxy-Connection: keep-alive", "X-Kept: yes", "Accept-Encoding: gzip, deflate, br"))
    heard = upstream.exchange().request
    assert answer.status == 200
    assert heard.get("x-private") is None
    assert heard.get("x-kept") == "yes"


def test_hop_by_hop_fields_of_the_answer_are_dropped(edge, upstream):
    upstream.script(scripts.whole(b"{}", ("connection", "x-private"), ("x-private", "1"),
                                  ("keep-alive", "timeout=5"), ("x-kept", "yes"),
                                  ("trailer", "x"), ("x-many", "a"), ("x-many", "b")))
    answer = edge.ask(chat("gpt-4o"))
    assert answer.get("x-private") is answer.get("keep-alive") is answer.get("trailer") is None
    assert answer.get("x-kept") == "yes"
    assert answer.all("x-many") == ["a", "b"]


@pytest.mark.parametrize("framing", ["counted", "chunked", "close"])
def test_gzip_from_upstream_is_decoded(edge, upstream, framing):
    value = {"model": "gpt-4-turbo", "text": "x" * 5000}
    upstream.script(scripts.whole(scripts.compressed(value), ("content-encoding", "gzip"),
                                  framing=framing))
    answer = edge.ask(chat("gpt-4"))
    assert answer.get("content-encoding") is None
    assert answer.json == {**value, "model": "gpt-4"}


def test_gzip_request(edge, upstream):
    plain = b'{"model":"gpt-4","messages":[{"role":"user","content":"zipped"}]}'
    answer = edge.ask(post(gzip.compress(plain), "Content-Encoding: gzip"))
    assert answer.json["choices"][0]["message"]["content"] == "You said: zipped"
    heard = upstream.exchange().request
    assert heard.get("content-encoding") is None
    assert bytes(heard.body) == plain.replace(b"gpt-4", b"gpt-4-turbo")


def chunked(body: bytes, size: int) -> bytes:
    pieces = [body[n:n + size] for n in range(0, len(body), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(p), p) for p in pieces) + b"0\r\n\r\n"


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
def test_chunked_request(edge, upstream, size):
    plain = b'{"messages":[{"role":"user","content":"in pieces"}],"model":"gpt-4"}'
    head = request("POST", PATH, None, JSON, "Transfer-Encoding: chunked")
    answer = edge.ask(head + chunked(plain, size))
    assert answer.json["choices"][0]["message"]["content"] == "You said: in pieces"
    assert bytes(upstream.exchange().request.body) == plain.replace(b"gpt-4", b"gpt-4-turbo")


def form(*parts: tuple[str, bytes]) -> bytes:
    pieces = [b'--xx\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n' % (name.encode(), content)
              for name, content in parts]
    return b"".join(pieces) + b"--xx--\r\n"


@pytest.mark.parametrize("file_first", [True, False])
@pytest.mark.parametrize("size", [10, 3 * api.MIB])
def test_model_in_a_form(edges, upstream, file_first, size):
    edge = edges(configuration(upstream, {"loud": "main/whisper-1", "*": "main"}))
    sound = api.speech(size)
    parts = [('name="file"; filename="model"', sound), ('name="model"', b"loud")]
    body = form(*(parts if file_first else parts[::-1]))
    answer = edge.ask(request("POST", "/v1/audio/transcriptions", body,
                              "Content-Type: multipart/form-data; boundary=xx"))
    assert answer.status == 200, answer
    assert bytes(upstream.exchange().request.body) == body.replace(b"\r\nloud\r\n",
                                                                   b"\r\nwhisper-1\r\n")


@pytest.mark.parametrize("framing", ["counted", "chunked", "close"])
def test_binary_answer(edge, upstream, framing):
    data = api.speech(api.MIB)
    upstream.script(scripts.whole(data, framing=framing, kind="audio/mpeg"))
    answer = edge.ask(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    assert answer.body == data
    assert answer.get("content-type") == "audio/mpeg"


def test_two_upstreams(edges, upstreams):
    first, second = upstreams(), upstreams(prefix="/compatible-mode/v1")
    config = configuration(first, {"gpt-4": "main/gpt-4-turbo", "tts-*": "other", "*": "main"})
    config["upstreams"]["other"] = {"dialect": "openai", "base_url": second.url + "/",
                                    "key": "none", "headers": {"X-Project": "demo"}}
    edge = edges(config)
    edge.ask(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    assert second.exchange().request.path == "/compatible-mode/v1/audio/speech"
    assert second.exchange().request.get("x-project") == "demo"
    assert second.exchange().request.get("authorization") is None
    assert edge.ask(chat("gpt-4")).status == 200
    assert (len(first.exchanges), len(second.exchanges)) == (1, 1)


def test_request_id(edge, upstream):
    upstream.script(scripts.whole(b"{}"))
    for sent in (request("GET", "/health"), chat("gpt-4o"), request("GET", "/v1/models"),
                 chat("gpt-4o"), b"nonsense\r\n\r\n"):
        assert edge.ask(sent).get("x-request-id")


def test_interim_answers_end_here(edge, upstream):
    def script(x):
        x.interim(103, ("link", "</x>"))
        api.answer(x)
    upstream.script(script)
    answer = edge.ask(chat("gpt-4o"))
    assert (answer.status, answer.interim) == (200, [])


def test_redirects_are_not_followed(edge, upstream):
    upstream.script(scripts.whole(b"", ("location", f"{upstream.url}/models"), status=307))
    assert edge.ask(chat("gpt-4o")).status in (307, 502)
    assert len(upstream.exchanges) == 1


def test_caller_key_goes_through(edges, upstream):
    edge = edges(configuration(upstream, upstream_key="caller"))
    answer = edge.ask(chat("gpt-4o", "x", f"Authorization: Bearer {api.CALLER_KEY}"))
    assert answer.status == 200
    assert upstream.exchange().request.all("authorization") == [f"Bearer {api.CALLER_KEY}"]
    assert edge.ask(chat("gpt-4o")).status == 401


def test_configured_key_replaces_the_callers(edge, upstream):
    edge.ask(chat("gpt-4o", "x", f"Authorization: Bearer {api.CALLER_KEY}"))
    assert upstream.exchange().request.all("authorization") == [f"Bearer {api.OPERATOR_KEY}"]


@pytest.mark.parametrize("field", ["Forwarded: for=1.2.3.4", "X-Forwarded-For: 1.2.3.4",
                                   "X-Forwarded-Proto: https", "Via: 1.1 proxy"])
def test_keyless_behind_a_proxy(edges, upstream, field):
    edge = edges(configuration(upstream))
    answer = edge.ask(chat("gpt-4o", "x", field))
    assert (answer.status, upstream.exchanges) == (401, [])
    assert answer.error["type"] == "invalid_request_error"
    opened = edges(configuration(upstream, callers="open"))
    assert opened.ask(chat("gpt-4o", "x", field)).status == 200
