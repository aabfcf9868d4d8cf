# SPDX-License-Identifier: Apache-2.0
"""What leaves the agent: no canary of printers, users or the host in what is sent or printed (S1, S39-S42,
S82, R17); switches and policies (S59), site information (S61, S66-S81), `platen preview` and `send: off`."""
import base64
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import threading
import urllib.parse

import lab
import pytest
from conftest import count, hub_records, state_dir, status, until

ALERT = "1.3.6.1.2.1.43.18.1.1"
CONSOLE = "1.3.6.1.2.1.43.16.5.1.2.1.1"
SUPPLY_TEXT = "1.3.6.1.2.1.43.11.1.1.6.1.1"
CONTROL = "canarycontrol"


def host_words():
    """Names, addresses and hardware addresses of this machine that identify it."""
    name = socket.gethostname()
    words = {name, name.split(".")[0]}
    for path in pathlib.Path("/sys/class/net").glob("*/address"):
        words.add(path.read_text().strip())
    for line in pathlib.Path("/proc/net/fib_trie").read_text().splitlines():
        word = line.split()[-1]
        if word.count(".") == 3:
            words.add(word)
    # Only the host's own addresses, as a socket can be bound to them.
    own = set()
    for word in words:
        if word.count(".") == 3 and word.replace(".", "").isdigit():
            with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.bind((word, 0))
                own.add(word)
        else:
            own.add(word)
    for line in pathlib.Path("/proc/net/if_inet6").read_text().splitlines() if socket.has_ipv6 else ():
        packed = bytes.fromhex(line.split()[0])
        own |= {socket.inet_ntop(socket.AF_INET6, packed), packed.hex(":", 2)}
    own -= {"::1", "0000:0000:0000:0000:0000:0000:0000:0001"}
    return sorted(w for w in own if len(w) > 3 and not w.startswith(("127.", "0.", "00:00:00", "localhost"))
                  and not w.endswith(".255"))


def forms(word):
    """The encodings in which a canary is searched for; each in lower case but Base64."""
    plain = word.encode()
    yield plain.lower()
    yield plain.lower()[::-1]
    yield word.lower().encode("utf-16le")
    yield word.lower().encode("utf-16be")
    yield plain.hex().encode()
    yield "".join(f"%{c:02x}" for c in plain).encode()
    yield urllib.parse.quote(word.lower(), safe="").lower().encode()
    if word.count(".") == 3:
        yield ".".join(reversed(word.split("."))).encode()
        with contextlib.suppress(OSError):
            yield socket.inet_aton(word).hex().encode()


def base64_forms(word):
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + word.encode())
        yield text[4 if shift else 0:len(text) // 4 * 4 - 4]


def find(words, data):
    """The canaries in the bytes, in any encoding."""
    lower = data.lower()
    return [(word, form) for word in words
            for form in {*forms(word)} if form in lower] + \
        [(word, form) for word in words for form in base64_forms(word) if len(form) > 7 and form in data]


def received(one):
    """Some bytes; an OSError where no more will come."""
    got = one.recv(65536)
    if not got:
        raise ConnectionError("the peer closed the connection within a request")
    return got


class Capture:
    """A TLS server that keeps each request in clear and answers 503."""

    def __init__(self, certs):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certs / "server.pem", certs / "server.key")
        self.names = []
        self.context.sni_callback = lambda _sock, name, _context: self.names.append(name)
        self.requests, self.connections = [], 0
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                raw, _ = self.server.accept()
                self.connections += 1
                raw.settimeout(30)
                with contextlib.suppress(OSError), raw, self.context.wrap_socket(raw, server_side=True) as one:
                    self.requests.append(self._read(one))
                    one.sendall(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n"
                                b"Connection: close\r\n\r\n")

    @staticmethod
    def _read(one):
        got = b""
        while b"\r\n\r\n" not in got:
            got += received(one)
        head, _, body = got.partition(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n")
                      if line.lower().startswith(b"content-length:"))
        while len(body) < length:
            body += received(one)
        return head, body

    def close(self):
        self.server.shutdown(socket.SHUT_RDWR)  # ends accept
        self.server.close()
        self.thread.join(60)
        assert not self.thread.is_alive()


