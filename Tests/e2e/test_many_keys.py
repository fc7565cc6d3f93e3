# SPDX-License-Identifier: MIT
"""Lists of users and keys that are long: in parts, by name and number, and never in one long answer."""

import pytest

import keyring
from administration import House


@pytest.fixture
def house(edges, upstream, tmp_path) -> House:
    house = House(edges, upstream, tmp_path, callers="issued")
    keys = keyring.Keyring(house.edge.state)
    for number in range(1, 41):
        keys.add(f"User {number:03}")
    issued = [keys.issue(user=number % 40 + 1) for number in range(1200)]
    for key in issued[::10]:
        keys.revoke(key)
    keys.remove(40)
    return house


def pages(house: House, path: str, name: str, query: str = "") -> list[list[dict]]:
    """What is asked for part by part."""
    parts, after = [], ""
    while True:
        answer = house.do("GET", f"{path}?{query}{after}")
        parts.append(answer[name])
        if answer["next"] is None:
            return parts
        after = f"&after={answer['next']}"


def ids(parts: list[list[dict]]) -> list[int]:
    return [entry["id"] for part in parts for entry in part]


def test_parts(house):
    assert [len(part) for part in pages(house, "/admin/api-keys", "api_keys")] == [1000, 200]
    assert ids(pages(house, "/admin/api-keys", "api_keys", "limit=7")) == list(range(1, 1201))
    assert ids(pages(house, "/admin/users", "users", "limit=3")) == list(range(1, 40))
    inactive = ids(pages(house, "/admin/api-keys", "api_keys", "limit=50&is_active=false"))
    assert inactive == [n for n in range(1, 1201) if n % 10 == 1 or n % 40 == 0]


def test_by_name_number_and_user(house):
    assert [user["username"] for user in house.do("GET", "/admin/users?q=uSER%20017")["users"]] == ["User 017"]
    assert ids([house.do("GET", "/admin/users?q=%2317")["users"]]) == [17]
    assert ids([house.do("GET", "/admin/users?q=%2340")["users"]]) == [], "who was deleted"
    assert ids([house.do("GET", "/admin/users?q=%23x")["users"]]) == []
    found = house.do("GET", "/admin/api-keys?q=1199")["api_keys"]
    assert [(key["id"], key["name"], key["username"]) for key in found] == [(1199, "key1199", "User 039")]
    assert ids([house.do("GET", "/admin/api-keys?q=%231200&user_id=40")["api_keys"]]) == [1200]
    assert ids([house.do("GET", "/admin/api-keys?q=%231200&user_id=39")["api_keys"]]) == []
    assert ids(pages(house, "/admin/api-keys", "api_keys", "user_id=7&limit=4")) == [n for n in range(1, 1201) if n % 40 == 7]
    names = house.do("GET", "/admin/api-keys?limit=3")["api_keys"]
    assert [key["username"] for key in names] == ["User 001", "User 002", "User 003"]
