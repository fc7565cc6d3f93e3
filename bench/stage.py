# SPDX-License-Identifier: MIT
"""What runs for a benchmark: the upstream stub, the peers in front of it; and what their processes use."""

import functools
import os
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import peers


class Stage:
    """Everything that runs for a benchmark; leaving it (`with`) stops it all and removes its files."""

    def __init__(self, names, is_tls=False):
        self.names = names
        self.is_tls = is_tls
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
        stub = self.start("upstream", {"args": [peers.BUILT / "upstream"], "stdout": subprocess.PIPE})
        self.upstream = peers.Upstream("http", int(stub.stdout.readline()))
        if self.is_tls:
            self.upstream = self.encrypt(self.upstream)
        for name in self.names:
            self.ports[name] = self.start_peer(name) if peers.PEERS[name] else self.upstream.port

    def start_peer(self, name):
        port = peers.free_port()
        self.start_and_await(name, port, functools.partial(peers.PEERS[name], upstream=self.upstream, port=port))
        return port

    def start_and_await(self, name, port, how):
        place = self.place / name
        place.mkdir(exist_ok=True)
        process = self.start(name, how(place))
        self.pids[name] = process.pid
        if not answers(port, process):
            log = (place / "log").read_text(errors="replace")
            raise peers.Trouble(f"{name} does not start:\n{log[-2000:]}")

    def encrypt(self, upstream):
        """The upstream behind nginx with a certificate of our own making, which stands among the system's."""
        if not peers.OPENSSL:
            raise peers.Trouble("missing: openssl (Debian: openssl)")
        place = self.place / "tls"
        place.mkdir()
        port = peers.free_port()
        subprocess.run([peers.OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                        "-nodes", "-days", "2", "-subj", "/CN=edgefilter benchmark",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", place / "key.pem",
                        "-out", place / "cert.pem"], check=True, capture_output=True, timeout=30)
        words = {"@UPSTREAM@": upstream.port, "@PORT@": port}
        self.start_and_await("tls", port, lambda place: peers.start_nginx(place, "tls.conf", words))
        authorities = self.place / "authorities.pem"
        others = peers.SYSTEM_AUTHORITIES.read_text() if peers.SYSTEM_AUTHORITIES.exists() else ""
        authorities.write_text(others + (place / "cert.pem").read_text())
        return peers.Upstream("https", port, authorities)

    def start(self, name, how):
        (self.place / name).mkdir(exist_ok=True)
        with open(self.place / name / "log", "wb") as log:
            usual = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "start_new_session": True}
            process = subprocess.Popen(**{**usual, **how})
        self.running.append(process)
        return process

    def url(self, name):
        scheme = "http" if peers.PEERS[name] else self.upstream.scheme
        return f"{scheme}://127.0.0.1:{self.ports[name]}/v1/chat/completions"

    def cpu(self, name):
        """Seconds of processor time that a peer's processes have used, those that ended included; direct: None."""
        if name not in self.pids:
            return None
        await_quiet(self.pids[name])
        return sum(cpu(process) for process in members(self.pids[name]))


def members(session):
    """The processes of a session (`start_new_session` made each peer the leader of one)."""
    for entry in Path("/proc").glob("[0-9]*"):
        fields = stat(entry)
        if fields and int(fields[3]) == session:
            yield entry


def await_quiet(session, moment=0.02, patience=2.0):
    """Waits until no process of a session has ended for a moment: in between its time is nobody's."""
    end = time.monotonic() + patience
    before, now = None, set(members(session))
    while now != before and time.monotonic() < end:
        time.sleep(moment)
        before, now = now, set(members(session))


def stat(process):
    """What follows the name in /proc/PID/stat; None: it has ended."""
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def cpu(process):
    """utime + stime + cutime + cstime: the last two are of children that were waited for."""
    fields = stat(process)
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") if fields else 0


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


def answers(port, process, patience=60.0):
    """Does somebody accept connections at `port` before `process` ends or patience does?"""
    end = time.monotonic() + patience
    while time.monotonic() < end and not has_ended(process):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.02)
    return False
