# SPDX-License-Identifier: Apache-2.0
"""The command line of platen: exit codes, what goes where, and text from printers that stays text
(S36, S37, S42, R16 in short)."""
import csv
import html.parser
import io
import json
import os
import re
import subprocess
import socket

import pytest

import lab
from conftest import ROOT

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SERIAL = "1.3.6.1.2.1.43.5.1.1.17.1"
EVIL = ["=cmd|' /C calc'!A0", "<script>alert(1)</script>", "\"><img src=x>", "+1", "-1", "@SUM(1)",
        "a,b\"c;=1"]


def platen(world, *argv, **more):
    return world.run(world.bin("platen"), *argv, check=False, **more)


def poll(world, sim, number, *options):
    return platen(world, "poll", sim.address(number), "--port", sim.info["port"], *options)


# ---- the command line itself ----
@pytest.mark.parametrize("argv, said", [
    ((), "platen: reads a fleet of network printers"),
    (("pol",), "platen: unknown verb pol; did you mean poll?"),
    (("xyzzy",), "platen: unknown verb xyzzy\n"),
    (("--json",), "platen: a verb comes first, not --json"),
    (("poll",), "platen poll: HOST is missing"),
    (("poll", "a", "b"), "platen poll: too many arguments: b"),
    (("poll", "--prot", "1", "a"), "platen poll: unknown option --prot; did you mean --port?"),
    (("poll", "-x", "a"), "platen poll: unknown option -x"),
    (("poll", "a", "--port"), "platen poll: --port needs a value: PORT"),
    (("poll", "a", "--port", "0"), "platen poll: --port takes 1 to 65535"),
    (("poll", "a", "--port", "1", "-p1"), "platen poll: --port is given twice"),
    (("poll", "a", "--json=x"), "platen poll: --json takes no value"),
    (("poll", "a", "--timeout", "5"), "platen poll: --timeout takes a duration"),
    (("poll", "a", "--version", "4"), "platen poll: --version takes 1, 2c or 3"),
    (("poll", "a", "--version", "3"), "platen poll: SNMPv3 needs --user"),
    (("poll", "a", "--v3", "-c", "x"), "platen poll: --community is of no use with SNMPv3"),
    (("poll", "a", "--auth", "sha1"), "platen poll: --auth is of no use without SNMPv3: --v3"),
    (("poll", "a", "-u", "u", "-v", "2c"), "platen poll: --user and --v3 are SNMPv3, not --version 2c"),
    (("poll", "a", "-u", "u", "--auth", "sha"), "platen poll: --auth takes none, md5, sha1, sha224"),
    (("poll", "a", "-u", "u", "--auth", "sha1"),
     "platen poll: --auth and --auth-password-file belong together"),
    (("poll", "a", "-u", "u", "--priv", "aes128"), "platen poll: --priv needs --auth"),
    (("poll", "a", "-u", "u" * 33), "platen poll: a user has 1 to 32 bytes"),
    (("snmp-test",), "platen snmp-test: HOST is missing"),
    (("poll", "a", "--community", ""), "platen poll: a community has 1 to 64 bytes"),
    (("report", "--format", "pdf"), "platen report: --format takes text, csv, html or json"),
    (("poll", "127.0.0.1:0"), "platen poll: 127.0.0.1:0: HOST is a name, an address, HOST:PORT"),
    (("poll", "127.0.0.1:161", "-p", "162"), "platen poll: 127.0.0.1:161 has a port already"),
    (("poll", "a", "--ipp", "no"), "platen poll: --ipp takes off, auto, always or only, not no"),
    (("record", "a"), "platen record: --output FILE is needed"),
    (("record", "ipp://a", "-o", "-"), "platen record: a recording is made by SNMP"),
    (("version", "foo"), "platen version: too many arguments: foo"),
    (("completion", "tcsh"), "platen completion: SHELL is bash, zsh or fish, not tcsh"),
    (("help", "nothing"), "platen: unknown verb nothing"),
])
def test_usage_error_exits_2_and_names_the_reason(world, argv, said):
    got = platen(world, *argv)
    assert got.returncode == 2
    assert got.stderr.startswith(said), got.stderr
    assert got.stdout == ""


