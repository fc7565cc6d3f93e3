# SPDX-License-Identifier: MIT
"""What the scripted model says to an agent: it asks for commands, and tells what they printed."""

import re

from small_model import Call, Heard, Said, think


class Mind:
    """`commands` are run once each, all in one turn, when the user says `go`; then their results are told."""

    def __init__(self, agent, *commands: str):
        self.agent, self.commands = agent, commands
        self.heard: list[Heard] = []

    def __call__(self, heard: Heard) -> Said:
        self.heard.append(heard)
        if heard.results:
            # Sorted: calls that run side by side may end in any order.
            numbers = sorted(re.findall(r"probe-\d+", " ".join(result.text for result in heard.results)))
            return Said(f"It printed {' and '.join(numbers)}.")
        if self.commands and self.agent.tool in heard.tools and re.search(r"\bgo\b", " ".join(heard.texts)):
            return Said(stop="calls", calls=[
                Call(f"call_{number}aa", self.agent.tool, self.agent.arguments(command))
                for number, command in enumerate(self.commands, 1)])
        return Said("Good day, agent.") if "greet" in " ".join(heard.texts) else think(heard)
