# SPDX-License-Identifier: Apache-2.0
"""platen-sim's faults, addresses, other devices and traffic records, each observed from outside, with
net-snmp's client or byte by byte."""
import ipaddress
import select
import shutil
import socket
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


# ---- SNMPv2c byte by byte, for what net-snmp's client cannot send or show ----
GET, NEXT, RESPONSE, SET, BULK, TRAP, REPORT = 0xa0, 0xa1, 0xa2, 0xa3, 0xa5, 0xa7, 0xa8
COLUMN = "1.3.6.1.2.1.43.11.1.1.6"


def tlv(tag, body):
    n = len(body)
    size = bytes([n]) if n < 128 else b"\x82" + n.to_bytes(2, "big")
    return bytes([tag]) + size + body


def integer(n, tag=2):
    return tlv(tag, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def oid(text):
    arcs = [int(a) for a in text.split(".")]
    out = bytearray()
    for arc in [arcs[0] * 40 + arcs[1], *arcs[2:]]:
        part = [arc & 127]
        while arc := arc >> 7:
            part.insert(0, arc & 127 | 128)
        out += bytes(part)
    return tlv(6, bytes(out))


def encode_request(pdu, rid, *names, community=b"public", version=1, first=0, second=0):
    rows = b"".join(tlv(0x30, oid(n) + b"\x05\x00") for n in names)
    body = integer(rid) + integer(first) + integer(second) + tlv(0x30, rows)
    return tlv(0x30, integer(version) + tlv(4, community) + tlv(pdu, body))


def parts(data):
    """[(tag, contents)] of consecutive values."""
    out = []
    while data:
        n, at = data[1], 2
        if n & 128:
            at += n & 127
            n = int.from_bytes(data[2:at], "big")
        out.append((data[0], data[at:at + n]))
        data = data[at + n:]
    return out


class Response:
    def __init__(self, data, source):
        self.raw, self.source = data, source
        (_, self.version), (_, self.community), (self.pdu, body) = parts(parts(data)[0][1])
        (_, rid), (_, status), (_, _), (_, rows) = parts(body)
        self.id = int.from_bytes(rid, "big")
        self.status = status[-1]
        self.names = [parts(row)[0][1] for _, row in parts(rows)]
        self.values = [parts(row)[1] for _, row in parts(rows)]


class Client:
    """A socket for requests to one printer. `none` waits that long and expects no datagram."""

    def __init__(self, sim, number):
        self.to = (sim.address(number), sim.info["port"])
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.rid = 100000

    def send(self, *names, pdu=GET, **more):
        self.rid += 1
        self.socket.sendto(encode_request(pdu, self.rid, *names, **more), self.to)
        return self.rid

    def receive(self, wait=10):
        if not select.select([self.socket], [], [], wait)[0]:
            return None
        return Response(*self.socket.recvfrom(70000))

    def request(self, *names, **more):
        self.send(*names, **more)
        return self.receive()

    def is_silent(self, *names, wait=0.15, **more):
        self.send(*names, **more)
        return self.receive(wait) is None

    def walk(self, start, most):
        names = [oid(start)[2:]]
        while len(names) < most:
            self.rid += 1
            row = tlv(0x30, tlv(6, names[-1]) + b"\x05\x00")
            body = integer(self.rid) + integer(0) + integer(0) + tlv(0x30, row)
            self.socket.sendto(tlv(0x30, integer(1) + tlv(4, b"public") + tlv(NEXT, body)), self.to)
            names.append(self.receive().names[0])
        return names[1:]


def test_response_faults(world):
    names = ["max-varbinds=3", "max-bytes=150", "no-bulk", "no-bulk=2", "trickle=3", "wrong-source",
             "wrong-port", "id16", "huge", "copies=2", "only-v1", "late=60", "slow=80", "no-v1",
             "no-v2c"]
    faults = [o for n, t in enumerate(names) for o in ("--fault", f"{t}@{n}")]
    sim = world.sim(len(names), *faults, "--profile", "hp")
    clients = {t: Client(sim, n) for n, t in enumerate(names)}
    a = clients["max-varbinds=3"]
    assert a.request(*[NAME] * 3).status == 0 and a.request(*[NAME] * 4).status == 1
    a = clients["max-bytes=150"]
    assert len(a.request(NAME).raw) <= 150 and a.request(DESCR, DESCR, DESCR, NAME, NAME).status == 1
    assert len(a.request(COLUMN, pdu=BULK, second=40).raw) <= 150
    a = clients["no-bulk"]
    assert a.is_silent(COLUMN, pdu=BULK, second=4) and a.request(COLUMN, pdu=NEXT).status == 0
    assert clients["no-bulk=2"].request(COLUMN, pdu=BULK, second=4).status == 5
    a = clients["trickle=3"]
    assert a.is_silent(NAME) and a.is_silent(NAME) and a.request(NAME).status == 0
    a = clients["wrong-source"]
    assert a.request(NAME).source[0] not in (a.to[0],) and a.request(NAME).source[1] == a.to[1]
    a = clients["wrong-port"]
    assert a.request(NAME).source[0] == a.to[0] and a.request(NAME).source[1] != a.to[1]
    a = clients["id16"]
    assert a.request(NAME).id == a.rid & 0xffff != a.rid
    got = clients["huge"].request(NAME, DESCR)
    assert 64000 < len(got.raw) <= 65507 and got.names == [oid(NAME)[2:], oid(DESCR)[2:]]
    a = clients["copies=2"]
    a.send(NAME)
    copies = [a.receive().raw for _ in range(3)]
    assert len(set(copies)) == 1 and a.receive(0.1) is None
    assert clients["only-v1"].is_silent(NAME) and clients["only-v1"].request(NAME, version=0).status == 0
    assert clients["no-v1"].is_silent(NAME, version=0) and clients["no-v1"].request(NAME).status == 0
    assert clients["no-v2c"].is_silent(NAME) and clients["no-v2c"].request(NAME, version=0).status == 0
    a = clients["late=60"]
    a.send(NAME), a.send(NAME)
    assert a.receive().id == a.rid - 1 and a.receive(0.03) is None and a.receive().id == a.rid
    assert clients["slow=80"].is_silent(NAME, wait=0.05) and clients["slow=80"].receive() is not None
    # Set and removed by command.
    sim.command(cmd="fault", printer=0, name="max-varbinds", value=0)
    assert clients["max-varbinds=3"].request(*[NAME] * 9).status == 0
    sim.command(cmd="fault", printers=[0, 1], name="huge")
    assert len(clients["max-varbinds=3"].request(NAME).raw) > 64000
    assert sim.command(cmd="stats")["send_failed"] == 0


def test_endless_walks(world):
    sim = world.sim(4, "--fault", "endless@0", "--fault", "down@1", "--fault", "pair@2", "--fault",
                    "same@3", "--profile", "hp", "--job-interval", 0)
    endless = Client(sim, 0).walk(COLUMN, 300)
    assert endless == sorted(set(endless)) and all(n.startswith(oid(COLUMN)[2:]) for n in endless)
    for number, most in ((1, 4), (2, 2), (3, 1)):
        assert len(set(Client(sim, number).walk(COLUMN, 60))) <= most + 3
    a = Client(sim, 0)
    rows = a.request(COLUMN, COLUMN, pdu=BULK, second=15)
    assert len(rows.names) == 30 and len(set(rows.names)) == 15


def test_crash_prone_printers(world):
    names = ["crash-on-varbinds=8", "crash-on-missing", "crash-on-bulk", "crash-on-bytes=50",
             "crash-on-set", "crash-on-rate=5"]
    sim = world.sim(len(names), *[o for n, t in enumerate(names) for o in ("--fault", f"{t}@{n}")],
                    "--profile", "hp")
    fine = {0: dict(names=[NAME] * 8), 1: dict(names=[NAME]), 2: dict(names=[COLUMN], pdu=NEXT),
            3: dict(names=[NAME]), 4: dict(names=[NAME] * 20)}
    crashing = {0: dict(names=[NAME] * 9), 1: dict(names=[NAME, "1.3.6.1.2.1.43.11.1.1.9.1.99"]),
              2: dict(names=[COLUMN], pdu=BULK, second=3), 3: dict(names=[NAME, DESCR]),
              4: dict(names=[NAME], pdu=SET)}
    for n, reason in enumerate(("varbinds", "missing", "bulk", "bytes", "set")):
        a = Client(sim, n)
        names_ok, names_bad = fine[n].pop("names"), crashing[n].pop("names")
        assert a.request(*names_ok, **fine[n]).status == 0
        assert a.is_silent(*names_bad, **crashing[n]), reason
        fatal_id = a.rid
        assert a.is_silent(*names_ok, **fine[n])
        record = sim.command(cmd="traffic", printer=n)["traffic"][0]
        assert record["crashed"] and record["crash_cause"] == reason and record["crashes"] == 1
        assert bytes.fromhex(record["fatal_request"]) == encode_request(
            crashing[n].get("pdu", GET), fatal_id, *names_bad, second=crashing[n].get("second", 0))
        assert record["fatal_repeated"] == record["fatal_resent"] == 0
        sim.command(cmd="start", printer=n)
        assert a.request(*names_ok, **fine[n]).status == 0
        # A repeated fatal request is counted, as a retransmission or as a new request.
        a.socket.sendto(bytes.fromhex(record["fatal_request"]), a.to)
        assert a.is_silent(*names_bad, **crashing[n])
        record = sim.command(cmd="traffic", printer=n)["traffic"][0]
        assert record["fatal_resent"] == 1 and record["fatal_repeated"] == 1 and record["crashes"] == 2
    a = Client(sim, 5)
    for _ in range(30):
        a.send(NAME)
    record = sim.command(cmd="traffic", printer=5)["traffic"][0]
    while record["received"] < 30:
        record = sim.command(cmd="traffic", printer=5)["traffic"][0]
    assert record["crash_cause"] == "rate" and record["crashes"] == 1 and record["fatal_repeated"] == 0
    assert sim.command(cmd="stats")["crashes"] == 11


def test_traffic_record(world):
    sim = world.sim(3, "--profile", "hp", "--latency", 50, "--denied", "127.1.0.2/32", "--denied",
                    "127.66.0.0/16")
    a = Client(sim, 0)
    a.request(NAME), a.request(COLUMN, pdu=NEXT), a.request(COLUMN, pdu=BULK, second=2), a.request(NAME, pdu=SET)
    first = sim.command(cmd="traffic", printer=0)["traffic"][0]
    assert [first[k] for k in ("get", "get_next", "get_bulk", "set", "v2c", "responses")] == \
        [1, 1, 1, 1, 4, 4]
    assert first["in_flight_peak"] == 1 and first["resent"] == 0 and first["min_gap_ms"] >= 49
    assert first["largest_before_response"] == len(encode_request(GET, a.rid, NAME)) < first["largest"]
    # The same bytes are a retransmission, others a second request.
    again = encode_request(GET, 7, NAME)
    a.socket.sendto(again, a.to), a.socket.sendto(again, a.to)
    assert a.receive().id == a.receive().id == 7
    record = sim.command(cmd="traffic", printer=0)["traffic"][0]
    assert record["resent"] == 1 and record["in_flight_peak"] == 1
    a.send(NAME), a.send(DESCR), a.send(NAME)
    assert [a.receive().id for _ in range(3)] == [a.rid - 2, a.rid - 1, a.rid]
    assert sim.command(cmd="traffic", printer=0)["traffic"][0]["in_flight_peak"] == 3
    assert Client(sim, 2).is_silent(NAME, community=b"private")
    assert sim.command(cmd="traffic", printer=2)["traffic"][0]["refused"] == 1
    stats = sim.command(cmd="stats")
    assert stats["denied"] == 0 and stats["in_flight_peak"] == 3 and stats["devices_contacted"] == 2
    Client(sim, 1).request(NAME)
    a.socket.sendto(again, ("127.66.1.2", sim.info["port"]))
    Client(sim, 2).request(NAME)
    assert sim.command(cmd="stats")["denied"] == 2


def test_client_timeout_limits_in_flight(world):
    """With --client-timeout a request counts as in flight no longer than the client waits."""
    for patience, peak in ((0, 2), (100, 1)):
        sim = world.sim(1, "--profile", "hp", "--fault", "slow=400@0", "--client-timeout", patience)
        a = Client(sim, 0)
        assert a.is_silent(NAME, wait=0.15)
        a.request(DESCR), a.receive()
        assert sim.command(cmd="stats")["in_flight_peak"] == peak


def test_simultaneous_requests_count_as_in_flight(world):
    """Two requests received in one batch are in flight at once, although each is answered at once."""
    sim = world.sim(1, "--profile", "hp")
    sim.signal(19)  # SIGSTOP: both lie in its receive buffer when it goes on
    a = Client(sim, 0)
    a.send(NAME), a.send(DESCR)
    sim.signal(18)
    assert a.receive() is not None and a.receive() is not None
    assert sim.command(cmd="stats")["in_flight_peak"] == 2


def test_other_devices_among_printers(world):
    others = subprocess.run([world.bin("platen-sim"), "--list-others"], capture_output=True,
                            text=True, check=True).stdout.split()
    sim = world.sim(30, "--non-printers", 2 * len(others), "--mixed", "--v3",
                    "u:sha1:a passphrase:none:")
    devices = sim.devices()
    assert len(devices) == 30 + 2 * len(others)
    assert [d["printer"] for d in devices] == [True] * 30 + [False] * (2 * len(others))
    assert {d["profile"] for d in devices[30:]} == set(others)
    places = sorted(int(ipaddress.ip_address(d["address"])) for d in devices)
    assert places == list(range(int(ipaddress.ip_address("127.1.0.1")), places[-1] + 1))
    # With --mixed their addresses are among those of the printers.
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


def test_addresses_spread_over_a_network(world):
    sims = [world.sim(100, "--non-printers", 30, "--second-address", 5, "--spread", "127.77.0.0/16",
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
    assert sims[0].command(cmd="info", address=devices[0][3]["second"])["printer"] == 3


def test_printers_respond_on_ipv6(world):
    sim = world.sim(40, "--v6", 30, "--v3", "u:sha256:a passphrase:aes128:another one:")
    port = sim.info["port6"]
    assert sim.info["printers6"] == 30
    for number in (0, 13, 29):
        plain = ask(sim, sim.address(number), NAME)[1]
        where = f"udp6:[::1]:{port + number}"
        got = subprocess.run(["snmpget", "-v2c", "-cpublic", "-On", "-Oq", "-m", "", where, NAME],
                             capture_output=True, text=True)
        assert got.stdout == plain != ""
        got = subprocess.run(["snmpget", "-v3", "-u", "u", "-l", "authPriv", "-a", "SHA-256", "-A",
                              "a passphrase", "-x", "AES", "-X", "another one", "-On", "-Oq", "-m",
                              "", where, NAME], capture_output=True, text=True)
        assert got.stdout == plain
    assert sim.command(cmd="stats")["received6"] == 9
    assert sim.command(cmd="traffic", printer=13)["traffic"][0]["received"] == 4


@pytest.mark.parametrize("version", [1, 0])
def test_forged_responses_precede_the_true_one(world, version):
    kinds = ["community", "version", "id", "report", "get", "set", "trap", "oid", "source", "port"]
    sim = world.sim(len(kinds) + 1, *[o for n, k in enumerate(kinds)
                                      for o in ("--fault", f"forge-{k}=3@{n}")],
                    "--fault", f"forge-replay=2@{len(kinds)}", "--profile", "hp")
    for n, kind in enumerate(kinds):
        a = Client(sim, n)
        a.send(NAME, version=version)
        *forged, true = [a.receive() for _ in range(4)]
        assert a.receive(0.02) is None
        assert (true.id, true.pdu, true.source, true.community, true.version[0]) == \
            (a.rid, RESPONSE, a.to, b"public", version), kind
        assert true.values[0][1].decode() == sim.command(cmd="truth", printer=n, oid=NAME)["value"]
        for f in forged:
            wrong = {"community": f.community != true.community,
                     "version": f.version != true.version, "id": f.id != true.id,
                     "report": f.pdu == REPORT, "get": f.pdu == GET, "set": f.pdu == SET,
                     "trap": f.pdu == TRAP, "oid": f.names != true.names,
                     "source": f.source[0] != true.source[0],
                     "port": f.source[1] != true.source[1]}
            assert [k for k in kinds if wrong[k]] == [kind]
            assert set(f.values[0][1]) == {ord("F")}
    a = Client(sim, len(kinds))
    first = a.request(NAME, version=version)
    a.send(DESCR, version=version)
    assert a.receive().raw == a.receive().raw == first.raw and a.receive().id == a.rid
    assert sim.command(cmd="stats")["forged"] == 3 * len(kinds) + 2


def test_off_path_forgeries_are_sent(world):
    sim = world.sim(3, "--profile", "hp")
    a = Client(sim, 1)
    to = "127.0.0.1:%d" % a.socket.getsockname()[1]
    for kind in ("source", "port", "id", "report", "trap", "get", "set"):
        sim.command(cmd="forge", printer=1, to=to, count=5, **{"class": kind})
        got = [a.receive() for _ in range(5)]
        assert len({f.id for f in got}) == 5 and {f.values[0][1] for f in got} == {b"FFFF"}
        assert {f.pdu for f in got} == {{"report": REPORT, "trap": TRAP, "get": GET,
                                         "set": SET}.get(kind, RESPONSE)}
        assert (a.to[0] in {f.source[0] for f in got}) == (kind != "source")
        assert (a.to[1] in {f.source[1] for f in got}) == (kind != "port")
    engine = bytes.fromhex(sim.command(cmd="engine", printer=1)["id"])
    for kind in ("v3", "v3-report"):
        sim.command(cmd="forge", printer=1, to=to, count=6, **{"class": kind})
        raw = [a.socket.recv(2000) for _ in range(6)]
        assert len(set(raw)) == 6 and all(r.count(engine) == 2 for r in raw)
    assert a.request(NAME).id == a.rid
    assert sim.command(cmd="stats")["forged"] == 47


def test_forged_v3_responses_are_sent(world):
    """Only checks that the forged responses were sent and that net-snmp's client gets the true one."""
    kinds = ["id", "report", "get", "oid", "source", "level", "engine", "digest", "msgid"]
    sim = world.sim(len(kinds), *[o for n, k in enumerate(kinds)
                                  for o in ("--fault", f"forge-{k}=6@{n}")],
                    "--v3", "u:sha256:a passphrase:aes128:another one:", "--profile", "hp")
    for n, kind in enumerate(kinds):
        before = sim.command(cmd="stats")["forged"]
        subprocess.run(["snmpget", "-v3", "-u", "u", "-l", "authPriv", "-a", "SHA-256", "-A",
                        "a passphrase", "-x", "AES", "-X", "another one", "-r0", "-t0.3",
                        f"{sim.address(n)}:{sim.info['port']}", NAME], capture_output=True)
        assert sim.command(cmd="stats")["forged"] == before + 6, kind


def test_garbage_covers_all_classes(world):
    sim = world.sim(12, "--fault", "garbage@all", "--profile", "hp", "--v3",
                    "u:sha256:a passphrase:aes128:another one:")
    askers = [Client(sim, n) for n in range(12)]
    got = set()
    for _ in range(20):
        for a in askers:
            a.send(NAME, DESCR)
            if select.select([a.socket], [], [], 0.02)[0]:
                got.add(a.socket.recv(70000))
    assert len(got) > 150
    for n in range(12):
        subprocess.run(["snmpget", "-v3", "-u", "u", "-l", "authPriv", "-a", "SHA-256", "-A",
                        "a passphrase", "-x", "AES", "-X", "another one", "-r0", "-t0.1",
                        f"{sim.address(n)}:{sim.info['port']}", NAME], capture_output=True)
    assert sim.command(cmd="stats")["v3"] == 12
