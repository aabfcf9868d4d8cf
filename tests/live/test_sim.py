# SPDX-License-Identifier: Apache-2.0
"""platen-sim against net-snmp's tools: responses equal the values of the control socket, for profiles
and recordings, in v1 and v2c; changes take effect; false claims are found."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("PLATEN_BUILD", ROOT / "build/dev"))
BIN = pathlib.Path(os.environ.get("PLATEN_BIN_DIR", BUILD / "bin"))
TOTAL = "1.3.6.1.2.1.43.10.2.1.4.1.1"
NAME = "1.3.6.1.2.1.1.5.0"
UPTIME = "1.3.6.1.2.1.1.3.0"

pytestmark = [
    pytest.mark.skipif(not (BIN / "platen-sim").exists(), reason=f"no platen-sim in {BIN}"),
    pytest.mark.skipif(shutil.which("snmpbulkwalk") is None, reason="no net-snmp tools"),
]


class Sim:
    def __init__(self, folder, *options):
        self.path = folder / "control.sock"
        self.process = subprocess.Popen(
            [BIN / "platen-sim", "--control", self.path, *map(str, options)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(self.process.stderr.read().decode())
        self.ready = json.loads(line)
        self.port = self.ready["port"]
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(self.path))
        self.file = self.socket.makefile("rwb")

    def raw(self, line):
        self.file.write(line)
        self.file.flush()
        return json.loads(self.file.readline())

    def try_(self, cmd, **more):
        return self.raw(json.dumps({"cmd": cmd, **more}).encode() + b"\n")

    def __call__(self, cmd, **more):
        answer = self.try_(cmd, **more)
        assert answer["ok"], answer
        return answer

    def truth(self, printer, oid):
        return self("truth", printer=printer, oid=oid).get("value")

    def address(self, printer):
        first = struct.unpack(">I", socket.inet_aton(self.ready["first"]))[0]
        return f"{socket.inet_ntoa(struct.pack('>I', first + printer))}:{self.port}"

    def tool(self, name, printer, *oids, version="2c", community="public", more=()):
        return subprocess.run(
            [name, f"-v{version}", "-c", community, "-r0", "-t2", "-On", "-Oe", "-Ot", "-m", "",
             *more, self.address(printer), *oids], capture_output=True, text=True)

    def walk(self, printer, oid=".1", version="2c", more=()):
        tool = "snmpbulkwalk" if version == "2c" else "snmpwalk"
        out = self.tool(tool, printer, oid, version=version, more=("-Ox", *more))
        assert out.returncode == 0, out.stderr
        return parse_recording(out.stdout)

    def get(self, printer, oid):
        out = self.tool("snmpget", printer, oid, more=("-Oqv",))
        assert out.returncode == 0, out.stderr
        return out.stdout.strip().strip('"')

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.socket.close()
        _, err = self.process.communicate(timeout=30)
        assert self.process.returncode == 0, err
        assert not self.path.exists()
        return json.loads(err.decode().splitlines()[-1].split(" ", 1)[1])


@pytest.fixture
def sim(tmp_path):
    made = []

    def make(*options):
        one = Sim(tmp_path, *options)
        made.append(one)
        return one

    yield make
    for one in made:
        if one.process.poll() is None:
            one.end()


def parse_recording(text):
    """The lines of net-snmp's tools as {oid: value}: numbers as int, bytes as hex, else text."""
    rows, last = {}, None
    for line in text.splitlines():
        if not line.startswith(".1"):
            if not re.fullmatch("([0-9A-F]{2} ?)+", line):
                break  # "End of MIB"
            if last is not None and rows[last][0] == "hex":
                rows[last][1] += line.replace(" ", "").lower()
            continue
        oid, value = line.split(" = ", 1)
        if value.startswith("No more variables"):
            break
        last = oid[1:]
        kind, _, rest = value.partition(": ")
        if kind in ("INTEGER", "Counter32", "Gauge32", "Counter64"):
            rows[last] = ["number", int(rest)]
        elif kind in ("Hex-STRING", "BITS"):
            rows[last] = ["hex", rest.replace(" ", "").lower()]
        elif kind == "OID":
            rows[last] = ["text", rest.lstrip(".")]
        elif kind == "IpAddress":
            rows[last] = ["text", rest]
        elif value == '""' or value == "NULL":
            rows[last] = ["hex", ""]
        else:
            rows[last] = ["number", int(value)]  # -Ot: time ticks
    return rows


