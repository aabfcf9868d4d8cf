# SPDX-License-Identifier: Apache-2.0
"""S33: a range holds printers, other devices and addresses without a device; only printers are kept, reported
and sent. Other devices are counted by kind, and are devices where devices.accept names them."""
import json
import pathlib
import shutil
import signal
import socket

import pytest
from conftest import hub_records, state_dir, status, until
from test_snmpd import udp_port

import lab

SNMPD = shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin:/sbin")
KINDS = {"print-queues", "computer", "network", "storage", "power", "phone", "camera", "other"}


def start_snmpd(world, address):
    """net-snmp's agent of this host; returns its port, which the kernel chooses."""
    name = world.number("snmpd")
    config = world.file(world.dir / f"{name}.conf", "rocommunity public\n"
                        f"agentXSocket {world.dir}/{name}.x\n")
    program = lab.Program("snmpd", [SNMPD, "-f", "-Lo", "-C", "-c", config, "-I",
                                    "-smux,mteTrigger,mteTriggerConf", f"-p{world.dir}/{name}.pid",
                                    f"udp:{address}:0"],
                          world.dir / f"{name}.log", ready_on=None)
    world.programs.append(program)
    program.wait_for_log("NET-SNMP version", 30)
    return udp_port(program.pid)


def network(world, printers=20, others=40, base="127.60.0.1"):
    """A simulator with other devices among its printers, and what answers to SNMPv2c of these."""
    sim = world.sim(printers, "--non-printers", others, "--mixed", "--base", base)
    devices = sim.devices()
    known = [d for d in devices if not d["printer"] and d["profile"] != "other-v3switch"]
    return sim, [d["address"] for d in devices if d["printer"]], known


def targets_of(sim, text="127.60.0.0/24"):
    return f"    - range: {text}\n      port: {sim.info['port']}\n"


def warnings(text):
    return [line for line in text.splitlines() if " level=warn " in line or " level=error " in line]


def report(world, config):
    got = world.run(world.bin("platen"), "report", "--json", "--config", config)
    return json.loads(got.stdout)["devices"]


def counts(world, config):
    """The devices of `platen status`; before its first one, none."""
    if not (state_dir(config) / "status.json").exists():
        return {"waiting": None, "roster": None}
    return status(world, config)["devices"]


def devices(world, config):
    got = world.run(world.bin("platen"), "devices", "--json", "--config", config)
    return json.loads(got.stdout)["devices"]


def test_range_with_other_devices_yields_printers_only(world, hub):
    """40 other devices of 12 kinds, 20 printers, an snmpd, and 190 addresses without a device."""
    sim, printers, others = network(world)
    kinds = {d["profile"] for d in sim.devices() if not d["printer"]}
    assert len(kinds) == 12
    targets, extra = targets_of(sim), 0
    if SNMPD is not None:
        port = start_snmpd(world, "127.60.1.1")
        targets += f"    - range: 127.60.1.1-127.60.1.2\n      port: {port}\n"
        extra = 1
    config = world.agent_config(sim, hub.port, hub.secret, targets=targets,
                                extra="snmp:\n  timeout: 1s\n  tries: 2\n")
    code, summary, _ = world.once(config)
    assert code == 0
    assert (summary["printers"], summary["complete"], summary["silent"]) == (20, 20, 0)
    assert summary["others"] == len(others) + extra
    assert list(summary["others_by_kind"])[-1] == "other"  # after the kinds that have a name
    assert set(summary["others_by_kind"]) <= KINDS and sum(summary["others_by_kind"].values()) == summary["others"]
    assert summary["absent"] == 254 + 2 * extra - 20 - summary["others"]
    log = (world.dir / f"{config.stem}.log").read_text()
    assert warnings(log) == []
    # The report, the device store, the hub.
    hosts = [d["address"].rsplit(":", 1)[0] for d in report(world, config)]
    assert sorted(hosts) == sorted(printers)
    assert sorted(d["address"].rsplit(":", 1)[0] for d in devices(world, config)) == sorted(printers)
    assert sorted(d["address"].rsplit(":", 1)[0] for d in world.devices(hub.config)) == sorted(printers)
    assert len(hub_records(hub.config)) == 20
    got = status(world, config)
    assert (got["devices"]["roster"], got["devices"]["silent"]) == (20, 0)
    assert got["devices"]["others"] == summary["others"] == sum(got["others"].values())
    assert got["devices"]["absent"] == summary["absent"]
    # Again: nothing has changed, and what was a printer is one from the start.
    code, summary, _ = world.once(config)
    assert (code, summary["printers"], summary["unchanged"] + summary["kept"]) == (0, 20, 20)
    assert len(world.devices(hub.config)) == 20


