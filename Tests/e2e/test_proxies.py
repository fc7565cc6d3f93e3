# SPDX-License-Identifier: MIT
"""nginx, Apache and HAProxy in front, each with its file of contrib/proxies, other addresses put in."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

import api
import proc
import scripts
from client import Client, chat, request
from edge import Edge, configuration, free_port
from exchange import PATIENCE, heartbeats
from proxied import CLIENT, Caller

SAMPLES = Path(__file__).resolve().parents[2] / "contrib/proxies"
FILES = {"nginx": "nginx.conf", "apache": "apache.conf", "haproxy": "haproxy.cfg"}
ROADS = ["listen", "unix"]
EDGE, EDGE_SOCKET, FRONT = "127.0.0.1:8000", "/run/edgefilter/http.sock", "127.0.0.1:8080"


def replaced(text: str, edge: Edge, port: int) -> str:
    """The sample with our addresses, and for a unix socket the commented line instead of the other."""
    lines = []
    for line in text.splitlines():
        is_comment = line.lstrip().startswith("#")
        if edge.way == "unix" and EDGE in line and not is_comment:
            continue
        if edge.way == "unix" and EDGE_SOCKET in line and is_comment:
            line = line.replace("# ", "", 1)
        lines.append(line)
    text = "\n".join([*lines, ""])
    there = EDGE if edge.way == "listen" else EDGE_SOCKET
    assert there in text and FRONT in text, "the sample has other addresses"
    text = text.replace(EDGE_SOCKET, str(edge.address))
    return text.replace(EDGE, f"127.0.0.1:{edge.port}").replace(FRONT, f"127.0.0.1:{port}")


class Behind(Edge):
    """An edgefilter whose unix socket any user may open."""

    def is_ready(self) -> bool:
        is_ready = super().is_ready()
        if is_ready and self.way == "unix":
            os.chmod(self.address, 0o666)
        return is_ready


class Proxy:
    """A running proxy in front of an edgefilter."""

    def __init__(self, name: str, edge: Edge, folder: Path):
        self.name, self.edge, self.folder, self.port = name, edge, folder, free_port()
        self.file = folder / FILES[name]
        self.file.write_text(replaced((SAMPLES / FILES[name]).read_text(), edge, self.port))
        self.clients: list[Caller] = []
        self.said = open(folder / "said", "wb")
        self.process = subprocess.Popen(
            getattr(self, name)(), stdin=subprocess.DEVNULL, stdout=self.said, stderr=self.said,
            start_new_session=True)

    def nginx(self) -> list[str]:
        return ["/usr/sbin/nginx", "-e", "stderr", "-c", str(self.file),
                "-g", f"daemon off; pid {self.folder}/pid;"]

    def apache(self) -> list[str]:
        own = [f"PidFile {self.folder}/pid", f"ErrorLog {self.folder}/log",
               f"DefaultRuntimeDir {self.folder}"]
        return ["/usr/sbin/apache2", "-DFOREGROUND", "-f", str(self.file),
                *(word for line in own for word in ("-c", line))]

    def haproxy(self) -> list[str]:
        return ["/usr/sbin/haproxy", "-db", "-f", str(self.file)]

    def is_ready(self) -> bool:
        assert self.process.poll() is None, (self.folder / "said").read_text()
        return proc.is_listening(self.port)

    def dial(self) -> Caller:
        self.clients.append(Caller(self.port))
        return self.clients[-1]

    def stop(self) -> None:
        for client in self.clients:
            client.close()
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.kill_rest()
            self.said.close()

    def kill_rest(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


@pytest.fixture
def front(upstream):
    """Starts a proxy in front of an edgefilter in front of the upstream."""
    started = []
    # Workers of a proxy are other users than ours: they need a way in.
    folder = Path(tempfile.mkdtemp(prefix="proxies"))
    folder.chmod(0o755)

    def start(name: str, road: str = "listen", **settings) -> Proxy:
        settings = {"callers": "open", "upstream_account": "open", **settings}
        kept = {key: value for key, value in settings.items() if value is not None}
        edge = Behind(folder / "edge", configuration(upstream, **kept), road)
        started.append(edge)
        proxy = Proxy(name, edge, folder)
        started.append(proxy)
        proc.wait_until(proxy.is_ready, f"{name} is not listening")
        return proxy
    yield start
    for one in reversed(started):
        one.stop()
    for edge in started[:1]:
        edge.check_remains()
    shutil.rmtree(folder)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", FILES)
def test_stream_event_by_event(front, upstream, name, road):
    """Each event is read before the next one is sent."""
    gate = upstream.gate()
    upstream.script(scripts.stream(["a", "b"], gate=gate, after=1))
    client = front(name, road).dial()
    client.send(chat("gpt-4", stream=True))
    head = client.read_head()
    assert head.get("content-type").startswith("text/event-stream")
    first = client.read_until(b"\n\n")
    assert b'"role":"assistant"' in first and first.count(b"data: ") == 1
    upstream.heard()
    gate.set()
    assert client.read_until(b"[DONE]\n\n").count(b"data: ") == 4
    assert client.read_chunk() == b""


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", FILES)
def test_whole_answer_as_it_comes(front, upstream, name, road):
    """Nothing is held back, although the length is known and the last byte missing."""
    gate = upstream.gate()
    upstream.script(scripts.sound(gate, api.MIB))
    client = front(name, road).dial()
    client.send(request("POST", "/v1/audio/speech", {"model": "tts-1"}))
    assert client.read_head().get("content-length") == str(api.MIB)
    assert client.read_exactly(api.MIB - 1) == api.speech(api.MIB)[:-1]
    gate.set()
    assert client.read_exactly(1) == api.speech(api.MIB)[-1:]


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", FILES)
def test_connections_are_kept(front, upstream, name, road):
    """Ten answers over one connection of the client are served by one process of ours."""
    proxy = front(name, road)
    client = proxy.dial()
    for _ in range(10):
        assert client.ask(chat("gpt-4")).json["model"] == "gpt-4"
    assert client.ask(chat("gpt-4", stream=True)).events[-1] == "[DONE]"
    assert len(upstream.connections) == 1
    # Beside it there may be for a moment who syncs the log.
    proc.wait_until(lambda: len(proxy.edge.handlers()) == 1, "one handler")


@pytest.mark.parametrize("name", FILES)
def test_paths_pass_as_they_came(front, upstream, name):
    client = front(name).dial()
    client.ask(request("GET", "/v1/files/a%2Fb?x=%20%2F&y=1"))
    assert upstream.requests[-1].target == "/v1/files/a%2Fb?x=%20%2F&y=1"


@pytest.mark.parametrize("name", FILES)
def test_20_MiB_up(front, upstream, name):
    data = api.speech()
    client = front(name).dial()
    answer = client.ask(request("PUT", "/v1/files/f", data))
    assert answer.status == 200
    assert upstream.requests[-1].body == data
    assert answer.json["body"].encode("latin-1") == data


@pytest.mark.parametrize("name", FILES)
def test_20_MiB_down(front, name):
    client = front(name).dial()
    asked = {"model": "tts-1", "input": "x", "voice": "alloy"}
    assert client.ask(request("POST", "/v1/audio/speech", asked)).body == api.speech()


@pytest.mark.parametrize("name", FILES)
def test_too_large_a_body(front, upstream, name):
    """What edgefilter would not take is refused in front of it."""
    client = front(name).dial()
    client.send(request("POST", "/v1/files", None, f"Content-Length: {(32 << 20) + 1}"))
    assert client.read_head().status == 413
    assert upstream.requests == []


@pytest.mark.parametrize("name", ["nginx", "haproxy"])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("how", ["close", "reset"])
def test_client_gone_before_the_first_byte(front, upstream, name, streamed, how):
    """Apache cannot: it has nothing to write yet."""
    upstream.script(scripts.hold(upstream.gate()))
    client = front(name).dial()
    client.send(chat("gpt-4", stream=streamed))
    gone_in_time(upstream, upstream.heard(), client, how)


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["close", "reset"])
def test_client_gone_mid_stream(front, upstream, name, road, how):
    """No event comes any more. Apache learns it from the comment lines of a silent stream."""
    upstream.script(scripts.stream(["a", "b"], gate=upstream.gate()))
    client = front(name, road, limits={"ping": "1s"}).dial()
    client.send(chat("gpt-4", stream=True))
    client.read_head()
    client.read_until(b'"content":"a"')
    gone_in_time(upstream, upstream.heard(), client, how)


def gone_in_time(upstream, exchange, client: Client, how: str) -> None:
    instant = heartbeats()
    getattr(client, how)()
    took = upstream.connection(exchange).wait_closed() - instant
    print(f"the upstream saw the close after {took * 1000:.1f} ms")


@pytest.mark.parametrize("road", ROADS)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("is_listed", [True, False])
def test_address_of_the_client(front, name, road, is_listed):
    """Believed from a listed proxy alone, and of its word only what it saw itself."""
    peer = "unix" if road == "unix" else "127.0.0.1"
    proxy = front(name, road, trusted_proxies=[peer] if is_listed else ["192.0.2.1"])
    client = proxy.dial()
    assert client.ask(chat("gpt-4", "Hello", "X-Forwarded-For: 203.0.113.9")).status == 200
    line = proxy.edge.wait_stderr("Request started")
    assert f"IP: {CLIENT if is_listed else peer}," in line


@pytest.mark.parametrize("name", FILES)
def test_default_refuses_callers_of_a_proxy(front, upstream, name):
    """A proxy is on this machine, its callers are not; the refusal says what to do."""
    answer = front(name, callers=None).dial().ask(chat("gpt-4"))
    assert answer.status == 401
    assert "callers: open" in answer.error["message"]
    assert upstream.requests == []


@pytest.mark.parametrize("name", FILES)
def test_unix_socket_is_a_permission(front, name):
    """Who may open it decides, whatever is forwarded."""
    client = front(name, "unix", callers=None, upstream_account="local").dial()
    assert client.ask(chat("gpt-4")).status == 200
    assert client.ask(request("GET", "/v1/files/a/content")).status == 403, "but the account is this machine's alone"


@pytest.mark.parametrize("name", FILES)
def test_own_keys_need_no_permission(front, upstream, name):
    """`key: caller`: the caller's own key goes up, ours never does."""
    client = front(name, callers=None, upstream_key="caller").dial()
    answer = client.ask(chat("gpt-4", "Hello", f"Authorization: Bearer {api.CALLER_KEY}"))
    assert answer.status == 200
    assert upstream.requests[-1].get("authorization") == f"Bearer {api.CALLER_KEY}"
