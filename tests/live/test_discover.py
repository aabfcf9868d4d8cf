# SPDX-License-Identifier: Apache-2.0
"""platen discover (S32, S33, S46, S51): what is found in a network, what is not, what is told to
whom, and why."""
import contextlib
import csv
import io
import json
import os
import pathlib
import re
import select
import socket
import subprocess
import threading
import time

import pytest
from conftest import ROOT, count
from ipp_printer import IppPrinter, serial_of

RATE = 2000


def discover(world, port, *args, code=0, deadline_s=120, rounds=1):
    """The JSON of a run: (coverage, records by address)."""
    given = [] if "--rate" in args else ["--rate", RATE, "--wait", "500ms"]
    given += [] if rounds is None else ["--rounds", rounds]
    got = world.run(world.bin("platen"), "discover", "--json", "--port", port, *given, *args,
                    check=False, deadline_s=deadline_s)
    assert got.returncode == code, got.stderr
    told = json.loads(got.stdout)
    return told["coverage"], {f["address"].rsplit(":", 1)[0]: f for f in told["found"]}


def config_of(world, text, name="discover"):
    return world.file(world.dir / f"{name}.yaml", f"state_dir: {world.dir}/state\n{text}")


class Listener:
    """A host at one address, beside the printers: stores the datagrams, and responds with `answer`.
    A socket bound to an address goes before one bound to all."""

    def __init__(self, address, port, answer=None):
        self.seen = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # The simulator shares its port among its sockets; so does a program that joins it.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self.socket.bind((address, port))
        self.address = address
        self.answer = answer
        self.stop, self._stopped = socket.socketpair()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        while True:
            ready = select.select([self.socket, self._stopped], [], [])[0]
            if self.socket in ready:
                got, peer = self.socket.recvfrom(4096)
                self.seen.append(got)
                if self.answer is not None:
                    for back in self.answer(got):
                        self.socket.sendto(back, peer)
            elif self._stopped in ready:
                return

    def close(self):
        """After everything that has come was taken."""
        self.stop.close()
        self.thread.join(30)
        self._stopped.close()
        self.socket.close()


@pytest.fixture
def listen():
    with contextlib.ExitStack() as stack:
        def make(*args, **more):
            made = Listener(*args, **more)
            stack.callback(made.close)
            return made
        yield make


def truths(sim):
    """Who each of the devices is, by the profile's own word."""
    now = int(time.time() * 1000)
    devices = sim.devices()
    told = sim.commands([{"cmd": "facts", "printer": n, "windows": {"identity": [now, now]}}
                        for n in range(sim.printers)])
    for device, answer in zip(devices, told):
        device.update(answer["sections"]["identity"][0]["facts"][0])
    return devices


def opaque(devices, most):
    """Numbers of printers whose vendor makes nothing else, so that an engineID is proof enough."""
    plain = [n for n, d in enumerate(devices) if d["printer"] and d["vendor"] in
             ("Xerox", "Ricoh", "Lexmark", "Kyocera", "Konica Minolta", "Brother", "OKI", "Pantum")]
    return plain[::7][:most]


