# SPDX-License-Identifier: MIT
"""Administration as installed: the socket of its own, keys in the state directory, a reload in between."""

import pytest
from client import chat, request
from installed import SERVICE, STATE
from machine import wait_for

ADMIN = "/run/edgefilter/admin.sock"
LIST = request("GET", "/admin/users")


@pytest.fixture
def house(installed, upstream):
    installed.configure(upstream, callers="issued")
    installed.start("edgefilter-admin.socket")
    installed.start()
    return installed


def test_keys_are_issued_at_the_admin_socket(house):
    admin = house.machine.path(ADMIN)

    def do(method: str, target: str) -> dict:
        answer = house.ask(request(method, target), admin)
        assert answer.status == 200, answer
        return answer.json
    assert do("POST", "/admin/users?username=alice")["user_id"] == 1
    key = do("POST", "/admin/api-keys?user_id=1&name=n")["api_key"]
    assert house.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status == 200
    assert house.machine.ask("stat", "-c", "%a %U %G", f"{STATE}/keys.log") == "640 edgefilter edgefilter"
    first = house.acceptor()
    house.systemctl("reload", SERVICE)
    wait_for(lambda: do("GET", "/admin/users")["users"], "the users after the reload")
    assert house.acceptor() == first
    do("DELETE", "/admin/api-keys/1")
    assert house.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status == 401
    assert key not in house.journal()


def test_no_other_socket_is_for_administration(house):
    for address in (("127.0.0.1", 8000), house.unix()):
        assert house.ask(LIST, address).status == 401


def test_the_admin_socket_alone_starts_the_service(installed, upstream):
    installed.configure(upstream)
    installed.start("edgefilter-admin.socket")
    assert installed.ask(LIST, installed.machine.path(ADMIN)).json["users"] == []