def test_help_lists_every_verb(world):
    page = platen(world, "help")
    assert page.returncode == 0 and page.stderr == ""
    verbs = re.findall(r"^  ([a-z][a-z-]*)", page.stdout, re.M)
    assert {"poll", "run", "once", "status", "report", "decode", "check-config", "help"} <= set(verbs)
    for verb in verbs:
        own = platen(world, verb, "--help")
        assert own.returncode == 0 and own.stdout.startswith(f"Usage: platen {verb} ")
        assert own.stdout == platen(world, "help", verb).stdout
        assert max(len(line) for line in own.stdout.splitlines()) <= 80
    for argv in (("version",), ("--version",)):
        assert re.fullmatch(r"platen \d+\.\d+\.\d+\n", platen(world, *argv).stdout)
    assert json.loads(platen(world, "version", "-j").stdout)["program"] == "platen"


def to_full_disk(world, program, *argv):
    with open("/dev/full", "wb") as full:
        return subprocess.run([world.bin(program), *map(str, argv)], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=60, check=False)


def test_full_disk_below_stdout_fails(world, hub):
    """Of every verb that prints data: one line, which blames no file and no folder."""
    sim = world.sim(1)
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    serial = world.devices(hub.config)[0]["identity"]["serial"]
    port = ["--port", sim.info["port"]]
    recording = world.dir / "one.snmprec"
    assert platen(world, "record", sim.address(0), *port, "--output", recording).returncode == 0
    verbs = [("platen", "sample-config"), ("platen", "models"), ("platen", "models", "--json"),
             *(("platen", v, sim.address(0), *port, *j) for v in ("poll", "snmp-test") for j in ([], ["--json"])),
             ("platen", "record", sim.address(0), *port, "--output", "-"),
             ("platen", "discover", sim.address(0), *port, "--wait", "300ms"),
             *(("platen", "read", "--recording", recording, *j) for j in ([], ["--json"])),
             *(("platen", v, "--config", config, *j) for v in ("status", "devices", "report", "check-config", "once")
               for j in ([], ["--json"])),
             *(("platen-hub", *v, "--config", hub.config, *j)
               for v in (["devices"], ["device", serial], ["events"], ["report"]) for j in ([], ["--json"]))]
    for program, *argv in verbs:
        got = to_full_disk(world, program, *argv)
        lines = [line for line in got.stderr.splitlines() if " level=" not in line]
        assert got.returncode == 1, (argv, got)
        assert lines == [f"{program}: standard output: No space left on device"], (argv, lines)


# ---- configuration ----
def test_check_config(world):
    good = world.file(world.dir / "good.yaml",
                      f"state_dir: {world.dir}/s\ndevices:\n  targets:\n    - range: 127.0.0.0/29\n")
    got = platen(world, "check-config", "--config", good)
    assert (got.returncode, got.stderr) == (0, "")
    assert got.stdout == f"{good}: ok: 6 devices; no hub: nothing is ever sent\n"
    one = world.file(world.dir / "one.yaml",
                     f"state_dir: {world.dir}/s\ndevices:\n  targets:\n    - range: 127.0.0.1\n"
                     "    - range: 127.0.0.1\n")
    got = platen(world, "check-config", "--config", one)
    assert got.stdout == f"{one}: ok: 1 device; no hub: nothing is ever sent\n"
    assert got.stderr == "platen: warning: 1 address of devices.targets repeated " \
                         "(127.0.0.1:161): the first entry of an address counts, " \
                         "one of its own before a range\n"
    bad = world.file(world.dir / "bad.yaml", "devices:\n  intervall: 1h\n  max: 0\n")
    want = [f'{bad}:2:3: unknown key "intervall" in "devices"; did you mean "interval"?',
            f'{bad}:3:8: "devices.max" takes 1 to 100000, not "0"']
    got = platen(world, "check-config", "--config", bad)
    assert (got.returncode, got.stdout, got.stderr.splitlines()) == (78, "", want)
    got = platen(world, "check-config", "--config", bad, "--json")
    assert got.returncode == 78
    assert json.loads(got.stdout) == {"ok": False, "devices": 0, "denied": 0, "repeated": 0,
                                         "messages": want}
    # A verb that needs the configuration refuses to start, as sysexits has it.
    for verb in ("run", "once"):
        got = platen(world, verb, "--config", bad)
        assert (got.returncode, got.stderr.splitlines()) == (78, want)
    # CSV files are part of it.
    table = world.file(world.dir / "p.csv", "address\n127.0.0.1\n127.0.0.x\n")
    world.file(good, "devices: {targets: [{csv: p.csv}]}\n")
    got = platen(world, "check-config", "-c", good)
    assert got.returncode == 78
    assert got.stderr == f'{table}:3: "address" "127.0.0.x" is not an address\n'


