# SPDX-License-Identifier: MIT
"""What a caller is asked and what it understood, whichever vendor's SDK it is."""

from dataclasses import dataclass, field, replace

import openai

from exchange import PATIENCE
from small_model import Usage

PACKED = ("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg"
          "==")
DATA_URL = f"data:image/png;base64,{PACKED}"
PLACE = {"type": "object", "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["c", "f"]}},
         "required": ["city", "unit"], "additionalProperties": False}
TOOL, HELP = "get_weather", "The weather of a place"


@dataclass
class Called:
    """A call of a tool, as the SDK understood it."""

    id: str
    name: str
    arguments: dict


@dataclass
class Got:
    """An answer, as the SDK understood it. `turn` is what goes back as history."""

    text: str = ""
    thought: str = ""
    refusal: str = ""
    calls: list[Called] = field(default_factory=list)
    stop: str = "end"
    stopped_at: str | None = None
    usage: Usage = field(default_factory=Usage)
    model: str = ""
    turn: object = None


@dataclass
class Ask:
    """A question. `results` answer the calls of `earlier`: (text, is an error, has the picture)."""

    text: str
    picture: bool = False
    tools: bool = False
    choice: str | None = None
    one_call: bool = False
    schema: dict | None = None
    thinks: bool = False
    limit: int | None = None
    stops: list[str] = field(default_factory=list)
    system: str | None = None
    earlier: Got | None = None
    results: list[tuple[str, bool, bool]] = field(default_factory=list)
    extra: dict = field(default_factory=dict)

    def then(self, earlier: Got, *results: tuple[str, bool, bool]) -> "Ask":
        """The next round: the same question, the answer to it, and what its calls gave."""
        return replace(self, earlier=earlier, results=list(results))


class Caller:
    """An SDK. `heads` are those of all answers, in order."""

    def __init__(self, library, base_url: str, key: str):
        self.heads: list = []
        note = {"response": [lambda response: self.heads.append(response.headers)]}
        http = library.DefaultHttpxClient(event_hooks=note)
        kind = library.OpenAI if library is openai else library.Anthropic
        self.sdk = kind(base_url=base_url, api_key=key, max_retries=0, timeout=PATIENCE, http_client=http)

    def close(self) -> None:
        self.sdk.close()
