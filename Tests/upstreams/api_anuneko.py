# SPDX-License-Identifier: MIT
"""The chat site AnuNeko: chats that it holds itself, answers in lines, and branches that must be chosen."""

import json
import re
import uuid

from exchange import Exchange
from refusal import Refused
from serve import respond, respond_json
from small_model import Heard, pieces, think

TOKEN = "neko-token-5d1c0b77aa52e2e"
COOKIE = "session=neko-cookie-77aa52e2e"
MODELS = ["Orange Cat", "Exotic Shorthair"]
DEVICE = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Chat:
    """A conversation as the site holds it."""

    def __init__(self, model: str):
        self.id = f"chat-{uuid.uuid4().hex[:12]}"
        # What the site does with the model of a new chat: it may keep another one.
        self.model = MODELS[1] if model == MODELS[0] else MODELS[0]
        self.texts: list[str] = []
        self.open: str | None = None  # the answer of which no branch was chosen
        self.chosen: list[str] = []


class Site:
    """What the site knows; one for each upstream."""

    def __init__(self):
        self.chats: dict[str, Chat] = {}
        self.settled = []

    def chat(self, name) -> Chat:
        if name not in self.chats:
            raise Refused(404, "chat not found", "chat_not_found")
        return self.chats[name]


def site(x: Exchange) -> Site:
    if not hasattr(x.upstream, "site"):
        x.upstream.site = Site()
    return x.upstream.site


def authorize(x: Exchange) -> None:
    """The fields that its own page sends, each exactly as the page does."""
    own = x.upstream.url.removesuffix(x.upstream.prefix)
    kind = "text/plain" if x.request.path.endswith("/stream") else "application/json"
    for name, value in [("accept", "*/*"), ("content-type", kind), ("origin", own), ("referer", f"{own}/"),
                        ("user-agent", "Mozilla/5.0"), ("x-app_id", "com.anuttacon.neko"), ("x-client_type", "4")]:
        if x.request.all(name) != [value]:
            raise Refused(400, f"bad {name}: {x.request.all(name)}", "bad_header")
    if not DEVICE.fullmatch(x.request.get("x-device_id") or ""):
        raise Refused(400, "bad x-device_id", "bad_header")
    if x.request.all("cookie") != getattr(x.upstream, "cookies", []):
        raise Refused(400, f"bad cookie: {x.request.all('cookie')}", "bad_header")
    if x.request.all("x-token") != [TOKEN] or x.request.get("authorization"):
        raise Refused(401, "token invalid", "unauthorized")


def refuse(x: Exchange, refusal: Refused) -> None:
    respond_json(x, {"code": refusal.error["code"] or "error", "message": refusal.error["message"]}, refusal.status)


def read(x: Exchange, **members) -> dict:
    """The body, which has exactly these members, of these kinds."""
    try:
        asked = json.loads(bytes(x.request.body).decode())
    except ValueError as error:
        raise Refused(400, "no JSON", "bad_body") from error
    if not isinstance(asked, dict) or {name: type(value) for name, value in asked.items()} != members:
        raise Refused(400, f"bad body {asked}", "bad_body")
    return asked


def known(model: str) -> str:
    if model not in MODELS:
        raise Refused(400, f"unknown model {model}", "bad_model")
    return model


def view(x: Exchange) -> None:
    if x.request.body:
        raise Refused(400, "a body", "bad_body")
    respond_json(x, {"user": {"name": "e2e"}, "models": MODELS})


def begin(x: Exchange) -> None:
    chat = Chat(known(read(x, model=str)["model"]))
    site(x).chats[chat.id] = chat
    respond_json(x, {getattr(x.upstream, "id_member", "chat_id"): chat.id})


def select_model(x: Exchange) -> None:
    asked = read(x, chat_id=str, model=str)
    site(x).chat(asked["chat_id"]).model = known(asked["model"])
    respond_json(x, {"ok": True})


def select_choice(x: Exchange) -> None:
    asked = read(x, msg_id=str, choice_idx=int)
    for chat in site(x).chats.values():
        if asked["msg_id"] == chat.open and asked["choice_idx"] == 0:
            chat.chosen.append(chat.open)
            chat.open = None
            site(x).settled.append(asked["msg_id"])
            return respond_json(x, {"ok": True})
    raise Refused(404, "no such message", "msg_not_found")


def message(x: Exchange) -> None:
    chat = site(x).chat(x.request.path.split("/")[-2])
    text, = read(x, contents=list)["contents"]
    x.head(200, ("content-type", "text/event-stream"), framing="chunked")
    if chat.open:
        x.send(b'{"code":"chat_choice_shown"}\n')
        return x.end()
    chat.texts.append(text)
    if match := re.match(r"fail (\w+)", text):
        x.send(json.dumps({"code": match[1], "message": f"It is {match[1]}."}).encode() + b"\n")
        return x.end()
    chat.open = f"msg-{uuid.uuid4().hex}"
    said = think(Heard(text=text.rpartition("User: ")[2])).text + getattr(x.upstream, "signature", "")
    for line in lines(chat, said):
        send_line(x, line)
    x.end()


def send_line(x: Exchange, line: str) -> None:
    """Sends a line; breaks off instead where the script said so."""
    if x.events_left == 0:
        x.break_off()
    if x.events_left:
        x.events_left -= 1
    x.events += 1
    x.send(line.encode() + b"\n")


def lines(chat: Chat, text: str):
    """An answer as the site sends it: names, texts, branches, lines that say nothing."""
    yield "data: " + json.dumps({"msg_id": f"early-{chat.open}"})
    yield "data: "
    for number, piece in enumerate(pieces(text)):
        if number % 3 == 0:
            yield "data: " + json.dumps({"msg_id": chat.open, "v": piece}, ensure_ascii=False)
        elif number % 3 == 1:
            branches = [{"v": piece}, {"v": "another branch", "c": 1}, {"c": 0}]
            yield "data: " + json.dumps({"v": "not this", "c": branches}, ensure_ascii=False)
        else:
            yield "data: " + json.dumps({"c": [{"v": "no", "c": 2}, {"v": piece, "c": 0}]})
    yield ""
    yield "data: " + json.dumps({"msg_id": chat.open})


ROUTES = [
    ("GET", "/api/v1/user/view", view), ("POST", "/api/v1/chat", begin),
    ("POST", "/api/v1/user/select_model", select_model), ("POST", "/api/v1/msg/([^/]+)/stream", message),
    ("POST", "/api/v1/msg/select-choice", select_choice),
]


def page(x: Exchange, status: int = 200) -> None:
    """What some proxy in front of the site says."""
    x.body.read()
    respond(x, status, b"<html><b>Sorry</b></html>", "text/html")
