# SPDX-License-Identifier: MIT
"""The description of our endpoints: well-formed, and true of a running edgefilter whatever it is asked."""

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

import api_anuneko
from administration import House
from upstream import Upstream

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance", "allow_header_conformance", "use_after_free"]
HERE = Path(__file__).resolve().parent


def explore(folder: Path, url: str, key: str, *more: str) -> None:
    """Asks what the description allows, and what it does not."""
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
         f"{url}/openapi.json", "-c", ",".join(CHECKS), "-H", f"Authorization: Bearer {key}", "--seed", "6",
         "--workers", "2", "--continue-on-failure", "--no-color", "--warnings", "off", *more],
        capture_output=True, text=True, timeout=900, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout[-20000:]


def test_it_is_a_description(house):
    description = house.do_plain("GET", "/openapi.json")
    validate(description)
    assert description["info"]["version"] == house.do_plain("GET", "/health")["version"]


@pytest.mark.parametrize("paths, phases", [
    ("^/(?!usage/me|settings|v1/|sessions)", "examples,coverage,fuzzing,stateful"), ("^/(usage/me|settings)", "examples,coverage,fuzzing"),
    ("^/v1/", "examples,fuzzing")], ids=["administration", "holders", "conversations"])
def test_it_is_true(house, tmp_path, paths, phases):
    explore(tmp_path, f"http://127.0.0.1:{house.port}", house.key(), "--include-path-regex", paths,
            "--phases", phases, "-n", "5")


def test_sessions_are_as_described(edges, tmp_path):
    """In front of a provider that keeps conversations."""
    site = Upstream(vendor="anuneko", prefix="")
    site.site = api_anuneko.Site()
    house = House(edges, site, tmp_path, callers="issued", upstream_dialect="anuneko", upstream_key=api_anuneko.TOKEN)
    key = house.key()
    body = {"model": "mihoyo-orange_cat", "messages": [{"role": "user", "content": "hello"}]}
    begun = house.ask("public", "POST", "/v1/chat/completions", body, f"Authorization: Bearer {key}")
    assert begun.status == 200, begun
    assert house.ask("public", "GET", "/sessions", None, f"Authorization: Bearer {key}").json["total"] == 1
    explore(tmp_path, f"http://127.0.0.1:{house.port}", key, "--include-path-regex", "^/sessions",
            "--phases", "examples,coverage,fuzzing,stateful", "-n", "20")
    site.close()
    assert site.faults == []


def test_everything_of_ours_is_described(house):
    """Each path that is answered without an upstream."""
    described = set(house.do_plain("GET", "/openapi.json")["paths"])
    ours = {"/", "/health", "/metrics", "/openapi.json", "/admin", "/sessions", "/sessions/{session_id}", "/api/hello",
            "/api/event_logging/batch", "/usage/me", "/settings/model", "/v1/models", "/v1/models/{model}"}
    assert ours <= described
