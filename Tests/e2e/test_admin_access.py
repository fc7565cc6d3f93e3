# SPDX-License-Identifier: MIT
"""Who may administer, and who may not: sockets, keys, sign-ins, pages of other sites."""

import re
import signal

import pytest

import api
import edge as starting
import proc
from administration import ADMIN_KEY, BEARER, HASH, House, SignedIn
from client import Client, request
from edge import Edge, configuration

CLOSED = [("GET", "/admin/users"), ("POST", "/admin/users?username=eve"), ("GET", "/admin/api-keys"),
          ("POST", "/admin/api-keys?user_id=1&name=n"), ("PATCH", "/admin/api-keys/1"), ("DELETE", "/admin/api-keys/1"),
          ("DELETE", "/admin/users/1"), ("GET", "/usage/api-key/1"), ("GET", "/admin/usage"), ("GET", "/admin/live"),
          ("POST", "/admin/logout"), ("GET", "/admin/nothing")]
FORWARDED = ["X-Forwarded-For: 127.0.0.1", "Forwarded: for=127.0.0.1", "Via: 1.1 x", "X-Real-IP: ::1"]


@pytest.fixture
def house(edges, upstream, tmp_path):
    return House(edges, upstream, tmp_path)


def refused(answer, status: int = 401, code: str | None = None) -> bool:
    return answer.status == status and bool(answer.error["message"]) and code in (None, answer.error["code"])


@pytest.mark.parametrize("lines", [(), (f"Authorization: Bearer {api.CALLER_KEY}",), ("Cookie: edgefilter-admin=x.y.z",)],
                         ids=["nothing", "a wrong key", "a made-up cookie"])
def test_closed_on_the_public_port(house, upstream, lines):
    house.user()
    for method, target in CLOSED[:4]:
        answer = house.ask("public", method, target, None, *lines)
        assert refused(answer), (method, target, answer)
        assert answer.get("access-control-allow-origin") is None
    assert len(house.do("GET", "/admin/users")["users"]) == 1
    assert upstream.exchanges == []


def test_each_is_closed(house):
    house.user()
    for method, target in CLOSED:
        assert refused(house.ask("public", method, target), code="admin_only"), (method, target)


@pytest.mark.parametrize("settings", [{"callers": "open"}, {"cors": ["*"]}, {"trusted_proxies": ["127.0.0.1"]}])
def test_no_other_setting_opens_it(edges, upstream, tmp_path, settings):
    house = House(edges, upstream, tmp_path, **settings)
    assert refused(house.ask("public", "GET", "/admin/users"))
    foreign = house.ask("port", "GET", "/admin/users", None, "Origin: https://evil.example")
    assert refused(foreign, 403, "origin_not_allowed")
    assert foreign.get("access-control-allow-origin") is None


def test_an_issued_key_is_no_admin_key(house):
    key = house.key()
    assert refused(house.ask("public", "GET", "/admin/users", None, f"Authorization: Bearer {key}"))


@pytest.mark.parametrize("door", ["port", "unix"])
@pytest.mark.parametrize("field", FORWARDED)
def test_what_was_forwarded_is_not_at_the_socket(house, door, field):
    assert refused(house.ask(door, "GET", "/admin/users", None, field))
    assert house.ask(door, "GET", "/admin/users", None, field, BEARER).status == 200


def test_without_a_key_there_is_the_socket_only(edges, upstream, tmp_path):
    house = House(edges, upstream, tmp_path, admin={"listen": [str(tmp_path / "admin")]})
    assert house.ask("unix", "GET", "/admin/users").status == 200
    assert refused(house.ask("key", "GET", "/admin/users"))
    assert "socket only" in house.ask("public", "GET", "/admin/users").error["message"]
    assert refused(house.ask("public", "GET", "/admin"))
    assert refused(house.sign_in(key=HASH))


@pytest.mark.parametrize("line", ["Origin: https://evil.example", "Origin: null", "Sec-Fetch-Site: cross-site",
                                  "Sec-Fetch-Site: same-site", "Origin: http://127.0.0.1:1"])
@pytest.mark.parametrize("door", ["port", "unix", "key"])
def test_pages_of_other_sites(house, door, line):
    answer = house.ask(door, "POST", "/admin/users?username=eve", None, line)
    assert refused(answer, 403, "origin_not_allowed"), answer
    assert house.do("GET", "/admin/users")["users"] == []


def test_a_name_that_was_bent_to_us(house):
    """DNS rebinding: the page's own origin is the name, so that Origin and Host agree."""
    answer = house.ask("port", "GET", "/admin/users", None, "Origin: http://evil.example", host="evil.example")
    assert refused(answer, 403, "host_not_allowed")


@pytest.mark.parametrize("target", ["/admin/users", "/usage/api-key/1", "/admin/login"])
def test_preflights_get_nothing(house, target):
    answer = house.ask("port", "OPTIONS", target, None, "Origin: https://evil.example",
                       "Access-Control-Request-Method: DELETE")
    assert answer.status == 204
    assert [name for name, _ in answer.fields if name.lower().startswith("access-control")] == []