def test_files_that_other_users_can_write_are_refused(world):
    good = world.file(world.dir / "main.yaml", f"state_dir: {world.dir}/s\nsite: Lyon\ndevices:\n"
                      "  targets:\n    - csv: p.csv\n")
    table = world.file(world.dir / "p.csv", "address\n127.0.0.2\n")
    drop = world.dir / "conf.d"
    drop.mkdir(mode=0o700)
    more = world.file(drop / "more.yaml", "site: Paris\n")
    assert platen(world, "check-config", "-c", good).returncode == 0
    for path in (good, table, more):
        os.chmod(path, 0o666)
        got = platen(world, "check-config", "-c", good)
        os.chmod(path, 0o644)
        assert got.returncode == 78
        assert f"{path}: other users can write this file: chmod o-w it" in got.stderr


def test_drop_ins_are_read_in_order_after_the_file(world):
    """Lists are appended to, values replaced; each message names its own file."""
    good = world.file(world.dir / "main.yaml", f"state_dir: {world.dir}/s\nsite: Lyon\ndevices:\n"
                      "  max: 1\n  targets:\n    - range: 127.0.0.1\n")
    drop = world.dir / "conf.d"
    drop.mkdir(mode=0o700)
    world.file(drop / "10-more.yaml", "devices:\n  targets:\n    - csv: more.csv\n")
    world.file(drop / "20-max.yaml", "devices: {max: 7}\n")
    world.file(drop / ".hidden.yaml", "nonsense: 1\n")
    world.file(drop / "readme.txt", "nonsense: 1\n")
    world.file(world.dir / "more.csv", "address\n127.0.0.2\n127.0.0.3\n")  # beside the main file
    got = platen(world, "check-config", "-c", good)
    assert (got.returncode, got.stderr) == (0, "")
    assert f"{good}: ok: 3 devices; " in got.stdout and "devices.max" not in got.stdout
    world.file(drop / "30-bad.yaml", "site: Paris\nsite: Rome\nlog: {level: loud}\n")
    got = platen(world, "check-config", "-c", good)
    assert got.returncode == 78
    assert got.stderr.splitlines() == [
        f'{drop}/30-bad.yaml:2:1: "site" is given twice, first on line 1',
        f'{drop}/30-bad.yaml:3:14: "log.level" takes one of error warn info debug, not "loud"']
    world.file(drop / "30-bad.yaml", "devices:\n  targets:\n    - {range: 127.0.0.9, csv: x.csv}\n")
    world.file(world.dir / "x.csv", "address\n")
    got = platen(world, "check-config", "-c", good)
    assert got.stderr == (f'{drop}/30-bad.yaml:3:7: an entry has either "range" or "csv", '
                          "not both\n")
    (drop / "30-bad.yaml").unlink()
    drop.chmod(0o777)
    got = platen(world, "check-config", "-c", good)
    assert got.returncode == 78 and f"{drop} " in got.stderr


def test_secrets_come_from_the_environment_only_where_allowed(world):
    text = ("secrets: {allow_env: %s}\nsnmp:\n  credentials:\n    - {name: office, version: 3, user: u, "
            "auth: sha256, auth_password_env: PLATEN_T_AUTH}\n    - {name: old, community_env: "
            "PLATEN_T_NAME}\nhub:\n  url: https://localhost/\n  user: a\n  password_env: PLATEN_T_HUB\n")
    secret = "a long enough secret"
    env = {**os.environ, "PLATEN_T_AUTH": secret, "PLATEN_T_NAME": "inside", "PLATEN_T_HUB": secret}
    path = world.file(world.dir / "env.yaml", text % "on")
    got = platen(world, "check-config", "-c", path, env=env)
    assert got.returncode == 0, got.stderr
    path.write_text(text % "off")
    got = platen(world, "check-config", "-c", path, env=env)
    assert got.returncode == 78 and got.stderr.count('needs "secrets.allow_env: on"') == 3
    assert f'{path}:9:17: "hub.password_env" needs' in got.stderr
    path.write_text(text % "on")
    env["PLATEN_T_AUTH"] = "short"
    del env["PLATEN_T_HUB"]
    got = platen(world, "check-config", "-c", path, env=env)
    assert got.returncode == 78 and "RFC 3414" in got.stderr and "short" not in got.stderr
    assert "the environment variable PLATEN_T_HUB is not set" in got.stderr
    path.write_text(text % "on" + "  password_file: hub.password\n")
    got = platen(world, "check-config", "-c", path, env=env)
    assert "an environment variable is given for it already" in got.stderr


