# SPDX-License-Identifier: MIT
"""What an answer says, and what it is read from: values that obey an SDK's schema, and events."""

import re
from dataclasses import dataclass, field
from functools import cache

from jsonschema import Draft202012Validator

import corpora


@dataclass
class Essence:
    """What an answer says, whichever dialect and form it has."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: list[tuple[str, object]] = field(default_factory=list)
    stop: str | None = None
    error: dict | None = None


@cache
def validator(schema: str, variant: str | None = None) -> Draft202012Validator:
    """Checks against one of the SDKs' schemas, or the variant of it that has this `type`."""
    whole = corpora.schema(schema)
    if variant is None:
        return Draft202012Validator(whole)
    found = [name for name, each in whole["$defs"].items()
             if each.get("properties", {}).get("type", {}).get("const") == variant
             and {"$ref": f"#/$defs/{name}"} in whole["anyOf"]]
    assert found, f"{variant} is no event of {schema}"
    return Draft202012Validator({"$ref": f"#/$defs/{found[0]}", "$defs": whole["$defs"]})


def check(value, schema: str, variant: str | None = None) -> None:
    faults = sorted(validator(schema, variant).iter_errors(value), key=lambda fault: fault.json_path)
    assert not faults, "; ".join(f"{fault.json_path}: {fault.message[:200]}" for fault in faults[:3])


def events(body: bytes) -> list[tuple[str | None, str]]:
    """The events of a stream as its clients see them: name and data. Comments are dropped, all else is exact."""
    text = body.decode()
    assert text.endswith("\n\n"), "the last event is not closed"
    found = []
    for block in text[:-2].split("\n\n"):
        if block.startswith(":"):
            continue
        match = re.fullmatch(r"(?:event: (\S+)\n)?data: (.+)", block)
        assert match, f"an event of another form: {block[:200]!r}"
        found.append((match[1], match[2]))
    return found
