# SPDX-License-Identifier: MIT
"""A state directory that is not as it should be: read-only, of another owner, with something else where a file belongs."""

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import proc
import scripts
import sealed
from client import Client, chat, request
from edge import BINARY, configuration, free_port, run_script
from exchange import LONG
from issued import shared  # noqa: F401
from keys_tool import done, keys, tool

ROOT = os.geteuid() == 0
SERVICE = 65534
OLD = "20260203"


@pytest.fixture
def state(tmp_path):
    folder = tmp_path / "s"
    folder.mkdir()
    return folder


def record(**members) -> bytes:
    """A line of a request that ended well, long ago."""
    return sealed.line({
        "time": "2026-02-03T10:00:00.000Z", "id": "req_1", "key": "", "method": "POST", "endpoint": "/v1/chat/completions",
        "client": "openai", "dialect": "echo", "model": "m", "used": "m", "upstream": "echo", "status": 200, "stop": "",
        "input": 1, "output": 1, "cached": 0, "reasoning": 0, "received": 1, "sent": 1, "first_ms": 1, "ms": 1, "code": 0,
        "ended": "complete", **members})


def segment(state: Path) -> Path:
    return state / f"requests-{OLD}.jsonl"


def requests(state: Path) -> int:
    return json.loads(tool(state, "usage", "--json").stdout)["total"]["requests"]


@pytest.mark.skipif(not ROOT, reason="mounts disks of its own")
def test_read_only(tmp_path):
    """Keys are looked up and callers served; losses are counted and said; what would write is refused, and says why."""
    run_script("unshare", "--mount", sys.executable, Path(__file__).with_name("read_only.py"), tmp_path)


@pytest.mark.skipif(not ROOT, reason="needs root")
@pytest.mark.parametrize("work", [["usage"], ["log", "prune"], ["log", "prune", "--keep", "90d"]], ids=" ".join)
def test_totals_that_root_makes_are_the_services(state, work):
    segment(state).write_bytes(record())
    for path in (state, segment(state)):
        os.chown(path, SERVICE, SERVICE)
    done(state, *work)
    files = [(file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) for file in state.glob("totals-*")]
    assert files == [(SERVICE, SERVICE, 0o640)]


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_what_is_roots_is_told(state):
    """As `edgefilter users add` of an old version, or an editor, may have left it."""
    done(state, "users", "add", "ann")
    segment(state).write_bytes(record())
    done(state, "log", "verify")
    for path in (state, segment(state)):
        os.chown(path, SERVICE, SERVICE)
    told = tool(state, "log", "verify")
    assert (told.returncode, told.stderr) == (1, "keys.log is root's, its directory is not: give it to the same user\n")


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_a_record_that_root_writes_is_the_services(edges, upstream, shared, state):
    """A handler's that has vanished, by `log prune` on a day of which no segment is there yet."""
    edge = edges(configuration(upstream), env={**shared, "STATE_DIRECTORY": str(state)})
    upstream.script(scripts.hold(upstream.gate()))
    client = edge.dial()
    client.send(chat("gpt-4"))
    upstream.heard()
    os.chown(state, SERVICE, SERVICE)
    both = edge.pid, edge.handler(client)
    for pid in both:
        os.kill(pid, signal.SIGKILL)
    proc.wait_until(lambda: all(proc.is_dead(pid) for pid in both), "that the handler has let go of its slot, too")
    assert "1 records written" in edge.tool("log", "prune").stdout.decode()
    file, = state.glob("requests-*")
    assert (file.stat().st_uid, file.stat().st_gid, file.stat().st_mode & 0o777) == (SERVICE, SERVICE, 0o640)


def without_rights(state: Path, *arguments: str) -> subprocess.CompletedProcess:
    """A tool of root's that has no more rights than anybody."""
    command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", BINARY, *arguments]
    return subprocess.run(command if ROOT else command[2:], env={**os.environ, "STATE_DIRECTORY": str(state)}, text=True,
                          capture_output=True, timeout=LONG, check=False)


@pytest.mark.parametrize("harm", [lambda file: file.chmod(0), lambda file: (file.unlink(), file.mkdir()),
                                  lambda file: (file.unlink(), os.mkfifo(file)),
                                  lambda file: (file.unlink(), file.symlink_to("elsewhere"))],
                         ids=["unreadable", "directory", "fifo", "link"])
def test_totals_that_are_none_are_made_of_the_lines(state, harm):
    segment(state).write_bytes(record())
    done(state, "usage")
    totals, = state.glob("totals-*")
    harm(totals)
    told = without_rights(state, "usage", "--json")
    assert (told.returncode, json.loads(told.stdout)["total"]["requests"]) == (0, 1), told


