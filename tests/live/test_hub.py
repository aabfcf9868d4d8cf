# SPDX-License-Identifier: Apache-2.0
"""platen-hub as an agent and an operator see it: the real process, TLS, and a client in another
language that makes batches by proto/wire/SCHEMA.md and checks receipts by itself."""
import base64
import hashlib
import http.client
import json
import os
import socket
import ssl
import stat
import subprocess
import time

import msgpack
import pytest
import zstandard

from conftest import database, hub_records, state_dir

PATH = "/v1/batches"
BATCH = "application/vnd.platen.batch+msgpack"
RECEIPT = "application/vnd.platen.receipt+msgpack"


def sha256(data):
    return hashlib.sha256(data).digest()


class Signer:
    """An Ed25519 key, by the openssl program."""

    def __init__(self, folder, name):
        self.file = folder / f"{name}.pem"
        self.run("genpkey", "-algorithm", "ed25519", "-out", self.file)
        self.public = self.run("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        self.key_id = sha256(self.public)[:8]
        self.folder = folder

    @staticmethod
    def run(*argv):
        return subprocess.run(["openssl", *map(str, argv)], check=True, capture_output=True).stdout

    def sign(self, data):
        text = self.folder / "to-sign"
        text.write_bytes(data)
        return self.run("pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", text)


def verifies(folder, public, data, signature):
    (folder / "public.der").write_bytes(public)
    (folder / "signed").write_bytes(data)
    (folder / "signature").write_bytes(signature)
    got = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey",
                          folder / "public.der", "-rawin", "-in", folder / "signed", "-sigfile",
                          folder / "signature"], capture_output=True, check=False)
    return got.returncode == 0


class Agent:
    """Makes batches."""

    def __init__(self, folder, name="agent", number=0xa1):
        self.signer = Signer(folder, name)
        self.id = bytes([number]) * 16
        self.epoch = 0xF0F0F0F0F0F0F0F0 & (2**63 - 1)
        self.now_ms = int(time.time() * 1000)

    def record(self, seq, key="serial:xerox/3WX1", total=100, at_ms=None, is_full=True):
        """One reading with identity and meters."""
        at_ms = at_ms or self.now_ms - 60000 + seq
        identity = {1: 1, 2: 50, 3: 40, 10: True, 11: "Xerox", 12: "AltaLink",
                    13: key.split("/")[-1]}
        meters = {1: 1, 2: 50, 3: 40,
                  10: [{1: 0, 2: total, 3: 7, 6: "1.3.6.1.2.1.43.10.2.1.4.1.1"}]}
        return msgpack.packb({1: seq, 2: at_ms, 4: is_full, 5: "127.0.0.1:161", 6: key,
                              10: identity, 11: meters})

    def batch(self, records, first, last=None, signer=None, zstd=True, raw_len=None, fields=None):
        signer = signer or self.signer
        body = b"".join(records)
        head = {1: self.id, 2: self.epoch, 3: first, 4: last or first + len(records) - 1,
                5: len(records), 6: self.now_ms, 7: 1 if zstd else 0,
                8: len(body) if raw_len is None else raw_len, 9: "python/1",
                10: {1: 1, 2: 0, 3: 0}, 11: signer.public, 12: "Lab", 13: 1, 14: 0}
        head.update(fields or {})
        head = msgpack.packb(head)
        self.signed = b"platen-batch-1\0" + sha256(head) + sha256(body)
        sent = zstandard.ZstdCompressor().compress(body) if zstd else body
        return msgpack.packb([1, 1, signer.key_id, head, sent, signer.sign(self.signed)])


class Client:
    """An HTTPS client that trusts the test CA."""

    def __init__(self, world, port, user="agent1", secret=""):
        self.context = ssl.create_default_context(cafile=str(world.certs() / "ca.pem"))
        self.port = port
        self.headers = {"Content-Type": BATCH, "Authorization": "Basic " + base64.b64encode(
            f"{user}:{secret}".encode()).decode()}
        self.http = http.client.HTTPSConnection("127.0.0.1", port, context=self.context, timeout=60)

    def post(self, body, path=PATH, method="POST", **headers):
        self.http.request(method, path, body, {**self.headers, **headers})
        got = self.http.getresponse()
        return got.status, got.headers, got.read()

    def raw(self):
        return self.context.wrap_socket(socket.create_connection(("127.0.0.1", self.port), 60),
                                        server_hostname="127.0.0.1")


