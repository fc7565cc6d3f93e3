# SPDX-License-Identifier: MIT
"""Two machines that share nothing but a balancer in front."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import proc
from edge import BINARY, Edge, configuration, free_port
from exchange import LONG
from upstream import Upstream

os.environ["NO_PROXY"] = "*"
FLEET = Path(__file__).resolve().parents[2] / "contrib/fleet"


class Fleet:
    """Machines a and b, and HAProxy with the file of contrib/fleet in front of them."""

    def __init__(self, folder: Path, upstream: Upstream):
        config = configuration(upstream, callers="issued", trusted_proxies=["127.0.0.1"],
                               limits={"per_source": 512})
        self.folder, self.upstream, self.port = folder, upstream, free_port()
        self.machines = {name: Edge(folder / name, config) for name in "ab"}
        file = folder / "haproxy.cfg"
        file.write_text(self.replaced((FLEET / "haproxy.cfg").read_text()))
        self.proxy = subprocess.Popen(
            ["/usr/sbin/haproxy", "-db", "-f", str(file)], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        proc.wait_until(lambda: proc.is_listening(self.port), "HAProxy is not listening")

    def replaced(self, text: str) -> str:
        places = {"127.0.0.1:8080": self.port, "127.0.0.1:8001": self.machines["a"].port,
                  "127.0.0.1:8002": self.machines["b"].port}
        for place, port in places.items():
            assert place in text, f"the sample has no {place}"
            text = text.replace(place, f"127.0.0.1:{port}")
        return text

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def tool(self, name: str, *words: str) -> str:
        """A tool of ours on one machine."""
        return subprocess.run(
            [str(BINARY), *words, "--state", str(self.machines[name].state)], check=True,
            capture_output=True, text=True, timeout=LONG).stdout

    def issue(self, count: int = 1, *limits: str) -> list[str]:
        """Keys of one user, issued on machine a."""
        if "alice" not in self.tool("a", "users", "list"):
            self.tool("a", "users", "add", "alice")
        return self.tool("a", "keys", "issue", "--user", "alice", "--name", "laptop", *limits,
                         "--count", str(count)).split()

    def distribute(self, *names: str) -> None:
        """Runs the script on the files of machine a, for the others."""
        there = [str(self.machines[name].state) for name in names or "b"]
        subprocess.run([str(FLEET / "distribute"), str(self.machines["a"].state), *there],
                       check=True, timeout=LONG)

    def stop(self) -> None:
        self.proxy.kill()
        self.proxy.wait()
        for machine in self.machines.values():
            machine.stop()
        for machine in self.machines.values():
            machine.check_remains()


@pytest.fixture
def fleet():
    upstream = Upstream()
    folder = Path(tempfile.mkdtemp(prefix="fleet"))
    folder.chmod(0o755)
    fleet = Fleet(folder, upstream)
    yield fleet
    fleet.stop()
    upstream.close()
    assert upstream.faults == []
    shutil.rmtree(folder)