def test_a_removed_day_that_cannot_be_read_is_missing_and_told(state):
    segment(state).write_bytes(record())
    done(state, "log", "prune", "--keep", "90d")
    totals, = state.glob("totals-*")
    segment(state).with_name("requests-20260204.jsonl").write_bytes(record())
    totals.chmod(0)
    told = without_rights(state, "usage", "--json")
    assert (told.returncode, json.loads(told.stdout)["total"]["requests"]) == (0, 1), told
    assert "2026-02-03" in told.stderr and "it is missing" in told.stderr


@pytest.mark.parametrize("arguments", [["usage"], ["log", "verify"], ["log", "prune"]], ids=" ".join)
def test_a_segment_that_may_not_be_read_is_named(state, arguments):
    segment(state).write_bytes(record())
    segment(state).chmod(0)
    told = without_rights(state, *arguments)
    assert (told.returncode, told.stdout) == (111, ""), told
    assert f"requests-{OLD}.jsonl: Permission denied; run it as root or as the user of the service" in told.stderr


@pytest.mark.parametrize("arguments", [["users", "list"], ["users", "add", "ann"], ["keys", "list"], ["usage"], ["log", "verify"],
                                       ["log", "prune"]], ids=" ".join)
def test_a_directory_without_rights(state, arguments):
    segment(state).write_bytes(record())
    state.chmod(0)
    told = without_rights(state, *arguments)
    state.chmod(0o700)
    assert (told.returncode, told.stdout) == (111, ""), told
    assert "Permission denied; run it as root or as the user of the service" in told.stderr


MAKERS = {"fifo": os.mkfifo, "directory": os.mkdir}


@pytest.mark.parametrize("kind", MAKERS)
def test_something_else_in_the_place_of_a_segment(edges, upstream, shared, kind):
    """Nobody waits for whoever reads a FIFO; the record is lost, and the next day is another."""
    edge = edges(configuration(upstream), env=shared)
    edge.ask(request("GET", "/health"))
    edge.records(1)
    file, = edge.state.glob("requests-*")
    file.unlink()
    MAKERS[kind](file)
    assert edge.ask(chat("gpt-4")).status == 200
    edge.wait_stderr("A request record is lost: open: ")
    proc.wait_until(lambda: not edge.handlers(), "a handler that waits for somebody to read its record")
    assert edge.tool("usage").returncode == 0
    (file.rmdir if kind == "directory" else file.unlink)()
    edge.ask(chat("gpt-4"))
    edge.records(1)


@pytest.mark.parametrize("kind", [*MAKERS, "link"])
@pytest.mark.parametrize("name", ["keys.log", "keys.index", "keys.recent"])
def test_something_else_in_the_place_of_keys(state, kind, name):
    """What is derived is made anew; in the place of the truth it is refused, and nobody waits."""
    done(state, "users", "add", "ann")
    done(state, "keys", "issue", "--user", "ann", "--name", "x", "--count", "100")
    (state / name).unlink(missing_ok=True)
    MAKERS.get(kind, lambda path: path.symlink_to(state / "elsewhere"))(state / name)
    if name == "keys.log":
        for work in (["users", "list"], ["users", "add", "bob"], ["keys", "list"], ["log", "verify"]):
            if kind == "link" and work == ["log", "verify"]:
                continue
            told = tool(state, *work)
            assert told.returncode == 111 and "; a plain file belongs there" in told.stderr, told
    else:
        done(state, "keys", "issue", "--user", "ann", "--name", "y")
        done(state, "keys", "revoke", "1")
        assert [key["id"] for key in keys(state) if key["revoked"]] == [1]
    assert not (state / "elsewhere").exists()


HUGE = 10 << 20
# What stands between two records, and of how many broken lines it is; of each whether it was changed rather than torn.
CONTENTS = {
    "nothing": (b"", 0, False),
    "long line": (b"x" * HUGE + b"\n", 1, False),
    "nul bytes": (b"\0" * HUGE + b"\n", 1, False),
    "newlines": (b"\n" * HUGE, 0, False),
    "deep": (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b',"crc":"00000000"}\n', 1, True),
    "crlf": (record().strip() + b"\r\n", 1, True),
    "long record": (record(x="y" * HUGE), 1, False),
    "unknown members": (record(x={"y": [1, {"z": None}]}, more="z" * 60_000), 1, True),
    "long name": (record(model="\uffff" * 30_000, key="k" * 70_000), 1, True),
    "no end": (b"x" * HUGE, 1, False),
}


@pytest.mark.parametrize("what", CONTENTS)
def test_what_is_no_record_is_skipped_counted_and_told(state, what):
    between, broken, is_changed = CONTENTS[what]
    first, last = record(id="req_1"), record(id="req_2")
    # Each record has a newline before it as well: what has no end does not swallow it.
    segment(state).write_bytes(b"\n" + first + between + b"\n" + last)
    for _ in range(2):  # of the lines, then of the totals
        told = json.loads(tool(state, "usage", "--json").stdout)
        assert (told["total"]["requests"], told["broken"]) == (2, broken)
    proof = tool(state, "log", "verify")
    row = proof.stdout.splitlines()[1].split()
    assert row[1:] == ["equal", str(2 + broken), str(broken * (not is_changed)), str(broken * is_changed), "0", "0"]
    assert proof.returncode == is_changed and ("were changed" in proof.stderr) == is_changed


