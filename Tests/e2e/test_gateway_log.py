# SPDX-License-Identifier: MIT
"""The DashScope gateway's log, read as its users read it: by its documented lines and the MD5 form of the key."""

import hashlib
import re
import subprocess
from pathlib import Path

import pytest

import api
import proc
import profiles
from client import chat, request
from edge import configuration, free_port
from proxied import CLIENT, Caller

# 2024-01-01 12:00:00 - Request started - IP: 192.168.1.100, Method: POST, Path: /v1/…, API Key Hash: a1b2c3d4
# 2024-01-01 12:00:02 - Request completed - IP: 192.168.1.100, Status: 200, Time: 2.34s, API Key Hash: a1b2c3d4
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d - "
STARTED = re.compile(TIME + r"Request started - IP: (\S+), Method: (\S+), Path: (\S+), API Key Hash: (\S+)")
COMPLETED = re.compile(TIME + r"Request completed - IP: (\S+), Status: (\d+), Time: \d+\.\d\ds, API Key Hash: (\S+?)"
                       r"(?:, Code: \d+)?")
HASH = hashlib.md5(api.CALLER_KEY.encode()).hexdigest()[:8]
OWN_KEY = f"Authorization: Bearer {api.CALLER_KEY}"


def gateway(upstream, folder: Path, **settings) -> dict:
    """The gateway's profile with its log in a file, in a folder that is still to be made."""
    log = {"file": str(folder / "logs/gateway.log"), **settings.pop("log", {})}
    return configuration(upstream, profile="dashscope-gateway", upstream_key="caller", log=log, **settings)


def pairs(folder: Path, count: int) -> list[tuple]:
    """Started and completed requests, in their order in the file."""
    file = folder / "logs/gateway.log"

    def completed():
        return [m.groups() for m in map(COMPLETED.fullmatch, file.read_text().splitlines()) if m]
    ends = proc.wait_until(lambda: (found := completed()) and len(found) >= count and found, f"{count} lines")
    starts = [m.groups() for m in map(STARTED.fullmatch, file.read_text().splitlines()) if m]
    assert len(starts) == len(ends) == count
    return list(zip(starts, ends))


def test_documented_lines(edges, upstream, tmp_path):
    edge = edges(gateway(upstream, tmp_path))
    answers = edge.ask_in_turn(chat("gpt-4", "x", OWN_KEY), request("GET", "/health"), chat("gpt-4"))
    assert [answer.status for answer in answers] == [200, 200, 401]
    assert pairs(tmp_path, 3) == [
        (("127.0.0.1", "POST", "/v1/chat/completions", HASH), ("127.0.0.1", "200", HASH)),
        (("127.0.0.1", "GET", "/health", "-"), ("127.0.0.1", "200", "-")),
        (("127.0.0.1", "POST", "/v1/chat/completions", "-"), ("127.0.0.1", "401", "-"))]
    assert [record["key"] for record in edge.records(3)] == [HASH, "", ""]


def test_other_forms_of_the_hash_by_one_setting(edges, upstream, tmp_path):
    edge = edges(gateway(upstream, tmp_path, log={"key_hash": "sha256"}))
    edge.ask(chat("gpt-4", "x", OWN_KEY))
    (start, _), = pairs(tmp_path, 1)
    assert start[3] == hashlib.sha256(api.CALLER_KEY.encode()).hexdigest()[:16]


FORWARDED = [("X-Real-IP: 192.168.1.100",), ("X-Forwarded-For: 192.168.1.100",),
             ("X-Real-IP: 198.51.100.9", "X-Forwarded-For: 203.0.113.1, 192.168.1.100")]


@pytest.mark.parametrize("lines", FORWARDED)
@pytest.mark.parametrize("trusted", [[], ["127.0.0.1"], ["10.0.0.0/8"]])
def test_address_from_listed_proxies_alone(edges, upstream, tmp_path, trusted, lines):
    edge = edges(gateway(upstream, tmp_path, trusted_proxies=trusted))
    edge.ask(chat("gpt-4", "x", OWN_KEY, *lines))
    (start, end), = pairs(tmp_path, 1)
    assert start[0] == end[0] == ("192.168.1.100" if trusted == ["127.0.0.1"] else "127.0.0.1")


@pytest.fixture
def nginx(tmp_path):
    """Starts nginx with the profile's own file, in front of an edgefilter."""
    started = []

    def start(edge) -> int:
        text, port = (profiles.FOLDER / "dashscope-gateway/nginx.conf").read_text(), free_port()
        assert "127.0.0.1:8000" in text and "listen 80;" in text, "the file has other addresses"
        file = tmp_path / "nginx.conf"
        file.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{edge.port}")
                        .replace("listen 80;", f"listen 127.0.0.1:{port};"))
        started.append(subprocess.Popen(
            ["/usr/sbin/nginx", "-e", "stderr", "-c", str(file), "-g", f"daemon off; pid {tmp_path}/pid;"]))
        proc.wait_until(lambda: proc.is_listening(port), "nginx is not listening")
        return port
    yield start
    for process in started:
        process.terminate()
        process.wait()


@pytest.mark.parametrize("lines", [(), ("X-Real-IP: 198.51.100.9",), ("X-Forwarded-For: 198.51.100.9",)])
def test_behind_nginx_as_documented(edges, upstream, tmp_path, nginx, lines):
    edge = edges(gateway(upstream, tmp_path, trusted_proxies=["127.0.0.1"]))
    caller = Caller(nginx(edge))
    assert caller.ask(chat("gpt-4", "x", OWN_KEY, *lines, stream=True)).status == 200
    caller.close()
    (start, _), = pairs(tmp_path, 1)
    assert start == (CLIENT, "POST", "/v1/chat/completions", HASH)
