# SPDX-License-Identifier: MIT
"""Five thousand connections at once: every unit lives, and every client gets an answer."""

import re
import resource
import selectors
import socket
import time
from collections import Counter

from client import chat
from installed import PORT, SERVICE
from machine import PATIENCE, wait_for

COUNT = 5000
# Connections a second.
RATE = 5000
SOURCES = 50
# Python has no name for it (ip(7)): connect(2) chooses the port, and has more to choose from.
IP_BIND_ADDRESS_NO_PORT = 24
ASKED = chat("echo", "hi", "Connection: close")


class Crowd:
    """Non-blocking clients, each with one request."""

    def __init__(self, count: int):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * count)), hard))
        self.selector = selectors.DefaultSelector()
        self.answers: dict[socket.socket, bytearray] = {}
        self.ends: Counter = Counter()
        began = time.monotonic()
        for number in range(count):
            self.dial(f"127.0.1.{number % SOURCES + 1}")
            self.turn(began + number / RATE - time.monotonic())
        self.seconds = time.monotonic() - began

    def dial(self, source: str) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sock.bind((source, 0))
        sock.connect_ex(("127.0.0.1", PORT))
        self.answers[sock] = bytearray()
        self.selector.register(sock, selectors.EVENT_WRITE)

    def run(self) -> None:
        """Until each has its answer or its failure, or nothing happens any more."""
        while self.selector.get_map() and self.turn(2 * PATIENCE):
            pass
        self.ends["no answer"] = len(self.selector.get_map())

    def turn(self, seconds: float) -> int:
        """Whatever can go on does; waits for something that can, if there is time. How many could."""
        able = self.selector.select(max(0, seconds))
        for key, ready in able:
            try:
                self.go_on(key.fileobj, ready)
            except OSError as error:
                self.finish(key.fileobj, error.strerror)
        return len(able)

    def go_on(self, sock: socket.socket, ready: int) -> None:
        if ready & selectors.EVENT_WRITE:
            sock.send(ASKED)
            self.selector.modify(sock, selectors.EVENT_READ)
        elif data := sock.recv(65536):
            self.answers[sock] += data
            if is_whole(bytes(self.answers[sock])):
                self.finish(sock, status(bytes(self.answers[sock])))
        else:
            self.finish(sock, status(bytes(self.answers[sock])))

    def finish(self, sock: socket.socket, how: str) -> None:
        self.ends[how] += 1
        self.selector.unregister(sock)
        sock.close()


def is_whole(answer: bytes) -> bool:
    """Whether all that was announced is there: of many that it refuses, edgefilter waits for few to hang up."""
    head, mark, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)\r\ncontent-length: *([0-9]+)", head)
    return bool(mark and length) and len(body) >= int(length[1])


def status(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 200 "):
        return "answer" if b"hi" in body else "a wrong answer"
    if head.startswith(b"HTTP/1.1 503 ") and b"\r\nretry-after:" in head.lower():
        return "full"
    return repr(answer[:100])


def test_a_burst(installed, record_property):
    installed.write_config("upstreams: { main: { dialect: echo } }\n"
                           "limits: { connections: 200, per_source: 32 }\n")
    installed.start()
    assert installed.health().status == 200
    acceptor = installed.acceptor()
    crowd = Crowd(COUNT)
    crowd.run()
    print(f"{COUNT} connections in {crowd.seconds:.2f} s: {dict(crowd.ends)}")
    record_property("burst", dict(crowd.ends))
    assert crowd.ends["answer"] + crowd.ends["full"] == COUNT, crowd.ends
    assert crowd.ends["answer"] >= 200
    for unit in ("edgefilter.socket", SERVICE):
        assert installed.show("ActiveState", unit) == "active"
    assert installed.acceptor() == acceptor
    wait_for(lambda: installed.health().status == 200, "that there is room again")


def test_a_burst_leaves_the_inetd_socket_alive(installed):
    """There what is too much is closed by systemd; but the socket does not fail."""
    installed.write_config("upstreams: { main: { dialect: echo } }\n")
    installed.start("edgefilter-inetd.socket")
    crowd = Crowd(300)
    crowd.run()
    print(f"300 connections in {crowd.seconds:.2f} s: {dict(crowd.ends)}")
    assert installed.show("ActiveState", "edgefilter-inetd.socket") == "active"
    assert crowd.ends["answer"] > 0
    assert installed.health().status == 200