@pytest.fixture
def capture(world):
    made = Capture(world.certs())
    yield made
    made.close()


def decode(world, body):
    path = world.dir / "body"
    path.write_bytes(body)
    return json.loads(world.run(world.bin("platen"), "decode", path).stdout)


def plant(sim, words):
    """Canaries in what printers say; and one that may leave, as a control."""
    texts = [f"Mail to canary.mail@canary-mail.example via {' '.join(words)} failed", "Call +49 89 5550 4711",
             "Job of user: canaryuser, document: canarydocument.docx"]
    for number in range(sim.printers):
        for row, text in enumerate(texts, 70):
            for column, value in ((2, 3), (3, 1), (4, 8), (5, 1), (6, -1), (7, 8)):
                sim.command(cmd="set", printer=number, oid=f"{ALERT}.{column}.1.{row}", type="integer",
                            value=value)
            sim.command(cmd="set", printer=number, oid=f"{ALERT}.8.1.{row}", type="string", value=text)
        sim.command(cmd="set", printer=number, oid=CONSOLE, type="string",
                    value=f"owner=canaryuser {' '.join(words)[:60]}")
        sim.command(cmd="set", printer=number, oid=SUPPLY_TEXT, type="string", value=f"Toner {CONTROL}")
        for column, name in ((4, "contact"), (5, "name"), (6, "location")):
            sim.command(cmd="set", printer=number, oid=f"1.3.6.1.2.1.1.{column}.0", type="string",
                        value=f"canary{name}")


def outputs(world, config, capture):
    """Everything that an operator, a hub or the wire sees."""
    for head, body in capture.requests:
        yield "headers", head
        yield "body", body
        yield "payload", json.dumps(decode(world, body), ensure_ascii=False).encode()
    yield "server name", "".join(n or "" for n in capture.names).encode()
    yield "log", (world.dir / f"{config.stem}.log").read_bytes()
    for argv in (("report", "--format", "csv"), ("report", "--json"), ("status", "--json"),
                 ("preview", "--json"), ("preview", "--diff"), ("audit", "export")):
        got = world.run(world.bin("platen"), *argv, "--config", config, check=False)
        yield argv[0], (got.stdout + got.stderr).encode()


def test_no_canary_leaves_in_corporate_mode(world, capture, monkeypatch):
    words = host_words()
    monkeypatch.setenv("USER", "canarylogin")
    monkeypatch.setenv("LOGNAME", "canarylogin")
    sim = world.sim(3)
    plant(sim, words)
    passphrase = world.file(world.dir / "v3.auth", "canarypassphrase\n")
    config = world.agent_config(sim, capture.port, "canarysecret", extra=f"""\
privacy:
  corporate: on
snmp:
  credentials:
    - {{name: spare, version: 2c, community: canarycommunity}}
    - {{name: v3, version: 3, user: canaryreader, auth: sha256, auth_password_file: {passphrase}}}
""")
    never = [*words, "canary.mail", "canary-mail.example", "5550 4711", "canaryuser", "canarydocument",
             "canarycontact", "canaryname", "canarylocation", "canarylogin", "canarysecret",
             "canarycommunity", "canarypassphrase", "canaryreader", "planted", "example.invalid"]
    requests = searched = 0
    for _ in range(count("CANARY_SYNCS")):
        del capture.requests[:]
        assert world.once(config)[0] == 75
        assert capture.requests
        seen = b""
        for where, data in outputs(world, config, capture):
            if where == "headers":  # the account's secret is what Basic is for
                data = b"\n".join(line for line in data.split(b"\n") if not line.startswith(b"Authorization:"))
            assert not find(never, data), where
            seen += data
        assert find([CONTROL], seen)
        requests += len(capture.requests)
        searched += len(seen)
    bundle = world.dir / "bundle.txt"
    got = world.run(world.bin("platen"), "doctor", "--bundle", bundle, "--config", config, check=False)
    # The support file has the configuration, in which SNMPv3 users have names.
    secret = [word for word in never if word != "canaryreader"]
    assert not find(secret, (got.stdout + got.stderr).encode() + bundle.read_bytes())
    print(f"{count('CANARY_SYNCS')} syncs, {requests} requests, {searched} bytes of payloads, headers, logs, reports and "
          f"audit searched for {len(never)} canaries in {len({*forms(CONTROL)})} encodings and in Base64: 0 found; the "
          f"control was found in each sync")
    batch = decode(world, capture.requests[0][1])
    assert batch["head"]["corporate"] is True
    assert not {"dns_name", "address"} & set(batch["head"]["information"])
    texts = json.dumps(batch["records"])
    assert "Mail to [email] via" in texts and "[phone]" in texts and "user: [user]" in texts


