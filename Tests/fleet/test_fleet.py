# SPDX-License-Identifier: MIT
"""More than one machine: one balancer, one list of keys, one bill."""

import json
import re
import signal

import chdb.session
import openai
import pytest

import proc
import sealed
from client import Client, request
from conftest import FLEET

ASKED = [{"role": "user", "content": "Hello"}]


def ask(fleet, key: str, model: str = "gpt-4", **options):
    client = openai.OpenAI(api_key=key, base_url=f"{fleet.url}/v1", max_retries=0)
    return client.chat.completions.create(model=model, messages=ASKED, **options)


def records(fleet, name: str) -> list[dict]:
    """What one machine wrote, without the balancer's questions after its health."""
    return [record for record in fleet.machines[name].parsed() if record["endpoint"] != "/health"]


def wait_records(fleet, count: int) -> dict[str, list[dict]]:
    """All requests' records, by machine; the last is written after its answer."""
    def found():
        logs = {name: records(fleet, name) for name in "ab"}
        return logs if sum(map(len, logs.values())) >= count else None
    return proc.wait_until(found, f"{count} records")


def test_a_key_is_known_everywhere_and_stays_in_one_place(fleet):
    """Issued on one machine, used through the balancer; each key is counted on one machine alone."""
    keys = fleet.issue(24)
    fleet.distribute()
    for key in keys * 3:
        assert ask(fleet, key).choices[0].message.content
    logs = wait_records(fleet, 72)
    places = {name: {line["key_id"] for line in lines} for name, lines in logs.items()}
    assert places["a"] and places["b"] and not places["a"] & places["b"]
    assert len(places["a"] | places["b"]) == 24


@pytest.mark.parametrize("order", [["keys.log", "keys.index"], ["keys.index", "keys.log"]])
def test_files_may_come_in_any_order(fleet, order):
    """Between the two copies the machine has a log and an index that do not belong together."""
    first = fleet.issue(600)
    fleet.distribute()
    fleet.machines["a"].stop()
    second = fleet.issue(600)
    state = {name: fleet.machines[name].state for name in "ab"}
    assert (state["a"] / "keys.index").exists(), "so many keys make no index"
    for name in order:
        new = state["b"] / "new"
        new.write_bytes((state["a"] / name).read_bytes())
        new.rename(state["b"] / name)
        known = first + second if (name, order[0]) != ("keys.index", name) else first
        for key in (known[0], known[-1], known[len(known) // 2]):
            assert direct(fleet, "b", key) == 200
    assert direct(fleet, "b", second[-1]) == 200


def direct(fleet, name: str, key: str) -> int:
    """A question after the models, asked of one machine, is answered with this status."""
    machine = fleet.machines[name]
    return machine.ask(request("GET", "/v1/models", None, f"Authorization: Bearer {key}")).status


def test_a_revoked_key_is_refused_everywhere(fleet):
    key, other = fleet.issue(2)
    fleet.distribute()
    ask(fleet, key)
    wait_records(fleet, 1)
    number = next(line["key_id"] for name in "ab" for line in records(fleet, name))
    fleet.tool("a", "keys", "revoke", str(number))
    fleet.distribute()
    with pytest.raises(openai.AuthenticationError):
        ask(fleet, key)
    assert ask(fleet, other).choices


def test_a_machine_that_fails_is_left_out(fleet):
    """Its keys go to the other, which knows them."""
    keys = fleet.issue(12)
    fleet.distribute()
    fleet.machines["b"].stop()
    for key in keys:
        assert ask(fleet, key).choices
    assert len(wait_records(fleet, 12)["a"]) == 12


def test_a_machine_that_drains_finishes_its_streams(fleet):
    """A stream that runs when its machine is told to end is complete."""
    keys = fleet.issue(12)
    fleet.distribute()
    streams = [ask(fleet, key, stream=True) for key in keys]
    first = [next(stream) for stream in streams]
    fleet.machines["b"].process.send_signal(signal.SIGTERM)
    assert len(first) == 12
    for stream in streams:
        assert [chunk for chunk in stream][-1].choices[0].finish_reason == "stop"


def test_operators_pages_are_not_for_callers(fleet):
    for path in ("/admin", "/admin/users", "/metrics", "/settings/model"):
        client = Client(("127.0.0.1", fleet.port))
        assert client.ask(request("GET", path)).status == 404
        client.close()


def test_totals_are_those_of_the_tool(fleet, tmp_path):
    """requests.sql over both logs gives what `edgefilter usage` says on each machine, added up."""
    keys = fleet.issue(8)
    fleet.distribute()
    for count, key in enumerate(keys):
        ask(fleet, key, model="gpt-4" if count % 2 else "gpt-4o", stream=bool(count % 3))
    with pytest.raises(openai.AuthenticationError):
        ask(fleet, "sk-nobody")
    wait_records(fleet, 9)
    damage([fleet.machines[name].state for name in "ab"])
    expected: dict[str, dict] = {}
    for name in "ab":
        for model, row in by_model(fleet, name).items():
            sums = expected.setdefault(model, dict.fromkeys(row, 0))
            for member, number in row.items():
                sums[member] += number
    assert in_clickhouse(fleet, tmp_path) == expected
    assert expected["gpt-4"]["requests"] + expected["gpt-4o"]["requests"] == 9
    assert sum(row["written"] for row in expected.values()) == 7


def damage(states) -> None:
    """A torn line, the twin of a record that was written before its handler died, and one of whose input some was cached."""
    log, line = next((log, line) for state in states for log in state.glob("requests-*")
                     for line in log.read_bytes().split(b"\n") if b'"model":"gpt-4' in line)
    first = line.rsplit(b',"crc"', 1)[0]
    twin, other = first + b',"again":1', re.sub(b'"id":"[^"]*"', b'"id":"req_other"', first) + b',"written":7'
    with open(log, "ab") as file:
        file.write(b'\n{"time":"2026-\n')
        for line in (twin, other):
            file.write(b"\n" + line + b',"crc":"%08x"}\n' % sealed.crc32c(line))


def by_model(fleet, name: str) -> dict[str, dict]:
    rows = json.loads(fleet.tool(name, "usage", "--by", "model", "--json"))["by_model"]
    members = ("requests", "failures", "input", "output", "cached", "written", "reasoning")
    return {row["model"]: {member: row[member] for member in members} for row in rows if row["model"]}


def in_clickhouse(fleet, folder) -> dict[str, dict]:
    """What Vector would bring: lines that are whole, each with its machine's name."""
    session = chdb.session.Session(str(folder / "clickhouse"))
    text = "\n".join(line for line in (FLEET / "requests.sql").read_text().splitlines()
                     if not line.startswith("--"))
    for statement in filter(str.strip, text.split(";")):
        session.query(statement)
    for name in "ab":
        for path in fleet.machines[name].state.glob("requests-*"):
            whole = folder / f"{name}.jsonl"
            whole.write_text("".join(line + "\n" for line in path.read_text().splitlines()
                                     if line.endswith("}")))
            session.query(
                f"INSERT INTO requests SELECT '{name}' AS host, * FROM file('{whole}', JSONEachRow) "
                "SETTINGS input_format_skip_unknown_fields = 1")
    rows = session.query("SELECT * FROM usage_by_model", "JSONEachRow").data().splitlines()
    session.close()
    # The balancer goes on asking after the machines' health, which names no model.
    parsed = [row for row in map(json.loads, rows) if row["model"]]
    return {row.pop("model"): {name: int(number) for name, number in row.items()} for row in parsed}