def test_wrong_keys_wait(edges, upstream, tmp_path):
    """Five a minute of one source, however many come at once; the socket stays open."""
    house = House(edges, upstream, tmp_path)
    clients = [house.edge.dial() for _ in range(12)]
    for number, client in enumerate(clients):
        client.send(request("GET", "/admin/users", None, f"x-api-key: guess-{number}"))
    statuses = sorted(client.answer().status for client in clients)
    assert statuses == [401] * 5 + [429] * 7
    late = house.ask("key", "GET", "/admin/users")
    assert late.status == 429 and 0 < int(late.get("retry-after")) <= 60
    assert house.sign_in().status == 429
    assert house.ask("unix", "GET", "/admin/users").status == 200


def test_a_guess_costs_a_connection(house):
    client = house.edge.dial()
    answer = client.ask(request("GET", "/admin/users", None, "x-api-key: guess"))
    assert answer.status == 401 and answer.closes


def test_no_guessing_where_callers_are_served(edges, upstream, tmp_path):
    """The admin key and a wrong one look alike there; at the metrics wrong ones wait."""
    house = House(edges, upstream, tmp_path, callers="issued", trusted_proxies=["127.0.0.1"])
    answers = [house.ask("public", "GET", "/v1/models", None, f"Authorization: Bearer {key}") for key in (ADMIN_KEY, "guess")]
    assert answers[0].status == answers[1].status == 401
    assert answers[0].error == answers[1].error
    metrics = [house.ask("public", "GET", "/metrics", None, "x-api-key: guess").status for _ in range(6)]
    assert metrics == [401] * 5 + [429]


def test_behind_a_proxy_each_client_waits_for_itself(edges, upstream, tmp_path):
    house = House(edges, upstream, tmp_path, trusted_proxies=["127.0.0.1"])

    def attempt(address: str, key: str) -> int:
        return house.sign_in(f"X-Forwarded-For: {address}", key=key).status
    assert [attempt("203.0.113.7", "guess") for _ in range(6)] == [401] * 5 + [429]
    assert attempt("203.0.113.7", ADMIN_KEY) == 429
    assert attempt("203.0.113.8", ADMIN_KEY) == 200
    assert [attempt("203.0.113.9", ADMIN_KEY) for _ in range(7)] == [200] * 7, "right ones do not count"


def test_signing_in(house):
    assert house.ask("public", "GET", "/admin/session").json == {"admitted_by": None}
    browser = SignedIn(house)
    assert re.fullmatch(r"edgefilter-admin=[0-9]+\.[\w-]{22}\.[\w-]{43}; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict",
                        browser.field)
    session = browser.ask("GET", "/admin/session").json
    assert (session["admitted_by"], f"X-CSRF-Token: {session['csrf_token']}") == ("sign_in", browser.token)
    assert browser.ask("GET", "/admin/users").json == {"users": [], "next": None}
    assert browser.change("POST", "/admin/users", {"username": "alice"}).status == 200
    out = browser.change("POST", "/admin/logout")
    assert out.status == 200 and "Max-Age=0" in out.get("set-cookie")
    assert refused(browser.ask("GET", "/admin/users"), code="sign_in_expired"), "a cookie that was kept is of no use"
    assert house.ask("port", "GET", "/admin/session").json == {"admitted_by": "socket"}
    assert ADMIN_KEY.encode() not in house.everything()


def test_no_key_in_a_url(house):
    answer = house.ask("public", "POST", f"/admin/login?key={ADMIN_KEY}")
    assert (answer.status, answer.get("set-cookie")) == (400, None)


def test_secure_where_the_proxy_says_https(edges, upstream, tmp_path):
    house = House(edges, upstream, tmp_path, trusted_proxies=["127.0.0.1"])
    field = house.sign_in("X-Forwarded-Proto: https").get("set-cookie")
    assert field.startswith("__Host-edgefilter-admin=") and field.endswith("; Secure")
    cookie = "Cookie: a=b; " + field.partition(";")[0]
    assert house.ask("public", "GET", "/admin/users", None, cookie).status == 200
    assert "Secure" not in house.sign_in().get("set-cookie")


def test_nobody_else_can_say_https(house):
    assert "Secure" not in house.sign_in("X-Forwarded-Proto: https").get("set-cookie")


def test_forged_requests(house):
    """With the cookie, which a browser sends along, but without what only our own page has."""
    browser = SignedIn(house)
    create = ("POST", "/admin/users", {"username": "eve"})
    assert refused(browser.ask(*create), 403, "token_missing")
    assert refused(browser.ask(*create, "X-CSRF-Token: guess"), 403, "token_missing")
    other = SignedIn(house)
    assert refused(browser.ask(*create, other.token), 403, "token_missing")
    for line in ("Origin: https://evil.example", "Sec-Fetch-Site: same-site"):
        assert refused(browser.ask(*create, browser.token, line), 403, "origin_not_allowed")
    for method, target in CLOSED[4:7]:
        assert refused(browser.ask(method, target), 403, "token_missing")
    assert house.do("GET", "/admin/users")["users"] == []


