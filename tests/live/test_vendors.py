# SPDX-License-Identifier: Apache-2.0
"""Fleets of all vendors, end to end: the hub has every meter, supply, alert and firmware module of the
printer, and private values are neither requested nor found anywhere (S7, S14, S62)."""
import copy
import json
import subprocess

import lab
import pytest
from conftest import BUILD, hub_records, state_dir

PLANTED = (b"planted", b"example.invalid")


def profiles():
    program = BUILD / "bin/platen-sim"
    if not program.exists():
        return []
    return subprocess.run([program, "--list-profiles"], capture_output=True, text=True,
                          check=True).stdout.split()


def test_every_vendor_is_read_correctly(world, hub):
    """While the fleet is read, jobs begin, supplies run empty and alerts appear and disappear."""
    count = 4 * len(profiles())
    sim = world.sim(count, "--job-interval", "2s", "--latency", 30, "--jitter", 100)
    config = world.agent_config(sim, hub.port, hub.secret)
    code, summary, _ = world.once(config)
    assert code == 0 and summary["complete"] == count, lab.tail(world.dir / f"{config.stem}.log")
    devices = world.devices(hub.config)
    assert lab.compare_fleet(sim, devices) == (count, 0, [])
    stats = sim.command(cmd="stats")
    assert stats["drops"] == 0 and stats["never_requested"] == 0 and stats["in_context"] > 0
    vendors = {d["identity"]["vendor"] for d in devices}
    assert len(vendors) >= 18 and all(d["identity"]["is_printer"] for d in devices)


def outputs(world, sim, hub, config):
    """(name, bytes) of all output: printed, stored and sent."""
    yield "log", b"".join(p.read_bytes() for p in world.dir.glob("*.log"))
    yield "once", (world.dir / f"{config.stem}.once.json").read_bytes()
    runs = []
    for number in range(sim.printers):
        at = ("--port", sim.info["port"], "--ipp", "off", sim.address(number))
        runs += [("platen", "poll", *at), ("platen", "poll", "--json", *at),
                 ("platen", "record", "--output", "-", *at[:2], at[4])]
    runs += [("platen", "report", "--config", config, "--format", f) for f in ("csv", "json")]
    runs += [("platen", "status", "--json", "--config", config)]
    runs += [("platen-hub", "report", "--config", hub.config, "--format", f) for f in ("csv", "json")]
    runs += [("platen-hub", "devices", "--json", "--config", hub.config)]
    for program, *more in runs:
        got = world.run(world.bin(program), *more, check=False)
        # No daemon runs: the status is that of the run of `once`.
        assert got.returncode == (69 if more[0] == "status" else 0), (more, got.stderr)
        yield f"{program} {more[0]}", (got.stdout + got.stderr).encode()
    for number, body in hub_records(hub.config).items():
        path = world.dir / "record"
        path.write_bytes(body)
        yield f"record {number}", body + world.run(world.bin("platen"), "decode", path).stdout.encode()
    for folder in (state_dir(config), state_dir(hub.config)):
        for path in folder.rglob("*"):
            if path.is_file():
                yield str(path.name), path.read_bytes()


def test_private_values_appear_in_no_output(world, hub):
    """Each printer has job titles, names and addresses that the community may read."""
    count = len(profiles())
    sim = world.sim(count)
    for number in range(count):
        rows = json.dumps(sim.command(cmd="table", printer=number)["rows"]).lower()
        assert "planted" in rows and "example.invalid" in rows
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    seen = 0
    for where, text in outputs(world, sim, hub, config):
        seen += len(text)
        found = [word for word in PLANTED if word in text.lower()]
        assert not found, f"{where}: {found}"
    assert seen > 100000
    assert sim.command(cmd="stats")["never_requested"] == 0


def change(path, value):
    """Sets the entry at `path`; adds a number to the present one."""
    def corrupt(device):
        *way, last = path
        at = device
        for step in way:
            at = at[step]
        at[last] = at[last] + value if isinstance(value, (int, float)) else value
    return corrupt


def drop(name, where=None):
    return lambda device: (device[where] if where else device)[name].pop()


def add(name, entry, where=None):
    return lambda device: (device[where] if where else device)[name].append(entry)


def again(name):
    return lambda device: device[name].append(copy.deepcopy(device[name][0]))