def test_missing_configuration_suggests_sample_config(world):
    missing = world.dir / "missing.yaml"
    for verb in ("run", "once", "status", "devices", "report", "check-config"):
        got = platen(world, verb, "--config", missing)
        assert got.returncode == 78
        assert f"{missing}: cannot be read" in got.stderr
        assert "platen sample-config > platen.yaml" in got.stderr
    config = world.file(world.dir / "empty.yaml", "discovery:\n  targets:\n"
                        "    - range: 10.1.0.0/16\n")
    assert "discovery.interval is 0" in platen(world, "check-config", "-c", config).stdout
    got = world.run(world.bin("platen-hub"), "report", "--config", missing, check=False)
    assert got.returncode == 78 and "platen-hub sample-config > hub.yaml" in got.stderr


def test_status_devices_report_need_only_state_dir(world):
    """status, devices and report need state_dir only: no secrets, no valid file."""
    sim = world.sim(1)
    config = world.agent_config(sim)
    assert world.once(config)[0] == 0
    good = config.read_text()
    config.write_text(good + "snmp:\n  tries: many\n  credentials:\n"
                      "    - {name: a, version: 2c, community_file: nowhere}\n")
    assert platen(world, "run", "-c", config).returncode == 78
    for verb in ("status", "devices", "report"):
        got = platen(world, verb, "-c", config, "--json")
        assert got.returncode == (69 if verb == "status" else 0), got.stderr
        json.loads(got.stdout)
    # Not even YAML: what stands before the mistake counts.
    config.write_text(good + "\t: [\n")
    assert platen(world, "status", "-c", config).returncode == 69
    config.write_text("\t: [\n" + good)
    got = platen(world, "status", "-c", config)
    assert got.returncode == 78 and f"{config}:1:1: a tab" in got.stderr


def test_sample_config_passes_check_config(world):
    sample = platen(world, "sample-config")
    assert sample.returncode == 0
    path = world.file(world.dir / "sample.yaml", sample.stdout)
    assert platen(world, "check-config", "-c", path).returncode == 0
    manual = platen(world, "sample-config", "--reference").stdout
    assert manual == (ROOT / "docs/configuration.md").read_text()


def test_secret_is_not_repeated_in_messages(world):
    secret = "VerySecret123"
    text = "devices:\n  targets:\n    - {range: 127.0.0.1, community: %s}\n    - {range: x}\n"
    path = world.file(world.dir / "c.yaml", text % secret)
    assert secret not in platen(world, "check-config", "-c", path).stderr
    password = world.file(world.dir / "password", secret + "\n", mode=0o644)
    path = world.file(world.dir / "d.yaml", "hub:\n  url: https://localhost/\n  user: a\n"
                      f"  password_file: {password}\n")
    got = platen(world, "check-config", "-c", path)
    assert got.returncode == 78 and secret not in got.stderr
    assert f"{password} has mode 0644" in got.stderr


# ---- poll ----
def test_poll_prints_a_reading(world):
    sim = world.sim(3)
    got = poll(world, sim, 1)
    assert got.returncode == 0 and got.stderr == "", got.stderr
    for heading in ("METER", "SUPPLY"):
        assert heading in got.stdout
    one = json.loads(poll(world, sim, 1, "--json").stdout)
    assert one["identity"]["vendor"] in got.stdout and one["identity"]["serial"] in got.stdout
    assert one["meters"] and one["supplies"]
    assert {g["status"] for g in one["groups"]} == {"complete"}
    old = json.loads(poll(world, sim, 1, "--json", "--version", "1").stdout)
    assert old["identity"]["serial"] == one["identity"]["serial"]
    traced = poll(world, sim, 1, "--trace")
    assert traced.stdout and "varbinds=" in traced.stderr


