# SPDX-License-Identifier: MIT
"""Users and keys, as a new operator types it."""

import fcntl
import hashlib
import json
import os
import pty
import random
import re
import signal
import struct
import subprocess
import termios
import unicodedata
import zlib
from datetime import datetime, timezone
from pathlib import Path

import pytest

import proc
from client import chat
from edge import BINARY, configuration
from exchange import LONG
from keys_tool import KEY, done, is_kept, keys, lines, refused, tool

ROOT = os.geteuid() == 0


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def test_from_nothing_to_a_key(state):
    assert done(state, "users", "list").split() == ["id", "name", "email", "created", "keys", "state"]
    assert done(state, "users", "add", "ann", "--email", "ann@example.org") == "1\n"
    key = done(state, "keys", "issue", "--user", "ann", "--name", "laptop").removesuffix("\n")
    assert KEY.fullmatch(key)
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    check = sum(digits.index(digit) * 62 ** place for place, digit in enumerate(reversed(key[-6:])))
    assert check == zlib.crc32(key[:-6].encode())
    assert is_kept(state, key)
    row = done(state, "keys", "list").splitlines()[1].split()
    assert row[:3] == ["1", "ann", "laptop"] and row[7] == "live"
    assert all(key not in file.read_text() for file in state.iterdir())


def read_terminal(number: int) -> list[str]:
    """The lines that came out of a terminal which nobody has open any more; it hands them on piece by piece."""
    shown = b""
    try:
        while piece := os.read(number, 4096):
            shown += piece
    except OSError:  # EIO: that was all
        pass
    os.close(number)
    return shown.decode().splitlines()