def test_search_finds_a_canary_in_each_encoding():
    """The control of the search."""
    word = "canary.host-7"
    data = [word, word.upper(), word[::-1], word.encode().hex(), word.encode().hex().upper(),
            "".join(f"%{ord(c):02X}" for c in word)]
    data = [d.encode() for d in data] + [word.encode("utf-16le"), word.encode("utf-16be"),
                                         base64.b64encode(word.encode()), base64.b64encode(b"x" + word.encode()),
                                         base64.b64encode(b"xy" + word.encode() + b"z")]
    for one in data:
        assert find([word], b"before " + one + b" behind"), one
    assert find(["10.1.2.3"], b"name 3.2.1.10.in-addr.arpa") and find(["10.1.2.3"], b"0A010203")
    assert not find([word], b"another canary")


def test_send_off_connects_to_nothing(world, capture):
    sim = world.sim(2)
    config = world.agent_config(sim, capture.port, "s", extra="send: off\nsync:\n  interval: 1s\n",
                                devices_extra="  interval: 1s\n")
    assert world.once(config)[0] == 0
    agent = world.agent(config)
    assert agent.runs_for(2.5)
    got = world.run(world.bin("platen"), "sync-now", "--config", config, check=False)
    assert got.returncode != 0 and "send is off" in got.stderr
    assert capture.connections == 0
    config.write_text(config.read_text().replace("send: off", "send: on"))
    agent.signal(signal.SIGHUP)
    until(agent, lambda: capture.connections > 0)
    config.write_text(config.read_text().replace("send: on", "send: off"))
    since = agent.log.stat().st_size
    agent.signal(signal.SIGHUP)
    agent.wait_for_log("what=reloaded", 30, since)
    before = capture.connections
    assert agent.runs_for(2.5)
    assert capture.connections == before
    agent.stop()


def test_preview_shows_what_is_sent(world, capture):
    sim = world.sim(3)
    config = world.agent_config(sim, capture.port, "s")
    world.run(world.bin("platen"), "once", "--config", config, check=False)
    del capture.requests[:]
    lines = world.run(world.bin("platen"), "preview", "--json", "--config", config).stdout.splitlines()
    shown = json.loads(lines[0])
    world.once(config)
    sent = decode(world, capture.requests[0][1])
    assert len(lines) == 1 and len(shown["records"]) == 3
    assert shown["records"] == sent["records"][:3]
    for name in ("agent_id", "epoch", "first", "site", "software", "minor", "corporate"):
        assert shown["head"][name] == sent["head"][name], name
    got = world.run(world.bin("platen"), "preview", "--config", config).stdout
    assert f"{sent['head']['count']} records in 1 batch: " in got, got