def open_receipt(folder, agent, body):
    """The receipt's fields, after its signature was verified."""
    version, alg, key_id, inner, signature = msgpack.unpackb(body)
    fields = msgpack.unpackb(inner, strict_map_key=False)
    assert (version, alg) == (1, 1)
    assert key_id == sha256(fields[11])[:8]
    assert verifies(folder, fields[11], b"platen-receipt-1\0" + sha256(inner), signature)
    assert fields[1] == agent.id and fields[2] == agent.epoch
    assert fields[8] == sha256(agent.signed)
    return fields


@pytest.fixture
def agent(world):
    return Agent(world.dir)


@pytest.fixture
def client(world, hub):
    return Client(world, hub.port, "agent1", hub.secret)


def test_upload_and_receipt(world, hub, agent, client):
    body = agent.batch([agent.record(1, total=100), agent.record(2, "mac:aa", 5)], 1)
    status, headers, answer = client.post(body)
    assert status == 200, answer
    assert headers["Content-Type"] == RECEIPT
    receipt = open_receipt(world.dir, agent, answer)
    assert (receipt[3], receipt[4], receipt[5]) == (2, 2, 0)
    # The same again, on the same connection: twice sent, once stored.
    status, _, answer = client.post(body)
    receipt = open_receipt(world.dir, agent, answer)
    assert (status, receipt[4], receipt[5]) == (200, 0, 2)
    assert len(hub_records(hub.config)) == 2
    devices = {d["device_key"]: d for d in world.devices(hub.config)}
    assert set(devices) == {"serial:xerox/3WX1", "mac:aa"}
    device = devices["serial:xerox/3WX1"]
    assert device["meters"][0]["value"] == 100
    assert device["meters"][0]["name"] == "impressions_total"
    assert device["identity"]["serial"] == "3WX1"
    assert device["address"] == "127.0.0.1:161"
    assert device["agent"] == agent.id.hex()
    assert device["read_at_ms"] == agent.now_ms - 60000 + 1


def test_raw_body_and_restart(world, hub, agent, client):
    body = agent.batch([agent.record(1)], 1, zstd=False)
    key = open_receipt(world.dir, agent, client.post(body)[2])[11]
    assert hub.stop() == 0
    again = world.hub(hub.config)
    client = Client(world, again.port, "agent1", hub.secret)
    receipt = open_receipt(world.dir, agent, client.post(body)[2])
    assert receipt[5] == 1 and receipt[11] == key, "the hub has a new key after a restart"


def test_invalid_uploads_are_refused(world, hub, agent, client):
    good = agent.batch([agent.record(1)], 1)
    cases = [
        (401, dict(body=good, Authorization="Basic YWdlbnQxOndyb25n")),
        (401, dict(body=good, Authorization="Bearer x")),
        (404, dict(body=good, path="/v1/other")),
        (405, dict(body=None, method="GET")),
        (415, dict(body=good, **{"Content-Type": "application/json"})),
        (415, dict(body=good[:1] + b"\x02" + good[2:])),
        (413, dict(body=b"x" * (1 << 21))),
        (422, dict(body=b"")),
        (422, dict(body=b"\xc1")),
        (422, dict(body=good[:-1])),
        (422, dict(body=good + b"\0")),
        (422, dict(body=good[:-1] + bytes([good[-1] ^ 1]))),
        (422, dict(body=agent.batch([agent.record(1)], 2))),
        (422, dict(body=agent.batch([agent.record(1), agent.record(1)], 1))),
        (422, dict(body=agent.batch([agent.record(1)], 1, raw_len=7))),
        (413, dict(body=agent.batch([agent.record(1)], 1, raw_len=1 << 30))),
        (422, dict(body=agent.batch([b"\xdd\xff\xff\xff\xff"], 1))),
        (422, dict(body=agent.batch([b"\x91" * 5000], 1))),
    ]
    for status, call in cases:
        fresh = Client(world, hub.port, "agent1", hub.secret)
        got = fresh.post(**call)
        assert got[0] == status, (call, got)
        if (call["body"] or b"")[:2] == b"\x96\x02":
            assert b"unsupported-version: this hub accepts 1.0 to 1." in got[2], got
        if status == 401:
            assert got[1]["WWW-Authenticate"].startswith("Basic")
    assert hub_records(hub.config) == {}
    assert client.post(good)[0] == 200, "the hub does not serve any more"
    # Another key for the agent, and another content under a known number.
    other = Signer(world.dir, "other")
    assert client.post(agent.batch([agent.record(2)], 2, signer=other))[0] == 403
    assert client.post(agent.batch([agent.record(1, total=7)], 1))[0] == 409
    assert client.post(agent.batch([agent.record(2)], 2))[0] == 200, "kept alive after a refusal"
    assert len(hub_records(hub.config)) == 2


