# SPDX-License-Identifier: MIT
"""Administration as InfiniProxy documents it: every call as written, with the documented members in its answer."""

import re
import subprocess

import anthropic
import openai
import pytest

import api
import proc
import scripts
from administration import ADMIN_KEY, BEARER, House, as_json, sums
from client import chat, request
from exchange import LONG

# Its document's examples, word for word.
CREATE_USER = 'curl -X POST "http://localhost:8000/admin/users?username=alice&email=alice@example.com"'
CREATE_KEY = 'curl -X POST "http://localhost:8000/admin/api-keys?user_id=1&name=my-key"'
USERS = "curl http://localhost:8000/admin/users"
KEYS = "curl http://localhost:8000/admin/api-keys"
KEYS_OF = 'curl "http://localhost:8000/admin/api-keys?user_id=1"'
DEACTIVATE = "curl -X DELETE http://localhost:8000/admin/api-keys/1"
ME = 'curl http://localhost:8000/usage/me -H "Authorization: Bearer sk-abc123..."'
ME_BETWEEN = ('curl "http://localhost:8000/usage/me?start_date=2024-01-01T00:00:00&end_date=2024-12-31T23:59:59" '
              '-H "Authorization: Bearer sk-abc123..."')
KEY_USAGE = "curl http://localhost:8000/usage/api-key/1"
WARNING = "保存此 API 密钥！它将不会再次显示。"


@pytest.fixture
def house(edges, upstream, tmp_path):
    return House(edges, upstream, tmp_path)


def curl(house: House, door: str, command: str, key: str = "sk-abc123..."):
    """Runs an example against a door: the document's own address is replaced, and its sample key."""
    port = house.port if door == "port" else house.edge.port
    line = command.replace("http://localhost:8000", f"http://localhost:{port}").replace("sk-abc123...", key)
    more = {"key": f' -H "{BEARER}"', "unix": f" --unix-socket {house.socket}"}.get(door, "")
    done = subprocess.run(["sh", "-c", f"{line}{more} -s -w '%{{stderr}}%{{http_code}}'"], capture_output=True, text=True,
                          timeout=LONG, check=True)
    assert done.stderr == "200", done
    return as_json(done.stdout)


@pytest.mark.parametrize("door", ["port", "unix", "key"])
def test_the_document(house, door, upstream):
    assert curl(house, door, CREATE_USER) == {
        "success": True, "user_id": 1, "username": "alice", "message": "用户 alice 创建成功"}
    issued = curl(house, door, CREATE_KEY)
    key = issued.pop("api_key")
    assert issued == {"success": True, "api_key_id": 1, "user_id": 1, "name": "my-key", "warning": WARNING}
    assert re.fullmatch("sk-ef-[0-9A-Za-z]{49}", key)
    user, = curl(house, door, USERS)["users"]
    assert (user["id"], user["username"], user["email"], user["is_active"]) == (1, "alice", "alice@example.com", True)
    for example in (KEYS, KEYS_OF):
        listed, = curl(house, door, example)["api_keys"]
        assert (listed["id"], listed["user_id"], listed["username"], listed["name"]) == (1, 1, "alice", "my-key")
        assert listed["is_active"] and key not in str(listed)
    mine = f"Authorization: Bearer {key}"
    assert house.edge.ask(chat("gpt-4", "hello", mine)).status == 200
    assert curl(house, door, DEACTIVATE) == {"success": True, "message": "API key 1 deactivated"}
    assert house.edge.ask(chat("gpt-4", "hello", mine)).status == 401
    assert len(upstream.exchanges) == 1
    assert not curl(house, door, KEYS)["api_keys"][0]["is_active"]
    assert key.encode() not in house.everything()


