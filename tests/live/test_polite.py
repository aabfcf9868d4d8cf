# SPDX-License-Identifier: Apache-2.0
"""R5: no printer is harmed. Some crash on requests that crashed real ones; each crashes once at most, is read in
full from then on, also by a new process, and does not get that request again that day. What was sent is read
from the simulator's ledger. The control: without a device store they crash again."""
import json
import re

import acme
import pytest
from conftest import ROOT, count, state_dir, status, until

FAULTS = ("crash-on-varbinds=8", "crash-on-missing", "crash-on-bulk", "crash-on-rate=2")
SNMP = "snmp:\n  timeout: 2s\n  tries: 2\n"

# A printer with short tables: in safe mode it is read in 5 s.
SHORT = acme.profile("short", "{serial}", '1.1 | 1 | 1 | 3 | 3 | "Black Toner" | 19 | 100 | 40\n')


def ledgers(sim):
    return sim.command(cmd="traffic", printers=[0, sim.printers - 1])["traffic"]


def assert_protection(sim, crash_prone, crashes_max=1):
    crashed = 0
    for one in ledgers(sim):
        assert one["set"] == 0
        assert one["in_flight_peak"] <= 1, one
        assert one["largest_before_response"] <= 484
        assert one["fatal_repeated"] == 0
        assert one["crashes"] <= (crashes_max if one["printer"] in crash_prone else 0), one
        crashed += one["crashes"]
    return crashed


def stored(world, config):
    got = world.run(world.bin("platen"), "devices", "--json", "--config", config)
    return json.loads(got.stdout)["devices"]


def read_in_full(world, config, sim):
    """The printers that have a reading of which every group is complete. (One that crashed before it was
    identified has a second one, under its address.)"""
    got = world.run(world.bin("platen"), "report", "--format", "json", "--config", config)
    return {sim.number_of(d["address"]) for d in json.loads(got.stdout)["devices"]
            if d["groups"] and all(g["status"] == "complete" for g in d["groups"])}


def crash_once(world, printers, rounds, *profile):
    """Every tenth of so many printers crashes on a request, and in so many rounds after it on none; each
    round is a process of its own. Then without the device store."""
    crash_prone = range(0, printers, 10)
    faults = [",".join(map(str, list(crash_prone)[i::len(FAULTS)])) for i in range(len(FAULTS))]
    options = [o for fault, who in zip(FAULTS, faults) for o in ("--fault", f"{fault}@{who}")]
    sim = world.sim(printers, *options, *profile)
    config = world.agent_config(sim, extra=SNMP, devices_extra="  ipp: off\n")
    code, summary, _ = world.once(config)
    crashed = assert_protection(sim, crash_prone)
    # A few of each kind have nothing that crashes them.
    assert code == 0 and len(crash_prone) * 0.7 <= crashed <= len(crash_prone)
    assert summary["stopped_responding"] == summary["safe_mode"] == crashed
    assert summary["complete"] == printers - crashed
    kinds = {one.get("crash_cause") for one in ledgers(sim)} - {None}
    assert kinds == {"varbinds", "missing", "bulk", "rate"}
    fast = {one["printer"] for one in ledgers(sim) if one.get("crash_cause") == "rate"}

    known = stored(world, config)
    assert sum(d["profile"]["safe_mode"] for d in known) == crashed
    assert all(d["profile"]["quarantined_requests"] == int(d["profile"]["safe_mode"]) for d in known)

    for _ in range(rounds):
        sim.command(cmd="start", printers=[0, printers - 1])
        code, summary, _ = world.once(config)
        # A printer that crashes on fast requests may do so on a request that safe mode sends too: that one
        # is quarantined for the day. All others are read in full.
        assert code == 0 and summary["complete"] + summary["partial"] == printers, summary
        in_part = set(range(printers)) - read_in_full(world, config, sim)
        assert in_part <= fast and summary["partial"] == len(in_part), (summary, in_part, fast)
        assert summary["stopped_responding"] == 0 and summary["safe_mode"] == crashed
        assert summary["timeouts"] == 0
        assert assert_protection(sim, crash_prone) == crashed

    # What was counted is what came.
    by_number = {sim.number_of(d["address"]): d["today"] for d in stored(world, config)}
    for one in ledgers(sim):
        today = by_number[one["printer"]]
        assert today["packets_out"] == one["received"] and today["bytes_out"] == one["bytes_in"]
        # A request that was sent twice may get two responses; one is counted.
        assert one["responses"] - one["resent"] <= today["packets_in"] <= one["responses"]

    # The control: without a device store.
    for file in state_dir(config).glob("discovery.db*"):
        file.unlink()
    code, summary, _ = world.once(config)
    assert code == 0 and summary["stopped_responding"] == crashed
    assert sum(one["crashes"] for one in ledgers(sim)) == 2 * crashed


def test_unsafe_request_is_sent_once(world):
    crash_once(world, count("PROTECTION_PRINTERS"), count("PROTECTION_ROUNDS"),
               "--profile-file", world.file(world.dir / "short.profile", SHORT))


def test_unsafe_request_is_sent_once_to_all_vendors(world):
    """A large one takes a minute in safe mode, so not in CI."""
    printers = count("PROTECTION_VENDORS")
    if printers == 0:
        pytest.skip("only in tools/gate/prove")
    crash_once(world, printers, 1)


def test_profile_survives_a_kill(world):
    """A printer that ignores GETBULK costs one request, not one at each start."""
    sim = world.sim(4, "--fault", "no-bulk=1@0-3")
    config = world.agent_config(sim, extra=SNMP, devices_extra="  interval: 1m\n")
    agent = world.agent(config)
    def stored():
        got = world.run(world.bin("platen"), "devices", "--json", "--config", config, check=False)
        rows = json.loads(got.stdout)["devices"] if got.returncode == 0 else []
        return sum(row["model"] not in ("", None) for row in rows)

    until(agent, lambda: stored() == 4, 90)
    agent.kill()
    learning = [one["get_bulk"] for one in ledgers(sim)]
    assert min(learning) > 0
    code, summary, _ = world.once(config)
    assert code == 0 and summary["complete"] == 4
    assert summary["timeouts"] == 0 and summary["resent"] == 0
    assert [one["get_bulk"] for one in ledgers(sim)] == learning


def test_engine_has_no_snmp_set():
    """SNMP_SET is the type of messages that are refused; none is ever sent."""
    for path in [*ROOT.glob("engine/**/*.[ch]"), *ROOT.glob("proto/*.[ch]")]:
        for line in path.read_text().splitlines():
            assert not re.search(r"question_begin\([^)]*SNMP_SET|SNMP_MSG_SET", line), (path, line)