def table(sim, printer, at_ms=None):
    more = {} if at_ms is None else {"at_ms": at_ms}
    rows = {}
    for row in sim("table", printer=printer, **more)["rows"]:
        if "hex" in row:
            rows[row["oid"]] = ["hex", row["hex"]]
        elif row["type"] == "null":
            rows[row["oid"]] = ["hex", ""]
        else:
            rows[row["oid"]] = ["number" if isinstance(row["value"], int) else "text", row["value"]]
    return rows


def is_clock(oid):
    return oid in (UPTIME, "1.3.6.1.2.1.25.1.1.0", "1.3.6.1.2.1.25.1.2.0", "1.3.6.1.6.3.10.2.1.3.0")


def profiles():
    if not (BIN / "platen-sim").exists():
        return []
    return subprocess.run([BIN / "platen-sim", "--list-profiles"], capture_output=True, text=True,
                          check=True).stdout.split()


def same_rows(got, held):
    assert list(got) == list(held)
    for oid, value in got.items():
        if not is_clock(oid):
            assert value == held[oid], oid


@pytest.mark.parametrize("profile", profiles())
def test_walk_returns_true_values(sim, profile):
    s = sim("--printers", 3, "--profile", profile, "--job-interval", 0)
    held = table(s, 1)
    # Label printers have no Printer-MIB.
    assert len(held) > (10 if profile in ("tsc", "zebra") else 80)
    same_rows(s.walk(1), held)
    same_rows(s.walk(1, version="1"), held)
    printer_mib = [o for o in table(s, 2) if o.startswith("1.3.6.1.2.1.43.")]
    if printer_mib:
        assert list(s.walk(2, ".1.3.6.1.2.1.43", more=("-Cr50",))) == printer_mib
    assert s.end()["malformed"] == 0


def test_meters_add_up_and_never_decrease(sim):
    """Totals are the sum of their parts at any time, and meters never decrease."""
    s = sim("--printers", 24, "--job-interval", "1s", "--epoch-ms", 1700000000000)
    for printer in range(24):
        before = None
        for step in range(0, 3600, 400):
            rows = table(s, printer, 1700000000000 + step * 1000)
            counters = {o: v[1] for o, v in rows.items()
                        if o.startswith(("1.3.6.1.2.1.43.10.2.1.4.", "1.3.6.1.4.1.253.8.53.13.2.1.6."))}
            if "1.3.6.1.4.1.253.8.53.13.2.1.6.1.20.33" in counters:
                x = {o.removeprefix("1.3.6.1.4.1.253.8.53.13.2.1.6."): v for o, v in counters.items()}
                assert x["1.20.33"] + x["1.20.34"] == x["1.20.1"] == counters[TOTAL]
                assert x["1.20.7"] + x["11.20.3"] + x["12.20.14"] == x["1.20.34"]
                assert x["1.20.29"] + x["11.20.25"] == x["1.20.33"]
            if before is not None:
                assert all(counters[o] >= v for o, v in before.items())
                assert not counters or counters[TOTAL] > before[TOTAL]
            before = counters
            for oid, (_, level) in rows.items():
                if oid.startswith("1.3.6.1.2.1.43.11.1.1.9."):
                    top = rows[oid.replace(".11.1.1.9.", ".11.1.1.8.", 1)][1]
                    assert level in (-2, -3) or (0 <= level <= top)


