# SPDX-License-Identifier: Apache-2.0
"""`platen record`: a printer becomes a file, the file a printer again, and nothing of what people
typed is in it."""
import json
import signal
import stat

import pytest
from conftest import until

import lab

PERSONAL = {
    "1.3.6.1.2.1.1.4.0": "Jane Roe, jane.roe@example.org, ext 4711",
    "1.3.6.1.2.1.1.6.0": "Building 7, Room 12, Fr. Meier",
    "1.3.6.1.2.1.43.5.1.1.4.1": "operator John Doe",
}
STRAY = ("1.3.6.1.2.1.43.11.1.1.6.1.1", "Toner, ask help.desk@example.org")


def platen(world, *argv):
    return world.run(world.bin("platen"), *argv, check=False)


def poll(world, sim, number=0):
    got = platen(world, "poll", sim.address(number), "--port", sim.info["port"], "--json")
    assert got.returncode == 0, got.stderr
    return json.loads(got.stdout)


def without_times(device):
    for group in device["groups"]:
        for key in list(group):
            if key.endswith("_at_ms"):
                del group[key]
    device["identity"].pop("uptime_cs", None)
    return device


@pytest.mark.parametrize("profile", ["xerox-color-mfp", "brother", "kyocera"])
def test_recording_replays_as_the_same_printer(world, profile):
    sim = world.sim(1, "--profile", profile, "--job-interval", "0")
    file = world.dir / f"{profile}.snmprec"
    got = platen(world, "record", sim.address(0), "--port", sim.info["port"], "--output", file)
    assert got.returncode == 0, got.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = [line.split("|", 2) for line in file.read_text().splitlines()]
    assert len(rows) > 50
    names = [tuple(int(n) for n in row[0].split(".")) for row in rows]
    assert names == sorted(set(names))
    live = without_times(poll(world, sim))
    again = world.sim(1, "--recording", file, "--job-interval", "0")
    assert without_times(poll(world, again)) == live
    # Recorded again, it is the same file to the byte.
    second = world.dir / f"{profile}-again.snmprec"
    got = platen(world, "record", again.address(0), "--port", again.info["port"],
                 "--output", second)
    assert got.returncode == 0, got.stderr
    assert second.read_text() == file.read_text()
    read = platen(world, "read", "--recording", file, "--json")
    assert without_times(json.loads(read.stdout)) == live


def test_personal_text_is_masked_at_equal_length(world):
    sim = world.sim(1, "--profile", "xerox-color-mfp", "--job-interval", "0")
    for oid, text in [*PERSONAL.items(), STRAY]:
        sim.command(cmd="set", printer=0, oid=oid, type="string", value=text)
    serial = poll(world, sim)["identity"]["serial"]
    got = platen(world, "record", sim.address(0), "--port", sim.info["port"], "--hide-serial",
                 "--output", "-")
    assert got.returncode == 0, got.stderr
    rows = dict((line.split("|", 2)[0], line.split("|", 2)[2]) for line in got.stdout.splitlines())
    for oid, text in PERSONAL.items():
        assert len(rows[oid]) == len(text) and rows[oid] != text
        assert "Jane" not in rows[oid] and "Meier" not in rows[oid]
    assert rows[STRAY[0]] == "Toner, ask xxxx.xxxx@xxxxxxx.xxx"
    for word in ("Jane", "jane.roe", "Meier", "John Doe", "example.org", serial):
        assert word not in got.stdout
    # Job lists and users are not even asked for.
    assert not [oid for oid in rows if oid.startswith(("1.3.6.1.4.1.253.8.59.",
                                                       "1.3.6.1.4.1.253.8.64.",
                                                       "1.3.6.1.4.1.253.8.74.",
                                                       "1.3.6.1.4.1.253.8.51.5."))]
    assert sim.command(cmd="stats")["set"] == 0


def test_existing_file_is_not_overwritten(world):
    sim = world.sim(1, "--profile", "hp")
    file = world.dir / "mine.snmprec"
    file.write_text("mine")
    got = platen(world, "record", sim.address(0), "--port", sim.info["port"], "--output", file)
    assert got.returncode != 0
    assert "mine.snmprec" in got.stderr and "File exists" in got.stderr
    assert file.read_text() == "mine"


def test_silent_printer_leaves_no_file(world):
    sim = world.sim(1, "--profile", "hp", "--silent-list", "0")
    file = world.dir / "silent.snmprec"
    got = platen(world, "record", sim.address(0), "--port", sim.info["port"], "--timeout", "300ms",
                 "--tries", "2", "--output", file)
    assert got.returncode == 75
    assert "snmp-timeout" in got.stderr
    assert not file.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_interrupted_recording_leaves_no_file(world, number):
    """Nor does an interrupted scan leave its CSV file."""
    sim = world.sim(1, "--profile", "hp", "--latency", 200)
    port = ["--port", sim.info["port"]]
    files = world.dir / "files"
    files.mkdir()
    record = ["record", sim.address(0), *port, "--output", files / "one.snmprec"]
    scan = ["discover", sim.address(0), *port, "--csv", files / "one.csv", "--wait", "60s"]
    for argv in (record, scan):
        before = sim.command(cmd="stats")["responses"]
        program = lab.Program("platen", [world.bin("platen"), *argv], world.dir / "platen.log", ready_on=None)
        world.programs.append(program)
        until(program, lambda: sim.command(cmd="stats")["responses"] > before)
        program.signal(number)
        program.wait(30)
        left = [f.name for f in files.iterdir()]
        # A scan that is interrupted writes what it has found.
        assert left == [] or (argv is scan and number == signal.SIGTERM and left == ["one.csv"])
        assert all(f.stat().st_size > 0 for f in files.iterdir())


def test_recording_is_private_and_whole(world):
    sim = world.sim(1, "--profile", "hp")
    file = world.dir / "one.snmprec"
    assert platen(world, "record", sim.address(0), "--port", sim.info["port"], "--output", file).returncode == 0
    assert file.stat().st_mode & 0o777 == 0o600 and file.stat().st_size > 1000


def test_file_that_can_never_be_made_is_refused_before_the_first_request(world):
    for name in ("", "x" * 300, "no/such/folder/x.snmprec", "x.snmprec/"):
        got = world.run(world.bin("platen"), "record", "127.0.0.1:1", "-o", name, check=False)
        assert got.returncode == 1 and "timeout" not in got.stderr, (name, got.stderr)


def test_messages_show_control_and_reordering_characters_as_escapes(world):
    path = world.dir / "e\x1b[31m\u202e\x9b1m.snmprec"
    path.write_text("1.3.6.1.2.1.1.1.0|4|HP LaserJet\ndamaged\n")
    for args in (["read", "-r", path], ["read", "-r", path, "--strict"], ["read", "-r", f"{path}x"],
                 ["record", "127.0.0.1:1", "-o", path], ["\x1b[31m\u202e"], ["help", "\x1b[31m\u202e"]):
        got = world.run(world.bin("platen"), *args, check=False)
        assert not set(got.stderr) & set("\x1b\u202e\x9b"), (args, got.stderr)
        assert "\\x1b[31m\\u202e" in got.stderr, (args, got.stderr)
