# SPDX-License-Identifier: MIT
"""No secret anywhere (design, sections 6 and 9): every key of a run is looked for wherever something could have kept it."""

import hashlib
import json
import signal
from pathlib import Path

import api
import pytest
import scripts
from client import chat, request
from installed import SERVICE, SLICE, STATE, UNITS
from machine import wait_for

ADMIN_KEY = "systemd-admin-9c1f0b7e5d"
WRONG_KEY = "systemd-wrong-admin-41aa90"
ADMIN_SOCKET = "/run/edgefilter/admin.sock"
# All but where the operator put them.
PLACES = [STATE, "/run/edgefilter", "/var/log", "/var/lib/systemd/coredump", "/tmp", "/var/tmp", "/dev/shm",
          "/run/log", "/run/systemd"]


class Secrets:
    """All that must be found nowhere: as it was sent, and any part of it that would give it away."""

    def __init__(self):
        self.known: dict[str, str] = {}

    def add(self, name: str, secret: str) -> str:
        self.known[name] = secret
        return secret

    def found_in(self, where: str, data: bytes) -> list[str]:
        return [f"{name} in {where}" for name, secret in self.known.items()
                if secret.encode() in data or secret[-16:].encode() in data]


@pytest.fixture
def secrets():
    return Secrets()


def bearer(key: str) -> str:
    return f"Authorization: Bearer {key}"


def use_all(house, upstream, secrets: Secrets) -> None:
    """Each key does what it is for, and what it is not."""
    admin = house.machine.path(ADMIN_SOCKET)

    def do(method: str, target: str):
        answer = house.ask(request(method, target), admin)
        assert answer.status == 200, answer
        return answer.json
    do("POST", "/admin/users?username=alice")
    told = [do("POST", f"/admin/api-keys?user_id=1&name=n{n}&tokens_per_day=9000") for n in range(4)]
    keys = [secrets.add(f"issued key {answer['api_key_id']}", answer["api_key"]) for answer in told]
    printed = house.machine.run("setpriv", "--reuid=edgefilter", "--regid=edgefilter", "--clear-groups", "env",
                                f"STATE_DIRECTORY={STATE}", "/usr/bin/edgefilter", "keys", "issue", "--user", "alice",
                                "--name", "tool")
    keys.append(secrets.add("key of the tool", printed.stdout.decode().split()[-1]))
    do("DELETE", "/admin/api-keys/2")
    assert [house.ask(chat("gpt-4", "x", bearer(key))).status for key in keys] == [200, 401, 200, 200, 200]
    mistyped = secrets.add("mistyped key", keys[0][:-2] + "zz")
    assert house.ask(chat("gpt-4", "x", bearer(mistyped))).status == 401
    assert house.ask(chat("gpt-4", "x", f"x-api-key: Bearer {keys[0]}")).status == 401
    assert house.ask(chat("gpt-4", "x", f"x-api-key: {keys[0]}", n=-1)).status == 400
    for fields in ([bearer(api.CALLER_KEY)], [f"x-api-key: {api.CALLER_KEY}", "Upgrade: none"]):
        assert house.ask(chat("gpt-4", "x", *fields)).status == 200
    assert house.ask(request("GET", "/usage/me", None, bearer(keys[0]))).status == 200
    upstream.script(scripts.error(401, code="invalid_api_key"))
    assert house.ask(chat("gpt-4", "x", bearer(keys[0]))).status == 401


def administer(house, secrets: Secrets) -> None:
    assert house.ask(request("GET", "/admin/users", None, bearer(ADMIN_KEY))).status == 200
    assert house.ask(request("GET", "/admin/users", None, bearer(WRONG_KEY))).status == 401
    assert house.ask(request("POST", "/admin/login", {"key": WRONG_KEY})).status == 401
    assert house.ask(request("POST", f"/admin/login?key={ADMIN_KEY}", {"key": ADMIN_KEY})).status == 400
    signed = house.ask(request("POST", "/admin/login", {"key": ADMIN_KEY}))
    assert signed.status == 200, signed
    cookie = signed.get("set-cookie").partition(";")[0]
    secrets.add("cookie", cookie.partition("=")[2])
    secrets.add("token of the page", signed.json["csrf_token"])
    held = [f"Cookie: {cookie}", f"X-CSRF-Token: {signed.json['csrf_token']}"]
    answer = house.ask(request("POST", "/admin/api-keys", {"user_id": 1, "name": "page"}, *held))
    assert answer.status == 200, answer
    secrets.add("key of the page", answer.json["api_key"])


