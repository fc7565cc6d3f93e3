# SPDX-License-Identifier: MIT
"""The operator's tools: check and usage."""

import json
import re
import subprocess
from pathlib import Path

import pytest

import api
import edge as starting
from client import chat, request
from edge import configuration, free_port
from exchange import LONG


def check(tmp_path, text: str, *arguments: str):
    file = tmp_path / "edgefilter.yaml"
    file.write_text(text)
    return starting.run("-c", str(file), "check", *arguments)


def test_effective_configuration(tmp_path, upstream):
    done = check(tmp_path, json.dumps(configuration(upstream)))
    assert done.returncode == 0, done.stderr
    out = done.stdout.decode()
    assert upstream.url in out
    assert "***" in out
    assert api.OPERATOR_KEY not in out + done.stderr.decode()


def test_effective_configuration_can_be_read_again(tmp_path, upstream):
    first = check(tmp_path, json.dumps(configuration(upstream, upstream_key="caller")))
    second = check(tmp_path, first.stdout.decode())
    assert second.returncode == 0, second.stderr
    assert second.stdout == first.stdout


def test_what_is_hidden_is_no_value(tmp_path, upstream):
    """A secret that stands in the file is shown as `***`, which nobody sends as one afterwards."""
    first = check(tmp_path, json.dumps(configuration(
        upstream, upstream_headers={"Cookie": "session=hidden-7", "X-Project": "***"})))
    assert first.returncode == 0 and b"hidden-7" not in first.stdout + first.stderr
    second = check(tmp_path, first.stdout.decode())
    assert second.returncode == 102
    complaints = second.stderr.decode().splitlines()
    assert len(complaints) == 2, "the key and the cookie"
    assert all("instead of a secret" in line for line in complaints)


@pytest.mark.parametrize("text, place, words", [
    ("strict: false\n\ncolour: 1\n", "3:1", "colour"),
    ("limits: {body: 10 parsecs}\n", "1:16", "expected a size"),
    ("limits:\n  bdy: 1MiB\n", "2:3", "body"),
    ("strict: perhaps\n", "1:9", "true"),
    ("upstreams:\n  a: {dialect: openai, base_url: 'ftp://x/v1', key: none}\n", "2:34", "https://"),
    ("models: {x: nowhere}\n", "1:13", "nowhere"),
    ("strict: true\nstrict: false\n", "2:1", "strict"),
    ("log: {keep: 1h}\n", "1:13", "1d"),
    ("log: {mask_sensitive: false}\n", "1:23", "masked in any case"),
    ("a: [\n", "", ""),
])
def test_complaints(tmp_path, text, place, words):
    done = check(tmp_path, text)
    assert done.returncode == 102
    complaint = done.stderr.decode()
    assert f"edgefilter.yaml:{place}" in complaint
    assert words in complaint


def test_all_complaints_are_listed(tmp_path):
    done = check(tmp_path, "strict: perhaps\ncolour: 1\nlimits: {body: x}\n")
    assert all(f"edgefilter.yaml:{n}:" in done.stderr.decode() for n in (1, 2, 3))


@pytest.mark.parametrize("arguments", [["check"], ["listen", "127.0.0.1:0"], []])
def test_bad_configuration_ends_each_form(tmp_path, arguments):
    file = tmp_path / "edgefilter.yaml"
    file.write_text("colour: 1\n")
    done = starting.run("-c", str(file), *arguments, stdin=request("GET", "/health"))
    assert done.returncode == 102
    assert b"edgefilter.yaml:1:1" in done.stderr


def test_the_manual_of_dialects_is_well_formed():
    """`make install` makes edgefilter-dialects(7) of it."""
    told = starting.run("dialects", "--mdoc").stdout
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=told, capture_output=True,
                          timeout=LONG, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


MANUALS = Path(__file__).resolve().parents[2] / "contrib/man"


def test_help_and_manuals_know_the_same_options():
    text = starting.run("--help").stdout.decode()
    told = set(re.findall(r"(?<![\w-])--?[A-Za-z][a-z-]*", text)) - {"-N", "-d"}  # curl's
    written = "".join(file.read_text() for file in MANUALS.iterdir())
    explained = {f"-{name}" for name in re.findall(r"\bFl (-?[A-Za-z][a-z-]*)", written)}
    assert told == explained


def test_missing_file(tmp_path):
    assert starting.run("-c", str(tmp_path / "none.yaml"), "check").returncode == 102


def test_without_a_file():
    done = starting.run("check")
    assert done.returncode == 0
    assert b"echo" in done.stdout + done.stderr


def test_environment():
    done = starting.run("check", env={"OPENAI_BASE_URL": "http://127.0.0.1:9/v1/chat/completions",
                                      "OPENAI_API_KEY": api.OPERATOR_KEY})
    assert done.returncode == 0, done.stderr
    assert b"http://127.0.0.1:9/v1" in done.stdout
    assert b"OPENAI_BASE_URL" in done.stdout + done.stderr
    assert api.OPERATOR_KEY.encode() not in done.stdout + done.stderr


def test_connect(tmp_path, upstream):
    upstream.expects_proxy = False
    done = check(tmp_path, json.dumps(configuration(upstream)), "--connect")
    assert done.returncode == 0, done.stderr
    assert "main" in done.stdout.decode()
    assert " ms" in done.stdout.decode()
    assert upstream.exchange().request.path == "/v1/models"


def test_connect_with_a_wrong_key(tmp_path, upstream):
    upstream.expects_proxy = False
    upstream.keys.clear()
    done = check(tmp_path, json.dumps(configuration(upstream)), "--connect")
    assert done.returncode not in (0, 102)
    assert "401" in (done.stdout + done.stderr).decode()


def test_connect_refused(tmp_path, upstream):
    config = configuration(upstream)
    config["upstreams"]["main"]["base_url"] = f"http://127.0.0.1:{free_port()}/v1"
    done = check(tmp_path, json.dumps(config), "--connect")
    assert done.returncode not in (0, 102)
    assert "refused" in (done.stdout + done.stderr).decode().lower()


def numbers(value) -> list:
    """Every number below a JSON value."""
    if isinstance(value, (dict, list)):
        below = value.values() if isinstance(value, dict) else value
        return [number for each in below for number in numbers(each)]
    return [value] if isinstance(value, (int, float)) else []


def test_usage(edge):
    for stream in (False, True, False):
        options = {"stream_options": {"include_usage": True}} if stream else {}
        edge.ask(chat("gpt-4", stream=stream, **options))
    edge.ask(request("GET", "/v1/nonsense"))
    edge.records(4)
    done = edge.tool("usage")
    assert done.returncode == 0, done.stderr
    assert b"gpt-4" in done.stdout
    told = numbers(json.loads(edge.tool("usage", "--json").stdout))
    assert 27 in told and 9 in told and 4 in told, told


def test_usage_counts_torn_lines(edge):
    edge.ask(chat("gpt-4"))
    edge.records(1)
    file, = edge.state.glob("requests-*.jsonl")
    with file.open("a") as log:
        log.write('\n{"time":"2026-01-01T00:00:00Z","input":1000000,"crc":"00000000"}\n{"tor\n')
    done = edge.tool("usage")
    assert done.returncode == 0, done.stderr
    assert b"1000000" not in done.stdout
    assert b"2" in done.stderr


def test_usage_of_nothing(tmp_path):
    done = starting.run("usage", env={"STATE_DIRECTORY": str(tmp_path)})
    assert done.returncode == 0, done.stderr