def test_a_terminal_is_told_that_it_sees_the_key_once(state):
    done(state, "users", "add", "ann")
    ours, theirs = pty.openpty()
    result = tool(state, "keys", "issue", "--user", "ann", "--name", "laptop", stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = read_terminal(ours)
    assert result.returncode == 0
    assert KEY.fullmatch(shown[0])
    assert "will not be shown again" in shown[1]


@pytest.mark.parametrize("columns, head", [
    (120, "id user name created expires rpm tpd state default models"),
    (72, "id user name created expires rpm tpd state models"), (20, "id user name created expires rpm state models")])
def test_a_narrow_terminal_is_spared_what_says_nothing(state, columns, head):
    """Of a column, not of a cell: rpm says something of one key. Chinese letters take two columns each."""
    done(state, "users", "add", "研究组")
    for name, more in [("一台笔记本", []), ("b", ["--rpm", "60"])]:
        done(state, "keys", "issue", "--user", "研究组", "--name", name, *more)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    result = tool(state, "keys", "list", stdout=theirs, stderr=theirs)
    os.close(theirs)
    printed = read_terminal(ours)
    assert result.returncode == 0
    assert printed[0].split() == head.split() and len(printed) == 3
    starts = [re.search(r"created|\d{4}-\d\d-\d\d", line).start() for line in printed]
    assert len({width(line[:start]) for line, start in zip(printed, starts)}) == 1, printed
    assert done(state, "keys", "list").splitlines()[0].split() == "id user name created expires rpm tpd state default models".split()


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def test_limits_are_kept_and_changed_one_by_one(state):
    done(state, "users", "add", "ann")
    done(state, "keys", "issue", "--user", "1", "--name", "ci", "--expires", "2999-12-31", "--models", "gpt-*, glm-4.6",
         "--default-model", "glm-4.6", "--rpm", "60", "--tpd", "100000")
    [key] = keys(state)
    assert key["models"] == ["gpt-*", "glm-4.6"] and key["default_model"] == "glm-4.6"
    assert (key["expires"], key["rpm"], key["tpd"]) == (int(datetime(2999, 12, 31, tzinfo=timezone.utc).timestamp()), 60, 100000)
    done(state, "keys", "limit", "1", "--rpm", "none")
    done(state, "keys", "limit", "1", "--expires", "never", "--models", "*", "--default-model", "none")
    [key] = keys(state)
    assert (key["models"], key["default_model"]) == ([], "")
    assert (key["expires"], key["rpm"], key["tpd"]) == (0, 0, 100000)


def test_expiry_counts_from_now(state):
    done(state, "users", "add", "ann")
    for text, seconds in [("12h", 43200), ("90d", 7776000), ("2w", 1209600), ("1y", 31536000)]:
        done(state, "keys", "issue", "--user", "ann", "--name", text, "--expires", text)
        key = keys(state)[-1]
        assert key["expires"] - key["created"] == seconds


def test_many_at_once(state):
    done(state, "users", "add", "ann")
    issued = done(state, "keys", "issue", "--user", "ann", "--name", "fleet", "--count", "500").split()
    assert len(set(issued)) == 500 and all(KEY.fullmatch(key) for key in issued)
    assert [key["id"] for key in keys(state)] == list(range(1, 501))
    assert (state / "keys.index").read_text().startswith("edgefilter-keys-index 2 covers ")
    objects = [json.loads(line) for line in done(
        state, "keys", "issue", "--user", "ann", "--name", "more", "--count", "2", "--json").splitlines()]
    assert [item["id"] for item in objects] == [501, 502]
    assert all(is_kept(state, item["key"]) for item in objects)


def test_revoking_and_removing(state):
    for name in ["ann", "bob"]:
        done(state, "users", "add", name)
        done(state, "keys", "issue", "--user", name, "--name", "x", "--count", "2")
    assert "revoked" in done(state, "keys", "revoke", "1")
    assert [key["id"] for key in json.loads(done(state, "keys", "list", "--json"))["keys"]] == [2, 3, 4]
    assert "revoked" in done(state, "keys", "revoke", "1", "2")
    assert "for ever" in refused(state, "keys", "limit", "1", "--rpm", "5")
    assert "bob" in done(state, "users", "remove", "bob")
    assert [key["revoked"] for key in keys(state)] == [True] * 4
    assert [key["id"] for key in keys(state, "--user", "ann")] == [1, 2]
    assert "bob" not in done(state, "users", "list")
    assert "removed" in done(state, "users", "list", "--all").splitlines()[2]
    assert done(state, "users", "add", "bob") == "3\n"


@pytest.mark.parametrize("arguments, words", [
    ("keys issue --user carl --name x", "edgefilter users add"),
    ("keys issue --user ann", "--name"),
    ("keys issue --name x", "--user"),
    ("keys issue --user ann --name x --count 0", "from 1 on"),
    ("keys issue --user ann --name x --count 1000001", "1000000"),
    ("keys issue --user ann --name x --rpm many", "or none"),
    ("keys issue --user ann --name x --expires 2027-02-30", "90d"),
    ("keys issue --user ann --name x --expires 2020-01-01", "past"),
    ("keys issue --user ann --name x --email a@b", "--email does not belong here"),
    ("keys revoke 7", "edgefilter keys list"),
    ("keys revoke x", "edgefilter keys list"),
    ("keys revoke", "usage: "),
    ("keys limit 1", "--tpd"),
    ("keys", "usage: "),
    ("users", "usage: "),
    ("users add", "usage: "),
    ("users add ann", "already"),
    ("users add a\x1bb", "control character"),
    ("users add " + "x" * 129, "128 bytes"),
    ("users remove nobody", "no user nobody"),
    ("users list extra", "usage: "),
])
def test_complaints_say_what_to_do(state, arguments, words):
    done(state, "users", "add", "ann")
    before = (state / "keys.log").read_bytes()
    assert words in refused(state, *arguments.split(" "))
    assert (state / "keys.log").read_bytes() == before


def test_columns_stand_below_each_other(state):
    done(state, "users", "add", "王小明")
    done(state, "users", "add", "Zoë")
    head, *rows = done(state, "users", "list").splitlines()
    assert rows[0][head.index("email") - 3] == "-"  # three characters of two columns each
    assert rows[1][head.index("email")] == "-"


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_root_leaves_files_that_the_service_can_use(state):
    state.mkdir()
    os.chown(state, 65534, 65534)
    done(state, "users", "add", "ann")
    done(state, "keys", "issue", "--user", "ann", "--name", "x", "--count", "400")
    for name in ["keys.log", "keys.index"]:
        status = (state / name).stat()
        assert (status.st_uid, status.st_gid, status.st_mode & 0o777) == (65534, 65534, 0o640)


def test_links_are_not_followed(state, tmp_path):
    state.mkdir()
    (state / "keys.log").symlink_to(tmp_path / "elsewhere")
    refused(state, "users", "add", "ann", status=111)
    assert not (tmp_path / "elsewhere").exists()


def test_keys_that_nobody_saw_are_told_of(state):
    done(state, "users", "add", "ann")
    with open("/dev/full", "w") as full:
        result = tool(state, "keys", "issue", "--user", "ann", "--name", "x", "--count", "2", stdout=full)
    assert result.returncode == 111 and "Keys 1 to 2: issued, but" in result.stderr


def test_issuing_side_by_side_with_deaths(state):
    """64 at a time, some killed: no number twice, no half key, and each that was printed is found."""
    done(state, "users", "add", "ann")
    environment = {**os.environ, "STATE_DIRECTORY": str(state)}
    command = [BINARY, "keys", "issue", "--user", "ann", "--name", "x", "--count", "20"]
    chance = random.Random(7)
    printed: list[str] = []
    running: list[subprocess.Popen] = []
    for number in range(64):
        running.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        if number % 3 == 0:
            chance.choice(running[-8:]).kill()
    for process in running:
        out = process.communicate(timeout=LONG)[0]
        assert process.returncode in (0, -signal.SIGKILL)
        assert process.returncode != 0 or len(out.split()) == 20
        printed += [line for line in out.splitlines() if KEY.fullmatch(line)]
    issued = [line for line in lines(state) if line["event"] == "issued"]
    numbers = [line["key"] for line in issued]
    assert len(set(numbers)) == len(numbers) and len(set(printed)) == len(printed) >= 42 * 20
    assert numbers == sorted(numbers)
    hashes = {line["hash"] for line in issued}
    assert {hashlib.sha256(key.encode()).hexdigest() for key in printed} <= hashes
    assert [key["id"] for key in keys(state)] == numbers


@pytest.mark.skipif(not ROOT, reason="needs root")
def test_a_full_disk_refuses_and_recovers(state):
    """In a mount name space of its own: 128 KiB for the whole directory."""
    state.mkdir()
    script = f"""
        mount -t tmpfs -o size=128k none {state}
        issue() {{ {BINARY} keys issue --user ann --name x "$@"; }}
        {BINARY} users add ann || exit 1
        issue --count 100 || exit 2
        before=$(md5sum <{state}/keys.log)
        issue --count 1000; echo "status $?"
        [ "$before" = "$(md5sum <{state}/keys.log)" ] || exit 3
        head -c 1M /dev/zero >{state}/filler 2>/dev/null
        while issue >/dev/null 2>&1; do :; done
        issue; echo "status $?"
        rm {state}/filler
        issue --count 50 || exit 4
        {BINARY} keys list | tail -1
    """
    result = subprocess.run(["unshare", "-m", "sh", "-c", script], text=True, capture_output=True, timeout=LONG,
                            env={**os.environ, "STATE_DIRECTORY": str(state)})
    assert result.returncode == 0, result
    out = result.stdout.splitlines()
    printed = [line for line in out if KEY.fullmatch(line)]
    assert len(printed) == 150 and out.count("status 111") == 2
    assert all("the disk is full; nothing was changed" in line for line in result.stderr.splitlines())
    assert int(out[-1].split()[0]) >= 150


def damage(index: Path) -> bytes:
    """Every line but the first is of no use any more."""
    data = bytearray(index.read_bytes())
    for place in range(128, len(data), 128):
        data[place + 70] ^= 1
    index.with_suffix(".bad").write_bytes(data)
    index.with_suffix(".bad").rename(index)
    return bytes(data)


def age(index: Path) -> None:
    """One of a version to come."""
    lines = index.read_bytes()
    head = lines[:128].replace(b"keys-index 2 ", b"keys-index 3 ")
    index.write_bytes(head + lines[128:])


@pytest.mark.parametrize("way", ["listen", "inetd"])
@pytest.mark.parametrize("harm", [damage, lambda index: index.write_bytes(b"torn"), Path.unlink, age,
                                  lambda index: os.truncate(index, 128 * 200), lambda index: os.truncate(index, 128 * 200 + 5)],
                         ids=["damaged", "torn", "gone", "to come", "half", "cut"])
def test_a_service_goes_on_and_mends(edges, upstream, way, harm):
    """Without its index every key is still found; whoever met damage puts another in its place."""
    edge = edges(configuration(upstream, callers="issued"), way)
    done(edge.state, "users", "add", "ann")
    issued = done(edge.state, "keys", "issue", "--user", "ann", "--name", "x", "--count", "400").split()
    index = edge.state / "keys.index"
    whole = index.read_bytes()
    bad = harm(index)
    for key in issued[0], issued[399]:
        assert edge.ask(chat("gpt-4", "hello", f"Authorization: Bearer {key}")).status == 200
    assert edge.ask(chat("gpt-4", "hello", f"Authorization: Bearer {issued[0][:-1]}")).status == 401
    if harm is damage:
        proc.wait_until(lambda: index.read_bytes() != bad, "nobody mends the index")
        assert index.read_bytes() == whole
    done(edge.state, "keys", "revoke", "1")
    assert index.read_bytes()[128:].count(b"\n") == 401
    assert edge.ask(chat("gpt-4", "hello", f"Authorization: Bearer {issued[0]}")).status == 401
