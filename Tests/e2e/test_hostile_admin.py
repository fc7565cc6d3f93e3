# SPDX-License-Identifier: MIT
"""Callers, with an issued key and without, who look for a way to administration or to another's key."""

import pytest

import scripts
from administration import House

PATHS = ["/admin/users", "/admin/api-keys", "/admin/usage", "/admin/live", "/usage/api-key/1"]
FORMS = ["{}", "{}/", "{}?x=1", "//{}", "/.{}", "/v1{}", "/v1/..{}", "/%2e%2e{}", "/x/%2e%2e{}", "/v1/..;{}", "{};x=1", "/v1/%2e%2e%2f{}"]
LIES = ["Host: localhost:1", "Forwarded: for=127.0.0.1;by=unix", "X-Forwarded-For: 127.0.0.1", "X-Real-IP: 127.0.0.1",
        "X-Original-URL: /admin/users", "X-HTTP-Method-Override: GET", "Cookie: edgefilter-admin=9999999999.a.b",
        "Cookie: __Host-edgefilter-admin=", "X-CSRF-Token: x"]


@pytest.fixture
def house(edges, upstream, tmp_path) -> House:
    return House(edges, upstream, tmp_path, callers="issued")


def test_no_way_from_the_public_port(house, upstream):
    """By any spelling, with any field, with and without an issued key, nothing of administration is told."""
    key = house.key(name="canary-label")
    for path in PATHS:
        for target in [form.format(path) for form in FORMS] + [path.upper(), path.replace("a", "%61", 1)]:
            for bearer in ([], [f"Authorization: Bearer {key}"]):
                answer = house.ask("public", "GET", target, None, *bearer)
                # 429: an issued key is none of administration's, and the fifth wrong one of a minute waits.
                assert answer.status in (400, 401, 403, 404, 429), (target, answer)
                assert b"canary" not in answer.body and b"api_keys" not in answer.body
        for lie in LIES:
            answer = house.ask("public", "GET", path, None, lie, f"Authorization: Bearer {key}")
            assert answer.status in (400, 401, 403, 429), (path, lie, answer)
            answer = house.ask("public", "GET", path, None, lie)
            assert answer.status in (400, 401, 403), (path, lie, answer)
    assert upstream.exchanges == []


def test_an_issued_key_goes_to_no_provider(house, upstream):
    """In whichever field of ours it stands beside the one that counts."""
    key = house.key()
    beside = [f"x-api-key: {key}", f"api-key: {key}", f"Cookie: key={key}", f"Proxy-Authorization: Bearer {key}",
              f"Referer: http://localhost/{key}", f"X-Forwarded-Key: {key}", f"x-goog-api-key: {key}", f"X-Auth-Token: Bearer {key}"]
    upstream.script(scripts.whole(b'{"id":"1","object":"chat.completion","choices":[]}'))
    assert house.ask("public", "POST", "/v1/chat/completions", {"model": "gpt-4", "messages": [{"role": "user", "content": "x"}]},
                     f"Authorization: Bearer {key}", *beside).status == 200
    sent = upstream.exchange().request
    assert key not in repr(sent.fields) and key not in sent.target
    told = house.ask("public", "GET", f"/v1/models?key={key}", None, f"Authorization: Bearer {key}")
    assert (told.status, told.get("x-edgefilter-code")) == (401, "217")
    assert len(upstream.exchanges) == 1