def test_same_seed_gives_same_printers(sim, tmp_path):
    at = 1700000300000
    tables = []
    for seed in (7, 7, 8):
        s = sim("--printers", 24, "--seed", seed, "--epoch-ms", 1700000000000)
        tables.append([table(s, p, at) for p in range(24)])
        s.end()
    assert tables[0] == tables[1]
    assert tables[0] != tables[2]
    serials = [t["1.3.6.1.2.1.43.5.1.1.17.1"][1] for t in tables[0]
               if "1.3.6.1.2.1.43.5.1.1.17.1" in t]
    assert len(set(serials)) == len(serials) >= 20


def test_private_values_are_planted(sim):
    """Sub-trees that a collector must not read contain values that a test can search for."""
    for profile, oid in (("xerox-color-mfp", "1.3.6.1.4.1.253.8.59.3.1.2"),
                         ("kyocera", "1.3.6.1.4.1.1347.47.5.1.1.7.1"),
                         ("tsc", "1.3.6.1.2.1.1.4.0")):
        s = sim("--printers", 1, "--profile", profile)
        assert "example.invalid" in s.truth(0, oid)
        s.end()


def test_get_of_missing_names(sim):
    s = sim("--printers", 1, "--profile", "hp")
    out = s.tool("snmpget", 0, NAME, "1.3.6.1.2.1.1.99.0", "1.3.6.1.2.1.43.11.1.1.9.1.99").stdout
    assert "No Such Object" in out.splitlines()[1]
    assert "No Such Instance" in out.splitlines()[2]
    v1 = s.tool("snmpget", 0, NAME, "1.3.6.1.2.1.1.99.0", version="1")
    assert "noSuchName" in v1.stderr and "1.3.6.1.2.1.1.99.0" in v1.stderr
    end = s.tool("snmpgetnext", 0, "1.3.6.1.4.1.99999")
    assert "No more variables" in end.stdout
    end = s.tool("snmpgetnext", 0, "1.3.6.1.4.1.99999", version="1")
    assert "noSuchName" in end.stderr
    written = s.tool("snmpset", 0, NAME, "s", "me")
    assert "notWritable" in written.stderr
    assert s.tool("snmpget", 0, NAME, community="private").returncode != 0
    stats = s.end()
    assert stats["set"] == 1 and stats["wrong_community"] == 1 and stats["malformed"] == 0


def test_too_big_and_truncated_bulk(sim):
    s = sim("--printers", 1, "--profile", "xerox-color-mfp", "--max-response", 484)
    descr = "1.3.6.1.2.1.1.1.0"
    assert "tooBig" in s.tool("snmpget", 0, *[descr] * 3).stderr
    out = s.tool("snmpbulkget", 0, "1.3.6.1.2.1.43.11.1.1.6", more=("-Ox", "-Cr40"))
    assert 3 <= len(parse_recording(out.stdout)) < 13
    assert list(s.walk(0)) == list(table(s, 0))


