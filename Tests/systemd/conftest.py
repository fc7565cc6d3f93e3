# SPDX-License-Identifier: MIT
"""The machine, booted once; for each test an upstream, and an edgefilter that kept nothing."""

import tempfile
from pathlib import Path

import pytest

from edge import BINARY
from installed import Installed
from machine import Machine
from upstream import Upstream

INSTALL = Path(__file__).with_name("install")


@pytest.fixture(scope="session")
def machine():
    assert BINARY.exists(), f"{BINARY} is missing: make release"
    with tempfile.TemporaryDirectory(prefix="edgefilter-") as folder:
        machine = Machine(Path(folder), str(INSTALL), str(BINARY.resolve()))
        try:
            machine.enter_network()
            yield machine
        finally:
            machine.close()


@pytest.fixture(scope="session")
def installed_once(machine):
    return Installed(machine)


@pytest.fixture
def installed(installed_once):
    yield installed_once
    installed_once.clear()


@pytest.fixture
def upstream(machine):
    upstream = Upstream()
    yield upstream
    upstream.close()
    assert upstream.faults == []