def test_usage_of_the_document(house, upstream):
    key = house.key(house.user(), "my-key")
    other = house.key(house.user("bob"))
    for text in ("one", "two words"):
        assert house.edge.ask(chat("gpt-4", text, f"Authorization: Bearer {key}")).status == 200
    assert house.edge.ask(chat("gpt-4", "x", f"x-api-key: {other}")).status == 200
    records = [record for record in house.conversations(3) if record.get("key_id") == 1]
    wanted = sums(records)
    assert wanted["total_requests"] == 2 and wanted["total_tokens"] > 0
    row = {"endpoint": "/v1/chat/completions", "model": "gpt-4", **wanted}
    assert curl(house, "public", ME, key) == {
        "user_id": 1, "username": "alice", **wanted, "usage_by_endpoint": [row]}
    got = curl(house, "port", KEY_USAGE)
    assert (got["api_key_id"], got["user_id"], got["usage_by_endpoint"]) == (1, 1, [row])
    assert {name: got[name] for name in wanted} == wanted
    empty = curl(house, "public", ME_BETWEEN, key)
    assert (empty["total_requests"], empty["usage_by_endpoint"]) == (0, [])
    all_of_it = house.do("GET", "/admin/usage")
    assert (all_of_it["total_requests"], all_of_it["total_failures"]) == (3, 0)
    assert [row["model"] for row in all_of_it["usage_by_model"]] == ["gpt-4"]


def test_every_request_is_one(house, upstream):
    """A list of models counts like a conversation: in the minute and in the usage; asking for usage does not."""
    mine = f"Authorization: Bearer {house.key(requests_per_minute=3)}"
    upstream.script(api.answer, scripts.error(500))
    models, words = request("GET", "/v1/models", None, mine), chat("gpt-4", "hello", mine)
    assert house.edge.ask(models).status == 200

    def counted() -> int:
        return house.ask("public", "GET", "/usage/me", None, mine).json["total_requests"]
    proc.wait_until(lambda: counted() == 1, "its record")
    assert [house.edge.ask(one).status for one in (words, models, models)] == [500, 200, 429]
    proc.wait_until(lambda: counted() == 4, "their records")
    assert counted() == 4, "however often it is asked"


def test_what_a_holder_asks_of_us_is_on_its_account(house):
    """In the record; the documented sums leave it out."""
    key = house.key()
    for method, target, body in (("GET", "/usage/me", None), ("GET", "/settings/model", None), ("PUT", "/settings/model", {})):
        answer = house.ask("public", method, target, body, f"Authorization: Bearer {key}")
    assert answer.status == 400
    proc.wait_until(lambda: len(told(house)) == 3, "three records")
    assert sorted((record["key_id"], record["user"], record["status"]) for record in told(house)) == [(1, 1, 200), (1, 1, 200), (1, 1, 400)]
    rows = as_json(house.edge.tool("usage", "--by", "key", "--key", "1", "--all", "--json").stdout.decode())["by_key"]
    assert [(row["key"], row["requests"]) for row in rows] == [("1", 3)]
    me = house.ask("public", "GET", "/usage/me", None, f"Authorization: Bearer {key}").json
    assert (me["total_requests"], me["usage_by_endpoint"]) == (0, [])


def told(house) -> list[dict]:
    return [record for record in house.edge.parsed() if record["endpoint"] in ("/usage/me", "/settings/model")]


def test_bounds_are_included(house):
    key = house.key()
    mine = f"Authorization: Bearer {key}"
    assert house.edge.ask(chat("gpt-4", "hello", mine)).status == 200
    ended = house.conversations(1)[0]["time"]
    second, day = ended[:19], ended[:10]

    def count(start: str, end: str) -> int:
        answer = house.ask("public", "GET", f"/usage/me?start_date={start}&end_date={end}", None, mine)
        assert answer.status == 200, answer
        return answer.json["total_requests"]
    assert count(second, second) == 1
    assert count(day, day) == 1
    assert count(f"{second}Z", f"{second}%2B00:00") == 1
    assert count("2020-01-01", "2020-12-31") == 0
    assert count("2020-01-01T00:00:00", "2999-12-31T23:59:59") == 1


@pytest.mark.parametrize("bound", ["yesterday", "2024-13-01", "2024-02-30", "2024-01-01T25:00:00", "20240101",
                                   "2024-01-01T00:00:00x", "2024-01-01T", "0000-01-01"])
def test_bounds_that_are_none(house, bound):
    answer = house.ask("port", "GET", f"/admin/usage?start_date={bound}")
    assert answer.status == 400
    assert (answer.error["param"], answer.error["type"]) == ("start_date", "invalid_request_error")