def test_devices_accept_takes_an_address_or_a_kind_at_a_reload(world):
    sim, printers, others = network(world, printers=2, others=12)
    phone = next(d["address"] for d in others if d["profile"] == "other-phone")
    queues = [d["address"] for d in others if d["profile"] in ("other-cups", "other-printserver", "other-nas")]
    config = world.agent_config(sim, targets=targets_of(sim, "127.60.0.1-127.60.0.14"),
                                devices_extra="  interval: 2s\n", extra="snmp:\n  timeout: 1s\n  tries: 2\n")
    text = config.read_text()
    agent = world.agent(config)
    until(agent, lambda: counts(world, config)["waiting"] == 0)
    assert len(report(world, config)) == 2
    world.file(config, text.replace("devices:\n", f"devices:\n  accept: [\"{phone}\", print-queues]\n", 1))
    agent.signal(1)
    until(agent, lambda: counts(world, config)["roster"] == 3 + len(queues))
    until(agent, lambda: len(report(world, config)) == 3 + len(queues))
    hosts = {d["address"].rsplit(":", 1)[0] for d in report(world, config)}
    assert hosts == {*printers, phone, *queues}
    assert 'key=devices.accept what="changed: takes effect now"' in agent.log.read_text()


def test_single_address_that_is_no_printer_is_named(world):
    sim, _, others = network(world, printers=1, others=12)
    ups = next(d["address"] for d in others if d["profile"] == "other-ups")
    missing = "127.60.0.250"
    config = world.agent_config(sim, targets=targets_of(sim, ups) + targets_of(sim, missing),
                                extra="snmp:\n  timeout: 1s\n  tries: 2\n")
    code, summary, _ = world.once(config)
    assert (code, summary["printers"], summary["silent"], summary["others"]) == (0, 1, 1, 1)
    assert summary["absent"] == 0
    line, = [t for t in (world.dir / f"{config.stem}.log").read_text().splitlines() if "now=other" in t]
    assert f"dev={ups}:" in line and "kind=power" in line and "devices.accept" in line and "level=warn" in line
    got = devices(world, config)
    assert [(d["address"].rsplit(":", 1)[0], d["state"]) for d in got] == [(missing, "silent")]


@pytest.mark.parametrize("name, kind", [("other-ap", "network"), ("other-cups", "print-queues"),
                                        ("other-phone", "phone"), ("other-ups", "power")])
def test_snmp_test_and_poll_say_not_a_printer(world, name, kind):
    sim, printers, others = network(world, printers=1, others=12)
    address = next(d["address"] for d in others if d["profile"] == name)
    port = ["--port", str(sim.info["port"])]
    got = world.run(world.bin("platen"), "snmp-test", address, *port)
    step, = [t for t in got.stdout.splitlines() if t.split()[1] == "printer"]
    assert step.startswith("- ") and f"not a printer: {kind}" in step and f"devices.accept names {address}" in step
    assert got.stdout.splitlines()[-1].endswith("; not identified as a printer")
    got = world.run(world.bin("platen"), "poll", address, *port)
    assert f"(not a printer: {kind})" in got.stdout.splitlines()[0]
    assert f"not a printer: {kind}" in got.stderr and address in got.stderr
    got = world.run(world.bin("platen"), "snmp-test", printers[0], *port)
    step, = [t for t in got.stdout.splitlines() if t.split()[1] == "printer"]
    assert step.startswith("ok ") and "serial number" in step


PRINTS = {
    "print server": ("AXIS 5600+ Print Server V7.10", "1.3.6.1.4.1.368.1.1"),
    "print server with printers behind": ("HP ETHERNET MULTI-ENVIRONMENT,ROM G.08.49,JETDIRECT EX,JD34,EEPROM G.08.49",
                                          "1.3.6.1.4.1.11.2.3.9.1"),
    "scanner": ("FUJITSU fi-7300NX Image Scanner", "1.3.6.1.4.1.211.1.21"),
    "label printer": ("GoDEX ZX1200i", "1.3.6.1.4.1.49381"),
}
OTHERS = {
    "switch": ("D-Link DGS-1210-24 Gigabit Ethernet Switch", "1.3.6.1.4.1.171.10.76"),
    "host named printserver": ("Linux print server 6.1.0-18-amd64 #1 SMP", "1.3.6.1.4.1.99999"),
    "camera": (" ; AXIS P1455-LE; Network Camera; 11.10.61", "1.3.6.1.4.1.368.1.1"),
}


@pytest.mark.parametrize("name", [*PRINTS, *OTHERS])
def test_system_group_tells_print_servers_and_scanners(world, name):
    descr, oid = {**PRINTS, **OTHERS}[name]
    path = pathlib.Path(world.dir / "a.snmprec")
    path.write_text(f"1.3.6.1.2.1.1.1.0|4x|{descr.encode().hex()}\n1.3.6.1.2.1.1.2.0|6|{oid}\n"
                    "1.3.6.1.2.1.1.3.0|67|4711\n")
    got = world.run(world.bin("platen"), "read", "--recording", path, "--json")
    assert json.loads(got.stdout)["identity"]["is_printer"] is (name in PRINTS)


