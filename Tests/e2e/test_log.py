# SPDX-License-Identifier: MIT
"""The request log under writers that are killed, a full disk, damage, and readers beside them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from client import chat, request
from edge import BINARY, configuration, run_script
from exchange import LONG

CRASH = Path(__file__).resolve().parents[2] / "bench/crash"


def usage(edge, *words: str) -> dict:
    done = edge.tool("usage", "--json", *words)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_killed_writers_lose_nothing(tmp_path):
    """64 callers, handlers killed at random: one record for each answered request, and sums that are theirs."""
    told = json.loads(run_script(sys.executable, CRASH, "--seconds", "5", "--folder", tmp_path))
    assert told["answered"] > 64 and told["killed"] > 10, told


def damage_nothing(file: Path) -> None:
    pass


def remove(file: Path) -> None:
    file.unlink()


def empty(file: Path) -> None:
    file.write_bytes(b"")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-40])


def change(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"requests":2', b'"requests":9'))


def swap(file: Path) -> None:
    head, *rows, end = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([head, *reversed(rows), end]))


@pytest.mark.parametrize("damage", [damage_nothing, remove, empty, cut, change, swap])
def test_totals_heal(edge, damage):
    for model in ("gpt-4", "gpt-4o", "gpt-4", "nonesuch"):
        edge.ask(chat(model))
    edge.records(4)
    whole = usage(edge)
    file, = edge.state.glob("totals-*.jsonl")
    written = file.read_bytes()
    damage(file)
    done = edge.tool("log", "verify")
    is_whole = damage in (damage_nothing, remove)
    assert (done.returncode == 0) == is_whole, done.stdout
    assert usage(edge) == whole
    assert file.read_bytes() == written
    assert edge.tool("log", "verify").returncode == 0


def test_verify_finds_what_was_changed(edge):
    edge.ask(chat())
    record, = edge.records(1)
    file, = edge.state.glob("requests-*.jsonl")
    file.write_bytes(file.read_bytes() + b'\n{"torn')
    assert edge.tool("log", "verify").returncode == 0
    file.write_bytes(file.read_bytes().replace(b'"output":3', b'"output":4'))
    done = edge.tool("log", "verify")
    assert done.returncode == 1 and b"changed after they were written" in done.stderr
    assert usage(edge)["total"]["requests"] == 0


def test_prune(edge):
    """A day of long ago goes, its sums stay."""
    edge.ask(chat())
    edge.records(1)
    today, = edge.state.glob("requests-*.jsonl")
    old = edge.state / "requests-20200229.jsonl"
    shutil.copy(today, old)
    before = usage(edge, "--by", "day")
    done = edge.tool("log", "prune", "--keep", "30d")
    assert done.returncode == 0, done.stderr
    assert not old.exists() and today.exists()
    assert usage(edge, "--by", "day") == before and len(before["by_day"]) == 2
    assert edge.tool("log", "verify").returncode == 0
    done = edge.tool("log", "prune", "--keep", "1h")
    assert done.returncode == 102 and b"a day at least" in done.stderr


def test_prune_goes_by_the_setting(edges, upstream):
    edge = edges(configuration(upstream, upstream_key="${credential:absent}", log={"keep": "30d"}), "inetd")
    old = edge.state / "requests-20200229.jsonl"
    old.write_bytes(b"\n")
    assert edge.tool("log", "prune").returncode == 0
    assert not old.exists()


def test_forms(edge):
    model = '=cmd|"x"!A0, \u4e2d'
    edge.ask(chat(model))
    edge.ask(chat("gpt-4"))
    edge.records(2)
    done = edge.tool("usage", "--csv", "--by", "model,endpoint", "--from", "2020-01-01")
    head, *rows = done.stdout.decode().split("\r\n")
    assert head.startswith("model,endpoint,requests,failures,input,output,cached,written")
    assert rows[0].startswith('"\'=cmd|""x""!A0, \u4e2d",/v1/chat/completions,1,1,0')
    assert rows[1].startswith("gpt-4,/v1/chat/completions,1,0,9,3,4") and rows[2] == ""
    assert b"\t" not in edge.tool("usage").stdout
    assert usage(edge, "--key", "7")["total"]["requests"] == 0
    assert edge.tool("usage", "--by", "model,model").returncode == 100
    assert edge.tool("usage", "--from", "2026-02-30").returncode == 100


def on_terminal(edge, *words: str, **env: str) -> str:
    command = " ".join([str(BINARY), "-c", str(edge.file), *words])
    done = subprocess.run(["script", "-qec", command, "/dev/null"], env={**os.environ, **edge.env, **env},
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=LONG, check=True)
    return done.stdout.decode()


def test_chart(edge):
    edge.ask(chat())
    edge.records(1)
    shown = on_terminal(edge, "usage", "--by", "day", LC_ALL="C.UTF-8", COLUMNS="60")
    assert "tokens, in and out" in shown and "\u2588\u2588\u2588" in shown
    plain = on_terminal(edge, "usage", "--by", "day", LC_ALL="C", COLUMNS="60")
    assert "####" in plain and plain.isascii()
    assert "#" not in edge.tool("usage", "--by", "day").stdout.decode()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a disk of its own")
def test_full_disk(tmp_path):
    """Served on while the log cannot grow; afterwards all is as before, without a restart."""
    run_script("unshare", "--mount", sys.executable, Path(__file__).with_name("full_disk.py"), tmp_path)


def test_what_was_asked_of_ourselves_is_left_out(edge):
    """Nobody pays for it: neither of the open day nor of one of which only totals are left."""
    asked = ["/", "/health", "/metrics", "/admin/users", "/usage/me", "/openapi.json"]
    edge.ask_in_turn(*(request("GET", target) for target in asked), request("GET", "/v1/models"), chat("gpt-4"))
    edge.records(8)
    file, = edge.state.glob("requests-*.jsonl")

    def told(*flags: str) -> tuple[int, set[str]]:
        sums = usage(edge, "--by", "endpoint", *flags)
        assert usage(edge, *flags)["total"] == sums["total"]
        return sums["total"]["requests"], {row["endpoint"] for row in sums["by_endpoint"]}
    served = {"/v1/models", "/v1/chat/completions"}
    assert told() == (2, served) and told("--all") == (8, served | set(asked))
    file.rename(file.with_name("requests-20260203.jsonl"))
    for totals in edge.state.glob("totals-*"):
        totals.unlink()
    assert edge.tool("log", "prune", "--keep", "90d").returncode == 0 and not list(edge.state.glob("requests-*"))
    assert told() == (2, served) and told("--all") == (8, served | set(asked))


def test_keep_is_named_as_it_was_given(edge):
    wrong = edge.tool("log", "prune", "--keep", "x")
    assert (wrong.returncode, wrong.stderr) == (102, b"--keep: expected a time such as 30s (ms s m h d)\n")
