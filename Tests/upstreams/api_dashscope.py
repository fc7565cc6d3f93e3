# SPDX-License-Identifier: MIT
"""DashScope's native API as the vendor serves it: text and multimodal generation, embeddings of texts."""

import hashlib
import json
import re

import rules_dashscope as rules
from exchange import Exchange
from refusal import Refused
from serve import no_constant, respond, respond_json
from small_model import Call, Said, Usage, crumbs, failure, pieces

MODELS = rules.MODELS
REQUEST_ID = "2ae6671b-9373-9c7d-a407-af2029b51659"

# kind: status, code, message, fields
FAILURES = {
    "invalid": (400, "InvalidParameter", "Required parameter(s) missing or invalid, please check.", {}),
    "overflow": (400, "InvalidParameter", "<400> InternalError.Algo.InvalidParameter: Range of input length should be "
                 "[1, 12000]", {}),
    "key": (401, "InvalidApiKey", "Invalid API-key provided.", {}),
    "permission": (403, "AccessDenied.Unpurchased", "Access to model denied.", {}),
    "missing": (404, "ModelNotFound", "The model x does not exist or you do not have access to it.", {}),
    "conflict": (409, "Conflict", "Conflict.", {}),
    "large": (413, "BadRequest.TooLarge", "Payload Too Large", {}),
    "unprocessable": (422, "InvalidParameter", "Unprocessable.", {}),
    "rate": (429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.", {"retry-after": "7"}),
    "quota": (400, "Arrearage", "Access denied, please make sure your account is in good standing.", {}),
    "inspected": (400, "DataInspectionFailed", "Input data may contain inappropriate content.", {}),
    "fault": (500, "InternalError", "An internal error has occured, please try again later or contact service support.",
              {}),
    "overloaded": (503, "ModelServingError", "Overloaded: your requests are being throttled due to system capacity "
                   "limits.", {}),
}
# How an error comes where a stream was asked for: as JSON, as an event, as an event that is called JSON (which the
# SDK cannot read: met at a gateway of the vendor's), as an event in a stream of status 200.
ERROR_FORMS = ["plain", "framed", "mislabelled", "within"]
STOPS = {"end": "stop", "stop": "stop", "length": "length", "calls": "tool_calls", "refusal": "stop"}


def authorize(x: Exchange) -> None:
    bearer = re.fullmatch(r"Bearer (\S+)", x.request.get("authorization") or "")
    if not bearer or bearer[1] not in x.upstream.keys:
        raise Refused(401, "Invalid API-key provided.", "InvalidApiKey")


def refuse(x: Exchange, refusal: Refused) -> None:
    code = refusal.error["code"] or {404: "NotFound", 405: "InvalidParameter"}.get(refusal.status, "InvalidParameter")
    tell(x, refusal.status, code, refusal.message, {})


def wants_stream(x: Exchange) -> bool:
    return (x.request.get("x-dashscope-sse") or "").lower() == "enable"


def error_of(code: str, message: str) -> dict:
    return {"code": code, "message": message, "request_id": REQUEST_ID}


def tell(x: Exchange, status: int, code: str, message: str, fields: dict) -> None:
    """An error; where a stream was asked for in one of several forms (`ERROR_FORMS`)."""
    error = error_of(code, message)
    form = getattr(x.upstream, "error_form", "plain")
    if not wants_stream(x) or form == "plain":
        return respond_json(x, error, status, *fields.items())
    kind = "application/json" if form == "mislabelled" else "text/event-stream;charset=UTF-8"
    respond(x, 200 if form == "within" else status, frame_of(1, error, status).encode(), kind, *fields.items())


def fail(x: Exchange, kind: str, more: dict | None = None) -> None:
    """Answers with an error; `more` are fields beside its own, or instead of them."""
    status, code, message, fields = FAILURES[kind]
    tell(x, status, code, message, {**fields, **(more or {})})


def frame_of(number: int, data: dict, status: int = 200) -> str:
    """An event as the vendor writes it: no blank behind a colon, and the status in a comment."""
    name = "result" if status == 200 else "error"
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id:{number}\nevent:{name}\n:HTTP_STATUS/{status}\ndata:{text}\n\n"


def read(x: Exchange) -> dict:
    kind, _, charset = (x.request.get("content-type") or "").partition(";")
    if kind != "application/json" or charset.strip() not in ("", "charset=utf-8"):
        raise Refused(400, "Content-Type is invalid.", "InvalidParameter")
    try:
        value = json.loads(bytes(x.request.body).decode(), parse_constant=no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "Required body invalid, please check the request body format.") from error
    if not isinstance(value, dict):
        raise Refused(400, "Required body invalid, please check the request body format.")
    return value


def generate(path: str):
    def act(x: Exchange) -> None:
        asked = read(x)
        # The SDK leaves it out where it is the only one.
        parameters = asked.setdefault("parameters", {})
        kind = rules.check(asked, path, wants_stream(x))
        heard = rules.hear(asked, kind)
        if word := failure(heard):
            return fail(x, word)
        said = x.upstream.mind(heard)
        said.text, said.refusal = said.text + said.refusal, ""
        form = path if path == "multimodal" else parameters.get("result_format", "text" if kind.text_format else "message")
        if wants_stream(x):
            return stream(x, said, form, parameters.get("incremental_output") is True)
        return fail(x, said.broken) if said.broken else whole(x, said, form)
    return act


def usage_of(usage: Usage, share: float = 1) -> dict:
    output = max(1, int(usage.output * share))
    return {"input_tokens": usage.input, "output_tokens": output, "total_tokens": usage.input + output,
            "prompt_tokens_details": {"cached_tokens": usage.cached, "cache_creation": {
                "ephemeral_5m_input_tokens": usage.written}},
            "output_tokens_details": {"reasoning_tokens": min(usage.reasoning, output)}}


def call_of(call: Call, index: int) -> dict:
    return {"index": index, "id": call.id, "type": "function",
            "function": {"name": call.name, "arguments": call.arguments}}


def answer_of(form: str, message: dict, finish: str, usage: dict) -> dict:
    """One frame, or a whole answer. `form`: text, message, or multimodal, whose content is an array of parts."""
    if form == "multimodal":
        message = {**message, "content": [{"text": message["content"]}] if message["content"] else []}
    output = {"choices": [{"message": message, "finish_reason": finish}]}
    if form == "text":
        output = {"text": message["content"], "finish_reason": finish}
    return {"output": output, "usage": usage, "request_id": REQUEST_ID}


def whole(x: Exchange, said: Said, form: str) -> None:
    message = {"role": "assistant", "content": said.text}
    message |= {"reasoning_content": said.thought} if said.thought else {}
    message |= {"tool_calls": [call_of(call, at) for at, call in enumerate(said.calls)]} if said.calls else {}
    respond_json(x, answer_of(form, message, STOPS[said.stop], usage_of(said.usage)))


def stream(x: Exchange, said: Said, form: str, is_incremental: bool) -> None:
    x.head(200, ("content-type", "text/event-stream;charset=UTF-8"), (x.upstream.request_id, REQUEST_ID),
           framing="chunked")
    steps = list(increments(said) if is_incremental else repetitions(said))
    for number, message in enumerate(steps, 1):
        if said.broken and number == 5:
            status, code, text, _ = FAILURES[said.broken]
            x.block(frame_of(number, error_of(code, text), status).encode())
            return x.end()
        is_last = number == len(steps)
        answer = answer_of(form, {"role": "assistant", **message}, STOPS[said.stop] if is_last else "null",
                           usage_of(said.usage, number / len(steps)))
        x.block(frame_of(number, answer).encode())
    x.end()


def increments(said: Said):
    """The messages of a stream of pieces; the first has none yet."""
    yield {"content": ""}
    yield from ({"content": "", "reasoning_content": piece} for piece in pieces(said.thought))
    yield from ({"content": piece, **({"reasoning_content": ""} if said.thought else {})} for piece in pieces(said.text))
    for at, call in enumerate(said.calls):
        first = call_of(call, at)
        first["function"]["arguments"] = ""
        yield {"content": "", "tool_calls": [first]}
        yield from ({"content": "", "tool_calls": [{"index": at, "id": "", "type": "function",
                                                    "function": {"arguments": crumb}}]}
                    for crumb in crumbs(call.arguments))
    yield {"content": ""}


def repetitions(said: Said):
    """The messages of a stream that says all again each time; the last two are alike."""
    text, arguments = "", [""] * len(said.calls)

    def message(count: int) -> dict:
        calls = [{**call_of(call, at), "function": {"name": call.name, "arguments": arguments[at]}}
                 for at, call in enumerate(said.calls[:count])]
        return {"content": text, **({"tool_calls": calls} if calls else {})}
    yield message(0)
    for piece in pieces(said.text):
        text += piece
        yield message(0)
    for at, call in enumerate(said.calls):
        for crumb in crumbs(call.arguments):
            arguments[at] += crumb
            yield message(at + 1)
    yield message(len(said.calls))


def embed(x: Exchange) -> None:
    asked = read(x)
    texts = rules.check_embeddings(asked)
    size = (asked.get("parameters") or {}).get("dimension", 1024)
    found = [{"text_index": at, "embedding": vector(text, size)} for at, text in enumerate(texts)]
    respond_json(x, {"output": {"embeddings": found[::-1]}, "usage": {"total_tokens": sum(map(len, texts))},
                     "request_id": REQUEST_ID})


def vector(text: str, size: int) -> list[float]:
    """Numbers that follow from the text, and that four bytes hold exactly."""
    block = hashlib.sha256(text.encode()).digest()
    return [(block[at % 32] - 128) / 256 for at in range(size)]


ROUTES = [
    ("POST", "/services/aigc/text-generation/generation", generate("text")),
    ("POST", "/services/aigc/multimodal-generation/generation", generate("multimodal")),
    ("POST", "/services/embeddings/text-embedding/text-embedding", embed),
]
