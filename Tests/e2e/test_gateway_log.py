# SPDX-License-Identifier: MIT
"""The DashScope gateway's log, read as its users read it: by its documented lines and the MD5 form of the key."""

import hashlib
import hmac
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

import api
import proc
import profiles
import scripts
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

    def lines() -> list[str]:
        return file.read_text().split("\n")[:-1] if file.exists() else []

    def completed():
        return [m.groups() for m in map(COMPLETED.fullmatch, lines()) if m]
    ends = proc.wait_until(lambda: (found := completed()) and len(found) >= count and found, f"{count} lines")
    starts = [m.groups() for m in map(STARTED.fullmatch, lines()) if m]
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


def test_a_hash_under_a_pepper(edges, upstream, tmp_path):
    """Nobody without the pepper can make it; another pepper makes another, and the record tells the one from the other."""
    told = []
    for number, pepper in enumerate([b"one pepper of 32 random bytes", b"another one"]):
        (place := tmp_path / f"credentials{number}").mkdir()
        (place / "key-pepper").write_bytes(pepper)
        edge = edges(configuration(upstream, log={"key_hash": "hmac"}), env={"CREDENTIALS_DIRECTORY": str(place)})
        edge.ask_in_turn(chat("gpt-4", "x", OWN_KEY), chat("gpt-4"))
        with_key, without = edge.records(2)
        assert with_key["key"] == hmac.new(pepper, api.CALLER_KEY.encode(), "sha256").hexdigest()[:16]
        assert (without["key"], without.get("pepper")) == ("", None)
        edge.wait_stderr(f"Request completed.*API Key Hash: {with_key['key']}")
        told.append(with_key["pepper"])
        gate = upstream.gate()
        upstream.script(scripts.hold(gate))
        client, before = edge.dial(), len(upstream.exchanges)
        client.send(chat("gpt-4", "x", OWN_KEY))
        upstream.heard(before + 1)
        os.kill(edge.handler(client), signal.SIGKILL)
        killed = edge.records(3)[2]
        assert (killed["key"], killed["pepper"], killed["signal"]) == (with_key["key"], told[-1], 9)
        assert edge.tool("log", "verify").returncode == 0
    assert told[0] != told[1] and all(re.fullmatch("[0-9a-f]{4}", mark) for mark in told)
    plain = edges(configuration(upstream, log={"key_hash": "hmac"}), env={"CREDENTIALS_DIRECTORY": str(tmp_path)})
    plain.ask(chat("gpt-4", "x", OWN_KEY))
    record, = plain.records(1)
    assert (record["key"], record.get("pepper")) == (hashlib.sha256(api.CALLER_KEY.encode()).hexdigest()[:16], None)
    assert "there is no credential 'key-pepper'; the plain hash is used" in plain.tool("check").stderr.decode()


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
