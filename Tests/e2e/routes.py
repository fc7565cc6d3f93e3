# SPDX-License-Identifier: MIT
"""The routes from a dialect of callers to one of upstreams: fixtures of tests that take each, or some."""

import pytest

from translating import CALLERS, DIALECTS, translation

ROUTES = [(caller, dialect) for caller in CALLERS for dialect in DIALECTS]
TRANSLATED = [route for route in ROUTES if route[0] != route[1]]
# Where it is the caller's side alone, or the upstream's, that matters.
READ = [route for route in TRANSLATED if route[1] != "dashscope"]
EACH = [*READ, ("openai", "dashscope")]


@pytest.fixture(params=TRANSLATED, ids="-".join)
def route(request):
    return request.param


@pytest.fixture
def upstream(route, upstreams):
    return upstreams(vendor=DIALECTS[route[1]].vendor)


@pytest.fixture
def edge(route, upstream, edges):
    return edges(translation(upstream, route[1]))
