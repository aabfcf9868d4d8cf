# SPDX-License-Identifier: Apache-2.0
"""docs/json.md describes the JSON of the programs: every printed key is on the page, and every key of the page
is printed."""
import json
import re

import pytest

from conftest import ROOT

PAGE = (ROOT / "docs/json.md").read_text()


def section(name):
    """The text under the heading that names this command."""
    parts = re.split(r"^## ", PAGE, flags=re.M)
    found = [p for p in parts if f"`{name}`" in p.split("\n", 1)[0]]
    assert len(found) == 1, name
    return found[0]


def words_of(text):
    """What stands in backticks, {"objects":[...]} taken apart."""
    words = set()
    for code in re.findall(r"`([^`]+)`", text):
        words |= set(re.findall(r"[a-z][a-z0-9_-]*", code))
    return words


def keys_of(value):
    if isinstance(value, dict):
        return set(value) | set().union(*(keys_of(v) for v in value.values()), set())
    if isinstance(value, list):
        return set().union(*(keys_of(v) for v in value), set())
    return set()


def rows_of(text):
    """A table's rows: the words of the first cell, and those of the second."""
    rows = [line.split("|")[1:3] for line in text.splitlines()
            if line.startswith("| `")]
    return [(words_of(first), words_of(second)) for first, second in rows]


@pytest.fixture(scope="module")
def printed(request, tmp_path_factory):
    """What each verb prints as JSON, of one small world."""
    import lab
    from conftest import BUILD
    if not (BUILD / "bin" / "platen").exists():
        pytest.skip(f"no programs in {BUILD}")
    with lab.Lab(BUILD, prefix="platen-json-") as world:
        sim = world.sim(3, "--silent-last", "1")
        config = world.agent_config(sim, extra="snmp:\n  timeout: 300ms\n  tries: 2\n")
        code, once, _ = world.once(config)
        assert code == 0
        platen = world.bin("platen")
        port = ["--port", sim.info["port"]]
        first, last = sim.address(0), sim.last
        argv = {
            "platen status --json": ["--config", config],
            "platen devices --json": ["--config", config],
            "platen discover --json": [f"{first}-{last}", *port, "--wait", "300ms"],
            "platen snmp-test --json": [first, *port],
            "platen check-config --json": ["--config", config],
            "platen models --json": [],
            "platen poll --json": [first, *port],
        }
        got = {"platen once --json": once}
        for name, more in argv.items():
            made = world.run(platen, *name.split()[1:], *more, check=False)
            # No daemon runs: the status is that of the run of `once`.
            assert made.returncode == (69 if "status" in name else 0), (name, made.stderr)
            got[name] = json.loads(made.stdout)
        yield got


@pytest.mark.parametrize("name", ["platen once --json", "platen status --json",
                                  "platen devices --json", "platen discover --json",
                                  "platen snmp-test --json", "platen check-config --json",
                                  "platen models --json"])
def test_every_printed_key_is_documented(printed, name):
    known = words_of(section(name))
    # A time is there twice: as words, and with _ms.
    missing = {k for k in keys_of(printed[name])
               if k not in known and k.removesuffix("_ms") not in known}
    assert not missing, (name, sorted(missing))


def test_every_device_key_is_documented(printed):
    device = PAGE[PAGE.index("## A device"):PAGE.index("## An event")]
    missing = keys_of(printed["platen poll --json"]) - words_of(device)
    assert not missing, sorted(missing)


def test_every_documented_key_is_printed(printed):
    status = printed["platen status --json"]
    for groups, keys in rows_of(section("platen status --json")):
        for group in groups:
            assert group in status, group
            if isinstance(status[group], dict):
                gone = {k for k in keys & words_of(section("platen status --json"))
                        if k not in status[group] and f"{k}_ms" not in status[group]}
                # Values and other groups that the words explain.
                assert gone <= {"ok", "access", "devices", "max", "null"}, (group, gone)
    for keys, _ in rows_of(section("platen once --json")):
        assert keys <= set(printed["platen once --json"]), keys
