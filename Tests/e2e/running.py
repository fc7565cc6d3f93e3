# SPDX-License-Identifier: MIT
"""What runs beside a test: each yields what starts one, then ends all that were started and looks at them."""

from collections.abc import Callable, Iterator
from pathlib import Path

from edge import Edge
from upstream import Upstream


def upstreams() -> Iterator[Callable[..., Upstream]]:
    """Scripted upstreams; at the end none may have heard what a proxy should not say."""
    started = []

    def start(**options) -> Upstream:
        started.append(Upstream(**options))
        return started[-1]
    yield start
    for upstream in started:
        upstream.close()
    assert [fault for upstream in started for fault in upstream.faults] == []


def edges(folder: Path) -> Iterator[Callable[..., Edge]]:
    """Edgefilters, each in a folder of its own."""
    started = []

    def start(config: dict | str, way: str = "listen", **options) -> Edge:
        started.append(Edge(folder / f"edge{len(started)}", config, way, **options))
        return started[-1]
    yield start
    for edge in started:
        edge.stop()
    for edge in started:
        edge.check_remains()
