# SPDX-License-Identifier: MIT
"""full_disk.py FOLDER: in mounts of our own, edgefilter on a disk of 128 KiB that is filled and emptied."""

import json
import subprocess
import sys
from pathlib import Path

import logged
import proc
from client import Client, chat, request
from edge import Edge, free_port

FOLDER = Path(sys.argv[1])
SIZE = 128 << 10


def fill(file: Path) -> None:
    """Leaves no room at all."""
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(bytes(4096))
        except OSError:
            pass


def losses(edge: Edge) -> int:
    return sum("A request record is lost" in line for line in list(edge.stderr))


def counted(edge: Edge) -> int:
    """The losses as `/metrics` tells them."""
    told = edge.ask(request("GET", "/metrics"))
    assert told.status == 200, told
    line, = (line for line in told.body.decode().splitlines() if line.startswith("edgefilter_log_write_failures_total "))
    return int(line.split()[1])


class Desk:
    """Where keys are issued."""

    def __init__(self):
        self.address = "127.0.0.1", free_port()

    def ask(self, target: str, **members):
        client = Client(self.address)
        answer = client.ask(request("POST", target, members, host="127.0.0.1"))
        client.close()
        return answer

    def issue(self, **limits):
        return self.ask("/admin/api-keys", user_id=1, name="n", **limits)


def main() -> None:
    disk = FOLDER / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", disk], check=True)
    (FOLDER / "run").mkdir()
    desk = Desk()
    edge = Edge(FOLDER / "edge", {"upstreams": {"echo": {"dialect": "echo", "key": "none"}}, "models": {"*": "echo"},
                                  "admin": {"listen": [f"127.0.0.1:{desk.address[1]}"]}},
                env={"STATE_DIRECTORY": str(disk), "RUNTIME_DIRECTORY": str(FOLDER / "run")})
    edge.state = disk
    try:
        assert desk.ask("/admin/users", username="ann").status == 200
        held, unused = (f"Authorization: Bearer {desk.issue(tokens_per_day=10**6).json['api_key']}" for _ in range(2))
        client = edge.dial()
        asked = 3 + sum(client.ask(chat("m", "x", *bearer)).status == 200 for bearer in ([held], [], []))
        edge.records(asked)
        assert counted(edge) == 0
        asked += 1
        fill(disk / "ballast")
        # What the segment's last page has room for is still written; then records are lost, and callers served.
        while losses(edge) < 5:
            assert client.ask(chat("m", "x", held)).status == 200, "a budget that has its place is kept"
            assert client.ask(chat()).status == 200
            asked += 2
        full = edge.tool("usage", "--json")
        assert full.returncode == 0, full.stderr
        # What the last page of the keys has room for is still issued.
        while (refused := desk.issue()).status == 200:
            asked += 1
        assert (refused.status, refused.error["message"]) == (507, "The disk is full; nothing was changed."), refused
        asked += 1
        proc.wait_until(lambda: len(logged.read(disk)[0]) + losses(edge) >= asked, f"{asked} records or losses")
        lost = losses(edge)
        assert counted(edge) == lost >= 5, lost
        asked += 1
        (disk / "ballast").unlink()
        assert desk.issue().status == 200
        assert client.ask(chat("m", "x", unused)).status == 200
        assert edge.ask(chat()).status == 200
        asked += 3
        proc.wait_until(lambda: len(logged.read(disk)[0]) + losses(edge) >= asked, f"{asked} records or losses")
        records, torn = logged.read(disk)
        assert len(records) + losses(edge) == asked, (len(records), losses(edge), asked)
        lost = losses(edge)
        assert counted(edge) == lost, "no more is lost"
        told = json.loads(edge.tool("usage", "--all", "--json").stdout)
        assert told["total"]["requests"] >= len(records) and told["broken"] == torn, told
        assert edge.tool("log", "verify").returncode == 0
        assert list(disk.glob("totals-*.jsonl")), "no totals after space came back"
        assert not list(disk.glob("totals-*.jsonl.*")), "a draft was left"
    except BaseException:
        print("\n".join(edge.stderr), file=sys.stderr)
        raise
    finally:
        edge.stop()


main()
