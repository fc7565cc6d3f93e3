# SPDX-License-Identifier: MIT
"""The real binary, started in each way it can be started."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import api
import proc
from client import Answer, Client
from exchange import LONG

BINARY = Path(os.environ.get("EDGEFILTER") or
              Path(__file__).resolve().parents[2] / ".build/release/edgefilter")
WAYS = ["listen", "activate", "activate-accept", "inetd"]
SECRETS = [api.OPERATOR_KEY, api.CALLER_KEY]


def configuration(upstream, models: dict | None = None, **settings) -> dict:
    """The smallest file for one upstream; `upstream_…` settings go to the upstream itself."""
    prefix = "upstream_"
    own = {key.removeprefix(prefix): settings.pop(key)
           for key in list(settings) if key.startswith(prefix)}
    main = {"dialect": "openai", "base_url": upstream.url, "key": api.OPERATOR_KEY,
            "timeout": {"connect": "2s", "first_byte": "60s", "silence": "60s"}, **own}
    table = models or {"gpt-4": "main/gpt-4-turbo", "*": "main"}
    return {"upstreams": {"main": main}, "models": table, **settings}


def run_script(*command: str | Path) -> str:
    """What a Python program of the tests says, with the same binary and modules; fails unless it ends with 0."""
    env = {**os.environ, "EDGEFILTER": str(BINARY), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=LONG, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def openbsd_inetd(edge: "Edge", command: list[str]) -> list[str]:
    """Its own file, its own environment, and standard error too is the connection."""
    line = [f"127.0.0.1:{edge.port}", "stream", "tcp", "nowait.10000", "root", command[0], *command]
    table = edge.folder / "inetd.conf"
    table.write_text("\t".join([*line, "--state", str(edge.state)]) + "\n")
    return ["/usr/sbin/inetd", "-i", "-E", str(table)]


def tcpserver(edge: "Edge", command: list[str]) -> list[str]:
    return ["tcpserver", "-H", "-R", "-l0", "127.0.0.1", str(edge.port), *command]


SUPERSERVERS = {"openbsd-inetd": openbsd_inetd, "tcpserver": tcpserver}


class Ports:
    """Ports that nobody is given by accident: below those that the kernel gives to callers and to listeners on port 0.

    Each is given once; a second run beside this one begins elsewhere. A call to one where nobody listens is refused: among the
    kernel's own it might be connected to itself.
    """

    FIRST, COUNT = 10_000, 20_000

    def __init__(self):
        self.next = os.getpid() * 97 % self.COUNT

    def take(self) -> int:
        while True:
            port = self.FIRST + self.next
            self.next = (self.next + 1) % self.COUNT
            try:
                socket.create_server(("127.0.0.1", port)).close()
                return port
            except OSError:
                continue


free_port = Ports().take


class Edge:
    """A running edgefilter with its own configuration, state and standard error.

    `configured` listens where its file says, and so does `environment`, whose file is one of variables.
    """

    def __init__(self, folder: Path, config: dict | str, way: str = "listen",
                 env: dict[str, str] | None = None, port: int = 0, flags: Sequence[str] = ()):
        self.folder, self.way, self.flags = folder, way, flags
        self.file, self.state = folder / "edgefilter.yaml", folder / "state"
        self.state.mkdir(parents=True)
        (folder / "run").mkdir()
        self.file.write_text(config if isinstance(config, str) else json.dumps(config, indent=1))
        self.port = 0 if way == "unix" else port or free_port()
        self.address = str(folder / "s") if way == "unix" else ("127.0.0.1", self.port)
        self.doors = [self.address if way == "unix" else self.port, *self.admin_doors(config)]
        self.env = {"STATE_DIRECTORY": str(self.state), "RUNTIME_DIRECTORY": str(folder / "run"),
                    **(env or {})}
        self.stderr: list[str] = []
        self.transcripts: list[bytes] = []
        self.clients: list[Client] = []
        self.process = self.start()
        self.reader = threading.Thread(target=self.collect, daemon=True)
        self.reader.start()
        proc.wait_until(self.is_ready, f"{way} is not listening: {self.stderr}")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def forks(self) -> bool:
        """Whether handlers are forked from an acceptor, rather than started for each connection."""
        return self.way in ("listen", "activate", "unix", "configured", "environment")

    @property
    def pid(self) -> int:
        return self.process.pid

    def command(self) -> list[str]:
        file = "--env" if self.way == "environment" else "-c"
        edge = [str(BINARY), file, str(self.file), *self.flags]
        if self.way in ("configured", "environment"):
            return [*edge, "listen"]
        if self.way in SUPERSERVERS:
            return SUPERSERVERS[self.way](self, edge)
        here = self.address if self.way == "unix" else f"127.0.0.1:{self.port}"
        if self.way in ("listen", "unix"):
            return [*edge, "listen", here]
        kept = [word for name, value in self.env.items() for word in ("-E", f"{name}={value}")]
        flags = {"activate": [], "activate-accept": ["-a"], "inetd": ["-a", "--inetd"]}[self.way]
        return ["systemd-socket-activate", "-l", here, *kept, *flags, *edge]

    def start(self) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(), env={"PATH": os.environ["PATH"], **self.env}, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)

    def collect(self) -> None:
        for line in self.process.stderr:
            self.stderr.append(line.decode(errors="replace").rstrip("\n"))

    def is_ready(self) -> bool:
        assert self.process.poll() is None, f"it ended: {self.process.returncode} {self.stderr}"
        return all(proc.is_listening_at(door) if isinstance(door, str) else proc.is_listening(door) for door in self.doors)

    def admin_doors(self, config: dict | str) -> list[str | int]:
        """Paths and ports that are opened after the first address, for administration."""
        if self.way not in ("listen", "unix", "configured") or isinstance(config, str):
            return []
        listed = config.get("admin", {}).get("listen", [])
        return [each if each.startswith("/") else int(each.rpartition(":")[2]) for each in listed]

    def dial(self, **options) -> Client:
        """A new connection, closed with the test."""
        self.clients.append(Client(self.address, **options))
        return self.clients[-1]

    def ask(self, data: bytes) -> Answer:
        """One request on a connection of its own."""
        client = self.dial()
        answer = client.ask(data)
        client.close()
        self.transcripts.append(repr(answer).encode())
        return answer

    def ask_in_turn(self, *requests: bytes) -> list[Answer]:
        """Each on a connection of its own, once the record of the one before is written: it comes after the answer."""
        answers = []
        for data in requests:
            written = len(self.lines())
            answers.append(self.ask(data))
            proc.wait_until(lambda: len(self.lines()) > written, "its record")  # noqa: B023
        return answers

    def handlers(self) -> list[int]:
        return proc.children(self.pid)

    def handler(self, client: Client) -> int:
        """The process that serves this connection, and it alone."""
        inode = proc.wait_until(
            lambda: proc.socket_of(self.port, client.sock.getsockname()[1]), "the server's socket")
        holders = proc.wait_until(
            lambda: [pid for pid in self.handlers() if proc.holds(pid, inode)], "a handler")
        assert len(holders) == 1, f"the connection is held by {holders}"
        return holders[0]

    def records(self, count: int) -> list[dict]:
        """The records once there are `count`; more than that is a failure."""
        proc.wait_until(lambda: len(self.lines()) >= count, f"{count} records")
        lines = self.lines()
        assert len(lines) == count, f"{len(lines)} records instead of {count}"
        return [json.loads(line) for line in lines]

    def parsed(self) -> list[dict]:
        """The records that there are by now."""
        return [json.loads(line) for line in self.lines()]

    def lines(self) -> list[str]:
        """The lines that have their end: of one that is being written the beginning may be there."""
        files = sorted(self.state.glob("requests-*.jsonl"))
        return [line for file in files for line in file.read_text().split("\n")[:-1] if line]

    def wait_stderr(self, pattern: str) -> str:
        """The first line of standard error that has the pattern."""
        return proc.wait_until(
            lambda: next((line for line in list(self.stderr) if re.search(pattern, line)), None),
            f"{pattern} in {self.stderr}")

    def tool(self, *arguments: str) -> subprocess.CompletedProcess:
        """A run of the binary as a tool, with this configuration and state."""
        return run("-c", str(self.file), *arguments, env=self.env)

    def stop(self) -> None:
        """Ends what was started, then looks at what it left: no crash, no key."""
        for client in self.clients:
            client.close()
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.reader.join()
        self.process.stderr.close()

    def check_remains(self) -> None:
        crashes = [line for line in self.stderr
                   if re.search(r"Fatal error|Program crashed|ended by signal (?!9\b)", line)]
        assert not crashes, crashes
        everything = b"\n".join([*contents(self.state), *self.transcripts, *(x.encode() for x in self.stderr)])
        for secret in SECRETS:
            assert secret.encode() not in everything, "a key was written"


def run(*arguments: str, env: dict[str, str] | None = None, stdin: bytes = b"",
        folder: Path | None = None) -> subprocess.CompletedProcess:
    """The binary run to its end, standard input a pipe."""
    return subprocess.run([BINARY, *arguments], env={"PATH": os.environ["PATH"], **(env or {})},
                          input=stdin, capture_output=True, timeout=LONG, cwd=folder, check=False)


def contents(*folders: Path) -> list[bytes]:
    """What the files below hold, but for those that go away meanwhile, as drafts do."""
    found = []
    for file in (file for folder in folders for file in folder.rglob("*") if file.is_file()):
        with suppress(FileNotFoundError):
            found.append(file.read_bytes())
    return found