def test_poll_without_response_prints_a_hint(world):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        got = platen(world, "poll", "127.0.0.1", "-p", closed.getsockname()[1], "-t", "300ms",
                     "-r", "2")
        told = platen(world, "poll", f"127.0.0.1:{closed.getsockname()[1]}", "-t", "300ms", "-r", "2",
                      "--json")
    assert got.returncode == 75
    assert got.stdout == ""
    assert len(got.stderr.splitlines()) == 1 and "127.0.0.1" in got.stderr
    assert told.returncode == 75
    failure = json.loads(told.stdout)
    assert failure["host"] == "127.0.0.1" and failure["error"] and failure["hint"]


RECORDING = """1.3.6.1.2.1.1.1.0|4|Lexmark T640
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.641.2
1.3.6.1.2.1.43.5.1.1.17.1|4|AC123456
1.3.6.1.2.1.43.10.2.1.4.1.1|65|4711
"""


def test_read_prints_the_reading_of_a_recording(world):
    file = world.dir / "t640.snmprec"
    file.write_text(RECORDING)
    got = platen(world, "read", "--recording", file, "--json")
    assert got.returncode == 0, got.stderr
    device = json.loads(got.stdout)
    assert device["identity"]["vendor"] == "Lexmark"
    assert device["identity"]["serial"] == "AC123456"
    assert [(m["name"], m["value"]) for m in device["meters"]] == [("marker_life", 4711)]


@pytest.mark.parametrize("name, text, said, more", [
    ("a.txt", RECORDING, "not a recording by its name", []),
    ("a.snmprec", "", "no line of it is a varbind", []),
    ("a.snmpwalk", RECORDING, "no line of it is a varbind", []),
    ("a.pdus.json", "[]", "no line of it is a varbind", []),
    ("a.snmprec", RECORDING + "1.3.6.1.2.1.1.3.0|67|soon\n", "line 5", ["--strict"]),
    ("a.snmprec", "1.3.6.1.2.1.1.3.0|67|soon\n", "line 1", []),
    ("a.pdus.json", "[{", "line 1", []),
    ("a.ipp", "no answer", "offset", []),
])
def test_broken_recording_names_file_and_line(world, name, text, said, more):
    file = world.dir / name
    file.write_text(text)
    got = platen(world, "read", "--recording", file, *more)
    assert got.returncode == 1
    assert got.stdout == ""
    assert name in got.stderr and said in got.stderr


def test_missing_recording_is_named(world):
    got = platen(world, "read", "--recording", world.dir / "none.snmprec")
    assert got.returncode == 1
    assert "No such file or directory" in got.stderr


def test_poll_reads_the_community_from_a_private_file(world):
    sim = world.sim(1)
    name = world.file(world.dir / "community", "public\n")
    assert poll(world, sim, 0, "--community-file", name, "--json").returncode == 0
    assert poll(world, sim, 0, "--community-file", name, "-c", "x").returncode == 2
    name.chmod(0o644)
    got = poll(world, sim, 0, "--community-file", name)
    assert got.returncode == 78 and "chmod 0600" in got.stderr