def test_cookies_that_are_not_ours(house):
    browser = SignedIn(house)
    name, value = browser.cookie.removeprefix("Cookie: ").split("=", 1)
    expires, nonce, mac = value.split(".")
    later, first = str(int(expires) + 1000), ("A" if mac[0] != "A" else "B") + mac[1:]
    for forged in (f"{later}.{nonce}.{mac}", f"{expires}.{nonce[::-1]}.{mac}", f"{expires}.{nonce}.{first}",
                   f"{expires}.{nonce}.", f"{expires}.{nonce}", "", "..", f"1.{nonce}.{mac}", f"{value}.{mac}"):
        assert refused(house.ask("public", "GET", "/admin/users", None, f"Cookie: {name}={forged}")), forged


def test_a_sign_in_outlives_handlers_and_a_reload_and_no_new_key(house):
    browser = SignedIn(house)
    house.edge.process.send_signal(signal.SIGHUP)
    proc.wait_until(lambda: sum("listens on" in line for line in house.edge.stderr) == 2, "the next image")
    assert browser.ask("GET", "/admin/users").status == 200
    assert house.ask("port", "GET", "/admin/users").status == 200, "the admin port is still one"
    assert refused(house.ask("public", "GET", "/admin/users"))
    text = house.edge.file.read_text()
    house.edge.file.write_text(text.replace(HASH, HASH[::-1]))
    house.edge.process.send_signal(signal.SIGHUP)
    proc.wait_until(lambda: sum("listens on" in line for line in house.edge.stderr) == 3, "the one after it")
    assert refused(browser.ask("GET", "/admin/users"), code="sign_in_expired")


def test_the_page(house):
    page = house.ask("public", "GET", "/admin")
    assert (page.status, page.get("content-type")) == (200, "text/html; charset=utf-8")
    policy = page.get("content-security-policy")
    for part in ("default-src 'none'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'",
                 "connect-src 'self'", "require-trusted-types-for 'script'"):
        assert part in policy
    assert "unsafe" not in policy
    assert page.get("x-content-type-options") == "nosniff"
    text = page.body.decode()
    assert not re.search(r"""(src|href)=["'](?!data:|#)|\son\w+=|style=|javascript:|innerHTML""", text), "no outside resource"
    assert house.ask("public", "GET", "/admin/").body == page.body
    assert house.ask("public", "HEAD", "/admin").status == 200
    linked = house.ask("public", "GET", "/admin", None, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate")
    assert linked.status == 200, "a link may lead here"


def test_activated_sockets_by_their_names(tmp_path, upstream, edges):
    """Socket activation: of two sockets the one that is called admin is for administration."""
    class Activated(Edge):
        def command(self):
            names = ["systemd-socket-activate", "-l", f"127.0.0.1:{self.port}", "-l", self.env["ADMIN"],
                     "--fdname=http:admin", "-E", f"STATE_DIRECTORY={self.state}"]
            return [*names, str(starting.BINARY), "-c", str(self.file)]
    admin = str(tmp_path / "admin.sock")
    edge = Activated(tmp_path / "edge", configuration(upstream), env={"ADMIN": admin})
    try:
        proc.wait_until(lambda: proc.is_listening_at(admin), "the second socket")
        client = Client(admin)
        assert client.ask(request("POST", "/admin/users?username=alice")).json["user_id"] == 1
        client.close()
        assert refused(edge.ask(request("GET", "/admin/users")))
    finally:
        edge.stop()


def test_the_flag(tmp_path, upstream):
    class Flagged(Edge):
        def command(self):
            return [*super().command()[:-1], "--admin", self.env["ADMIN"], f"127.0.0.1:{self.port}"]
    admin = str(tmp_path / "admin.sock")
    edge = Flagged(tmp_path / "edge", configuration(upstream), env={"ADMIN": admin})
    try:
        proc.wait_until(lambda: proc.is_listening_at(admin), "the second socket")
        client = Client(admin)
        assert client.ask(request("GET", "/admin/users")).status == 200
        client.close()
    finally:
        edge.stop()


def test_the_inetd_form(edges, upstream, tmp_path):
    """No acceptor, no admin socket; the key and the sign-in do."""
    house = House(edges, upstream, tmp_path, "inetd", admin={"key": HASH})
    assert refused(house.ask("public", "GET", "/admin/users"))
    assert house.ask("key", "POST", "/admin/users?username=alice").json["user_id"] == 1
    browser = SignedIn(house)
    assert browser.change("POST", "/admin/api-keys", {"user_id": 1, "name": "n"}).json["api_key_id"] == 1
    assert browser.ask("GET", "/admin/live").json["active_connections"] >= 1
