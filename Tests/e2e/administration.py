# SPDX-License-Identifier: MIT
"""An edgefilter that is administered: by a port of its own, by a socket, by a key."""

import hashlib
import json
from pathlib import Path

import edge as starting
import proc
from client import Answer, Client, request
from edge import Edge, configuration

ADMIN_KEY = "e2e-admin-3f1c77d0a9"
BEARER = f"Authorization: Bearer {ADMIN_KEY}"
HASH = hashlib.sha256(ADMIN_KEY.encode()).hexdigest()


class House:
    """One edgefilter and its doors: `public`, and those for administration."""

    def __init__(self, edges, upstream, folder: Path, way: str = "listen", **settings):
        self.run = folder / "run"
        self.run.mkdir()
        self.port = starting.free_port()
        self.socket = str(folder / "admin")
        admin = {"key": HASH, "listen": [f"127.0.0.1:{self.port}", self.socket]}
        file = configuration(upstream, **{"admin": admin, **settings})
        self.edge: Edge = edges(file, way, env={"RUNTIME_DIRECTORY": str(self.run)})

    def ask(self, door: str, method: str, target: str, body=None, *lines: str, host: str = "") -> Answer:
        """One request through a door: `port`, `unix`, `key` (the public port, with the key), `public` (without)."""
        address = {"port": ("127.0.0.1", self.port), "unix": self.socket}.get(door, self.edge.address)
        more = [BEARER] if door == "key" else []
        client = Client(address)
        answer = client.ask(request(method, target, body, *more, *lines, host=host or self.host(door)))
        client.close()
        return answer

    def host(self, door: str) -> str:
        return f"127.0.0.1:{self.port if door == 'port' else self.edge.port}"

    def do(self, method: str, target: str, body=None) -> dict:
        """One change or look that must succeed."""
        answer = self.ask("port", method, target, body)
        assert answer.status == 200, answer
        assert answer.get("cache-control") == "no-store"
        return answer.json

    def do_plain(self, method: str, target: str) -> dict:
        """The same on the public port, without any credential."""
        answer = self.ask("public", method, target)
        assert answer.status == 200, answer
        return answer.json

    def user(self, name: str = "alice") -> int:
        return self.do("POST", "/admin/users", {"username": name})["user_id"]

    def key(self, user: int = 0, name: str = "laptop", **limits) -> str:
        return self.do("POST", "/admin/api-keys", {"user_id": user or self.user(), "name": name, **limits})["api_key"]

    def sign_in(self, *lines: str, key: str = ADMIN_KEY) -> Answer:
        return self.ask("public", "POST", "/admin/login", {"key": key}, *lines)

    def conversations(self, count: int) -> list[dict]:
        """Their records, once there are so many: each is written after its answer."""
        def found() -> list[dict]:
            return [record for record in self.edge.parsed() if record["endpoint"] == "/v1/chat/completions"]
        proc.wait_until(lambda: len(found()) >= count, f"{count} records")
        return found()

    def everything(self) -> bytes:
        """What was written anywhere, but for the log of the test itself."""
        said = "\n".join(self.edge.stderr).encode()
        return b"\n".join([said, *starting.contents(self.edge.state, self.run)])


class SignedIn:
    """What a browser keeps of a sign-in."""

    def __init__(self, house: House):
        answer = house.sign_in()
        assert answer.status == 200, answer
        self.house = house
        self.field = answer.get("set-cookie")
        self.cookie = "Cookie: " + self.field.partition(";")[0]
        self.token = "X-CSRF-Token: " + answer.json["csrf_token"]
        self.origin = f"Origin: {house.edge.url}"

    def ask(self, method: str, target: str, body=None, *lines: str) -> Answer:
        return self.house.ask("public", method, target, body, self.cookie, *lines)

    def change(self, method: str, target: str, body=None) -> Answer:
        return self.ask(method, target, body, self.token, self.origin, "Sec-Fetch-Site: same-origin")


def sums(records: list[dict]) -> dict:
    """Of the records that holders of keys left, what usage must say."""
    mine = [record for record in records if record.get("key_id") and record["endpoint"].startswith("/v1/")]
    spent = sum(record["input"] for record in mine), sum(record["output"] for record in mine)
    return {"total_requests": len(mine), "total_input_tokens": spent[0], "total_output_tokens": spent[1],
            "total_tokens": sum(spent)}


def as_json(text: str) -> dict:
    return json.loads(text)
