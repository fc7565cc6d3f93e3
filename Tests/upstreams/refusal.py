# SPDX-License-Identifier: MIT
"""What a stand-in answers to a request that breaks a rule of its API."""

import base64
import binascii
import re

from shape import Path, Wrong

MAGIC = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8",
         "image/webp": b"RIFF"}


class Refused(Exception):
    """The request breaks a rule of the API."""

    def __init__(self, status: int, message: str, code: str | None = None,
                 param: str | None = None, kind: str = "invalid_request_error"):
        super().__init__(message)
        self.status, self.message, self.kind = status, message, kind
        self.error = {"message": message, "type": kind, "param": param, "code": code}


def spelled(path: Path) -> str:
    """A path as OpenAI spells it: messages[0].content[1].type."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in path]
    return "".join(steps).lstrip(".")


def refused_by_openai(wrong: Wrong) -> Refused:
    """The refusal of a value without its shape, in OpenAI's words."""
    where = spelled(wrong.path)
    if wrong.kind == "missing":
        return Refused(400, f"Missing required parameter: '{where}'.", "missing_required_parameter", where)
    if wrong.kind == "extra":
        return Refused(400, f"Unknown parameter: '{where}'.", "unknown_parameter", where)
    code = {"type": "invalid_type", "value": "invalid_value"}[wrong.kind]
    return Refused(400, f"Invalid {wrong.kind} for '{where}': {wrong.detail}", code, where)


def decoded(data: str) -> bytes | None:
    """Base64 without anything foreign in it; None: it is none."""
    try:
        return base64.b64decode(data, validate=True) or None
    except (binascii.Error, ValueError):
        return None


def is_picture(media_type: str, data: bytes) -> bool:
    """Whether the bytes are what the media type says."""
    return media_type in MAGIC and data.startswith(MAGIC[media_type])


def split_data_url(url: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a `data:` URL; None: it is none, or not well-formed."""
    match = re.fullmatch(r"data:([a-z]+/[a-z0-9.+-]+);base64,(.*)", url, re.S)
    data = decoded(match[2]) if match else None
    return (match[1], data) if match and data else None