def test_recordings_of_all_formats_are_served(sim, tmp_path):
    made = {
        "a.snmprec": "1.3.6.1.2.1.1.10.0|4|ten\n1.3.6.1.2.1.1.9.0|70|99999999999\n"
                     "1.3.6.1.2.1.1.5.0|4x|00ff\n1.3.6.1.2.1.1.5.0|4|twice\n"
                     "1.3.6.1.2.1.4.20.1.1.1|64|10.0.0.1\n1.3.6.1.9.1.0|2|-3\n",
        "b.snmpwalk": "SNMPv2-MIB::sysName.0 = STRING: walk\n.1.3.6.1.9.2.0 = Counter32: 5 TOT\n",
        "c.pdus.json": '[{"oid":"1.3.6.1.2.1.1.5.0","type":"OctetString","hex_value":"7064"}]',
        "d.oidvalue.json": '[{"oid":"1.3.6.1.2.1.1.5.0","value":"oidvalue"}]',
        "e.oidmap.json": '{"1.3.6.1.2.1.1.5.0":"oidmap","1.3.6.1.9.3.0":["00010400000001"]}',
        "f.valueoid.txt": 'valueoid: "1.3.6.1.2.1.1.5.0"\n7: "1.3.6.1.2.1.43.10.2.1.4.1.1"\n',
    }
    options = []
    for name, text in made.items():
        (tmp_path / name).write_text(text)
        options += ["--recording", tmp_path / name]
    s = sim("--printers", 6, *options)
    for printer in range(6):
        held = table(s, printer)
        same_rows(s.walk(printer), held)
        if printer > 0:
            same_rows(s.walk(printer, version="1"), held)
    # v1 has no Counter64: the row is skipped.
    v1 = s.walk(0, version="1")
    assert list(v1) == [o for o in table(s, 0) if o != "1.3.6.1.2.1.1.9.0"]
    assert table(s, 0)[NAME] == ["hex", "00ff"]
    assert s.truth(5, TOTAL) == 7 and s.truth(1, "1.3.6.1.9.2.0") == 5
    assert table(s, 4)["1.3.6.1.9.3.0"] == ["hex", "00010400000001ff"]
    s.end()
    last = sim("--printers", 1, "--keep-last", "--recording", tmp_path / "a.snmprec")
    assert last.truth(0, NAME) == "twice"


def test_published_recordings_are_served(sim, tmp_path):
    folder = ROOT / "../shared/printers/recordings"
    if not folder.exists():
        pytest.skip("no ../shared/printers/recordings")
    files = sorted(f for f in folder.iterdir() if not f.name.startswith("ipp_"))
    options = [o for f in files for o in ("--recording", f)]
    s = sim("--printers", len(files), "--max-response", 65507, *options)
    assert s.ready["profiles"] == len(files) == 69
    for printer, file in enumerate(files):
        if file.stat().st_size < 400000:
            assert len(s.walk(printer, more=("-Cr40",))) == len(table(s, printer)), file.name


def test_changes_take_effect_at_their_time(sim):
    s = sim("--printers", 4, "--profile", "hp", "--job-interval", 0)
    before = s("info")["now_ms"]
    old = s.truth(1, TOTAL)
    at = s("advance", printer=1, counter="print_color", pages=25)["at_ms"]
    assert int(s.get(1, TOTAL)) == old + 25
    assert s.truth(0, TOTAL) == int(s.get(0, TOTAL))
    assert s("truth", printer=1, oid=TOTAL, at_ms=at - 1)["value"] == old
    held = s("held", printer=1, oid=TOTAL, from_ms=before - 5, to_ms=at + 5)["values"]
    assert [h["value"] for h in held] == [old, old + 25]

    s("set", address="127.1.0.3", oid=NAME, type="string", value="mine")
    assert s.get(2, NAME) == "mine"
    s("set", printer=2, oid="1.3.6.1.2.1.1.9.1.0", type="integer", value=-7)
    assert s.get(2, "1.3.6.1.2.1.1.9.1.0") == "-7"
    s("set", printer=2, oid="1.3.6.1.2.1.1.6.0", type="absent")
    walk = s.walk(2, ".1.3.6.1.2.1.1")
    assert "1.3.6.1.2.1.1.9.1.0" in walk and "1.3.6.1.2.1.1.6.0" not in walk
    same_rows(s.walk(2), table(s, 2))
    s("set", printer=2, oid=NAME, type="live")
    assert s.get(2, NAME) != "mine"

    s("stop", printers=[0, 1])
    assert s.tool("snmpget", 1, NAME).returncode != 0
    assert s.tool("snmpget", 2, NAME).returncode == 0
    s("start", printer=1)
    assert s.tool("snmpget", 1, NAME).returncode == 0

    assert s.truth(3, UPTIME) > 8640000
    s("reboot", printer=3)
    assert 0 <= int(s.get(3, UPTIME)) < 6000
    assert s.truth(3, "1.3.6.1.2.1.43.10.2.1.5.1.1") == 0
    assert s("info", printer=3)["changes"] == 1


