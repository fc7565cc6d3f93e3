# SPDX-License-Identifier: MIT
"""The description of our endpoints: well-formed, and true of a running edgefilter whatever it is asked."""

import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "response_headers_conformance", "allow_header_conformance", "use_after_free"]
HERE = Path(__file__).resolve().parent


def explore(folder: Path, url: str, key: str, *more: str) -> None:
    """Asks what the description allows, and what it does not."""
    done = subprocess.run(
        [Path(sys.executable).with_name("schemathesis"), "--config-file", HERE / "schemathesis.toml", "run",
         f"{url}/openapi.json", "-c", ",".join(CHECKS), "-H", f"Authorization: Bearer {key}", "--seed", "6",
         "--workers", "2", "--continue-on-failure", "--no-color", "--warnings", "off", *more],
        capture_output=True, text=True, timeout=300, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout[-20000:]


def test_it_is_a_description(house):
    description = house.do_plain("GET", "/openapi.json")
    validate(description)
    assert description["info"]["version"] == house.do_plain("GET", "/health")["version"]


@pytest.mark.parametrize("paths, phases", [
    ("^/(?!usage/me|settings|v1/)", "examples,coverage,fuzzing,stateful"), ("^/(usage/me|settings)", "examples,coverage,fuzzing"),
    ("^/v1/", "examples,fuzzing")], ids=["administration", "holders", "conversations"])
def test_it_is_true(house, tmp_path, paths, phases):
    explore(tmp_path, f"http://127.0.0.1:{house.port}", house.key(), "--include-path-regex", paths,
            "--phases", phases, "-n", "5")
