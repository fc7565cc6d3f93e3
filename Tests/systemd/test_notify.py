# SPDX-License-Identifier: MIT
"""What systemd is told, and what it does when it is told nothing."""

import signal

from client import chat
from installed import SERVICE
from machine import wait_for
from streams import Streams

DROP_IN = f"/run/systemd/system/{SERVICE}.d/watchdog.conf"


def test_the_status_counts(installed, upstream):
    installed.configure(upstream)
    installed.start()
    caller = installed.dial()
    assert caller.ask(chat()).status == 200
    wait_for(lambda: installed.show("StatusText").startswith("1 connection"), "one is counted")
    caller.close()
    wait_for(lambda: installed.show("StatusText").startswith("0 connection"), "none is counted")


def test_an_acceptor_that_hangs_is_replaced(installed, upstream):
    installed.machine.write(DROP_IN, b"[Service]\nWatchdogSec=4\nTimeoutAbortSec=1\n")
    installed.systemctl("daemon-reload")
    try:
        installed.configure(upstream)
        installed.start()
        streams = Streams(installed, upstream, 3)
        installed.machine.kill(installed.acceptor(), "edgefilter.slice", signal.SIGSTOP)
        assert installed.health().status == 200
        assert installed.show("NRestarts") == "1"
        assert streams.whole() == 3
    finally:
        installed.machine.run("rm", DROP_IN)
        installed.systemctl("daemon-reload")
