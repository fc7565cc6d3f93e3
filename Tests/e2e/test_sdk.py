# SPDX-License-Identifier: MIT
"""Each call of the SDK, through each way of starting, and direct as a control."""

import hashlib
import threading

import openai
import pytest

import api
import proc
import scripts
import sdk
from edge import WAYS

pytestmark = pytest.mark.sdk
SPEECH = hashlib.sha256(api.speech()).hexdigest()
PEAK = 16 * api.MIB


@pytest.fixture(params=["direct", *WAYS, "unix"])
def reached(request, upstream, edges):
    with (found := sdk.reach(request.param, upstream, edges)).openai:
        yield found


@pytest.fixture(params=WAYS)
def edged(request, upstream, edges):
    with (found := sdk.reach(request.param, upstream, edges)).openai:
        yield found


def test_chat_whole(reached):
    raw = reached.openai.chat.completions.with_raw_response.create(
        model="gpt-4o", messages=sdk.HELLO)
    answer = raw.parse()
    assert answer.choices[0].message.content == "You said: one two three"
    assert answer.usage.total_tokens == 12
    assert answer.model == "gpt-4o"
    assert answer._request_id
    assert raw.headers["x-ratelimit-remaining-requests"] == "59"


def test_chat_streamed(reached):
    stream = reached.openai.chat.completions.create(
        model="gpt-4o", messages=sdk.HELLO, stream=True, stream_options={"include_usage": True})
    chunks = list(stream)
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == "You said: one two three"
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage.total_tokens == 12


def test_chat_stream_helper(reached):
    with reached.openai.chat.completions.stream(model="gpt-4o", messages=sdk.HELLO) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content == "You said: one two three"


def test_completions(reached):
    answer = reached.openai.completions.create(model="gpt-4o", prompt="Once")
    assert answer.choices[0].text == "Once and on"


def test_embeddings(reached):
    answer = reached.openai.embeddings.create(model="text-embedding-3-small", input="tea")
    assert answer.data[0].embedding == [0.25, -0.5, 1.0]


def test_images(reached):
    answer = reached.openai.images.generate(model="dall-e-3", prompt="a door")
    assert len(answer.data[0].b64_json) == 8000


def test_responses(reached):
    assert reached.openai.responses.create(model="gpt-4o", input="hm").output_text == "You said: hm"


def test_models(reached):
    listed = [model.id for model in reached.openai.models.list()]
    assert set(api.MODELS) <= set(listed)
    assert reached.openai.models.retrieve("whisper-1").id == "whisper-1"


def test_file_content(reached):
    assert reached.openai.files.content("file-1").read() == api.speech(api.MIB)


def test_a_call_without_a_body(reached):
    """The SDK tells the type of a body that it does not send."""
    told = reached.openai.fine_tuning.jobs.cancel("ftjob-1")
    assert (told.method, told.body) == ("POST", "")


def test_transcription(reached):
    sound = api.speech()
    answer = reached.openai.audio.transcriptions.create(
        model="whisper-1", file=("talk.mp3", sound, "audio/mpeg"))
    assert answer.text == f"{len(sound)} {SPEECH}"


def test_speech(reached):
    answer = reached.openai.audio.speech.create(model="tts-1", voice="alloy", input="Read this")
    assert hashlib.sha256(answer.read()).hexdigest() == SPEECH


