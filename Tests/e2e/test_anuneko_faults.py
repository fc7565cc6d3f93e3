# SPDX-License-Identifier: MIT
"""AnuNeko's site when it fails, in each of its calls and in each phase, and callers of each dialect in front of it."""

import json

import openai
import pytest

import api
import proc
import scripts
from caller import Ask
from callers import CALLERS, stream  # noqa: F401
from client import request
from neko import CAT, OTHER, calls, chat, found, settled, text_of  # noqa: F401
from small_model import pieces
from translating import WORDS, ask, essence

DIALECTS = ["openai", "responses", "anthropic"]


def at_rest(found, records: int) -> list[dict]:
    """One record a request, and nothing left running."""
    told = found.edge.records(records)
    proc.wait_until(lambda: not found.edge.handlers(), "no handler is left")
    return told


# Callers

@pytest.mark.sdk
@pytest.mark.parametrize("name", CALLERS)
def test_sdks(found, name, stream):
    caller = CALLERS[name](found.edge.url)
    got = caller.ask(CAT, Ask("one two three", system="Be brief."), stream)
    assert (got.text, got.stop, got.model) == ("You said: Be brief.\n\none two three", "end", CAT)
    assert got.usage.input > 0 and got.usage.output > 0
    settled(found, 1)
    caller.close()
    record, = at_rest(found, 1)
    assert (record["client"], record["dialect"], record["ended"]) == (name, "anuneko", "complete")


@pytest.mark.sdk
@pytest.mark.parametrize("name", CALLERS)
def test_losses_are_told(found, name, stream):
    """A picture and a tool, of which the site knows nothing."""
    caller = CALLERS[name](found.edge.url)
    caller.ask(CAT, Ask("look", picture=True, tools=True), stream)
    told = caller.heads[-1]["x-edgefilter-loss"]
    assert "content[]" in told and "tools" in told, told
    caller.close()


@pytest.mark.sdk
def test_document_examples_with_the_sdk(found):
    """The programs of the document, word for word but for the address."""
    client = openai.OpenAI(api_key="dummy-key", base_url=f"{found.edge.url}/v1", max_retries=0)
    response = client.chat.completions.create(
        model="mihoyo-orange_cat", messages=[{"role": "user", "content": "你好"}])
    session_id = response.session_id
    response = client.chat.completions.create(
        model="mihoyo-orange_cat", messages=[{"role": "user", "content": "继续我们之前的话题"}],
        extra_body={"session_id": session_id})
    assert (response.choices[0].message.content, response.session_id) == ("You said: 继续我们之前的话题", session_id)
    models = client.models.list()
    assert [(model.id, model.anuneko_model) for model in models.data] == [(CAT, "Orange Cat"),
                                                                         (OTHER, "Exotic Shorthair")]
    chunks = client.chat.completions.create(
        model="mihoyo-orange_cat", messages=[{"role": "user", "content": "请写一首关于春天的诗"}], stream=True)
    said = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices[0].delta.content is not None]
    assert "".join(said) == "You said: 请写一首关于春天的诗"
    assert len(found.site.chats) == 2
    client.close()


@pytest.mark.parametrize("dialect", ["responses", "anthropic"])
def test_others_are_told_of_no_session(found, dialect, stream):
    answer = found.edge.ask(ask(dialect, "hello", stream, CAT))
    assert b"session_id" not in answer.body
    settled(found, 1)
    assert found.edge.ask(request("GET", "/sessions")).json["total"] == 0


# The calls before a conversation

