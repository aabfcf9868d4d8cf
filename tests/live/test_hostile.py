# SPDX-License-Identifier: Apache-2.0
"""R4 with the real programs: printers that send every class of damaged response, and a forger that
sends before each correct response. The agent (built with sanitizers in tools/check) does not crash,
counts the refused datagrams, and reads the other printers completely. The unit tests (test_snmp_garbage,
test_snmp_forged) have the large counts."""
import json

import pytest

import lab
from conftest import count

V3 = "reader:sha256:authentication:aes128:confidential"
USER = "    - {name: reader, version: 3, user: reader, auth: sha256, auth_password_file: auth, " \
       "priv: aes128, priv_password_file: priv}\n"
CLASSES = ["length", "tag", "depth", "integer", "oid", "string", "value", "row", "field", "cut", "flip"]


def read_once(world, hub, sim, is_v3=False):
    """The summary of `platen once` on the whole fleet."""
    world.file(world.dir / "auth", "authentication\n")
    world.file(world.dir / "priv", "confidential\n")
    targets = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n" \
              + ("      credential: reader\n" if is_v3 else "")
    config = world.agent_config(sim, hub.port, hub.secret, targets=targets,
                                extra="snmp:\n  timeout: 1s\n  tries: 4\n  credentials:\n" + USER)
    code, summary, _ = world.once(config)
    log = lab.tail(world.dir / f"{config.stem}.log", 100)
    assert code == 0, log
    assert "ERROR: " not in log and "runtime error" not in log, log
    return summary


@pytest.mark.parametrize("version", ["2c", "3"])
def test_broken_printers_do_not_change_their_neighbours(world, hub, version):
    """Every second printer is broken: half of those in all classes, the others in one. By SNMPv3 they
    sign and encrypt the damaged messages."""
    printers = count("BROKEN_PRINTERS")
    broken = range(1, printers, 2)
    kinds = {n: 1 if n % 4 == 3 else 2 + n // 4 % len(CLASSES) for n in broken}
    sim = world.sim(printers, *(["--v3", V3, "--only-v3", "all"] if version == "3" else []))
    assert all(answer["ok"] for answer in sim.commands(
        [{"cmd": "fault", "printer": n, "name": "garbage", "value": kinds[n]} for n in broken]))
    summary = read_once(world, hub, sim, version == "3")
    assert summary["printers"] + summary["absent"] + summary["others"] == printers
    assert summary["complete"] >= printers - len(broken)
    assert summary["lost"] == 0
    devices = [d for d in world.devices(hub.config) if sim.number_of(d["address"]) not in broken]
    assert lab.compare_fleet(sim, devices) == (printers - len(broken), 0, [])


@pytest.mark.parametrize("fault", ["forge-source", "forge-port"])
def test_response_from_another_source_is_refused(world, hub, fault):
    """Three runs of the agent over one state directory: a run learns no source address for the next one.
    The control: with the other sources in answers_from the same forgeries are in the report."""
    sim = world.sim(20)
    assert all(answer["ok"] for answer in sim.commands(
        [{"cmd": "fault", "printer": n, "name": fault, "value": 1} for n in range(20)]))
    target = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n"

    def forged_strings(targets, runs):
        config = world.agent_config(sim, hub.port, hub.secret, targets=targets)
        for _ in range(runs):
            code, summary, _ = world.once(config)
            assert code in (0, 2) and summary["printers"] + summary["absent"] + summary["others"] == 20
        log = lab.tail(world.dir / f"{config.stem}.log", 100)
        text = json.dumps(world.devices(hub.config))
        return text.count("FFFF") + text.count("46:46:46"), log
    count, log = forged_strings(target, runs=3)
    assert count == 0
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (20, 0, [])
    assert sim.command(cmd="stats")["forged"] > 20 * 3
    assert "another address or port refused" in log and "answers_from" in log
    count, log = forged_strings(target + "      answers_from: 127.0.0.0/8\n", runs=1)
    assert count > 0 and "refused" not in log


# Not among them: "oid". A GET's answer with another name is refused; a walk's may hold any row behind
# the one that was asked, and an attacker who knows the request-id can invent one. With SNMPv3 this is impossible.
FORGERIES = {"2c": ["community", "version", "id", "report", "get", "set", "trap", "source", "port",
                    "replay"],
             "3": ["report", "level", "digest", "id", "msgid", "engine", "get", "set", "trap",
                   "source", "port", "replay"]}


@pytest.mark.parametrize("version", FORGERIES)
def test_forged_responses_are_refused(world, hub, version):
    """Each printer has a forger of one kind, one printer all of them; every reading is correct. Few
    printers at once: a socket buffer full of forgeries also loses correct responses."""
    kinds = FORGERIES[version]
    printers = len(kinds) + 1
    options = ["--v3", V3, "--only-v3", "all"] if version == "3" else []
    sim = world.sim(printers, *options)
    assert all(answer["ok"] for answer in sim.commands(
        [{"cmd": "fault", "printer": n, "name": f"forge-{kind}", "value": 5 if n == i else 1}
         for n in range(printers) for i, kind in enumerate(kinds) if n == i or n >= len(kinds)]))
    summary = read_once(world, hub, sim, version == "3")
    assert summary["complete"] == printers
    assert lab.compare_fleet(sim, world.devices(hub.config)) == (printers, 0, [])
    assert sim.command(cmd="stats")["forged"] > 20 * printers