def test_deleting_a_user(house):
    user = house.user()
    keys = [house.key(user, name) for name in ("a", "b")]
    kept = house.key(house.user("bob"))
    assert house.do("DELETE", f"/admin/users/{user}") == {"success": True, "message": "User 1 deleted"}
    assert [user["username"] for user in house.do("GET", "/admin/users")["users"]] == ["bob"]
    assert [house.edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status for key in [*keys, kept]] \
        == [401, 401, 200]
    assert house.user() == 3, "the name is free again, the number is not"


def test_a_revoked_key_on_a_kept_connection(house):
    key = house.key()
    client = house.edge.dial()
    assert client.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status == 200
    house.do("DELETE", "/admin/api-keys/1")
    assert client.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status == 401


def test_json_and_form_bodies(house):
    assert house.do("POST", "/admin/users", {"username": "周 明", "email": None})["username"] == "周 明"
    answer = house.ask("port", "POST", "/admin/users", b"username=b%26b&email=b%40example.com",
                       "Content-Type: application/x-www-form-urlencoded")
    assert answer.json["username"] == "b&b"
    assert house.do("POST", "/admin/users?username=c+d", {})["username"] == "c d"
    assert [user["email"] for user in house.do("GET", "/admin/users")["users"]] == [None, "b@example.com", None]


LIMITS = {"expires_at": "2999-12-31T23:59:59", "allowed_models": ["gpt-*", "o1"], "requests_per_minute": 7,
          "tokens_per_day": 9000, "model_name": "gpt-4"}


def test_limits(house):
    house.key(**LIMITS)
    listed, = house.do("GET", "/admin/api-keys")["api_keys"]
    assert {name: listed[name] for name in LIMITS} == LIMITS
    changed = house.do("PATCH", "/admin/api-keys/1", {"requests_per_minute": None, "allowed_models": ["*"]})["api_key"]
    assert {name: changed[name] for name in LIMITS} == {**LIMITS, "requests_per_minute": None, "allowed_models": ["*"]}
    again = house.do("PATCH", "/admin/api-keys/1?tokens_per_day=5&expires_at=")["api_key"]
    assert (again["tokens_per_day"], again["expires_at"], again["model_name"]) == (5, None, "gpt-4")


def test_a_key_that_has_expired(house):
    key = house.key(expires_at="2020-01-01")
    assert house.do("GET", "/admin/api-keys?is_active=false")["api_keys"][0]["is_revoked"] is False
    assert house.do("GET", "/admin/api-keys?is_active=true")["api_keys"] == []
    assert house.edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status == 401


def test_long_lists_come_in_parts(house):
    user = house.user()
    for number in range(5):
        house.key(user, f"key {number}")
    first = house.do("GET", "/admin/api-keys?limit=2")
    rest = house.do("GET", f"/admin/api-keys?limit=3&after={first['next']}")
    assert [key["id"] for key in first["api_keys"] + rest["api_keys"]] == [1, 2, 3, 4, 5]
    assert rest["next"] is None
    assert [key["id"] for key in house.do("GET", "/admin/api-keys?q=KEY+3")["api_keys"]] == [4]


def test_the_default_model_of_a_key(house, upstream):
    mine = f"Authorization: Bearer {house.key()}"

    def model(method: str, body=None) -> dict:
        answer = house.ask("public", method, "/settings/model", body, mine)
        assert answer.status == 200, answer
        return answer.json
    none = {"api_key_id": 1, "api_key_name": "laptop", "model_name": None, "using_default": True}
    assert model("GET") == none
    done = model("PUT", {"model_name": "gpt-4"})
    assert done.pop("message") and done == {"success": True, "api_key_id": 1, "model_name": "gpt-4"}
    assert model("GET") == {**none, "model_name": "gpt-4", "using_default": False}
    assert model("PUT", {"model_name": None})["model_name"] is None
    assert model("GET") == none
    answer = house.ask("public", "PUT", "/settings/model", {}, mine)
    assert (answer.status, answer.error["param"]) == (400, "model_name")


@pytest.mark.parametrize("target", ["/usage/me", "/settings/model"])
def test_what_needs_an_issued_key(house, target):
    answer = house.ask("public", "GET", target)
    assert answer.status == 401
    assert answer.error["message"] == "Missing API key. Include 'Authorization: Bearer <your-api-key>' header."
    for key in (api.CALLER_KEY, ADMIN_KEY):
        assert house.ask("public", "GET", target, None, f"Authorization: Bearer {key}").status == 401


