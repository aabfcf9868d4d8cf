# SPDX-License-Identifier: Apache-2.0
"""The core of the suite over ::1: a fleet read and sent, one printer polled, one found, by SNMPv2c and
SNMPv3. platen-sim has a port on ::1 for each printer, as all of them share that address."""
import json

import lab
import pytest

PRINTERS = 6
V3 = "reader:sha256:authentication:aes128:confidential"
USER = "snmp:\n  credentials:\n    - {name: reader, version: 3, user: reader, auth: sha256, " \
       "auth_password_file: auth, priv: aes128, priv_password_file: priv}\n"


@pytest.fixture(params=["2c", "3"])
def sim(request, world):
    world.file(world.dir / "auth", "authentication\n")
    world.file(world.dir / "priv", "confidential\n")
    only = ["--only-v3", "all"] if request.param == "3" else []
    made = world.sim(PRINTERS, "--v6", PRINTERS, "--v3", V3, *only)
    made.version = request.param
    made.ports = [made.info["port6"] + n for n in range(PRINTERS)]
    made.serials = [made.command(cmd="info", printer=n)["serial"] for n in range(PRINTERS)]
    yield made
    # All datagrams used IPv6.
    stats = made.command(cmd="stats")
    assert stats["received6"] == stats["received"] > 0


def targets(sim):
    user = ", credential: reader" if sim.version == "3" else ""
    return "".join(f"    - {{range: '::1', port: {port}, ipp: off{user}}}\n" for port in sim.ports)


def as_ipv4(sim, device):
    """The device with its IPv4 address, by which the simulator identifies printers."""
    host, port = device["address"].rsplit(":", 1)
    assert host == "[::1]"
    return {**device, "address": f"{sim.address(sim.ports.index(int(port)))}:{port}"}


def test_fleet_is_read_and_sent_over_ipv6(world, hub, sim):
    config = world.agent_config(hub_port=hub.port, secret=hub.secret, targets=targets(sim), extra=USER)
    code, summary, _ = world.once(config)
    assert code == 0, lab.tail(world.dir / f"{config.stem}.log")
    assert (summary["printers"], summary["complete"]) == (PRINTERS, PRINTERS)
    devices = [as_ipv4(sim, d) for d in world.devices(hub.config)]
    assert lab.compare_fleet(sim, devices) == (PRINTERS, 0, [])
    assert sorted(d["identity"]["serial"] for d in devices) == sorted(sim.serials)


def test_printer_is_polled_over_ipv6(world, sim):
    more = ["--config", world.agent_config(targets=targets(sim), extra=USER),
            "--credential", "reader"] if sim.version == "3" else []
    got = world.run(world.bin("platen"), "poll", "--json", "--port", sim.ports[2], *more, "::1")
    assert json.loads(got.stdout)["identity"]["serial"] == sim.serials[2]


def test_printer_is_discovered_over_ipv6(world, sim):
    config = world.file(world.dir / "discover.yaml", f"state_dir: {world.dir}/state\n{USER}")
    got = world.run(world.bin("platen"), "discover", "--json", "--port", sim.ports[4], "--wait",
                    "500ms", "--config", config, "--community", "public", "::1")
    told = json.loads(got.stdout)
    assert [(f["serial"], f["address"]) for f in told["found"]] == \
        [(sim.serials[4], f"[::1]:{sim.ports[4]}")]
    assert told["coverage"]["printer"] == 1