def content_lengths(requests):
    lines = [line for head, _ in requests for line in head.split(b"\r\n")]
    return [int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:")]


def previewed(world, config):
    """The bytes to send, and the text that says it."""
    text = world.run(world.bin("platen"), "preview", "--config", config).stdout
    return int(re.search(r"bytes in clear, (\d+) to send", text).group(1)), text


def polled(world, config):
    """A daemon that has polled each printer once; the next cycle is half a minute away."""
    agent = world.agent(config)
    until(agent, lambda: status(world, config)["devices"]["cycle"] >= 1)
    return agent


def test_preview_tells_the_length_of_the_next_request(world, capture, hub):
    """Content-Length of the first request to a hub, whose form it does not tell yet, and of a later one in columns."""
    sim = world.sim(40, "--job-interval", "0")
    config = world.agent_config(sim, capture.port, hub.secret, extra="sync:\n  interval: 7d\n",
                                devices_extra="  interval: 30s\n")
    agent = polled(world, config)
    size, text = previewed(world, config)
    world.run(world.bin("platen"), "sync-now", "--timeout", "1s", "--config", config, check=False)
    until(agent, lambda: capture.requests)
    assert size == content_lengths(capture.requests)[0] == len(capture.requests[0][1]), text
    assert "the last upload" not in text and agent.stop() == 0
    config.write_text(config.read_text().replace(f":{capture.port}/", f":{hub.port}/"))
    sizes = []
    for level in (11, 12):
        for number in range(sim.printers):
            sim.command(cmd="set", printer=number, oid=f"{lab.SUPPLY_LEVEL}.1.1", type="integer", value=level)
        agent = polled(world, config)
        size, text = previewed(world, config)
        sizes.append(size)
        world.run(world.bin("platen"), "sync-now", "--config", config)
        assert agent.stop() == 0
    ledger = world.run(world.bin("platen-hub"), "audit", "show", "--json", "--config", hub.config).stdout
    uploads = [e["what"] for e in map(json.loads, ledger.splitlines()) if e["kind"] == "upload"]
    lengths = [int(re.search(r" bytes=(\d+)", what).group(1)) for what in uploads]
    # The first sync has two batches, as the form of the first one is not known: 64 records at most.
    assert sizes == [lengths[0] + lengths[1], lengths[2]], uploads
    assert f"{sizes[0]} bytes: this one is {sizes[0] - sizes[1]} bytes less" in text


def test_narrowed_policy_filters_what_waits(world, capture, hub):
    """Readings that wait under the default policy leave under the one of the sync."""
    sim = world.sim(2)
    config = world.agent_config(sim, capture.port, hub.secret)
    assert world.once(config)[0] == 75
    before = decode(world, capture.requests[0][1])["records"]
    serials = [r["identity"]["serial"] for r in before]
    assert len(serials) == 2 and all(serials) and all(r["meters"] for r in before)
    policy = world.file(world.dir / "policy.yaml", "leave_out: [identity.serial, alerts]\n")
    text = config.read_text().replace(f":{capture.port}/", f":{hub.port}/")
    config.write_text(f"{text}privacy:\n  meters: off\n  policy_file: {policy}\n")
    preview = world.run(world.bin("platen"), "preview", "--json", "--config", config).stdout
    assert world.once(config)[0] == 0
    devices = world.devices(hub.config)
    assert len(devices) == 2
    for device in devices:
        assert not device.get("meters") and not device.get("alerts") and device["supplies"]
        assert device["device_key"].startswith("id:") and not device["identity"].get("serial")
    for serial in (one.encode() for one in serials):
        assert serial not in preview.encode()
        assert not any(serial in body for body in hub_records(hub.config).values())
    got = world.run(world.bin("platen"), "preview", "--diff", "--config", config).stdout
    assert "0 records in 0 batches" in got
    policy.write_text("leave_out: [identity.serail]\n")
    got = world.run(world.bin("platen"), "preview", "--config", config, check=False)
    assert got.returncode == 78 and "policy.yaml:1:13" in got.stderr and "identity.serial" in got.stderr


FIELDS = {"store_kib": int, "os": str, "cpu": str, "discovery_kib": int, "disk_mib": int,
          "disk_free_mib": int, "os_bits": int, "time_zone": str, "utc_offset": str, "discovered": int,
          "memory_mib": int, "memory_free_mib": int, "name": str, "included": int, "rules": str,
          "host_id": str, "dns_name": str, "address": str}


def test_site_information_is_at_the_hub(world, hub):
    sim = world.sim(2)
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    got = world.run(world.bin("platen-hub"), "sites", "--json", "--config", hub.config).stdout
    site = json.loads(got)
    info = site["information"]
    for name, kind in FIELDS.items():
        assert isinstance(info.get(name), kind) and info[name], (name, info)
    assert info["included"] + info.get("excluded", 0) == info["discovered"] == 2
    assert info["name"] == "Lab" and info["address"] == "127.0.0.1" and not site["corporate"]
    version = world.run(world.bin("platen"), "--version").stdout.split()[-1]
    assert site["software"].endswith(version) and info["rules"] == version
    stat = os.statvfs(state_dir(config))
    assert abs(info["disk_mib"] - stat.f_blocks * stat.f_frsize // 2**20) <= 1
    used = sum(p.stat().st_blocks * 512 for p in state_dir(config).iterdir() if p.is_file())
    assert abs(info["store_kib"] + info["discovery_kib"] - used / 1024) < 1024
    text = world.run(world.bin("platen-hub"), "sites", "--config", hub.config).stdout
    assert "Lab" in text and "127.0.0.1" in text


def walk(value):
    """(key, value) of every member in a document."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key, inner
            yield from walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner)


def test_report_for_third_parties_omits_vendor_fields(world, hub):
    """The simulator's printers have meters with words and objects of the vendor."""
    sim = world.sim(4)
    config = world.agent_config(sim, hub.port, hub.secret)
    assert world.once(config)[0] == 0
    confidential = {"oid", "sum_of", "label"}
    for program, made in (("platen", config), ("platen-hub", hub.config)):
        argv = (world.bin(program), "report", "--json", "--config", made)
        whole = dict(walk(json.loads(world.run(*argv).stdout)))
        cut = dict(walk(json.loads(world.run(*argv, "--for-third-party").stdout)))
        lost = {key for key in set(whole) - set(cut)}
        assert lost and lost <= confidential, lost
        assert "serial" in cut and "value" in cut


def test_ids_of_proxy_and_host_are_stable_until_they_are_reset(world, capture):
    sim = world.sim(1)
    config = world.agent_config(sim, capture.port, "s")
    seen = []
    for action in (None, None, "reset-identity"):
        if action is not None:
            world.run(world.bin("platen"), action, "--yes", "--config", config)
        del capture.requests[:]
        assert world.once(config)[0] == 75
        head = decode(world, capture.requests[0][1])["head"]
        seen.append((head["agent_id"], head["information"]["host_id"]))
    assert seen[0] == seen[1] and seen[0][0] != seen[0][1]
    assert seen[2][0] != seen[0][0] and seen[2][1] != seen[0][1]


@pytest.mark.parametrize("bad, code, words", [
    ("no store", 1, "nothing was read here yet"), ("damaged store", 1, "store.db"),
    ("unknown key", 78, 'unknown key "privac"')])
def test_preview_names_what_is_wrong(world, bad, code, words):
    state = world.dir / "state"
    state.mkdir()
    if bad == "damaged store":
        (state / "store.db").write_text("no database\n")
    extra = "privac: {}\n" if bad == "unknown key" else ""
    config = world.file(world.dir / "p.yaml", f"state_dir: {state}\n{extra}")
    got = world.run(world.bin("platen"), "preview", "--json", "--config", config, check=False)
    assert got.returncode == code and words in got.stderr and not got.stdout
