# SPDX-License-Identifier: MIT
"""Clients of a proxy that stands in front of an edgefilter."""

import socket

from client import Client
from exchange import PATIENCE
from wire import Wire

CLIENT = "127.0.0.5"


class Caller(Client):
    """A client of a proxy, from an address of its own."""

    def __init__(self, port: int):
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE, (CLIENT, 0))
        self.wire = Wire(self.sock)
        self.head = None
