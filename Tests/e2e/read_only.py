# SPDX-License-Identifier: MIT
"""read_only.py FOLDER: in mounts of our own, edgefilter on a disk that becomes read-only while it serves, and back."""

import json
import subprocess
import sys
from pathlib import Path

import keyring
import logged
import proc
from client import Client, chat, request
from edge import Edge, free_port

FOLDER = Path(sys.argv[1])
BASE = {"upstreams": {"echo": {"dialect": "echo", "key": "none"}}, "models": {"*": "echo"}}


def mount(folder: Path, *options: str) -> None:
    subprocess.run(["mount", *options, folder], check=True)


def admin(port: int, target: str, **members):
    client = Client(("127.0.0.1", port))
    answer = client.ask(request("POST" if members else "GET", target, members or None, host="127.0.0.1"))
    client.close()
    return answer


def losses(edge: Edge) -> int:
    return sum("A request record is lost: open: Read-only file system" in line for line in list(edge.stderr))


def counted(port: int) -> int:
    told = admin(port, "/metrics").body.decode()
    line, = (line for line in told.splitlines() if line.startswith("edgefilter_log_write_failures_total "))
    return int(line.split()[1])


def tools_are_honest(edge: Edge, requests: int) -> None:
    """What only reads goes on; what would write says why not, and what to do."""
    usage = edge.tool("usage", "--json")
    assert (usage.returncode, json.loads(usage.stdout)["total"]["requests"]) == (0, requests), usage
    for tool in (["users", "list"], ["keys", "list"], ["log", "verify"]):
        done = edge.tool(*tool)
        assert (done.returncode, done.stderr) == (0, b""), done
    for tool in (["users", "add", "bob"], ["keys", "issue", "--user", "ann", "--name", "x"], ["keys", "revoke", "1"],
                 ["log", "prune"]):
        done = edge.tool(*tool)
        assert (done.returncode, done.stdout) == (111, b""), done
        assert b"Read-only file system; the directory must be writable" in done.stderr, done


def becomes_read_only(disk: Path) -> None:
    port = free_port()
    edge = Edge(FOLDER / "edge", {**BASE, "callers": "issued", "admin": {"listen": [f"127.0.0.1:{port}"]}},
                env={"STATE_DIRECTORY": str(disk)})
    edge.state = disk
    try:
        assert admin(port, "/admin/users", username="ann").status == 200
        bearer = f"Authorization: Bearer {admin(port, '/admin/api-keys', user_id=1, name='n').json['api_key']}"
        stranger = f"Authorization: Bearer {keyring.make()}"
        assert edge.ask(chat("m", "x", bearer)).status == 200
        edge.records(3)
        mount(disk, "-o", "remount,ro")
        assert [edge.ask(chat("m", "x", *field)).status for field in ([bearer], [stranger], [])] == [200, 401, 401]
        refused = admin(port, "/admin/api-keys", user_id=1, name="n")
        assert refused.status == 503 and "Read-only file system; the directory must be writable" in refused.error["message"], refused
        proc.wait_until(lambda: losses(edge) == 4, f"a line a loss: {edge.stderr}")
        assert counted(port) == 4
        proc.wait_until(lambda: losses(edge) == 5, "that of the look at them")
        tools_are_honest(edge, requests=1)
        mount(disk, "-o", "remount,rw")
        assert admin(port, "/admin/api-keys", user_id=1, name="n").status == 200
        assert edge.ask(chat("m", "x", bearer)).status == 200
        proc.wait_until(lambda: len(logged.read(disk)[0]) == 5, "the records of both")
        assert edge.tool("log", "prune").returncode == 0
    except BaseException:
        print("\n".join(edge.stderr), file=sys.stderr)
        raise
    finally:
        edge.stop()


def begins_read_only(disk: Path, callers: str) -> None:
    """State and runtime directory both: it says so at the start, and serves."""
    run = FOLDER / "run"
    mount(disk, "-o", "remount,ro")
    mount(run, "-o", "remount,ro")
    edge = Edge(FOLDER / callers, {**BASE, "callers": callers}, env={"STATE_DIRECTORY": str(disk), "RUNTIME_DIRECTORY": str(run)})
    try:
        edge.wait_stderr(f"{disk} cannot be written")
        assert edge.ask(chat()).status == 200
        proc.wait_until(lambda: losses(edge) == 1, f"the loss: {edge.stderr}")
    finally:
        edge.stop()
    mount(run, "-o", "remount,rw")
    mount(disk, "-o", "remount,rw")


def main() -> None:
    disk = FOLDER / "disk"
    for folder in (disk, FOLDER / "run"):
        folder.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", folder], check=True)
    becomes_read_only(disk)
    begins_read_only(disk, "open")


main()
