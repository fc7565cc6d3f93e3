# SPDX-License-Identifier: MIT
"""Every example of Relay Bartender's document, in its order; its file and promises are in test_bartender.py.

Nothing of it is left out: it has no issued keys and no administration.
"""

import hashlib

import openai
import pytest

import api
import document
import edge as starting
import profiles
import scripts
import sdk
from bartender import MAPPING, file
from client import request
from edge import free_port

PORT = 8080
HELLO = [{"role": "user", "content": "Hello!"}]
CURL = r"""curl http://localhost:8080/v1/chat/completions \
  -H "Content-Type: application/json" \
  -H "Authorization: Bearer your-api-key" \
  -d '{
    "model": "gpt-4",
    "messages": [{"role": "user", "content": "Hello!"}]
  }'"""


@pytest.fixture
def bartender(edges, upstream):
    """Starts an edgefilter with its file, at the port that the file names."""
    def start(text: str | None = None, **values) -> starting.Edge:
        port = free_port()
        return edges(text or file(upstream, port=port, **values), "configured", port=port)
    return start


@pytest.fixture
def client(bartender):
    with sdk.client(f"{bartender().url}/v1", "your-api-key") as found:
        yield found


def test_start_with_its_file_and_another_port(edges, upstream):
    port = free_port()
    edge = edges(file(upstream), "configured", port=port, flags=["-p", str(port), "--host", "127.0.0.1"])
    assert document.told(edge, CURL, PORT)["model"] == "gpt-4"
    edge.wait_stderr(rf"listens on 127\.0\.0\.1:{port}\.")


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help(flag):
    done = starting.run(flag)
    assert done.returncode == 0 and b"usage: edgefilter" in done.stdout


def test_sdk(client, upstream):
    answer = client.chat.completions.create(model="gpt-4", messages=HELLO)
    assert (answer.choices[0].message.content, answer.model) == ("You said: Hello!", "gpt-4")
    heard = upstream.exchange().request
    assert b'"gpt-4-turbo"' in bytes(heard.body)
    assert heard.all("authorization") == [f"Bearer {api.OPERATOR_KEY}"]


def test_sdk_streamed(client):
    stream = client.chat.completions.create(model="gpt-4", messages=HELLO, stream=True)
    chunks = list(stream)
    assert "".join(c.choices[0].delta.content or "" for c in chunks) == "You said: Hello!"
    assert {c.model for c in chunks} == {"gpt-4"}


def test_curl(bartender):
    answer = document.told(bartender(), CURL, PORT)
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "You said: Hello!", "refusal": None,
                                               "annotations": []}


def test_health(bartender):
    assert document.told(bartender(), "curl http://localhost:8080/health", PORT) == \
        {"status": "ok", "service": "relay-bartender"}


# Its typical uses, each file with the one section that the document shows; the upstream is ours.
USES = {
    "a hidden key": ('backend:\n  api_key: "{key}"\n  base_url: "{url}"\n', "gpt-4o", "gpt-4o"),
    "a forced model": ('model:\n  override: "gpt-4-turbo"\nbackend: {{base_url: "{url}", api_key: "{key}"}}\n',
                       "anything", "gpt-4-turbo"),
    "a map": (f'model:\n  mapping:{MAPPING}\nbackend: {{{{base_url: "{{url}}", api_key: "{{key}}"}}}}\n',
              "gpt-3.5-turbo", "gpt-4o"),
    "a third party": ('backend:\n  base_url: "{url}"\n  api_key: "{key}"\n', "gpt-4o", "gpt-4o"),
}


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("lines", [(), ("Authorization: Bearer anything",)])
def test_uses(edges, upstream, use, lines):
    text, asked, used = USES[use]
    edge = edges(text.format(key=api.OPERATOR_KEY, url=f"http://{upstream.authority}"))
    answer = edge.ask(request("POST", "/v1/chat/completions", {"model": asked, "messages": HELLO}, *lines))
    assert (answer.status, answer.json["model"]) == (200, asked)
    assert f'"{used}"'.encode() in bytes(upstream.exchange().request.body)
    assert upstream.exchange().request.all("authorization") == [f"Bearer {api.OPERATOR_KEY}"]


def test_endpoints(client):
    """The table at its end; the two of the first line are above."""
    assert client.completions.create(model="gpt-4o", prompt="Once").choices[0].text == "Once and on"
    assert client.embeddings.create(model="text-embedding-3-small", input="tea").data[0].embedding == [0.25, -0.5, 1]
    assert {model.id for model in client.models.list()} == set(api.MODELS)
    assert client.images.generate(model="dall-e-3", prompt="a door").data[0].b64_json
    sound = api.speech()
    heard = client.audio.transcriptions.create(model="whisper-1", file=("talk.mp3", sound, "audio/mpeg"))
    assert heard.text == f"{len(sound)} {hashlib.sha256(sound).hexdigest()}"
    spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="Read this").read()
    assert hashlib.sha256(spoken).hexdigest() == hashlib.sha256(sound).hexdigest()


def test_the_model_of_a_form_is_mapped(edges, upstream):
    edge = edges(file(upstream, mapping='\n    loud: "whisper-1"'))
    with sdk.client(f"{edge.url}/v1") as found:
        found.audio.transcriptions.create(model="loud", file=("talk.mp3", b"la", "audio/mpeg"))
    assert b"whisper-1" in bytes(upstream.exchange().request.body)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_methods(edges, upstream, method):
    target = "/v1/files" if method in ("POST", "OPTIONS") else "/v1/files/f"
    body = None if method in ("DELETE", "OPTIONS") else b"\x00\xff not JSON"
    answer = edges(file(upstream)).ask(request(method, f"{target}?purpose=a%20b&x", body))
    assert answer.status == 200
    assert answer.json == {"method": method, "target": f"{target}?purpose=a%20b&x",
                           "body": (body or b"").decode("latin-1")}


@pytest.mark.parametrize("path, heard", [("/v1", "/v1"), ("", "/v1"), ("/api/paas/v4", "/api/paas/v4")])
def test_paths_beyond_v1_go_to_the_root(edges, upstream, path, heard):
    upstream.script(scripts.whole(b"{}"), scripts.whole(b"{}"))
    edge = edges(file(upstream, path=path))
    assert [edge.ask(request("GET", target)).status for target in ("/dashboard/x?y=1", "/any/v1/batches")] == [200, 200]
    assert [asked.target for asked in upstream.requests] == ["/dashboard/x?y=1", f"{heard}/batches"]


def test_errors_of_the_upstream_pass(client, upstream):
    upstream.script(scripts.error(429, "requests", "rate_limit_exceeded", retry_after="7"))
    with pytest.raises(openai.RateLimitError) as caught:
        client.chat.completions.create(model="gpt-4", messages=HELLO)
    assert (caught.value.code, caught.value.response.headers["retry-after"]) == ("rate_limit_exceeded", "7")


def test_its_file_as_it_is_delivered(edges, upstream, tmp_path):
    """contrib/profiles has the document's; the upstream is ours."""
    text = profiles.filled(profiles.original("relay-bartender"), tmp_path).read_text()
    assert "https://api.openai.com" in text and "port: 8080" in text
    upstream.keys.add(profiles.KEY)
    port = free_port()
    edge = edges(text.replace("https://api.openai.com", f"http://{upstream.authority}")
                 .replace("port: 8080", f"port: {port}"), "configured", port=port)
    assert document.told(edge, CURL, PORT)["model"] == "gpt-4"
    edge.wait_stderr(rf"listens on 0\.0\.0\.0:{port}\.")
