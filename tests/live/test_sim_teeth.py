# SPDX-License-Identifier: Apache-2.0
"""What platen-sim's printers do wrong, where they are, who is among them, and what it counts of
those who ask: each seen from outside, by net-snmp's client or by bytes."""
import ipaddress
import shutil
import subprocess

import pytest

NAME = "1.3.6.1.2.1.1.5.0"
DESCR = "1.3.6.1.2.1.1.1.0"

pytestmark = pytest.mark.skipif(shutil.which("snmpget") is None, reason="no net-snmp tools")


def ask(sim, address, *oids, tool="snmpget", version="2c", wait=5, more=()):
    """(exit code, stdout, stderr)"""
    got = subprocess.run([tool, f"-v{version}", "-cpublic", "-On", "-Oq", "-m", "", "-r0",
                          f"-t{wait}", *more, f"{address}:{sim.info['port']}", *oids],
                         capture_output=True, text=True)
    return got.returncode, got.stdout, got.stderr


def test_devices_that_are_no_printers(house):
    others = subprocess.run([house.bin("platen-sim"), "--list-others"], capture_output=True,
                            text=True, check=True).stdout.split()
    sim = house.sim(30, "--non-printers", 2 * len(others), "--mixed", "--v3",
                    "u:sha1:a passphrase:none:")
    devices = sim.devices()
    assert len(devices) == 30 + 2 * len(others)
    assert [d["printer"] for d in devices] == [True] * 30 + [False] * (2 * len(others))
    assert {d["profile"] for d in devices[30:]} == set(others)
    places = sorted(int(ipaddress.ip_address(d["address"])) for d in devices)
    assert places == list(range(int(ipaddress.ip_address("127.1.0.1")), places[-1] + 1))
    # Among them, not behind them.
    assert max(places.index(int(ipaddress.ip_address(d["address"]))) for d in devices[:30]) > 35
    for d in devices[30:30 + len(others)]:
        code, out, _ = ask(sim, d["address"], DESCR, wait=1)
        if d["profile"] == "other-v3switch":
            assert code != 0
            out = subprocess.run(["snmpget", "-v3", "-u", "u", "-l", "authNoPriv", "-a", "SHA",
                                  "-A", "a passphrase", f"{d['address']}:{sim.info['port']}", DESCR],
                                 capture_output=True, text=True).stdout
            assert "Cisco IOS" in out
        else:
            assert code == 0 and len(out) > 20, d
            assert ".1.3.6.1.2.1.43." not in ask(sim, d["address"], "1.3.6.1.2.1.43",
                                                 tool="snmpgetnext")[1]


def test_spread_over_a_network(house):
    sims = [house.sim(100, "--non-printers", 30, "--second-address", 5, "--spread", "127.77.0.0/16",
                      "--seed", seed) for seed in (5, 5, 6)]
    devices = [s.devices() for s in sims]
    assert [d["address"] for d in devices[0]] == [d["address"] for d in devices[1]]
    assert [d["address"] for d in devices[0]] != [d["address"] for d in devices[2]]
    every = [ipaddress.ip_address(a) for d in devices[0] for a in (d["address"], d["second"]) if a]
    assert len(set(every)) == 135
    assert all(a in ipaddress.ip_network("127.77.0.0/16") for a in every)
    assert len({int(a) >> 8 for a in every}) > 60
    assert [d["second"] is not None for d in devices[0]] == [True] * 5 + [False] * 125
    for number in (0, 4):
        d = devices[0][number]
        rows = [ask(sims[0], d[k], NAME)[1] for k in ("address", "second")]
        assert rows[0] == rows[1] != ""
    assert sims[0].number_of(devices[0][7]["address"]) == 7
    assert ask(sims[0], devices[0][0]["address"], NAME)[0] == 0
    assert sims[0].ask(cmd="info", address=devices[0][3]["second"])["printer"] == 3
