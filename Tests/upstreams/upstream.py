# SPDX-License-Identifier: MIT
"""A scripted upstream, OpenAI's, Anthropic's or DashScope's: strict about what it hears, exact about what it answers."""

import select
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable

import api
import api_anuneko
import api_cyber
import api_dashscope
import api_messages
import small_model
from exchange import PATIENCE, Cut, Exchange, heartbeats, reset
from wire import Gone, Malformed, Request, Wire, proxy_faults, read_head

Script = Callable[[Exchange], None]


class Connection:
    """A connection that came in: when it closed, and which requests it carried."""

    def __init__(self, number: int, sock: socket.socket):
        self.number, self.sock = number, sock
        self.requests: list[Request] = []
        self.closed = threading.Event()
        self.closed_at = 0.0

    def wait_closed(self) -> float:
        """When the peer's close was seen, by `heartbeats`."""
        assert self.closed.wait(PATIENCE), f"upstream connection {self.number} was never closed"
        return self.closed_at


class Watcher(threading.Thread):
    """Notes the instant at which a peer closes, whatever the connection's script does."""

    def __init__(self):
        super().__init__(daemon=True)
        self.epoll = select.epoll()
        self.watched: dict[int, Connection] = {}
        self.start()

    def add(self, connection: Connection) -> None:
        number = connection.sock.fileno()
        self.watched[number] = connection
        self.epoll.register(number, select.EPOLLRDHUP | select.EPOLLET)

    def remove(self, connection: Connection) -> None:
        number = connection.sock.fileno()
        if self.watched.pop(number, None):
            self.epoll.unregister(number)
        connection.closed_at = connection.closed_at or heartbeats()
        connection.closed.set()

    @staticmethod
    def has_hung_up(number: int) -> bool:
        """Asked once more: the number may be another connection's by now."""
        poll = select.poll()
        poll.register(number, select.POLLRDHUP)
        return bool(poll.poll(0))

    def run(self) -> None:
        while True:
            for number, _ in self.epoll.poll():
                connection = self.watched.get(number)
                if connection and not connection.closed.is_set() and self.has_hung_up(number):
                    connection.closed_at = heartbeats()
                    connection.closed.set()


# One for all upstreams: what each left behind would be thousands of threads in the end.
WATCHER = Watcher()


# The rules of each, and the field in which it names a request.
VENDORS = {"openai": (api, "x-request-id"), "anthropic": (api_messages, "request-id"),
           "cyber": (api_cyber, "x-request-id"),
           "anuneko": (api_anuneko, "x-request-id"),
           "dashscope": (api_dashscope, "x-request-id")}


class Upstream:
    """Listens on loopback. Each request takes the next script, or else is answered by the rules."""

    def __init__(self, prefix: str | None = None, vendor: str = "openai"):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port = self.listener.getsockname()[1]
        self.authority = f"127.0.0.1:{self.port}"
        self.prefix = prefix if prefix is not None else "/api/v1" if vendor == "dashscope" else "/v1"
        self.vendor = vendor
        self.rules, self.request_id = VENDORS[vendor]
        self.routes = self.rules.ROUTES
        self.expects_proxy = True
        self.keys = {api.OPERATOR_KEY, api.CALLER_KEY}
        self.models = list(getattr(self.rules, "MODELS", api.MODELS))
        # Of conversations over WebSocket: keys of handshakes, masks of frames, what was said under which token.
        self.nonces: set[str] = set()
        self.masks: set[bytes] = set()
        self.heard_contents: list[tuple[str, str]] = []
        self.tls: ssl.SSLContext | None = None
        self.mind = small_model.think
        self.scripts: deque[Script] = deque()
        self.connections: list[Connection] = []
        self.exchanges: list[Exchange] = []
        self.faults: list[str] = []
        self.gates: list[threading.Event] = []
        self.changed = threading.Condition()
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"{'ws' if self.vendor == 'cyber' else 'http'}://{self.authority}{self.prefix}"

    @property
    def requests(self) -> list[Request]:
        return [exchange.request for exchange in self.exchanges]

    def allow_only(self, *paths: str) -> None:
        """From now on this upstream has no more endpoints than these."""
        self.routes = [route for route in self.routes if route[1] in paths]

    def script(self, *scripts: Script) -> None:
        """Queues scripts; a request takes one, in order of arrival."""
        self.scripts.extend(scripts)

    def secure(self, context: ssl.SSLContext) -> None:
        """From now on connections run over TLS, and this is `localhost`."""
        self.tls, self.authority = context, f"localhost:{self.port}"

    def gate(self) -> threading.Event:
        """A gate that closing the upstream opens, so that nothing waits for ever."""
        self.gates.append(threading.Event())
        return self.gates[-1]

    def exchange(self, count: int = 1) -> Exchange:
        """The exchange number `count`, once its head is in."""
        with self.changed:
            came = self.changed.wait_for(lambda: len(self.exchanges) >= count, PATIENCE)
        assert came, f"{len(self.exchanges)} of {count} requests reached the upstream"
        return self.exchanges[count - 1]

    def heard(self, count: int = 1) -> Exchange:
        """The exchange number `count`, once its script waits at a gate."""
        exchange = self.exchange(count)
        assert exchange.heard.wait(PATIENCE), "the script never came to its gate"
        return exchange

    def connection(self, exchange: Exchange) -> Connection:
        return self.connections[exchange.request.connection - 1]

    def accept(self) -> None:
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                try:
                    sock = self.tls.wrap_socket(sock, server_side=True)
                except OSError:
                    continue
            connection = Connection(len(self.connections) + 1, sock)
            self.connections.append(connection)
            WATCHER.add(connection)
            threading.Thread(target=self.converse, args=[connection], daemon=True).start()

    def converse(self, connection: Connection) -> None:
        try:
            self.exchange_until_closed(connection)
        except Malformed as error:
            self.faults.append(f"malformed: {error}")
        except (Gone, Cut, OSError):
            pass
        except Exception as error:  # a fault of the script itself must not pass unseen
            self.faults.append(f"script: {error!r}")
        finally:
            WATCHER.remove(connection)
            connection.sock.close()

    def exchange_until_closed(self, connection: Connection) -> None:
        wire, drop_next = Wire(connection.sock), None
        while True:
            request = read_head(wire, connection.number)
            if drop_next:
                self.drop(connection, drop_next)
            exchange = Exchange(wire, request, self, drop_next)
            self.note(connection, exchange)
            script = self.scripts.popleft() if self.scripts else api.answer
            script(exchange)
            if exchange.closes:
                return self.linger(connection.sock)
            exchange.body.read()
            drop_next = exchange.drop_next

    def note(self, connection: Connection, exchange: Exchange) -> None:
        if self.expects_proxy:
            self.faults += proxy_faults(exchange.request, self.authority, getattr(self.rules, "OWN", frozenset()))
        connection.requests.append(exchange.request)
        with self.changed:
            self.exchanges.append(exchange)
            self.changed.notify_all()

    @staticmethod
    def linger(sock: socket.socket) -> None:
        """Ends our side, then reads what still comes: a close would reset the answer away."""
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass

    @staticmethod
    def drop(connection: Connection, how: str) -> None:
        if how == "reset":
            reset(connection.sock)
        raise Cut()

    def close(self) -> None:
        for gate in self.gates:
            gate.set()
        # Without it the thread that accepts would never hear of the end, and the port go on listening.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in list(self.connections):
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