def test_decompression_bombs_are_refused_in_bounded_memory(world, hub, agent, client):
    def peak():
        with open(f"/proc/{hub.pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))

    assert client.post(agent.batch([agent.record(1)], 1))[0] == 200
    before = peak()
    bomb = zstandard.ZstdCompressor(level=19).compress(bytes(256 << 20))
    head = {1: agent.id, 2: 1, 3: 1, 4: 1, 5: 1, 6: 1, 7: 1, 8: 1 << 20, 9: "x",
            11: agent.signer.public}
    for claim in (1 << 20, 100):
        head[8] = claim
        body = msgpack.packb([1, 1, agent.signer.key_id, msgpack.packb(head), bomb, bytes(64)])
        assert client.post(body)[0] == 422
    for bytes_ in (b"\xdf\xff\xff\xff\xff", b"\xdd\x7f\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
                   b"\x95" * 100000):
        assert client.post(bytes_)[0] == 422
    assert peak() - before < 32 * 1024, f"{before} -> {peak()} KiB"


def test_invalid_record_is_refused_alone(world, hub, agent, client):
    wrong = msgpack.packb({1: 2, 2: agent.now_ms, 6: "mac:bb", 11: {1: 99}})
    body = agent.batch([agent.record(1), wrong, agent.record(3)], 1)
    for stored in (2, 0):
        receipt = open_receipt(world.dir, agent, client.post(body)[2])
        assert receipt[4] == stored
        assert [seq for seq, _ in receipt[6]] == [2]


def test_delta_of_an_unknown_device_requests_a_full_record(world, hub, agent, client):
    body = agent.batch([agent.record(1, is_full=False)], 1)
    assert open_receipt(world.dir, agent, client.post(body)[2])[9] == ["serial:xerox/3WX1"]
    body = agent.batch([agent.record(2)], 2)
    assert not open_receipt(world.dir, agent, client.post(body)[2]).get(9)


def test_malformed_http_is_refused(world, hub, client):
    """What a client library would never send."""
    def talk(data, is_half=False):
        with client.raw() as s:
            s.sendall(data)
            if is_half:
                s.unwrap()
            got = b""
            while True:
                try:
                    more = s.recv(65536)
                except (ssl.SSLError, ConnectionError):
                    break
                if not more:
                    break
                got += more
            return got.split(b"\r\n", 1)[0]

    auth = client.headers["Authorization"].encode()
    post = b"POST /v1/batches HTTP/1.1\r\nHost: h\r\nAuthorization: " + auth + b"\r\n"
    assert talk(b"GET /livez HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") \
        == b"HTTP/1.1 200 OK"
    # Pipelined: the first gets a response, the rest must be sent again.
    assert talk(b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n" * 2) == b"HTTP/1.1 200 OK"
    assert b" 400 " in talk(b"\x16\x03\x01 garbage\r\n\r\n")
    assert b" 400 " in talk(b"GET /livez HTTP/1.1\nHost: h\n\n")
    assert b" 411 " in talk(post + b"Content-Type: " + BATCH.encode()
                            + b"\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    assert b" 411 " in talk(post + b"Content-Type: " + BATCH.encode() + b"\r\n\r\n")
    assert b" 400 " in talk(post + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello")
    assert b" 431 " in talk(b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 9000 + b"\r\n\r\n")
    # 100 Continue comes only after authentication.
    with client.raw() as s:
        s.sendall(post + b"Content-Type: " + BATCH.encode()
                  + b"\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n")
        assert s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(b"\xc1")
        assert b" 422 " in s.recv(1000)


def test_roles_limit_requests(world, hub, agent, client):
    """Roles, new secrets, users while the hub runs and while it does not."""
    program = world.bin("platen-hub")
    password = world.file(world.dir / "password", "correct horse\n")
    config = hub.config
    world.run(program, "user", "add", "ann", "--role", "operator", "--password-file", password,
              "--config", config)
    body = agent.batch([agent.record(1)], 1)
    assert Client(world, hub.port, "ann", "correct horse").post(body)[0] == 403
    assert Client(world, hub.port, "ann", "wrong horse").post(body)[0] == 401
    assert Client(world, hub.port, "unknown-user", "correct horse").post(body)[0] == 401
    new = world.run(program, "user", "add", "agent1", "--role", "agent", "--config",
                    config).stdout.strip()
    assert new.startswith("platen-") and new != hub.secret and "\n" not in new
    assert client.post(body)[0] == 401
    assert Client(world, hub.port, "agent1", new).post(body)[0] == 200
    got = world.run(program, "user", "add", "bob", "--role", "viewer", "--password-file", "-",
                    "--config", config, stdin="another horse\n")
    assert got.stdout == "" and "bob" in got.stderr
    for words, code in ((["x y", "--role", "agent"], 1), (["x"], 2), (["x", "--role", "king"], 2),
                        (["x", "--role", "viewer"], 2),
                        (["x", "--role", "agent", "--password-file", password], 1)):
        got = world.run(program, "user", "add", *words, "--config", config, check=False)
        assert got.returncode == code and got.stderr and not got.stdout, (words, got)
    assert hub.stop() == 0
    second = world.run(program, "user", "add", "agent2", "--role", "agent", "--config",
                       config).stdout.strip()
    again = world.hub(config)
    assert Client(world, again.port, "agent2", second).post(body)[0] == 200
    log = hub.log.read_text() + again.log.read_text()
    for secret in (hub.secret, new, second, "correct horse", "another horse"):
        assert secret not in log
        assert base64.b64encode(secret.encode()).decode() not in log
    with database(state_dir(config) / "store.db") as db:
        dump = "\n".join(db.iterdump())
    assert new not in dump and "horse" not in dump
    ledger = world.run(program, "audit", "export", "--config", config).stdout
    assert new not in ledger and "horse" not in ledger
    kinds = [line.split("\t")[2] for line in ledger.splitlines()]
    assert {"upload", "account", "login"} <= set(kinds)
    assert stat.S_IMODE(os.stat(state_dir(config)).st_mode) == 0o700


def test_verbs_show_stored_devices(world, hub, agent, client):
    program = world.bin("platen-hub")
    records = [agent.record(n, f"serial:xerox/S{n:04}", n * 10) for n in range(1, 51)]
    assert client.post(agent.batch(records, 1))[0] == 200

    def run(*words, code=0):
        got = world.run(program, *words, "--config", hub.config, check=False)
        assert got.returncode == code, got
        return got.stdout

    assert "S0050" in run("devices")
    both = json.loads(run("devices", "--json"))["devices"]
    assert both == [json.loads(line) for line in run("devices", "--jsonl").splitlines()]
    assert [d["device_key"] for d in both] == [f"serial:xerox/S{n:04}" for n in range(1, 51)]
    one = json.loads(run("device", "S0007", "--json"))
    assert one["meters"][0]["value"] == 70
    assert "AltaLink" in run("device", "serial:xerox/S0007")
    run("device", "unknown-device", code=1)
    assert "S0042" in run("report")
    assert len(run("report", "--format", "csv").splitlines()) == 51
    assert "<table" in run("report", "--format", "html")
    json.loads(run("report", "--format", "json"))
    run("report", "--format", "pdf", code=2)
    assert "ok" in run("check-config")
    got = world.run(program, "devices", "--config", world.hub_config("empty"), check=False)
    assert got.returncode == 1 and "no hub has run" in got.stderr


def test_kill_during_uploads_loses_nothing(world, hub, agent):
    """kill -9 while batches arrive: what was receipted is there, nothing is there twice."""
    receipted, seq = 0, 1
    secret = hub.secret
    for _ in range(5):
        client = Client(world, hub.port, "agent1", secret)
        batches = []
        for _ in range(6):
            batches.append((seq, agent.batch([agent.record(seq + i, f"serial:x/{seq + i}")
                                              for i in range(50)], seq)))
            seq += 50
        for n, (first, body) in enumerate(batches):
            if n == 4:  # this one is in flight when the hub is killed
                client.http.request("POST", PATH, body, client.headers)
                break
            assert client.post(body)[0] == 200
            receipted = first + 49
        hub.kill()
        stored = {n for _, n in hub_records(hub.config)}
        assert set(range(1, receipted + 1)) <= stored
        hub = world.hub(hub.config)
        client = Client(world, hub.port, "agent1", secret)
        for first, body in batches:
            assert client.post(body)[0] == 200
            receipted = first + 49
        stored = [n for _, n in hub_records(hub.config)]
        assert sorted(stored) == list(range(1, receipted + 1))
    assert len(world.devices(hub.config)) == receipted