def places(machine) -> bytes:
    """The content of all files in which something is kept, with their names."""
    script = f"find {' '.join(PLACES)} -type f -print -exec cat {{}} + 2>/dev/null"
    return machine.run("sh", "-c", script, check=False).stdout


def check_process(secrets: Secrets, pid: int) -> list[str]:
    """Nothing to be read of it, and no core of it."""
    folder = Path(f"/proc/{pid}")
    found = [at for name in ("environ", "cmdline", "comm", "limits", "maps") for at in
             secrets.found_in(f"/proc/{pid}/{name}", (folder / name).read_bytes())]
    lines = (folder / "limits").read_text().splitlines()
    limits = next(line for line in lines if line.startswith("Max core file size"))
    if limits.split()[4:6] != ["0", "0"]:
        found.append(f"{pid} may leave a core: {limits}")
    wait_for(lambda: is_hidden(pid), f"{pid} may be dumped")
    return found


def is_hidden(pid: int) -> bool:
    """What may not be dumped belongs to root, whoever it runs as."""
    folder = Path(f"/proc/{pid}")
    user = next(line.split()[1] for line in (folder / "status").read_text().splitlines() if line.startswith("Uid:"))
    return user != "0" and (folder / "environ").stat().st_uid == 0


def test_no_secret_anywhere(installed, upstream, secrets):
    secrets.add("operator's key", api.OPERATOR_KEY)
    secrets.add("caller's key", api.CALLER_KEY)
    secrets.add("admin key", ADMIN_KEY)
    secrets.add("wrong admin key", WRONG_KEY)
    installed.configure(upstream, admin={"key": hashlib.sha256(ADMIN_KEY.encode()).hexdigest()}, log={"level": "info"})
    installed.start("edgefilter-admin.socket")
    installed.start()
    use_all(installed, upstream, secrets)
    administer(installed, secrets)
    issued = secrets.known["issued key 1"]
    gate = upstream.gate()
    upstream.script(scripts.hold(gate), scripts.hold(gate))
    held = [installed.dial(), installed.dial()]
    before = len(upstream.exchanges)
    for number, caller in enumerate(held, 1):
        caller.send(chat("gpt-4", "x", bearer(issued), stream=True))
        upstream.heard(before + number)
    first = installed.acceptor()
    installed.systemctl("reload", SERVICE)
    assert installed.acceptor() == first
    # The next image has read the keys anew, and the trial of the reload is over.
    running = wait_for(lambda: len(found := installed.processes()) == 1 + len(held) and found, "the acceptor and two")
    found = [at for pid in running for at in check_process(secrets, pid)]
    # One is killed at its work: whoever settles it has only the page.
    installed.machine.kill(installed.handlers()[0], SLICE, signal.SIGSEGV)
    wait_for(lambda: any(json.loads(line).get("signal") for line in installed.lines()), "the record of the killed one")
    gate.set()
    machine = installed.machine
    found += secrets.found_in("files", places(machine))
    found += secrets.found_in("journal", machine.run("journalctl", "-o", "export", "--no-pager", "-a").stdout)
    found += secrets.found_in("units", machine.run("systemctl", "show", *UNITS).stdout)
    found += secrets.found_in("environment of the manager", machine.run("systemctl", "show-environment").stdout)
    assert found == []


def test_what_looks_finds(installed, secrets):
    """The control: a secret that lies about is seen, whole or in part."""
    secrets.add("key", "sk-ef-0123456789abcdefghijklmnopqrstuvwxyz")
    installed.machine.write(f"{STATE}/stray", b"...ghijklmnopqrstuvwxyz\n")
    assert secrets.found_in("files", places(installed.machine)) == ["key in files"]
