# SPDX-License-Identifier: MIT
"""full_disk.py FOLDER: in mounts of our own, edgefilter on a disk of 64 KiB that is filled and emptied."""

import json
import subprocess
import sys
from pathlib import Path

import logged
import proc
from client import chat
from edge import Edge

FOLDER = Path(sys.argv[1])
SIZE = 64 << 10


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


def main() -> None:
    disk = FOLDER / "disk"
    disk.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "none", disk], check=True)
    edge = Edge(FOLDER / "edge", {"upstreams": {"echo": {"dialect": "echo"}}, "models": {"*": "echo"}},
                env={"STATE_DIRECTORY": str(disk)})
    edge.state = disk
    try:
        client = edge.dial()
        kept = sum(client.ask(chat()).status == 200 for _ in range(3))
        edge.records(3)
        fill(disk / "ballast")
        # What the segment's last page has room for is still written; then records are lost, and callers served.
        lost = 0
        while lost < 5:
            assert client.ask(chat()).status == 200
            lost = losses(edge)
            kept += 1
        full = edge.tool("usage", "--json")
        assert full.returncode == 0, full.stderr
        (disk / "ballast").unlink()
        assert client.ask(chat()).status == 200
        assert edge.ask(chat()).status == 200
        asked = kept + 2
        proc.wait_until(lambda: len(logged.read(disk)[0]) + losses(edge) >= asked, f"{asked} records or losses")
        records, torn = logged.read(disk)
        assert len(records) + losses(edge) == asked, (len(records), losses(edge), asked)
        told = json.loads(edge.tool("usage", "--json").stdout)
        assert told["total"]["requests"] == len(records) and told["broken"] == torn, told
        assert edge.tool("log", "verify").returncode == 0
        assert list(disk.glob("totals-*.jsonl")), "no totals after space came back"
        assert not list(disk.glob("totals-*.jsonl.*")), "a draft was left"
    finally:
        edge.stop()


main()
