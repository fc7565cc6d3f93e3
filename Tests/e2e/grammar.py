# SPDX-License-Identifier: MIT
"""The grammars of the three dialects' answers, and the SDKs' schemas: what does not obey them is an AssertionError.

Each `read_…` takes a whole answer or a stream and returns its essence, so that two answers can be compared.
"""

from essence import Essence
from grammar_chat import read_chat, read_chat_relay, read_chat_stream
from grammar_messages import read_message, read_message_stream
from grammar_responses import read_response, read_response_relay, read_response_stream

READERS = {("openai", False): read_chat, ("openai", True): read_chat_stream,
           ("anthropic", False): read_message, ("anthropic", True): read_message_stream,
           ("responses", False): read_response, ("responses", True): read_response_stream}
RELAYED = {"openai": read_chat_relay, "anthropic": read_message_stream, "responses": read_response_relay}


def read(dialect: str, is_stream: bool, body: bytes, is_relayed: bool = False) -> Essence:
    """The essence of an answer in a dialect; an AssertionError where it breaks the dialect's rules."""
    if is_relayed and is_stream:
        return RELAYED[dialect](body)
    return READERS[dialect, is_stream](body)