ERRORS = [
    ("xerox-color-mfp", drop("meters"), "missing: meters"),
    ("xerox-color-mfp", change(("meters", 2, "name"), "impressions_mono"), "extra: meters"),
    ("xerox-color-mfp", change(("meters", 0, "unit"), "sheets"), "unit is 'sheets', not impressions"),
    ("xerox-color-mfp", change(("meters", 3, "value"), 1), "value is"),
    ("xerox-color-mfp", change(("meters", 3, "oid"), "1.3.6.1.4.1.253.1"), "missing: meters"),
    ("xerox-color-mfp", again("meters"), "twice: meters"),
    ("sharp", add("meters", {"name": "vendor:Pages", "value": 1, "oid": "1.3.6.1"}), "extra: meters"),
    ("kyocera", drop("supplies"), "missing: supplies"),
    ("hp-jetdirect", change(("supplies",), []), "missing: supplies"),
    ("kyocera", add("supplies", {"index": "1.77", "level": {}}), "extra: supplies 1.77"),
    ("canon", change(("supplies", 1, "colorant"), "black"), "colorant is 'black', not cyan"),
    ("canon", change(("supplies", 0, "level", "percent"), 0.1), "percent is"),
    ("canon", change(("supplies", 0, "level", "kind"), "some"), "kind is 'some', not percent"),
    ("brother", change(("supplies", 0, "level", "percent"), 1), "percent is"),
    ("fuji", change(("supplies", 0, "part"), "CT1"), "part is 'CT1'"),
    ("lexmark", change(("supplies", 0, "level", "unit"), "percent"), "unit is 'percent'"),
    ("sharp", drop("alerts"), "missing: alerts"),
    ("toshiba", change(("alerts", -1, "description"), "Sleep"), "description is 'Sleep'"),
    ("oki", change(("alerts", -1, "code"), "jam"), "code is 'jam', not subunit_power_saver"),
    ("ricoh", change(("alerts", -1, "kind"), "fault"), "kind is 'fault', not state"),
    ("epson", add("alerts", {"index": "1.99"}), "extra: alerts 1.99"),
    ("dell", drop("firmware", "identity"), "missing: firmware"),
    ("dell", change(("identity", "firmware", 0, "version"), "1.0"), "version is '1.0'"),
    ("tsc", add("firmware", {"name": "main", "version": "1"}, "identity"), "extra: firmware main"),
    ("utax", change(("identity", "vendor"), "Kyocera"), "vendor is 'Kyocera', not UTAX"),
    ("develop", change(("identity", "model"), "bizhub"), "model is 'bizhub'"),
    ("zebra", change(("identity", "serial"), "x"), "serial is 'x'"),
    ("zebra", change(("identity", "is_printer"), 1), "is_printer is 2"),
    ("konica", drop("trays"), "missing: trays"),
    ("samsung", change(("state", "printer"), "printing"), "printer is 'printing', not idle"),
    ("pantum", drop("options"), "missing: options"),
    ("hp", drop("settings"), "missing: settings Firmware date"),
    ("hp", drop("maintenance"), "missing: maintenance"),
    ("xerox-mono", change(("groups",), []), "missing: the group meters"),
]


@pytest.fixture(scope="module")
def read_once(tmp_path_factory):
    """A fleet with constant values, read once: (sim, {profile: its device})."""
    if not (BUILD / "bin/platen").exists():
        pytest.skip(f"no programs in {BUILD}")
    with lab.Lab(BUILD, prefix="platen-lies-") as world:
        sim = world.sim(len(profiles()), "--job-interval", 0)
        hub = world.hub(world.hub_config())
        config = world.agent_config(sim, hub.port, world.add_agent(hub.config, "agent1"))
        assert world.once(config)[0] == 0
        devices = world.devices(hub.config)
        assert lab.compare_fleet(sim, devices) == (len(profiles()), 0, [])
        yield sim, {profiles()[sim.number_of(d["address"])]: d for d in devices}


@pytest.mark.parametrize("profile, corrupt, message", ERRORS, ids=[f"{p}-{m}" for p, _, m in ERRORS])
def test_comparison_finds_every_error(read_once, profile, corrupt, message):
    """Positive control of the comparison: one wrong value of each kind in a device of the hub."""
    sim, devices = read_once
    device = copy.deepcopy(devices[profile])
    corrupt(device)
    at_hub, wrong, messages = lab.compare_fleet(sim, [device])
    assert (at_hub, wrong) == (1, 1) and message in messages[0], messages