MISTAKES = [
    ("POST", "/admin/users", None, 400, "username"), ("POST", "/admin/users", {"username": ""}, 400, "username"),
    ("POST", "/admin/users", {"username": 7}, 400, "username"), ("POST", "/admin/users", b"{", 400, None),
    ("POST", "/admin/users", b"[1]", 400, None), ("POST", "/admin/users", {"username": "a\nb"}, 400, None),
    ("POST", "/admin/users", {"username": "x" * 70000}, 413, None),
    ("POST", "/admin/users", {"username": "alice"}, 409, "username"),
    ("POST", "/admin/api-keys", {"name": "n"}, 400, "user_id"),
    ("POST", "/admin/api-keys", {"user_id": "one", "name": "n"}, 400, "user_id"),
    ("POST", "/admin/api-keys", {"user_id": 9, "name": "n"}, 404, None),
    ("POST", "/admin/api-keys", {"user_id": 1}, 400, "name"),
    ("POST", "/admin/api-keys", {"user_id": 1, "name": "n", "tokens_per_day": -1}, 400, "tokens_per_day"),
    ("POST", "/admin/api-keys", {"user_id": 1, "name": "n", "allowed_models": [1]}, 400, "allowed_models"),
    ("POST", "/admin/api-keys", {"user_id": 1, "name": "n", "expires_at": "soon"}, 400, "expires_at"),
    ("DELETE", "/admin/users/9", None, 404, None), ("DELETE", "/admin/api-keys/9", None, 404, None),
    ("PATCH", "/admin/api-keys/9", {}, 404, None), ("GET", "/usage/api-key/9", None, 404, None),
    ("DELETE", "/admin/api-keys/01", None, 404, None), ("DELETE", "/admin/api-keys/x", None, 404, None),
    ("PUT", "/admin/users", None, 405, None), ("GET", "/admin/nothing", None, 404, None),
]


def test_mistakes_are_told(house, upstream):
    house.user()
    for method, target, body, status, param in MISTAKES:
        answer = house.ask("port", method, target, body)
        assert (answer.status, answer.error["param"]) == (status, param), (method, target, body, answer)
    assert house.do("GET", "/admin/api-keys")["api_keys"] == []
    assert upstream.exchanges == [], "what is ours is never sent on"


def test_the_sdks_with_an_issued_key(house, upstream):
    key = house.key()
    client = openai.OpenAI(base_url=f"{house.edge.url}/v1", api_key=key, max_retries=0)
    assert client.chat.completions.create(model="gpt-4", messages=[{"role": "user", "content": "hi"}]).choices
    claude = anthropic.Anthropic(base_url=house.edge.url, api_key=key, max_retries=0)
    assert claude.messages.create(model="gpt-4", max_tokens=99, messages=[{"role": "user", "content": "hi"}]).content
    house.do("DELETE", "/admin/api-keys/1")
    with pytest.raises(openai.AuthenticationError):
        client.models.list()
    with pytest.raises(anthropic.AuthenticationError):
        claude.messages.create(model="gpt-4", max_tokens=9, messages=[{"role": "user", "content": "hi"}])


def test_sixteen_issue_at_once(house):
    """Changes are made one after the other, each whole."""
    user = house.user()
    clients = [house.edge.dial() for _ in range(16)]
    for number, client in enumerate(clients):
        client.send(request("POST", f"/admin/api-keys?user_id={user}&name=n{number}", None, BEARER))
    answers = [client.answer() for client in clients]
    assert sorted(answer.json["api_key_id"] for answer in answers) == list(range(1, 17))
    assert len({answer.json["api_key"] for answer in answers}) == 16


def test_where_nothing_can_be_written(house):
    """Issuing is refused, and goes on when it can, without a restart."""
    house.user()
    moved = house.edge.state.rename(house.edge.state.with_name("moved"))
    answer = house.ask("port", "POST", "/admin/api-keys?user_id=1&name=n")
    assert (answer.status, answer.error["code"]) == (503, "storage_unavailable"), answer
    proc.wait_until(lambda: any("record is lost" in line for line in house.edge.stderr), "the lost record is told")
    moved.rename(house.edge.state)
    assert house.do("POST", "/admin/api-keys?user_id=1&name=n")["api_key_id"] == 1
