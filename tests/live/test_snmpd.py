# SPDX-License-Identifier: Apache-2.0
"""`platen poll` against a foreign agent: net-snmp's snmpd, on loopback."""
import json
import pathlib
import shutil

import pytest

import lab

SNMPD = shutil.which("snmpd") or shutil.which("snmpd", path="/usr/sbin:/sbin")


def udp_port(pid):
    """The port of the first UDP socket that a process holds."""
    inodes = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(fd.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    for line in pathlib.Path(f"/proc/{pid}/net/udp").read_text().splitlines()[1:]:
        words = line.split()
        if words[9] in inodes:
            return int(words[1].rsplit(":", 1)[1], 16)
    return None


@pytest.fixture
def snmpd(world):
    if SNMPD is None:
        pytest.skip("no snmpd")
    config = world.file(world.dir / "snmpd.conf",
                        "rocommunity public 127.0.0.1\nsysDescr A host that is no printer\n"
                        "sysName planted-name\nsysContact planted@example.org\n"
                        f"agentXSocket {world.dir}/agentx\n")
    program = lab.Program("snmpd", [SNMPD, "-f", "-Lo", "-C", "-c", config, "-I",
                                    "-smux,mteTrigger,mteTriggerConf", f"-p{world.dir}/snmpd.pid",
                                    "udp:127.0.0.1:0"],
                          world.dir / "snmpd.log", ready_on=None)
    world.programs.append(program)
    program.wait_for_log("NET-SNMP version", 30)
    program.port = udp_port(program.pid)
    assert program.port
    return program


def poll(world, port, *options, **kwargs):
    return world.run(world.bin("platen"), "poll", "--port", port, *options, "127.0.0.1", **kwargs)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_host_without_printer_mib_is_no_printer(world, snmpd, version):
    got = poll(world, snmpd.port, "--json", "--version", version)
    reading = json.loads(got.stdout)
    assert reading["identity"]["sys_descr"] == "A host that is no printer"
    assert reading["identity"]["is_printer"] is False
    assert reading["meters"] == [] and reading["supplies"] == []
    # Objects that name a person or a host are not requested.
    assert "planted" not in got.stdout


def test_wrong_community_is_a_timeout(world, snmpd):
    got = poll(world, snmpd.port, "--community", "other", "--timeout", "500ms", check=False)
    assert got.returncode == 1 or got.returncode == 75
    assert got.stdout == ""
    assert len(got.stderr.strip().splitlines()) == 1


def test_poll_prints_a_reading_as_text(world):
    sim = world.sim(2)
    got = world.run(world.bin("platen"), "poll", "--port", sim.info["port"], sim.address(0))
    serial = sim.command(cmd="info", printer=0)["serial"]
    assert serial in got.stdout