def test_break_damages_responses(sim):
    s = sim("--printers", 2, "--profile", "hp")
    for how, word in (("too-big", "tooBig"), ("gen-err", "genError"), ("garbage", ""), ("cut", ""),
                      ("wrong-id", "")):
        s("break", printer=1, how=how)
        out = s.tool("snmpget", 1, NAME)
        assert out.returncode != 0 and word in out.stderr, how
        assert s.tool("snmpget", 0, NAME).returncode == 0
    s("break", printer=1, how="loop")
    assert "not increasing" in s.tool("snmpwalk", 1, "1.3.6.1.2.1.1").stderr
    s("break", printer=1, how="off")
    assert s.get(1, NAME)
    s("slow", printer=1, ms=300)
    assert s.tool("snmpget", 1, NAME, more=("-t0.1",)).returncode != 0
    assert s.get(1, NAME)


def test_check_finds_false_claims(sim):
    s = sim("--printers", 2, "--profile", "xerox-color-mfp", "--job-interval", "1s")
    now = s("info")["now_ms"]
    rows = s("table", printer=1, at_ms=now)["rows"]
    claims = [{"oid": r["oid"], "value": r["value"], "from_ms": now, "to_ms": now}
              for r in rows if r.get("value") is not None]
    assert len(claims) > 500
    assert s("check", printer=1, claims=claims)["wrong"] == []
    numbers = [i for i, c in enumerate(claims) if isinstance(c["value"], int)]
    lies = [numbers[3], numbers[-1]]
    for i in lies:
        claims[i]["value"] += 1 << 20
    texts = [i for i, c in enumerate(claims) if isinstance(c["value"], str) and c["value"]]
    claims[texts[5]]["value"] += "x"
    lies.append(texts[5])
    claims.append({"oid": "1.3.6.1.9.9", "absent": True, "from_ms": now, "to_ms": now})
    claims.append({"oid": NAME, "absent": True, "from_ms": now, "to_ms": now})
    lies.append(len(claims) - 1)
    claims.append({"oid": "1.3.6.1.9.9", "value": 1, "from_ms": now, "to_ms": now})
    lies.append(len(claims) - 1)
    claims.append({"oid": NAME, "hex": "00", "from_ms": now, "to_ms": now})
    lies.append(len(claims) - 1)
    assert s("check", address="127.1.0.2", claims=claims)["wrong"] == sorted(lies)
    # A past value is true of a window that includes its time, and of no other.
    later, old = now + 60000, s.truth(1, TOTAL)
    one = {"oid": TOTAL, "value": old, "from_ms": now, "to_ms": later}
    assert s("check", printer=1, claims=[one])["wrong"] == []
    one["from_ms"] = later - 1000
    assert s("check", printer=1, claims=[one])["wrong"] == [0]