def test_every_device_of_a_network_is_found(world):
    """Printers of every vendor among other devices: each is found once, with its vendor, model and
    serial number, nothing else is taken for one, at the rate that was set and in bounded memory.
    Those that speak SNMPv3 only are found without a credential (S32, S33)."""
    bits, printers, others = (count(f"DISCOVER_{n}") for n in ("BITS", "PRINTERS", "OTHERS"))
    rate, seconds, net = count("DISCOVER_RATE"), printers // 20, f"127.40.0.0/{bits}"
    sim = world.sim(printers, "--non-printers", others, "--spread", net, "--second-address", seconds,
                    "--latency", 20, "--jitter", 60)
    devices = truths(sim)
    locked = opaque(devices, printers // 40)
    for number in locked:
        sim.command(cmd="fault", printer=number, name="only-v3", value=1)
    coverage, found = discover(world, sim.info["port"], net, "--rate", rate, "--wait", "3s")

    answered = {d[w] for d in devices for w in ("address", "second") if d[w]}
    assert set(found) == answered
    assert coverage["printer"] == printers - len(locked)
    assert coverage["needs-credential"] == len(locked) > 0
    assert coverage["not-a-printer"] == others and coverage["unidentified"] == 0
    assert coverage["further_addresses"] == seconds
    for number, d in enumerate(devices):
        f = found[d["address"]]
        if not d["printer"]:
            assert f["class"] == "not-a-printer", f
        elif number in locked:
            assert f["class"] == "needs-credential" and f["vendor"] == d["vendor"], f
        else:
            assert f["class"] == "printer", f
            assert {k: f.get(k) or None for k in ("vendor", "model", "serial")} == \
                {k: d[k] or None for k in ("vendor", "model", "serial")}
        both = [f] + ([found[d["second"]]] if d["second"] else [])
        assert len([x for x in both if "same_as" not in x]) == 1
    # No more than the rate allows in that time; that it is used in full is tested in virtual time
    # (tests/unit/test_fleet_scan_order.c).
    assert coverage["sent"] <= rate * 1.05 * coverage["sending_ms"] / 1000 + rate
    per_s = coverage["sent"] * 1000 / coverage["sending_ms"]
    assert coverage["state_bytes"] <= 2 << 20
    # At most two probes per address; one more for a host that responded to no community in time.
    assert coverage["sent"] <= 2 * coverage["addresses"] + coverage["responded"]
    ledgers = sim.command(cmd="traffic", printers=[seconds, printers - 1])["traffic"]
    assert len(ledgers) == printers - seconds
    # A request that is sent again after a late response may cross it.
    assert all(one["in_flight_peak"] == 1 or one["resent"] for one in ledgers)
    stats = sim.command(cmd="stats")
    assert stats["drops"] == stats["set"] == stats["never_requested"] == 0
    print(json.dumps({"coverage": coverage, "per_s": round(per_s)}))


def test_lost_probes_are_repeated(world):
    """A fifth of all exchanges is lost. Once asked, some are missed, and the coverage says so; by
    itself the scan goes on until none is likely to be, and asks no more where nothing is lost."""
    printers = 200
    sim = world.sim(printers, "--base", "127.40.1.1", "--loss", 10, "--profile", "ricoh")
    net = f"{sim.address(0)}-{sim.address(printers - 1)}"
    coverage, _ = discover(world, sim.info["port"], net)
    assert coverage["rounds"] == 1 and coverage["responded"] < printers
    assert coverage["lost"] * 20 > coverage["requests"] and coverage["missed_estimate"] > 5
    coverage, _ = discover(world, sim.info["port"], net, rounds=None)
    assert coverage["rounds"] >= 3 and coverage["responded"] == printers
    assert coverage["missed_estimate"] < 2
    whole = world.sim(4, "--base", "127.40.2.1", "--profile", "ricoh")
    coverage, _ = discover(world, whole.info["port"], "127.40.2.0/28", rounds=None)
    assert coverage["rounds"] == 2 and coverage["lost"] == 0 and coverage["printer"] == 4


def test_one_lost_probe_does_not_need_a_credential(world, listen):
    """It responds to the SNMPv3 probe, and the only request with the right community is lost: it is sent
    once more, and not taken for a printer that needs a credential."""
    sim = world.sim(1, "--base", "127.40.1.1", "--profile", "ricoh")
    port, lost = sim.info["port"], []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.bind(("127.40.1.102", 0))
        way.connect(("127.40.1.1", port))
        way.settimeout(60)

        def lossy(request):
            if b"public" in request and not lost:
                lost.append(request)
                return
            way.send(request)
            yield way.recv(65536)

        listen("127.40.1.102", port, answer=lossy)
        coverage, found = discover(world, port, "127.40.1.102")
    assert len(lost) == 1 and coverage["rounds"] == 1
    assert found["127.40.1.102"]["class"] == "printer" and found["127.40.1.102"]["serial"]


def test_one_device_is_listed_once(world):
    """Two addresses that tell one serial number are one device, both named; without that they
    are two. Two devices with one hardware address and two serial numbers stay two."""
    sim = world.sim(4, "--profile", "xerox-color-mfp", "--base", "127.40.1.1")
    serial = "1.3.6.1.2.1.43.5.1.1.17.1"
    own = sim.command(cmd="truth", printer=0, oid=serial)["value"]
    sim.command(cmd="set", printer=1, oid=serial, type="string", value=own)
    net = f"{sim.address(0)}-{sim.address(3)}"
    coverage, found = discover(world, sim.info["port"], net)
    assert coverage["printer"] == 3 and coverage["further_addresses"] == 1 and len(found) == 4
    doubles = [f for f in found.values() if "same_as" in f]
    assert len(doubles) == 1 and {doubles[0]["address"], doubles[0]["same_as"]} == \
        {f"{sim.address(n)}:{sim.info['port']}" for n in (0, 1)}
    assert "the same device as" in doubles[0]["why"]
    coverage, found = discover(world, sim.info["port"], net, "--all-addresses")
    assert coverage["printer"] == 4 and coverage["further_addresses"] == 0


def test_denied_addresses_get_no_packet(world, listen):
    """access.deny and rules that name addresses hold before the first packet; without them it
    comes."""
    sim = world.sim(8, "--base", "127.40.1.1")
    port = sim.info["port"]
    denied, left_out, open_one = (listen(f"127.40.1.{n}", port) for n in (100, 101, 102))
    text = f"""\
access:
  deny: 127.40.1.96/30, 127.40.1.100
discovery:
  exclude:
    - addresses: 127.40.1.101
"""
    config = config_of(world, text)
    coverage, found = discover(world, port, "127.40.1.0/25", "--config", config)
    assert coverage["denied"] == 5 and coverage["left-out"] == 1 and len(found) == 8
    assert denied.seen == [] and left_out.seen == [] and len(open_one.seen) == 2
    got = world.run(world.bin("platen"), "discover", "--wait", "100ms", "--port", port,
                    "--config", config, "127.40.1.100", "--explain=127.40.1.100").stdout
    assert "denied" in got and "access" in got
    discover(world, port, "127.40.1.0/25")
    assert len(denied.seen) == len(left_out.seen) == 2  # the control: both probes


def test_community_stays_in_its_subnets(world, listen):
    """A community is told to its subnets only, and to one address no more of them than
    discovery.tries says; the SNMPv3 probe tells nothing at all."""
    sim = world.sim(4, "--base", "127.40.1.1", "--community", "third")
    port = sim.info["port"]
    inside, outside = listen("127.40.1.100", port), listen("127.40.2.100", port)
    names = ["first", "second", "third", "fourth"]
    items = "".join(f"    - name: {n}\n      version: 2c\n      community: {n}\n"
                    "      subnets: 127.40.1.0/24\n" for n in names)
    config = config_of(world, f"snmp:\n  credentials:\n{items}discovery:\n  tries: 3\n")
    coverage, found = discover(world, port, "127.40.1.0/24", "127.40.2.0/24", "--config", config)
    assert coverage["printer"] == 4
    assert {f["credential"] for f in found.values()} == {"third"}
    shown = [n for n in names if any(n.encode() in p for p in inside.seen)]
    assert shown == names[:3] and len(inside.seen) == 4
    assert len(outside.seen) == 1 and not any(n.encode() in outside.seen[0] for n in names)


def test_forged_probe_responses_are_refused(world, listen):
    """Answers with another request-id, another community, or from elsewhere are counted and make
    no device; the true one does."""
    sim = world.sim(2, "--base", "127.40.1.1")
    port = sim.info["port"]

    def forged(request):
        if b"public" not in request:
            return
        answer = request.replace(b"\xa0", b"\xa2", 1)
        at = answer.index(b"\x02\x04") + 5
        yield answer[:at] + bytes([answer[at] ^ 1]) + answer[at + 1:]
        yield answer.replace(b"public", b"pubLic")
        yield request
        yield answer[:-3]

    def true(request):
        at = request.find(b"public") + 6
        if at > 6:
            yield request[:at] + b"\xa2" + request[at + 1:]

    liar, elsewhere = listen("127.40.1.100", port, answer=forged), listen("127.40.1.101", port)
    honest = listen("127.40.1.102", port, answer=true)
    coverage, found = discover(world, port, "127.40.1.0/25")
    assert coverage["unmatched"] == 4 and len(liar.seen) == 2 and len(elsewhere.seen) == 2
    assert coverage["printer"] == 2 and "127.40.1.100" not in found
    # The control: with the right id the response is accepted, and the host identified.
    assert found["127.40.1.102"]["class"] in ("unidentified", "not-a-printer")
    assert len(honest.seen) > 2


def test_silent_and_refused_addresses_differ(world):
    """A machine without SNMP says so by ICMP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    coverage, found = discover(world, port, "127.40.1.0/28")
    assert coverage["refused"] == 14 and not found and coverage["sent"] == 14
    got = world.run(world.bin("platen"), "discover", "--wait", "100ms", "--port", port,
                    "127.40.1.1", "--explain=127.40.1.1")
    assert "refused: a host is there, and its SNMP port is closed" in got.stdout


def test_network_without_printers_prints_no_table(world):
    got = world.run(world.bin("platen"), "discover", "127.0.3.0/30", "--wait", "100ms", "--rounds", 1)
    assert got.stdout.startswith("no printer was found\n\n2 addresses in ")


def test_port_probe_sends_no_byte(world):
    """--tcp connects and closes: what is written to port 9100 gets printed. Off by default."""
    sim = world.sim(2, "--base", "127.40.1.1")
    heard = []
    with socket.create_server(("127.40.1.1", 9100)) as raw, \
            socket.create_server(("127.40.1.1", 2105)) as other:
        raw.settimeout(60)
        other.settimeout(60)
        net = "127.40.1.1-127.40.1.2"
        coverage, found = discover(world, sim.info["port"], net)
        assert coverage["port_probes"] == 0 and all("tcp" not in f for f in found.values())
        assert not select.select([raw, other], [], [], 0)[0]
        coverage, found = discover(world, sim.info["port"], net, "--tcp")
        assert found["127.40.1.1"]["tcp"] == [9100, 2105] and "tcp" not in found["127.40.1.2"]
        assert "TCP ports open: 9100 2105" in found["127.40.1.1"]["why"]
        for server in (raw, other):
            conn, _ = server.accept()
            with conn:
                conn.settimeout(60)
                heard.append(conn.recv(100))
    assert heard == [b"", b""] and coverage["port_probes"] == 14


@pytest.fixture
def ipp():
    """Printers at the port of IPP, which only root may open, or who the kernel lets."""
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    if os.geteuid() != 0 and first > 631:
        pytest.skip("port 631 is closed to us")
    with contextlib.ExitStack() as stack:
        def make(address, **more):
            made = IppPrinter(address=address, port=631, **more)
            stack.callback(made.close)
            return made
        # The port is fixed, so the addresses are this process's own.
        make.net = f"127.{64 + os.getpid() % 128}.{os.getpid() // 128 % 256}"
        yield make


def test_printers_with_snmp_off_are_found_by_ipp(world, listen, ipp):
    """Only if --tcp asks for it: port 631 of who is silent to SNMP, or refuses it, and then IPP.
    A server that answers something else there is no printer, and what SNMP told is not asked."""
    sim = world.sim(1, "--base", f"{ipp.net}.1")
    port = sim.info["port"]
    silent, server = listen(f"{ipp.net}.2", port), listen(f"{ipp.net}.4", port)
    printers = [ipp(f"{ipp.net}.2"), ipp(f"{ipp.net}.4", mode="html"), ipp(f"{ipp.net}.1")]
    net = f"{ipp.net}.1-{ipp.net}.5"
    coverage, found = discover(world, port, net)
    assert list(found) == [f"{ipp.net}.1"] and all(p.called == [] for p in printers)
    assert len(silent.seen) == len(server.seen) == 2
    coverage, found = discover(world, port, net, "--tcp")
    assert sorted(found) == [f"{ipp.net}.1", f"{ipp.net}.2", f"{ipp.net}.4"]
    assert coverage["printer"] == 2 and coverage["unidentified"] == 1 and coverage["not_port_probed"] == 0
    off = found[f"{ipp.net}.2"]
    assert (off["class"], off["vendor"], off["model"], off["serial"], off["tcp"]) == \
        ("printer", "Acme", "One", serial_of(f"{ipp.net}.2"), [631])
    assert "credential" not in off and "version" not in off
    assert off["why"].startswith("no response to SNMP; it responded to Get-Printer-Attributes by IPP")
    assert "devices.targets with ipp: always" in off["why"]
    assert found[f"{ipp.net}.4"]["class"] == "unidentified"
    assert "none by IPP that identifies it" in found[f"{ipp.net}.4"]["why"]
    # Connected to by the check alone, of who told by SNMP that it is a printer.
    assert len(printers[2].called) == 1 and printers[2].requests == []


def test_printers_that_refuse_snmp_are_found_by_ipp(world, ipp):
    """No program listens at its SNMP port: a computer says so by ICMP."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    ipp(f"{ipp.net}.3")
    coverage, found = discover(world, port, f"{ipp.net}.0/28", "--tcp")
    assert list(found) == [f"{ipp.net}.3"] and found[f"{ipp.net}.3"]["model"] == "One"
    assert coverage["refused"] == 13 and coverage["port_probes"] == 14 + 7


def test_v3_printers_are_found_without_a_credential(world):
    """A printer that speaks SNMPv3 only answers the engine probe: its engineID names its vendor. Of
    a vendor that makes other things as well that is not enough."""
    sim = world.sim(2, "--profile", "xerox-color-mfp,hp", "--base", "127.40.1.1", "--only-v3", "all")
    coverage, found = discover(world, sim.info["port"], "127.40.1.0/28")
    xerox, hp = found["127.40.1.1"], found["127.40.1.2"]
    assert xerox["class"] == "needs-credential" and xerox["vendor"] == "Xerox"
    assert re.fullmatch("800000fd[0-9a-f]+", xerox["engine_id"])
    assert "enterprise 253), a vendor of printers; to read it, give snmp.credentials an SNMPv3 user" \
        in xerox["why"]
    assert hp["class"] == "unidentified" and hp["why"].endswith(
        "a vendor of printers and other things; a credential that it accepts would identify it, or --tcp "
        "(discovery.tcp), which probes its printing ports and queries it by IPP")
    assert coverage["needs-credential"] == 1 and coverage["unidentified"] == 1


def test_v3_credentials_identify_v3_only_printers(world):
    """Tried in their order, within their subnets; who has none that fits stays closed."""
    user = "reader:sha256:authauth1:aes128:privpriv1"
    sim = world.sim(4, "--profile", "hp", "--base", "127.40.1.1", "--only-v3", "all", "--v3", user)
    for name, text in (("auth", "authauth1"), ("priv", "privpriv1"), ("wrong", "wrongwrong")):
        world.file(world.dir / name, text).chmod(0o600)

    def user_of(name, auth, extra=""):
        return f"""\
    - name: {name}
      version: 3
      user: reader
      auth: sha256
      auth_password_file: {world.dir}/{auth}
      priv: aes128
      priv_password_file: {world.dir}/priv
{extra}"""

    config = config_of(world, "snmp:\n  credentials:\n" + user_of("old", "wrong") +
                       user_of("new", "auth", "      subnets: 127.40.1.0/30\n"))
    coverage, found = discover(world, sim.info["port"], "127.40.1.0/28", "--config", config)
    assert coverage["printer"] == 3 and coverage["unidentified"] == 1
    for n in range(3):
        f = found[sim.address(n)]
        assert (f["credential"], f["version"], f["vendor"]) == ("new", "3", "HP") and f["serial"]
    closed = found[sim.address(3)]
    assert closed["class"] == "unidentified"
    assert "no credential opens it (the last one shown: snmp-wrong-digest)" in closed["why"]


def test_multicast_dns_adds_addresses(world):
    """A host that announces a print service is identified; a response to another query adds no device.
    Loopback has no group: the query goes to one address."""
    sim = world.sim(2, "--base", "127.40.1.1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as group, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as printer, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as liar:
        group.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        group.bind(("127.40.9.251", 5353))
        group.settimeout(60)
        printer.bind(("127.40.1.1", 0))
        liar.bind(("127.40.1.2", 0))

        def answer():
            query, peer = group.recvfrom(512)
            head = query[:2] + b"\x84\0\0\2\0\1\0\0\0\0" + query[12:]
            record = b"\xc0\x0c\0\x0c\0\1\0\0\0\x0a\0\4\1x\xc0\x0c"
            printer.sendto(head + record, peer)
            liar.sendto(bytes([head[0] ^ 1]) + head[1:] + record, peer)

        thread = threading.Thread(target=answer)
        thread.start()
        coverage, found = discover(world, sim.info["port"], "--mdns=127.40.9.251")
        thread.join(60)
    assert list(found) == ["127.40.1.1"] and coverage["addresses"] == 1
    assert found["127.40.1.1"]["class"] == "printer"


def test_ipv6(world):
    """The same over ::1, a range once for each port; a port without a listener says so."""
    sim = world.sim(3, "--v6", 3, "--base", "127.40.1.1")
    port = sim.info["port6"]
    config = config_of(world, "discovery:\n  targets:\n" + "".join(
        f"    - range: ::1\n      port: {port + n}\n" for n in range(3)))
    got = world.run(world.bin("platen"), "discover", "--json", "--wait", "500ms", "--config", config)
    told = json.loads(got.stdout)
    assert [f["address"] for f in told["found"]] == [f"[::1]:{port + n}" for n in range(3)]
    assert told["coverage"]["printer"] == 3 and told["coverage"]["unmatched"] == 0
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
        s.bind(("::1", 0))
        port = s.getsockname()[1]
    coverage, found = discover(world, port, "::1")
    assert coverage["refused"] == 1 and not found


def test_rules_by_what_was_found(world):
    """discovery.include and discovery.exclude by vendor, model and serial number."""
    sim = world.sim(6, "--profile", "xerox-color-mfp,hp,ricoh", "--base", "127.40.1.1")
    config = config_of(world, "discovery:\n  include:\n    - vendor: Xerox\n    - vendor: HP\n"
                         "  exclude:\n    - vendor: hp\n      model: '*LaserJet*'\n")
    coverage, found = discover(world, sim.info["port"], "127.40.1.0/28", "--config", config)
    what = {n: found[sim.address(n)]["class"] for n in range(6)}
    assert what == {0: "printer", 1: "excluded", 2: "excluded", 3: "printer", 4: "excluded",
                    5: "excluded"}
    assert "leaves it out" in found[sim.address(1)]["why"]


def test_a_list_in_and_a_list_out(world):
    """--import reads addresses from a CSV file; --csv writes what devices.targets takes."""
    sim = world.sim(3, "--base", "127.40.1.1")
    port = sim.info["port"]
    rows = f"room,address,port\r\n1,127.40.1.1,{port}\r\n2,127.40.1.3,\r\n3,127.40.1.9,\r\n"
    source = world.file(world.dir / "in.csv", rows)
    out = world.dir / "out.csv"
    coverage, found = discover(world, port, "--import", source, "--csv", out)
    assert sorted(found) == ["127.40.1.1", "127.40.1.3"] and coverage["addresses"] == 3
    written = list(csv.DictReader(io.StringIO(out.read_text())))
    assert [r["address"] for r in written] == sorted(found)
    assert out.stat().st_mode & 0o777 == 0o600
    config = world.agent_config(targets=f"    - csv: {out}\n")
    code, summary, _ = world.once(config)
    assert code == 0 and summary["complete"] == 2
    bad = world.file(world.dir / "bad.csv", "address\r\n127.40.1.300\r\n")
    got = world.run(world.bin("platen"), "discover", "--import", source, "--csv", out, check=False)
    assert got.returncode == 1 and f"{out}: File exists" in got.stderr and got.stdout == ""
    got = world.run(world.bin("platen"), "discover", "--import", bad, check=False)
    assert got.returncode == 78 and "bad.csv:2: \"address\" \"127.40.1.300\" is not an address" in got.stderr


def test_interrupt_prints_what_was_found(world):
    """SIGINT in the middle: what was found until then is shown."""
    sim = world.sim(4, "--base", "127.40.1.1")
    argv = [world.bin("platen"), "discover", "--json", "--rate", "50", "--port",
            str(sim.info["port"]), "127.40.1.0/24"]
    child = subprocess.Popen([str(a) for a in argv], stdout=subprocess.PIPE, cwd=ROOT)
    received = 0
    while received < 20:
        assert child.poll() is None
        received = sim.command(cmd="stats")["received"]
    child.send_signal(2)
    out, _ = child.communicate(timeout=60)
    assert child.returncode != 0
    told = json.loads(out)
    assert 0 < told["coverage"]["sent"] < 508


def test_wrong_arguments_are_refused(world):
    for argv, code, text in (
            (["10.0.0.0/33"], 2, "prefix length"), ([], 2, "give a RANGE"),
            (["10.0.0.0/8"], 2, "holds more than 131072 addresses"),
            (["2001:db8::/64"], 2, "of IPv6 name single ones, or let multicast DNS find them"),
            (["224.0.0.1"], 2, "holds addresses of groups"), (["fe80::1"], 2, "its interface"),
            (["--mdns=printer"], 2, "not one address"), (["10.0.0.1", "--rate", "0"], 2, "--rate"),
            (["127.40.1.1", "--explain=nowhere"], 2, "not one address")):
        got = world.run(world.bin("platen"), "discover", "--wait", "100ms", *argv,
                        check=False)
        assert got.returncode == code and text in got.stderr, (argv, got)
