# SPDX-License-Identifier: MIT
"""The shape that a JSON value must have, as strict APIs demand it: what is not listed is not permitted.

A check is a function of (value, path) that raises `Wrong`. The functions here make checks of checks.
"""

import re
from collections.abc import Callable

Path = tuple[str | int, ...]
Check = Callable[[object, Path], None]


class Wrong(Exception):
    """A value that does not have its shape. `kind`: missing, extra, type or value."""

    def __init__(self, kind: str, path: Path, detail: str):
        super().__init__(f"{'.'.join(map(str, path))}: {detail}")
        self.kind, self.path, self.detail = kind, path, detail


def anything(value, path: Path) -> None:
    """No demand at all."""


def boolean(value, path: Path) -> None:
    if not isinstance(value, bool):
        raise Wrong("type", path, "Input should be a valid boolean")


def string(value, path: Path) -> None:
    if not isinstance(value, str):
        raise Wrong("type", path, "Input should be a valid string")


def null(value, path: Path) -> None:
    if value is not None:
        raise Wrong("type", path, "Input should be null")


def filled(value, path: Path) -> None:
    """A string with at least one character."""
    string(value, path)
    if not value:
        raise Wrong("value", path, "String should have at least 1 character")


def matching(pattern: str) -> Check:
    def check(value, path: Path) -> None:
        string(value, path)
        if not re.fullmatch(pattern, value):
            raise Wrong("value", path, f"String should match pattern '{pattern}'")
    return check


def number(low: float, high: float) -> Check:
    def check(value, path: Path) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise Wrong("type", path, "Input should be a valid number")
        if not low <= value <= high:
            raise Wrong("value", path, f"Input should be between {low} and {high}")
    return check


def integer(low: int, high: int = 1 << 62) -> Check:
    def check(value, path: Path) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise Wrong("type", path, "Input should be a valid integer")
        if not low <= value <= high:
            raise Wrong("value", path, f"Input should be between {low} and {high}")
    return check


def one_of(*words: object) -> Check:
    def check(value, path: Path) -> None:
        if not any(value == word and type(value) is type(word) for word in words):
            raise Wrong("value", path, f"Input should be one of {list(words)}")
    return check


def listed(check: Check, least: int = 0, most: int = 100_000) -> Check:
    def check_list(value, path: Path) -> None:
        if not isinstance(value, list):
            raise Wrong("type", path, "Input should be a valid list")
        if not least <= len(value) <= most:
            raise Wrong("value", path, f"List should have {least} to {most} items, not {len(value)}")
        for at, element in enumerate(value):
            check(element, (*path, at))
    return check_list


def mapping(check: Check, most: int = 100_000) -> Check:
    def check_map(value, path: Path) -> None:
        if not isinstance(value, dict):
            raise Wrong("type", path, "Input should be a valid dictionary")
        if len(value) > most:
            raise Wrong("value", path, f"Dictionary should have at most {most} items")
        for name, element in value.items():
            check(element, (*path, name))
    return check_map


def members(needed: dict[str, Check], allowed: dict[str, Check] | None = None) -> Check:
    """An object with these members and no others."""
    known = {**needed, **(allowed or {})}

    def check(value, path: Path) -> None:
        if not isinstance(value, dict):
            raise Wrong("type", path, "Input should be an object")
        for name in needed:
            if name not in value:
                raise Wrong("missing", (*path, name), "Field required")
        for name, element in value.items():
            if name not in known:
                raise Wrong("extra", (*path, name), "Extra inputs are not permitted")
            known[name](element, (*path, name))
    return check


def optional(allowed: dict[str, Check]) -> dict[str, Check]:
    """The same members, each of which may also be null."""
    return {name: either(null, check) for name, check in allowed.items()}


def tagged(variants: dict[str, Check], tag: str = "type", default: str | None = None) -> Check:
    """An object whose member `tag` says which variant it is; a name that ends in * is a pattern."""
    def check(value, path: Path) -> None:
        if not isinstance(value, dict):
            raise Wrong("type", path, "Input should be an object")
        found = value.get(tag, default)
        if found is None:
            raise Wrong("missing", (*path, tag), "Field required")
        for name, variant in variants.items():
            if found == name or name.endswith("*") and str(found).startswith(name[:-1]):
                return variant(value, path)
        raise Wrong("value", (*path, tag), f"Input tag '{found}' does not match any of {list(variants)}")
    return check


def either(*checks: Check) -> Check:
    """Any of these; the complaint is that of the one which got furthest."""
    def check(value, path: Path) -> None:
        complaints = []
        for each in checks:
            try:
                return each(value, path)
            except Wrong as wrong:
                complaints.append(wrong)
        raise max(complaints, key=lambda wrong: (len(wrong.path), wrong.kind != "type"))
    return check


def is_strict_schema(schema: object) -> bool:
    """Whether every object in a JSON Schema closes itself and requires all that it names."""
    if isinstance(schema, list):
        return all(is_strict_schema(each) for each in schema)
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" or "properties" in schema:
        names = sorted(schema.get("properties") or {})
        if schema.get("additionalProperties") is not False or sorted(schema.get("required") or []) != names:
            return False
    return all(is_strict_schema(value) for name, value in schema.items() if name not in ("enum", "const", "default"))
