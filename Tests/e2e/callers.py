# SPDX-License-Identifier: MIT
"""The vendors' SDKs, whichever versions are installed, each as a caller that is asked in one way and answers in one.

Streams go through the SDKs' own `stream()` helpers, the strictest parsers there are.
"""

from types import SimpleNamespace

import pytest

from caller_chat import ChatCaller
from caller_messages import MessagesCaller
from caller_responses import ResponsesCaller
from translating import DIALECTS, EYES, MODEL, THINKER, translation

CALLERS = {kind.name: kind for kind in (ChatCaller, ResponsesCaller, MessagesCaller)}
ROUTES = [(caller, dialect) for caller in CALLERS for dialect in ("direct", *DIALECTS)]
TRANSLATED = [(caller, dialect) for caller, dialect in ROUTES if dialect not in ("direct", caller)]


def reach(caller: str, dialect: str, upstreams, edges, **settings) -> SimpleNamespace:
    """A caller in front of an edgefilter; `direct` goes to its own vendor's stand-in, as a control."""
    kind = CALLERS[caller]
    if dialect == "direct":
        upstream = upstreams(vendor=kind.vendor)
        upstream.expects_proxy = False
        names = DIALECTS[caller]
        return SimpleNamespace(caller=kind(f"http://{upstream.authority}"), upstream=upstream, edge=None,
                               model=names.model, thinker=names.thinker, eyes=names.model)
    upstream = upstreams(vendor=DIALECTS[dialect].vendor)
    running = edges(translation(upstream, dialect, **settings))
    return SimpleNamespace(caller=kind(running.url), upstream=upstream, edge=running, model=MODEL, thinker=THINKER,
                           eyes=EYES)


@pytest.fixture(params=ROUTES, ids="-".join)
def route(request):
    return request.param


@pytest.fixture
def reached(route, upstreams, edges):
    yield (found := reach(*route, upstreams, edges))
    found.caller.close()


@pytest.fixture(params=[False, True], ids=["whole", "stream"])
def stream(request):
    return request.param