def test_a_line_without_end_at_the_end_is_counted(state):
    segment(state).write_bytes(record() + b"x" * HUGE)
    told = json.loads(tool(state, "usage", "--json").stdout)
    assert (told["total"]["requests"], told["broken"]) == (1, 1)
    assert tool(state, "log", "verify").stdout.splitlines()[1].split()[1:] == ["equal", "2", "1", "0", "0", "0"]


@pytest.mark.parametrize("content", [b"", b"\n" * 1000], ids=["empty", "newlines"])
def test_a_day_without_a_record(state, content):
    segment(state).write_bytes(content)
    assert requests(state) == 0
    assert "1 segments" in done(state, "log", "prune", "--keep", "90d")
    assert requests(state) == 0
    done(state, "log", "verify")


def poor() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (256 << 20,) * 2)


@pytest.mark.parametrize("arguments", [["usage", "--json"], ["log", "verify"], ["log", "prune", "--keep", "90d"], ["keys", "list"]],
                         ids=lambda words: words[0])
def test_memory_does_not_grow_with_a_file(state, arguments):
    """Half a gigabyte of one line, where half of that may be had."""
    done(state, "users", "add", "ann")
    for file in (segment(state), state / "keys.log"):
        with file.open("ab") as out:
            out.truncate(512 << 20)
    told = tool(state, *arguments, preexec_fn=poor)
    assert (told.returncode, told.stderr) == (0, "" if arguments[0] != "usage" else "1 lines were torn or altered; skipped\n")


def from_the_future(state: Path) -> None:
    """A clock that was set back: what was written before is of days to come."""
    segment(state).with_name("requests-20991231.jsonl").write_bytes(record(time="2099-12-31T10:00:00.000Z"))
    (state / "budgets-20991231").write_bytes(b"none")


def test_a_clock_that_was_set_back(state):
    from_the_future(state)
    segment(state).write_bytes(record())
    assert requests(state) == 2
    done(state, "usage", "--by", "day")
    assert "1 segments" in done(state, "log", "prune", "--keep", "90d")
    assert requests(state) == 2
    done(state, "log", "verify")


@pytest.mark.parametrize("what", [what for what in CONTENTS if what != "no end"])
def test_what_is_no_line_of_keys_is_skipped(state, what):
    between, broken, is_changed = CONTENTS[what]
    done(state, "users", "add", "ann")
    done(state, "keys", "issue", "--user", "ann", "--name", "x", "--count", "2")
    with (state / "keys.log").open("ab") as log:
        log.write(between)
    done(state, "keys", "issue", "--user", "ann", "--name", "y")
    done(state, "keys", "revoke", "1")
    done(state, "keys", "revoke", "3")
    assert [(key["id"], key["revoked"]) for key in keys(state)] == [(1, True), (2, False), (3, True)]
    told = tool(state, "log", "verify")
    is_told = is_changed and len(between) < 70_000
    assert told.returncode == is_told and ("keys.log: 1 lines were changed" in told.stderr) == is_told, told
    assert (", 0 torn or altered;" in told.stdout) == (not broken)


def test_damage_while_requests_are_served(edges, upstream, shared):
    """A holder is served, its record is written, and the page sums what can be read."""
    port = free_port()
    edge = edges(configuration(upstream, callers="issued", admin={"listen": [f"127.0.0.1:{port}"]}), env=shared)
    done(edge.state, "users", "add", "ann")
    key = done(edge.state, "keys", "issue", "--user", "ann", "--name", "x").strip()
    segment(edge.state).write_bytes(record())
    done(edge.state, "usage")
    edge.state.joinpath(f"totals-{OLD}.jsonl").write_bytes(b"x" * HUGE)
    from_the_future(edge.state)
    for file in (edge.state / "keys.log", *edge.state.glob("requests-*")):
        with file.open("ab") as out:
            out.write(b"\0" * HUGE)
    done(edge.state, "keys", "issue", "--user", "ann", "--name", "y")
    known = set(edge.state.glob("requests-*"))
    assert edge.ask(chat("gpt-4", "x", f"Authorization: Bearer {key}")).status == 200
    proc.wait_until(lambda: any(file.read_bytes().endswith(b"\n") for file in set(edge.state.glob("requests-*")) - known),
                    "its record")
    desk = Client(("127.0.0.1", port))
    told = desk.ask(request("GET", "/admin/usage", None, host="127.0.0.1"))
    desk.close()
    assert told.status == 200 and told.json["total_requests"] == 3 and told.json["damaged_lines"] == 2, told
    assert [key["id"] for key in keys(edge.state)] == [1, 2]