# ---- reports ----
class Cells(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.cell = [], [], None

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.cell = ""

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.rows[-1].append(self.cell)
            self.cell = None


def report(world, config, form):
    got = platen(world, "report", "--config", config, "--format", form)
    assert got.returncode == 0, got.stderr
    return got.stdout


def test_report_formats_have_equal_rows_and_escape_text(world):
    sim = world.sim(12)
    for number, text in enumerate(EVIL):
        sim.command(cmd="set", printer=number, oid=SERIAL, type="string", value=text)
    config = world.agent_config(sim)
    code, summary, _ = world.once(config)
    assert code == 0 and summary["complete"] == 12

    devices = {d["device_key"]: d for d in json.loads(report(world, config, "json"))["devices"]}
    assert len(devices) == 12
    assert {d["identity"]["serial"] for d in devices.values()} >= set(EVIL)

    table = list(csv.reader(io.StringIO(report(world, config, "csv")), strict=True))
    assert len(table) == 13 and {len(row) for row in table} == {13}
    for row in table[1:]:
        for cell in row:
            assert cell[:1] not in tuple("=+-@\t\r\n\0"), cell
        device = devices[row[0].removeprefix("'")]
        assert row[3].removeprefix("'") == device["identity"]["serial"]
        totals = [m["value"] for m in device["meters"] if m["name"] == "impressions_total"]
        markers = [m for m in device["meters"] if m["name"] == "marker_life"]
        # The life of the only marker stands for a total that is not read, and the last column says so.
        is_by_marker = not totals and len(markers) == 1 and markers[0]["unit"] == "impressions"
        assert row[7] == (str(totals[0]) if totals else str(markers[0]["value"]) if is_by_marker else "")
        assert ("total: marker_life" in row[12].split(", ")) == is_by_marker

    page = Cells()
    page.feed(report(world, config, "html"))
    assert len(page.rows) == 13
    assert "script" not in page.tags and "img" not in page.tags
    for ours, theirs in zip(page.rows, table):
        assert [c.removeprefix("'") for c in theirs] == ours

    lines = report(world, config, "text").splitlines()
    assert len(lines) == 13 and lines[0].startswith("DEVICE")


def test_report_without_readings_suggests_once(world):
    config = world.agent_config(targets="    - range: 127.0.0.1\n")
    got = platen(world, "report", "--config", config)
    assert got.returncode == 1
    assert "start with: platen once" in got.stderr


# ---- status ----
def test_status_shows_whether_the_daemon_runs(world):
    sim = world.sim(4)
    config = world.agent_config(sim)
    got = platen(world, "status", "--config", config)
    assert got.returncode == 69 and "start one with: platen run" in got.stderr
    agent = world.agent(config)
    agent.wait_for_log("level=info", 30)
    agent.stop()
    got = platen(world, "status", "--config", config, "--json")
    assert got.returncode == 69, got.stderr
    said = json.loads(got.stdout)
    assert said["running"] is False
    assert said["devices"]["roster"] == 4
    assert said["hub"]["url"] == ""
    assert os.stat(world.dir / f"{config.stem}-state" / "status.json").st_mode & 0o777 == 0o600
    page = platen(world, "status", "--config", config).stdout
    assert "is NOT running" in page and "nothing is sent" in page


# ---- decode ----
@pytest.mark.parametrize("name", [
    "batch", "receipt", "record_full", "record_delta", "record_event", "batch_v0", "receipt_v0", "record_full_v0",
    "record_delta_v0"])
def test_decode_prints_the_vectors(world, name):
    path = ROOT / "proto/wire/vectors" / f"{name}.bin"
    got = platen(world, "decode", path)
    assert got.returncode == 0 and got.stderr == "", got.stderr
    shown = json.loads(got.stdout)
    assert len(got.stdout.splitlines()) == 1
    first = {"batch": "batch", "receipt": "receipt"}.get(name.removesuffix("_v0"), "records")
    assert first in shown
    if name.startswith("record"):
        assert len(shown["records"]) == 1 and shown["records"][0]["device_key"]


def test_decode_refuses_damaged_files(world):
    whole = (ROOT / "proto/wire/vectors/batch.bin").read_bytes()
    for number, data in enumerate((b"", b"hello", whole[:-1], whole + b"x", b"\x96" + b"\xc0" * 6,
                                   os.urandom(1000))):
        path = world.dir / f"junk{number}"
        path.write_bytes(data)
        got = platen(world, "decode", path)
        assert got.returncode == 1, (number, got.stdout)
        assert got.stderr.startswith(f"platen: {path}: ")
    got = platen(world, "decode", world.dir / "nowhere")
    assert got.returncode == 1 and "No such file or directory" in got.stderr


def test_once_gives_up_on_an_unreachable_hub(world):
    """No process listens there: two tries, one line, and what was read stays in the spool."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        sim = world.sim(2)
        password = world.file(world.dir / "password", "x" * 20 + "\n")
        config = world.file(world.dir / "once.yaml", f"""\
state_dir: {world.dir}/once-state
devices:
  targets:
    - {{range: {sim.address(0)}-{sim.last}, port: {sim.info["port"]}}}
hub:
  url: https://127.0.0.1:{port}/
  user: a
  password_file: {password}
  ca_file: {world.certs() / "ca.pem"}
""")
        got = platen(world, "once", "--json", "--config", config)
    assert got.returncode == 75, got
    told = json.loads(got.stdout)
    assert told["complete"] == 2 and told["kept"] == 2 and told["sent"] == 0
    assert told["sync_error"] == "Connection refused" and told["sync_ms"] < 10000
    (again,) = (line for line in got.stderr.splitlines() if "next_in_ms=" in line)
    assert f"mod=uplink hub=127.0.0.1:{port} err=" in again