def test_unknown_model(reached):
    with pytest.raises(openai.NotFoundError) as caught:
        reached.openai.chat.completions.create(model="no-such", messages=sdk.HELLO)
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize("status, kind, fields", [
    (400, openai.BadRequestError, {}),
    (401, openai.AuthenticationError, {}),
    (403, openai.PermissionDeniedError, {}),
    (404, openai.NotFoundError, {}),
    (409, openai.ConflictError, {}),
    (422, openai.UnprocessableEntityError, {}),
    (429, openai.RateLimitError, {"retry_after": "7", "retry_after_ms": "7001",
                                  "x_ratelimit_remaining_tokens": "0", "x_should_retry": "true"}),
    (500, openai.InternalServerError, {}),
    (503, openai.InternalServerError, {"retry_after": "3"}),
])
def test_errors(edged, upstream, status, kind, fields):
    upstream.script(scripts.error(status, "scripted_type", "scripted_code", **fields))
    with pytest.raises(kind) as caught:
        edged.openai.chat.completions.create(model="gpt-4o", messages=sdk.HELLO)
    error = caught.value
    assert (error.status_code, error.type, error.code) == (status, "scripted_type", "scripted_code")
    assert error.body["message"] == f"scripted {status}"
    assert error.request_id
    for name, value in fields.items():
        assert error.response.headers[name.replace("_", "-")] == value


def test_wrong_key(upstream, edges):
    found = sdk.reach("listen", upstream, edges, upstream_key="caller")
    with pytest.raises(openai.AuthenticationError) as caught:
        found.openai.with_options(api_key="sk-e2e-wrong-5511").models.list()
    assert caught.value.code == "invalid_api_key"
    assert found.openai.models.retrieve("gpt-4o").id == "gpt-4o"


@pytest.mark.parametrize("framing", ["chunked", "close"])
@pytest.mark.parametrize("ending", ["cut", "reset", "cut inside", "none"])
def test_broken_stream(edged, upstream, ending, framing):
    upstream.script(scripts.stream(["never", "to", "end"], framing=framing, ending=ending))
    stream = edged.openai.chat.completions.create(
        model="gpt-4o", messages=sdk.HELLO, stream=True)
    seen = []
    with pytest.raises(openai.APIError):
        seen.extend(stream)
    assert edged.openai.models.retrieve("gpt-4o").id == "gpt-4o"


@pytest.mark.parametrize("count", [2, 3])
def test_many_on_one_connection(edged, upstream, count):
    for _ in range(count):
        edged.openai.chat.completions.create(model="gpt-4o", messages=sdk.HELLO)
    assert len(upstream.connections) == 1
    # Beside it there may be for a moment who syncs the log.
    proc.wait_until(lambda: len(edged.edge.handlers()) == 1, "one handler")


def peak_during(edged, upstream, gate: threading.Event, call) -> int:
    """The handler's peak memory over a call whose last byte waits at the gate."""
    edged.openai.models.retrieve("gpt-4o")
    # Beside it there may be for a moment who syncs the log.
    handler, = proc.wait_until(lambda: found if len(found := edged.edge.handlers()) == 1 else None, "one handler")
    result = []
    caller = threading.Thread(target=lambda: result.append(call()), daemon=True)
    caller.start()
    upstream.heard(2)
    private = proc.private_memory(handler)
    gate.set()
    caller.join()
    # A process of its own, not forked, counts the libraries' pages that all programs share.
    shared = 0 if edged.edge.forks else proc.file_memory(handler)
    peak = proc.peak_memory(handler) - shared
    print(f"peak {peak >> 10} KiB, private {private >> 10} KiB, shared {shared >> 10} KiB")
    assert result == [SPEECH]
    return max(peak, private)


def test_memory_of_transcription(edged, upstream):
    gate, sound = upstream.gate(), api.speech()

    def call() -> str:
        answer = edged.openai.audio.transcriptions.create(
            model="whisper-1", file=("talk.mp3", sound, "audio/mpeg"))
        return answer.text.split()[1]
    upstream.script(api.answer, scripts.listen_slowly(gate))
    assert peak_during(edged, upstream, gate, call) < PEAK


def test_memory_of_speech(edged, upstream):
    gate = upstream.gate()

    def call() -> str:
        answer = edged.openai.audio.speech.create(model="tts-1", voice="alloy", input="Read this")
        return hashlib.sha256(answer.read()).hexdigest()
    upstream.script(api.answer, scripts.sound(gate))
    assert peak_during(edged, upstream, gate, call) < PEAK
