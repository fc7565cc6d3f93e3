# SPDX-License-Identifier: MIT
"""What the benchmarks start, and how: the upstream stub, the peers in front of it, the load client."""

import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILT = ROOT / ".build" / "bench"
EDGEFILTER = Path(os.environ.get("EDGEFILTER", ROOT / ".build" / "release" / "edgefilter"))
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
PROGRAMS = {
    "upstream": ["upstream.c", "script.c", "message.c"],
    "load": ["load.c", "options.c", "judge.c", "figures.c", "message.c"],
}
NOBODY = 65534

EDGEFILTER_SETTINGS = """\
upstreams: {{stub: {{dialect: openai, base_url: "http://127.0.0.1:{upstream}/v1", key: none}}}}
callers: open
limits: {{connections: 4096, per_source: 4096}}
"""


class Trouble(Exception):
    """Something that keeps a benchmark from running; its text is for a person."""


# A peer is a function: it may write files into `place`, and returns what Popen takes to have it relay
# from `port` to `upstream`, both of 127.0.0.1.


def nginx(place, upstream, port):
    words = {"@PLACE@": place, "@UPSTREAM@": upstream, "@PORT@": port}
    text = (BENCH / "nginx.conf").read_text()
    for word, value in words.items():
        text = text.replace(word, str(value))
    (place / "nginx.conf").write_text(text)
    as_nobody = {}
    if os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return {"args": [NGINX, "-p", place, "-e", "stderr", "-c", place / "nginx.conf"], **as_nobody}


def edgefilter(place, upstream, port):
    (place / "edgefilter.yaml").write_text(EDGEFILTER_SETTINGS.format(upstream=upstream))
    for name in ("state", "run"):
        (place / name).mkdir()
    directories = {"STATE_DIRECTORY": str(place / "state"), "RUNTIME_DIRECTORY": str(place / "run")}
    command = [EDGEFILTER, "-c", place / "edgefilter.yaml", "listen", f"127.0.0.1:{port}"]
    return {"args": command, "env": {**os.environ, **directories}}


PEERS = {"direct": None, "nginx": nginx, "edgefilter": edgefilter}


def known(text):
    """The peers that a comma-separated option names."""
    names = text.split(",")
    unknown = [name for name in names if name not in PEERS]
    if unknown:
        raise Trouble(f"unknown peer: {', '.join(unknown)}")
    return names


def missing(names):
    """What is not there of all that the peers `names` need, each with a hint."""
    lacking = []
    if not shutil.which("cc"):
        lacking.append("cc (Debian: gcc)")
    if "nginx" in names and not NGINX:
        lacking.append("nginx (Debian: nginx-light)")
    if "edgefilter" in names and not os.access(EDGEFILTER, os.X_OK):
        lacking.append(f"edgefilter at {EDGEFILTER} (make release, or name one in $EDGEFILTER)")
    return lacking


def prepare(names):
    """Sees that all programs are there; compiles ours."""
    lacking = missing(names)
    if lacking:
        raise Trouble("missing: " + "; ".join(lacking))
    build()


def run(main):
    """The exit status of a benchmark: what `main` returns, 1 in trouble, 130 interrupted."""
    try:
        return main()
    except Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def build():
    """Compiles the stub and the load client where a source is newer."""
    BUILT.mkdir(parents=True, exist_ok=True)
    newest = max(p.stat().st_mtime for pattern in ("*.c", "*.h") for p in BENCH.glob(pattern))
    for name, sources in PROGRAMS.items():
        program = BUILT / name
        if program.exists() and program.stat().st_mtime > newest:
            continue
        files = [BENCH / source for source in sources]
        if subprocess.run(["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, *files]).returncode:
            raise Trouble(f"{name} does not compile")


class Stage:
    """Everything that runs for a benchmark; leaving it (`with`) stops it all and removes its files."""

    def __init__(self, names):
        self.names = names
        self.running = []
        self.ports = {}
        self.pids = {}

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: exit(143))
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.place = Path(tempfile.mkdtemp(prefix="edgefilter-bench-"))
        self.place.chmod(0o711)
        try:
            self.start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            stop(process)
        shutil.rmtree(self.place, ignore_errors=True)

    def start_all(self):
        stub = self.start("upstream", {"args": [BUILT / "upstream"], "stdout": subprocess.PIPE})
        upstream = int(stub.stdout.readline())
        for name in self.names:
            self.ports[name] = upstream if PEERS[name] is None else self.start_peer(name, upstream)
            if not answers(self.ports[name], self.running[-1]):
                log = (self.place / name / "log").read_text(errors="replace")
                raise Trouble(f"{name} does not start:\n{log[-2000:]}")

    def start_peer(self, name, upstream):
        place = self.place / name
        place.mkdir()
        port = free_port()
        self.pids[name] = self.start(name, PEERS[name](place, upstream, port)).pid
        return port

    def start(self, name, how):
        (self.place / name).mkdir(exist_ok=True)
        with open(self.place / name / "log", "wb") as log:
            usual = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "start_new_session": True}
            process = subprocess.Popen(**{**usual, **how})
        self.running.append(process)
        return process

    def url(self, name):
        return f"http://127.0.0.1:{self.ports[name]}/v1/chat/completions"


def has_ended(process):
    """Without reaping it, so that its number stays its own until `stop`."""
    return os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def stop(process, patience=5.0):
    """Ends a process we started and whatever it left in its session."""
    process.terminate()
    end = time.monotonic() + patience
    while not has_ended(process) and time.monotonic() < end:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


def answers(port, process, patience=10.0):
    """Does somebody accept connections at `port` before `process` ends or patience does?"""
    end = time.monotonic() + patience
    while time.monotonic() < end and not has_ended(process):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False