def test_address_takes_a_port_wherever_it_is_written(world, hub):
    """In targets, in a CSV file, of discovery, at the hub, and in a hint."""
    sim = world.sim(3)
    port = sim.info["port"]
    csv = world.file(world.dir / "d.csv", f"\ufeffRoom;ADDRESS\r\n2nd floor;{sim.address(1)}:{port}\r\n")
    targets = f"    - range: {sim.address(0)}:{port}\n    - csv: {csv}\n"
    config = world.agent_config(sim, hub.port, hub.secret, targets=targets)
    assert world.once(config)[1]["complete"] == 2
    for text in (sim.address(0), f"{sim.address(0)}:{port}"):
        got = world.run(world.bin("platen-hub"), "device", text, "--config", hub.config)
        assert f"address  {sim.address(0)}:{port}\n" in got.stdout
    got = world.run(world.bin("platen-hub"), "device", "127.1.0.9", "--config", hub.config, check=False)
    assert got.returncode != 0 and "no such device" in got.stderr
    got = world.run(world.bin("platen"), "discover", f"{sim.address(0)}-{sim.address(2)}:{port}", "--json",
                    "--wait", "300ms")
    assert json.loads(got.stdout)["coverage"]["printer"] == 3
    got = world.run(world.bin("platen"), "poll", f"127.1.0.9:{port}", "--timeout", "300ms", check=False)
    assert f"platen snmp-test 127.1.0.9:{port})" in got.stderr


def test_target_may_be_a_dns_name(world):
    """Looked up at start and after SIGHUP; one that is unknown is named, and keeps nothing else from its poll."""
    if socket.getaddrinfo("localhost", 161, type=socket.SOCK_DGRAM)[0][4][0] != "127.0.0.1":
        pytest.skip("localhost is not 127.0.0.1 first")
    sim = world.sim(1, "--base", "127.0.0.1")
    port = sim.info["port"]
    csv = world.file(world.dir / "d.csv", f"address,port\nlocalhost,{port}\nprinter7.invalid,{port}\n")
    config = world.agent_config(targets=f"    - csv: {csv}\n    - range: printer8.invalid:{port}\n",
                                devices_extra="  interval: 1s\n")
    got = world.run(world.bin("platen"), "check-config", "--config", config)
    assert "ok: 3 devices;" in got.stdout and got.stderr == ""
    code, summary, _ = world.once(config)
    assert (code, summary["printers"], summary["complete"]) == (0, 1, 1)
    log = (world.dir / f"{config.stem}.log").read_text()
    for name in ("printer7.invalid", "printer8.invalid"):
        assert f"level=warn mod=names name={name} err=name-not-found" in log
    agent = world.agent(config)
    until(agent, lambda: counts(world, config).get("complete") == 1)
    since = len(agent.log.read_text())
    agent.signal(signal.SIGHUP)
    assert "added=0 removed=0" in agent.wait_for_log("what=reloaded", 60, since)
    for name in ("printer7.invalid", "printer8.invalid"):
        agent.wait_for_log(f"level=warn mod=names name={name} err=name-not-found", 60, since)
    text = config.read_text()
    config.write_text(text.replace(f"printer8.invalid:{port}", f"localhost:{port}").replace(f"    - csv: {csv}\n", ""))
    since = len(agent.log.read_text())
    agent.signal(signal.SIGHUP)
    assert "added=0 removed=0" in agent.wait_for_log("what=reloaded", 60, since)
    assert counts(world, config)["roster"] == 1


def test_once_fails_if_no_name_resolves(world):
    config = world.agent_config(targets="    - range: printer7.invalid\n    - range: printer8.invalid\n")
    got = world.run(world.bin("platen"), "once", "--config", config, check=False)
    assert got.returncode == 75
    assert got.stderr.splitlines()[-1] == \
        "platen: no printer was polled: 2 names of devices.targets do not resolve"


def test_name_that_a_reload_brings_is_polled_after_its_lookup(world):
    """The lookup follows the reload, which does not wait for it; a name that is taken away is not polled."""
    if socket.getaddrinfo("localhost", 161, type=socket.SOCK_DGRAM)[0][4][0] != "127.0.0.1":
        pytest.skip("localhost is not 127.0.0.1 first")
    sim = world.sim(1, "--base", "127.0.0.1")
    config = world.agent_config(targets=f"    - range: printer8.invalid:{sim.info['port']}\n",
                                devices_extra="  interval: 1s\n")
    text = config.read_text()
    agent = world.agent(config)
    agent.wait_for_log("name=printer8.invalid err=name-not-found what=\"not polled", 60)
    config.write_text(text.replace("printer8.invalid", "localhost"))
    agent.signal(signal.SIGHUP)
    agent.wait_for_log("what=reloaded", 60)
    until(agent, lambda: counts(world, config).get("complete") == 1)
    since = len(agent.log.read_text())
    config.write_text(text)
    agent.signal(signal.SIGHUP)
    assert "added=0 removed=1" in agent.wait_for_log("what=reloaded", 60, since)
    assert agent.stop() == 0
