# SPDX-License-Identifier: MIT
"""What the three shells offer after `edgefilter`."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from edge import BINARY
from exchange import LONG
from keys_tool import done

FOLDER = Path(__file__).resolve().parents[2] / "contrib/completions"
FILES = ["edgefilter.bash", "_edgefilter", "edgefilter.fish"]
ASKED = [
    ("", {"listen", "check", "users", "keys", "usage", "log", "translate", "dialects"}),
    ("ke", {"keys"}),
    ("keys ", {"issue", "list", "revoke", "limit"}),
    ("keys issue --", {"--user", "--name", "--expires", "--models", "--rpm", "--tpd", "--count"}),
    ("keys issue --name x --user ", {"ann", "bob"}),
    ("keys revoke ", {"1", "2"}),
    ("users remove ", {"ann", "bob"}),
    ("usage --by ", {"key", "user", "model", "endpoint", "day"}),
    ("usage --by user,mo", {"user,model"}),
    ("--state {other} keys issue --user ", {"eve"}),
    ("keys revoke --state {other} ", {"1"}),
    ("--", {"--config", "--set", "--env", "--state", "--port", "--host", "--help", "--version"}),
    ("log ", {"verify", "prune"}),
    ("translate --from ", {"openai", "anthropic"}),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> dict[str, str]:
    """An edgefilter on the path that knows two users and two keys, and another state directory with one of each."""
    folder = tmp_path_factory.mktemp("completions")
    (folder / "bin").mkdir()
    (folder / "bin/edgefilter").symlink_to(BINARY)
    for user, state in [("ann", "state"), ("bob", "state"), ("eve", "other")]:
        done(folder / state, "users", "add", user)
        done(folder / state, "keys", "issue", "--user", user, "--name", "x")
    return {"OTHER": str(folder / "other"), "PATH": f"{folder}/bin:{os.environ['PATH']}", "STATE_DIRECTORY": str(folder / "state"),
            "HOME": str(folder), "TERM": "dumb"}


def printed(world: dict[str, str], *command: str) -> str:
    result = subprocess.run(command, env=world, text=True, capture_output=True, timeout=LONG)
    assert (result.returncode, result.stderr) == (0, ""), result
    return result.stdout


def shell(world: dict[str, str], *command: str) -> set[str]:
    return {line.split("\t")[0] for line in printed(world, *command).splitlines()}


def bash(world, typed: str) -> set[str]:
    script = f"""
        . {FOLDER}/edgefilter.bash
        read -ra COMP_WORDS <<<'edgefilter {typed}'
        case '{typed}' in '' | *' ') COMP_WORDS+=('') ;; esac
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _edgefilter && printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return shell(world, "bash", "--norc", "-c", script)


def fish(world, typed: str) -> set[str]:
    script = f"source {FOLDER}/edgefilter.fish; complete -C 'edgefilter {typed}'"
    return shell(world, "fish", "--no-config", "-c", script)


# What an interactive zsh reads at its start. What it offers for the key Tab stands between < and >.
ZSHRC = """
PROMPT=
fpath=($COMPLETIONS $fpath)
autoload -U compinit && compinit -D -u
compadd() {
    local -a hits
    [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]] || builtin compadd -A hits "$@"
    (( $#hits )) && print -rl -- "<"${^hits}">"
    builtin compadd "$@"
}
told() { print -n "<>" }
comppostfuncs=(told)
zle -C complete-word complete-word _main_complete
bindkey '^I' complete-word
zle-line-init() { print -n "<ready>" }
zle -N zle-line-init
"""
# Types into it, once it reads, and prints what comes until it has told all.
TYPIST = """
zmodload zsh/zpty
zpty z zsh -d -i
zpty -r -m z out '*<ready>*'
zpty -w -n z "edgefilter $TYPED"$'\\t'
zpty -r -m z out '*<>*'
print -r -- "$out"
"""


def zsh(world, typed: str) -> set[str]:
    (folder := Path(world["HOME"])).joinpath(".zshrc").write_text(ZSHRC)
    more = {"ZDOTDIR": str(folder), "COMPLETIONS": str(FOLDER), "TYPED": typed}
    told = printed(world | more, "zsh", "-f", "-c", TYPIST)
    before = typed.rpartition(" ")[2].rpartition(",")
    return {before[0] + before[1] + word for word in re.findall(r"<([^<>\r\n]+)>", told)}


SHELLS = [bash, fish, zsh]


@pytest.mark.parametrize("offer", SHELLS)
@pytest.mark.parametrize("typed, expected", ASKED)
def test_offers(world, offer, typed, expected):
    offered = offer(world, typed.format(other=world["OTHER"]))
    assert expected <= offered
    assert all(word.startswith(typed.split(" ")[-1]) for word in offered)
    assert not ({"ann", "bob", "2"} if "{other}" in typed else {"eve"}) & offered, "another store's"


@pytest.mark.parametrize("offer", SHELLS)
@pytest.mark.parametrize("command", ["check", "listen", "usage", "log prune", "translate", "dialects", "users list",
                                     "keys list"])
def test_nothing_is_offered_that_is_refused(world, offer, command):
    """An option that the shell completes belongs to the subcommand."""
    common = {"--config", "--set", "--env", "--state", "--port", "--host", "--help", "--version"}
    offered = {word for word in offer(world, f"{command} --") if word.startswith("--")} - common
    assert offered
    for option in offered:
        # A value that nothing takes, for those that want one.
        done = subprocess.run([BINARY, *command.split(), option, "~"], env=world, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=LONG)
        assert "does not belong" not in done.stderr, option


@pytest.mark.parametrize("name", FILES)
def test_no_option_is_forgotten(world, name):
    told = subprocess.run([BINARY, "--help"], capture_output=True, text=True, timeout=LONG).stdout
    text = (FOLDER / name).read_text()
    for option in set(re.findall(r"--([a-z-]+)", told)):
        assert re.search(rf"(--|-l ){option}\b", text), option
