# SPDX-License-Identifier: MIT
"""multipart/form-data, read strictly (RFC 7578)."""

import re
from dataclasses import dataclass

DISPOSITION = re.compile(r'form-data; name="([^"]+)"(?:; filename="([^"]*)")?')


@dataclass
class Part:
    """A part of a form."""

    name: str
    filename: str | None
    content: bytes


def read_form(content_type: str, body: bytes) -> list[Part]:
    """The parts in order; ValueError where the form is not exactly right."""
    match = re.fullmatch(r'multipart/form-data; boundary="?([^";]{1,70})"?', content_type)
    if not match:
        raise ValueError(f"content type {content_type!r}")
    mark = b"--" + match[1].encode()
    head, *pieces = (b"\r\n" + body).split(b"\r\n" + mark)
    if head or not pieces or pieces[-1] not in (b"--", b"--\r\n"):
        raise ValueError("the form does not begin or end with its boundary")
    return [read_part(piece) for piece in pieces[:-1]]


def read_part(piece: bytes) -> Part:
    if not piece.startswith(b"\r\n"):
        raise ValueError("a boundary without its line end")
    head, mark, content = piece[2:].partition(b"\r\n\r\n")
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
    names = {name.lower(): value for name, value in fields.items()}
    match = DISPOSITION.fullmatch(names.get("content-disposition", ""))
    if not mark or not match:
        raise ValueError(f"part head {head!r}")
    return Part(match[1], match[2], content)