def test_alert_appears_in_all_rows_at_once(sim):
    """A jam is a row, a bit, a status and a text, all at the same time."""
    s = sim("--printers", 1, "--profile", "hp", "--job-interval", "1s", "--epoch-ms", 1700000000000)
    start = 1700000000000
    code = "1.3.6.1.2.1.43.18.1.1.7.1.9"
    spans = s("held", printer=0, oid=code, from_ms=start, to_ms=start + 200000)["values"]
    jams = [v for v in spans if v["type"] != "absent"]
    assert 3 <= len(jams) <= 4 and all(v["value"] == 8 for v in jams)
    for span in spans[1:-1]:
        rows = {k: v[1] for k, v in table(s, 0, (span["from_ms"] + span["until_ms"]) // 2).items()}
        is_jam = span["type"] != "absent"
        assert is_jam == (code in rows)
        if is_jam:
            assert 350 <= span["until_ms"] - span["from_ms"] <= 450
            assert int(rows["1.3.6.1.2.1.25.3.5.1.2.1"], 16) & 0x0400
            assert rows["1.3.6.1.2.1.25.3.2.1.5.1"] == 5
            assert rows["1.3.6.1.2.1.25.3.5.1.1.1"] == 1
            assert bytes.fromhex(rows["1.3.6.1.2.1.43.16.5.1.2.1.1"]) == b"Jam in tray 2"


def test_silent_share_and_loss_are_exact(sim):
    s = sim("--printers", 50, "--profile", "hp", "--silent", 20, "--silent-list", "1,4-5",
            "--silent-last", 1)
    silent = set(s("info")["silent"])
    assert {1, 4, 5, 49} <= silent and 10 <= len(silent) <= 14
    talking = next(p for p in range(50) if p not in silent)
    assert s.get(talking, NAME)
    assert s.tool("snmpget", 1, NAME, more=("-t0.2",)).returncode != 0
    s.end()
    s = sim("--printers", 1, "--profile", "hp", "--loss", 100)
    assert s.tool("snmpget", 0, NAME, more=("-t0.2",)).returncode != 0
    stats = s.end()
    assert stats["lost_in"] == stats["received"] == 1


def test_latency_delays_the_response(sim):
    """The lower bound holds on any machine. That it is no longer than needed shows in the order: two
    requests of one batch are answered by their printers' latencies, not as they came."""
    s = sim("--printers", 2, "--profile", "hp", "--latency", 100)
    s("slow", printer=1, ms=100)
    request = bytes.fromhex("302602010104067075626c6963a01902010102010002010030"
                            "0e300c06082b060102010105000500")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
        u.bind(("127.0.0.1", 0))
        u.settimeout(60)
        start = time.monotonic()
        s.process.send_signal(signal.SIGSTOP)
        for address in ("127.1.0.2", "127.1.0.1"):
            u.sendto(request, (address, s.port))
        s.process.send_signal(signal.SIGCONT)
        for address, least_s in (("127.1.0.1", 0.1), ("127.1.0.2", 0.2)):
            response, peer = u.recvfrom(2048)
            assert peer == (address, s.port) and response[0] == 0x30
            assert time.monotonic() - start >= least_s


def test_malformed_requests_get_no_response(sim):
    s = sim("--printers", 1, "--profile", "hp")
    good = bytes.fromhex("302602010104067075626c6963a01902010102010002010030"
                         "0e300c06082b060102010105000500")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as u:
        u.bind(("127.0.0.1", 0))
        u.settimeout(5)
        bad = 0
        for cut in range(1, len(good)):
            u.sendto(good[:cut], ("127.1.0.1", s.port))
            bad += 1
        for at in range(len(good)):
            # A length beyond the end of the datagram.
            u.sendto(good[:at] + b"\x84\xff\xff\xff\xff" + good[at:], ("127.1.0.1", s.port))
        u.sendto(good, ("127.200.0.1", s.port))
        u.sendto(good, ("127.1.0.1", s.port))
        answers = [u.recv(2048)]
    assert b"NPI" in answers[-1] or len(answers[-1]) > 40
    stats = s("stats")
    assert stats["malformed"] >= bad and stats["unknown_address"] == 1


def test_control_names_invalid_arguments(sim):
    s = sim("--printers", 2, "--profile", "hp")
    for line, word in ((b"{\n", "JSON"), (b"[]\n", "cmd"), (b'{"cmd":"dance","printer":0}\n', "unknown"),
                       (b'{"cmd":"truth","printer":2,"oid":"1.3"}\n', "below 2"),
                       (b'{"cmd":"truth","printer":0,"oid":"x"}\n', "oid"),
                       (b'{"cmd":"truth","address":"127.9.9.9","oid":"1.3"}\n', "address"),
                       (b'{"cmd":"set","printer":0,"oid":"1.3.6","type":"integer","value":"x"}\n', "value"),
                       (b'{"cmd":"set","printer":0,"oid":"1.3.6","type":"odd","value":1}\n', "type"),
                       (b'{"cmd":"advance","printer":0,"pages":0}\n', "pages"),
                       (b'{"cmd":"advance","printer":0,"pages":1,"counter":"x"}\n', "counter"),
                       (b'{"cmd":"break","printer":0,"how":"x"}\n', "how"),
                       (b'{"cmd":"slow","printer":0,"ms":-1}\n', "ms"),
                       (b'{"cmd":"held","printer":0,"oid":"1.3","from_ms":2,"to_ms":1}\n', "from_ms"),
                       (b'{"cmd":"check","printer":0,"claims":[{"oid":"1.3"}]}\n', "claim 0"),
                       (b'{"cmd":"check","printer":0}\n', "claims")):
        answer = s.raw(line)
        assert answer["ok"] is False and word in answer["error"], (line, answer)
    long = s.raw(b'{"cmd":"' + b"x" * (1 << 20) + b'"}\n')
    assert long == {"ok": False, "error": "the line is too long"}
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(s.path))
        other.sendall(b'{"cmd":"quit"}\n')
        assert json.loads(other.makefile().readline()) == {"ok": True}
    assert s.process.wait(timeout=30) == 0


@pytest.mark.parametrize("options, word", [
    (["--printers", "0"], "--printers"), (["--base", "10.0.0.1"], "127.0.0.0/8"),
    (["--base", "127.255.255.0", "--printers", "300"], "127.0.0.0/8"),
    (["--profile", "unlisted"], "unlisted"), (["--recording", "x.txt"], "x.txt"),
    (["--recording", "/nonexistent.snmprec"], "nonexistent"), (["--loss", "101"], "--loss"),
    (["--latency", "x"], "--latency"), (["--job-interval", "7"], "--job-interval"),
    (["--silent-list", "9999"], "--silent-list"), (["stray"], "stray")])
def test_invalid_options_are_named(options, word):
    out = subprocess.run([BIN / "platen-sim", *options], capture_output=True, text=True, timeout=30)
    assert out.returncode in (1, 2) and out.stdout == "" and word in out.stderr


def test_profile_errors_name_their_line(tmp_path):
    for text, word in (("profile x\n1.3.6.1.1.0 integer one\n", "line 2"),
                       ("profile x\n1.3.6.1.1.0 integer =undefined\n", "undefined"),
                       ("profile x\nlet a = b\n", "line 2"), ("profile x\n", "rows"),
                       ("profile x\nwhen never 1.3.6 integer 1\n", "never"),
                       ("profile x\ntable 1.3.6 1 integer\n1 | 1 | 2\n", "line 3"),
                       ("profile x\n1.3.6 integer 1\n1.3.6 integer 2\n", "twice"),
                       ("profile x\nsupply a total capacity 1\n", "line 2"),
                       ("profile x\n1.3.6 string \"open\n", "quotes"),
                       ("profile x\n1.3.6 integer pick 1 if printing\n", "no condition"),
                       ("profile x\nfrobnicate\n", "unknown word")):
        path = tmp_path / "x.profile"
        path.write_text(text)
        out = subprocess.run([BIN / "platen-sim", "--profile-file", path], capture_output=True,
                             text=True, timeout=30)
        assert out.returncode == 1 and word in out.stderr, (text, out.stderr)


def test_profile_file_is_served(sim, tmp_path):
    path = tmp_path / "mine.profile"
    path.write_text('profile mine\nserial "S@###"\noui 020304\nrate print_mono 1.00\n'
                    'let total = print_mono + 5\nevent jam every 2\n'
                    '1.3.6.1.2.1.1.5.0 string "{serial}/{mac}/{n}"\n'
                    '1.3.6.1.2.1.43.10.2.1.4.1.1 counter =total\nwhen jam 1.3.6.1.9.0 integer 1\n')
    s = sim("--printers", 3, "--profile-file", path)
    serial, mac, n = s.get(2, NAME).split("/")
    assert serial[0] == "S" and serial.endswith("002") and mac == "020304000003" and n == "2"
