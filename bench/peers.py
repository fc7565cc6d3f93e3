# SPDX-License-Identifier: MIT
"""The peers: who they are, how each is started, what it needs."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parent
BUILT = ROOT / ".build" / "bench"
EDGEFILTER = Path(os.environ.get("EDGEFILTER", ROOT / ".build" / "release" / "edgefilter"))
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
OPENSSL = shutil.which("openssl")
# What each of our programs is made of; words with a dash go to the compiler as they are.
PROGRAMS = {
    "upstream": ["upstream.c", "script.c", "message.c"],
    "load": ["load.c", "options.c", "judge.c", "figures.c", "message.c"],
    "floor": ["floor.c", "-Wl,-z,now", "-lcurl"],
}
NOBODY = 65534
SPARES = 4  # handlers forked ahead by the peer of that name
SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")

EDGEFILTER_SETTINGS = """\
upstreams: {{stub: {{dialect: openai, base_url: "{upstream}/v1", key: none}}}}
callers: open
limits: {{connections: 16384, per_source: 16384, spares: {spares}}}
"""
LITELLM_SETTINGS = """\
model_list: [{{model_name: "*", litellm_params: {{model: "openai/*", api_base: "{upstream}/v1", api_key: none}}}}]
litellm_settings: {{telemetry: false, num_retries: 0}}
"""


class Trouble(Exception):
    """Something that keeps a benchmark from running; its text is for a person."""


class Upstream(NamedTuple):
    """Where a peer relays to."""

    scheme: str
    port: int
    authorities: Path | None = None  # of the certificate, if it has one

    def __str__(self):
        return f"{self.scheme}://127.0.0.1:{self.port}"


# A peer is a function: it may write files into `place`, and returns what Popen takes to have it relay
# from `port` to `upstream`, both of 127.0.0.1.


def floor(place, upstream, port):
    return {"args": [BUILT / "floor", str(port), f"{upstream}/v1/chat/completions"]}


def nginx(place, upstream, port):
    words = {"@SCHEME@": upstream.scheme, "@UPSTREAM@": upstream.port, "@PORT@": port}
    return start_nginx(place, "nginx.conf", words)


def start_nginx(place, template, words):
    text = (BENCH / template).read_text()
    for word, value in {"@PLACE@": place, **words}.items():
        text = text.replace(word, str(value))
    (place / "nginx.conf").write_text(text)
    as_nobody = {}
    if os.geteuid() == 0:
        for path in (place, *place.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        as_nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    return {"args": [NGINX, "-p", place, "-e", "stderr", "-c", place / "nginx.conf"], **as_nobody}


def edgefilter(place, upstream, port):
    return edgefilter_with(place, upstream, "listen", f"127.0.0.1:{port}")


def edgefilter_spares(place, upstream, port):
    return edgefilter_with(place, upstream, "listen", f"127.0.0.1:{port}", spares=SPARES)


def edgefilter_with(place, upstream, *words, program=EDGEFILTER, spares=0):
    (place / "edgefilter.yaml").write_text(EDGEFILTER_SETTINGS.format(upstream=upstream, spares=spares))
    for name in ("state", "run"):
        (place / name).mkdir(exist_ok=True)
    environment = {"STATE_DIRECTORY": str(place / "state"), "RUNTIME_DIRECTORY": str(place / "run")}
    if upstream.authorities:
        environment["SSL_CERT_FILE"] = str(upstream.authorities)
    others = {name: value for name, value in os.environ.items() if not name.startswith("SSL_CERT_")}
    return {"args": [program, "-c", place / "edgefilter.yaml", *words], "env": {**others, **environment}}


def vllm_router(place, upstream, port):
    metrics = ["--prometheus-port", str(free_port())]
    command = [program_of("vllm-router"), "--host", "127.0.0.1", "--port", str(port), *metrics,
               "--worker-urls", str(upstream), "--policy", "round_robin", "--log-level", "warning"]
    return {"args": command, "env": offline(place)}


def litellm(place, upstream, port):
    (place / "litellm.yaml").write_text(LITELLM_SETTINGS.format(upstream=upstream))
    # Without a master key it starts only where it is told that this is no service.
    quiet = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_TELEMETRY": "False", "LITELLM_LOG": "ERROR",
             "LITELLM_MODE": "PRODUCTION", "NO_DOCS": "True",
             "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"}
    command = [program_of("litellm"), "--config", place / "litellm.yaml", "--host", "127.0.0.1", "--port", str(port)]
    return {"args": command, "env": {**offline(place), **quiet}}


def offline(place):
    """An environment without anything of ours: no key, no proxy, a home that is thrown away."""
    return {"PATH": os.defpath, "HOME": str(place), "NO_PROXY": "127.0.0.1", "LC_ALL": "C.UTF-8"}


PEERS = {"direct": None, "floor": floor, "nginx": nginx, "edgefilter": edgefilter, "spares": edgefilter_spares,
         "vllm-router": vllm_router, "litellm": litellm}
FROM_PYPI = ("vllm-router", "litellm")
SLOW = ("litellm",)  # seconds to start, and for 32 streams
ONLY_NEW = ("spares",)  # differ from another peer where a connection is new, and nowhere else


def venv(name):
    return BUILT / f"venv-{name}"


def program_of(name):
    return venv(name) / "bin" / name


def is_installed(name):
    return name not in FROM_PYPI or (venv(name) / "ready").exists()


def install(name):
    print(f"installing {name} from PyPI below {venv(name)}", file=sys.stderr)
    command = [ROOT / "contrib" / "venv", venv(name), BENCH / f"requirements-{name}.txt"]
    if subprocess.run(command, stdout=subprocess.DEVNULL, timeout=600).returncode:
        raise Trouble(f"{name} cannot be installed from PyPI")


def usual():
    """The peers of a run that names none: all that are installed."""
    return [name for name in PEERS if is_installed(name)]


def relays():
    """Those of them that stand between and differ in more than how they take a new connection."""
    return [name for name in usual() if PEERS[name] and name not in ONLY_NEW]


def say_left_out(names):
    """Says which peers from PyPI a run goes without, and how to add them."""
    missing = [name for name in FROM_PYPI if name not in names]
    if missing:
        print(f"left out: {', '.join(missing)} (bench/run --all installs and adds them)")


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
    if "floor" in names and not compiles("#include <curl/curl.h>"):
        lacking.append("libcurl's headers (Debian: libcurl4-openssl-dev)")
    if "nginx" in names and not NGINX:
        lacking.append("nginx (Debian: nginx-light)")
    if {"edgefilter", "spares"} & set(names) and not os.access(EDGEFILTER, os.X_OK):
        lacking.append(f"edgefilter at {EDGEFILTER} (make release, or name one in $EDGEFILTER)")
    return lacking


def compiles(text):
    """Does the compiler accept this C?"""
    command = ["cc", "-fsyntax-only", "-x", "c", "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True).returncode == 0


def prepare(names):
    """Sees that all programs are there; compiles ours, installs what comes from PyPI."""
    lacking = missing(names)
    if lacking:
        raise Trouble("missing: " + "; ".join(lacking))
    build(names)
    for name in names:
        if not is_installed(name):
            install(name)


def run(main):
    """The exit status of a benchmark: what `main` returns, 1 in trouble, 130 interrupted."""
    try:
        return main()
    except Trouble as trouble:
        print(f"bench: {trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def build(names):
    """Compiles the stub, the load client and what `names` need of ours where a source is newer."""
    BUILT.mkdir(parents=True, exist_ok=True)
    newest = max(p.stat().st_mtime for pattern in ("*.c", "*.h") for p in BENCH.glob(pattern))
    for name, words in PROGRAMS.items():
        program = BUILT / name
        is_needed = name not in PEERS or name in names
        if not is_needed or program.exists() and program.stat().st_mtime > newest:
            continue
        files = [word if word.startswith("-") else BENCH / word for word in words]
        command = ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, *files]
        if subprocess.run(command).returncode:
            raise Trouble(f"{name} does not compile")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]