FAULTS = {
    "500": [scripts.whole(b'{"message":"broken"}', status=500)], "400": [scripts.whole(b"", status=400)],
    "page": [scripts.whole(b"<html></html>", kind="text/html")], "redirect": [scripts.whole(b"", status=302)],
    "nothing": [scripts.whole(b"{}")], "cut": [scripts.cut()] * 3, "reset": [scripts.cut(by_reset=True)] * 3,
    "large": [scripts.whole(b"x" * (3 << 20))], "climbing": [scripts.whole(b'{"chat_id":"../../admin"}')],
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", FAULTS)
def test_no_chat(found, dialect, stream, fault):
    found.upstream.script(*FAULTS[fault])
    answer = found.edge.ask(ask(dialect, "hello", stream, CAT))
    assert answer.status in (400, 500, 502) and essence(dialect, answer).error, answer
    record, = at_rest(found, 1)
    assert record["ended"] == "failed" and set(calls(found.upstream)) == {"chat"}


@pytest.mark.parametrize("fault", ["500", "400", "redirect", "cut", "reset", "large"])
def test_no_model(found, stream, fault):
    found.upstream.script(api.answer, *FAULTS[fault])
    assert found.edge.ask(chat("hello", stream=stream)).status >= 400
    assert at_rest(found, 1)[0]["ended"] == "failed"
    assert "stream" not in calls(found.upstream)


@pytest.mark.parametrize("fault", FAULTS)
def test_no_list_of_models(found, fault):
    """The conversation goes on with the cat that is always there."""
    found.upstream.script(*FAULTS[fault][:1])
    assert text_of(found.edge.ask(chat("say one", OTHER))) == "one"
    settled(found, 1)
    assert at_rest(found, 1)[0]["code"] == 0


@pytest.mark.parametrize("before", [[], [api.answer]], ids=["chat", "select_model"])
def test_caller_that_goes_before_the_conversation(found, before):
    found.upstream.script(*before, scripts.hold(found.upstream.gate()))
    client = found.edge.dial()
    client.send(chat("hello"))
    exchange = found.upstream.heard(len(before) + 1)
    client.close()
    found.upstream.connection(exchange).wait_closed()
    assert at_rest(found, 1)[0]["ended"] == "gone"
    assert "stream" not in calls(found.upstream)


# The conversation

@pytest.mark.parametrize("how", ["cut", "reset"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_stream_cut_at_every_line(found, dialect, how):
    """Each ends in an error of the caller's dialect behind what had come; none is taken for a whole answer."""
    for count in range(40):
        found.upstream.script(api.answer, api.answer, scripts.breaking(count, how))
        told = essence(dialect, found.edge.ask(ask(dialect, "one two three", True, CAT)))
        assert WORDS.startswith(told.text)
        if not told.error:
            break
        proc.wait_until(lambda: not found.edge.handlers(), "the branch of what there was is chosen")
    assert told.text == WORDS and count >= len(pieces(WORDS)) + 3
    assert [record["ended"] for record in at_rest(found, count + 1)].count("complete") == 1


BROKEN = {"garbage": b"data: {\n", "text": b"data: hello\n", "array": b"data: []\n", "error": b'{"code":"x"}\n',
          "within": b'data: {"code":"x"}\n', "bare": b"{\n", "nothing": b"", "blank": b"\n\r\n\ndata: \n",
          "words": b"event: x\nhello\n: y\n", "large": b"data: " + b"x" * (9 << 20) + b"\n"}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("fault", BROKEN)
def test_broken_answers(found, dialect, stream, fault):
    for begun in (b"", b'data: {"v":"Well"}\n'):
        if begun and fault in ("nothing", "blank", "words"):
            continue
        found.upstream.script(api.answer, api.answer, scripts.whole(begun + BROKEN[fault], kind="text/event-stream"))
        told = essence(dialect, found.edge.ask(ask(dialect, "hello", stream, CAT)))
        assert told.error, told
        proc.wait_until(lambda: not found.edge.handlers(), "nothing is left to do")
    asked = 1 if fault in ("nothing", "blank", "words") else 2
    assert {record["ended"] for record in found.edge.records(asked)} == {"failed"}


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500, 503])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_refused_conversation(found, dialect, stream, status):
    found.upstream.script(api.answer, api.answer, *[scripts.whole(b'{"code":"no","message":"No."}', status=status)] * 2)
    answer = found.edge.ask(ask(dialect, "hello", stream, CAT))
    assert answer.status >= 400 and essence(dialect, answer).error
    assert at_rest(found, 1)[0]["ended"] == "failed"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_in_every_form(found, stream, end, last):
    """Byte by byte, with any line end, the last line without one, without a space, in any order of members."""
    lines = ['data:{"msg_id":1}', 'data: {"v":"eins "}', 'data:   {"c":[{"v":"zwei "},{"v":"x","c":1}],"v":"y"}', "",
             'data: {"c":[{"c":0,"v":"dr\\u00e4i"},{}],"msg_id":"m"}']
    body = end.join(line.encode() for line in lines) + (b"" if last else end)
    found.upstream.script(api.answer, api.answer, scripts.dripping(body, "text/event-stream"))
    assert text_of(found.edge.ask(chat("hello", stream=stream))) == "eins zwei dräi"
    sent = json.loads(bytes(found.upstream.exchange(4).body.read() or found.upstream.exchange(4).request.body))
    assert sent == {"msg_id": "m", "choice_idx": 0}
