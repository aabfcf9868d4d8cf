# SPDX-License-Identifier: Apache-2.0
"""The conformance table of SNMPv3: the client (tests/live/v3client.c) against net-snmp's snmpd and
platen-sim, which share no code with it. The test ids are the rows of the table."""
import json
import os
import select
import subprocess

import pytest

import conftest
import lab
from test_snmpd import SNMPD, udp_port

NAME = "1.3.6.1.2.1.1.5.0"
UPTIME = "1.3.6.1.2.1.1.3.0"
AUTH = {"md5": "MD5", "sha1": "SHA", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384",
        "sha512": "SHA-512"}
PRIV = {"des": "DES", "aes128": "AES", "aes192": "AES192", "aes256": "AES256",
        "aes192c": "AES192C", "aes256c": "AES256C"}
PASS = ("an-auth-passphrase", "a-priv-passphrase")
PAIRS = [(a, p) for a in AUTH for p in PRIV]
AGENTS = ["snmpd", "sim"]
CLIENT = conftest.BUILD / "tests" / "v3client"


class V3Client:
    """Runs v3client: one command line, one line of JSON in return."""

    def __init__(self, *options):
        self.child = subprocess.Popen([CLIENT, *map(str, options)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self.peers = 0
        self.users = {}

    def command(self, *words):
        self.child.stdin.write(" ".join(map(str, words)) + "\n")
        self.child.stdin.flush()
        assert select.select([self.child.stdout], [], [], 60)[0], words
        line = self.child.stdout.readline()
        assert line, f"v3client ended at {words}"
        return json.loads(line)

    def user(self, name, auth="-", priv="-", passes=PASS, as_name=None):
        """A user's number; a second call changes its passphrases."""
        number = self.users.setdefault(as_name or name, len(self.users))
        got = self.command("user", number, name, auth, passes[0], priv, passes[1])
        assert got["err"] == "", (name, got)
        return number

    def peer(self, user, place, context=""):
        self.peers = (self.peers + 1) % 64
        self.command("peer", self.peers, user, *place, context)
        return self.peers

    def get(self, peer, *oids):
        return self.command("send", peer, "get", *(oids or (NAME,)))

    def count(self, *names):
        counters = self.command("counters")
        return tuple(counters[n] for n in names)

    def close(self):
        self.child.stdin.close()
        assert self.child.wait(60) == 0


@pytest.fixture
def client():
    """Short deadlines: rows with errors wait until theirs."""
    made = []

    def make(*options):
        made.append(V3Client(*(options or ("--deadline", 20000, "--tries", 3))))
        return made[-1]

    yield make
    for one in made:
        one.close()


# ---- the two agents --------------------------------------------------------------------------

class Snmpd:
    """net-snmp's agent with its own persistent folder."""

    def __init__(self, world, name="snmpd", engine=None, passes=PASS):
        self.world = world
        self.dir = world.dir / name
        self.dir.mkdir()
        self.engine = engine
        self.passes = passes
        self.program = None
        self.port = 0
        self.start()

    def config(self):
        users = [(f"{a}.{p}", f"{AUTH[a]} {self.passes[0]} {PRIV[p]} {self.passes[1]}")
                 for a, p in PAIRS]
        users += [(a, f"{AUTH[a]} {self.passes[0]}") for a in AUTH] + [("unknown-user", "")]
        lines = [f"createUser {name} {rest}" for name, rest in users]
        lines += [f"rouser {name} noauth" for name, _ in users]
        lines += [f"agentXSocket {self.dir}/agentx", "sysName planted"]
        if self.engine:
            lines.append(f"exactEngineID 0x{self.engine}")
        return "\n".join(lines) + "\n"

    def start(self):
        path = self.world.file(self.dir / "agent.conf", self.config())
        argv = ["/usr/bin/env", "MIBS=", f"SNMP_PERSISTENT_DIR={self.dir}", SNMPD, "-f", "-Lo",
                "-C", "-c", f"{path},{self.dir}/snmpd.conf", "-I",
                "-smux,mteTrigger,mteTriggerConf", f"-p{self.dir}/pid", f"udp:127.0.0.1:{self.port}"]
        log = self.dir / "log"
        since = log.stat().st_size if log.exists() else 0
        self.program = lab.Program("snmpd", argv, log, ready_on=None)
        self.world.programs.append(self.program)
        self.program.wait_for_log("NET-SNMP version", 30, since)
        self.port = udp_port(self.program.pid)
        assert self.port

    def stop(self):
        assert self.program.stop() == 0

    def place(self):
        return "127.0.0.1", self.port

    def restart_with_boots(self, boots):
        self.stop()
        stored = self.dir / "snmpd.conf"
        lines = stored.read_text().splitlines()
        assert any(l.startswith("engineBoots") for l in lines)
        lines = [f"engineBoots {boots}" if l.startswith("engineBoots") else l for l in lines]
        stored.write_text("\n".join(lines) + "\n")
        self.start()

    def change_engine(self):
        self.stop()
        (self.dir / "snmpd.conf").unlink()
        self.engine = "80001f8804" + os.urandom(8).hex()
        self.start()


class Printer:
    """A printer of platen-sim."""

    def __init__(self, sim, number=0):
        self.sim = sim
        self.number = number

    def place(self):
        return self.sim.address(self.number), self.sim.info["port"]

    def restart_with_boots(self, boots):
        self.sim.command(cmd="reboot", printer=self.number, boots=boots)

    def change_engine(self):
        self.sim.command(cmd="engine", printer=self.number, id="80001f8804" + os.urandom(8).hex())


def sim_users(passes=PASS):
    users = [f"{a}.{p}:{a}:{passes[0]}:{p}:{passes[1]}:noauth" for a, p in PAIRS]
    users += [f"{a}:{a}:{passes[0]}:none::noauth" for a in AUTH] + ["unknown-user:none::none:"]
    return users


def make_agent(world, kind):
    if not CLIENT.exists():
        pytest.skip(f"no {CLIENT}")
    if kind == "snmpd":
        if SNMPD is None:
            pytest.skip("no snmpd")
        return Snmpd(world)
    options = [o for u in sim_users() for o in ("--v3", u)]
    return Printer(world.sim(1, *options, "--job-interval", 0))


@pytest.fixture(scope="module", params=AGENTS)
def shared(request):
    """One agent for all rows that do not change it, with its two clients."""
    if not (conftest.BUILD / "bin" / "platen").exists():
        pytest.skip(f"no programs in {conftest.BUILD}")
    with lab.Lab(conftest.BUILD, prefix="platen-v3-") as world:
        agent = make_agent(world, request.param)
        agent.kind = request.param
        agent.client = V3Client("--deadline", 20000)
        agent.quick = V3Client("--deadline", 700, "--tries", 2)
        yield agent
        agent.client.close()
        agent.quick.close()


@pytest.fixture(params=AGENTS)
def agent(world, request):
    return make_agent(world, request.param)


def assert_response(got, count=1):
    assert got["err"] == "" and got["status"] == 0 and len(got["values"]) == count, got


# ---- the table -------------------------------------------------------------------------------

@pytest.mark.parametrize("auth,priv", [*PAIRS, *((a, "-") for a in AUTH), ("-", "-")],
                         ids=lambda word: {"-": "none"}.get(word, word))
def test_every_suite_interoperates(shared, auth, priv):
    client = shared.client
    name = "unknown-user" if auth == "-" else auth if priv == "-" else f"{auth}.{priv}"
    user = client.user(name, auth, priv)
    peer = client.peer(user, shared.place())
    before = client.count("probes", "resyncs")
    for _ in range(3):
        assert_response(client.get(peer, NAME, UPTIME), 2)
    assert_response(client.command("send", peer, "bulk", "1.3.6.1.2.1.1"), 5)
    probes, resyncs = client.count("probes", "resyncs")
    assert (probes - before[0], resyncs - before[1]) == (1, 0)
    assert client.command("engine", peer)["is_time_trusted"] == (auth != "-")


NO_OTHER_SENDER = ("engine_changes", "stray_id", "stray_source")


@pytest.mark.parametrize("user,trouble", [
    (("no-such-user", "sha256", "aes128", PASS), "snmp-unknown-user"),
    (("no-such-user", "-", "-", PASS), "snmp-unknown-user"),
    (("sha256.aes128", "sha256", "aes128", ("another-passphrase", PASS[1])), "snmp-wrong-digest"),
    (("sha256.aes128", "sha1", "aes128", PASS), "snmp-wrong-digest"),
    (("sha256.aes128", "sha256", "aes128", (PASS[0], "another-passphrase")), "snmp-wrong-privacy"),
    (("md5.des", "md5", "des", (PASS[0], "another-passphrase")), "snmp-wrong-privacy"),
    (("sha512.aes256", "sha512", "aes128", PASS), "snmp-wrong-privacy"),
    (("sha1", "sha1", "aes128", PASS), "snmp-unsupported-security-level"),
], ids=["wrong-user", "wrong-user-without-authentication", "wrong-auth-passphrase",
        "wrong-auth-protocol", "wrong-priv-passphrase", "wrong-priv-passphrase-des",
        "wrong-priv-protocol", "wrong-level"])
def test_wrong_credential_is_named(shared, user, trouble):
    client = shared.client
    peer = client.peer(client.user(*user), shared.place())
    before = client.count("sent", "probes", *NO_OTHER_SENDER)
    assert client.get(peer)["err"] == trouble
    sent, probes, *others = (n - b for n, b in zip(client.count("sent", "probes", *NO_OTHER_SENDER),
                                                      before))
    assert (probes, others) == (1, [0, 0, 0]) and sent <= 5
    # The right passphrase works afterwards.
    if user[0] != "no-such-user":
        auth, priv = (user[0].split(".") + ["-"])[:2]
        client.user(user[0], auth, priv)
        assert_response(client.get(peer))


def test_silence_is_a_timeout(shared):
    """The control of the rows above: no listener at the port of a known engine."""
    client = shared.quick
    user = client.user("sha256.aes128", "sha256", "aes128")
    peer = client.peer(user, ("127.0.0.1", 1))
    client.command("pin", peer, "80001f8804aabbcc", 1, 1, 1)
    assert client.get(peer)["err"] == "snmp-timeout"


def test_unknown_context_is_named(shared):
    """platen-sim sends a Report; snmpd sends nothing: the client then sends the same user a request
    in the default context, which every agent has."""
    client = shared.client
    user = client.user("sha256.aes128", "sha256", "aes128")
    before, = client.count("sent")
    got = client.get(client.peer(user, shared.place(), "no-such-context"))
    assert got["err"] == "snmp-unknown-context", got
    assert client.count("sent")[0] - before <= 5
    # A wrong privacy key hides the context: the error names the key.
    user = client.user("sha256.aes128", "sha256", "aes128", (PASS[0], "another-passphrase"))
    got = client.get(client.peer(user, shared.place(), "no-such-context"))
    assert got["err"] == "snmp-wrong-privacy", got


def test_contexts_have_their_own_values(world, client):
    if not CLIENT.exists():
        pytest.skip(f"no {CLIENT}")
    sim = world.sim(1, "--v3", "u:sha1:an-auth-passphrase:des:a-priv-passphrase", "--profile",
                    "hp-jetdirect")
    one = client()
    user = one.user("u", "sha1", "des")
    supplies = "1.3.6.1.2.1.43.11.1.1.6"
    own = one.command("send", one.peer(user, Printer(sim).place()), "next", supplies)
    other = one.command("send", one.peer(user, Printer(sim).place(), "Jetdirect"), "next", supplies)
    assert own["err"] == other["err"] == "" and own["values"] != other["values"]
    assert one.count("stray_context", "timeouts") == (0, 0)


def test_passphrase_can_change_at_run_time(shared):
    client = shared.quick
    user = client.user("sha1.aes128", "sha1", "aes128")
    peer = client.peer(user, shared.place())
    assert_response(client.get(peer))
    engine = client.command("engine", peer)["id"]
    client.user("sha1.aes128", "sha1", "aes128", ("not-any-more", PASS[1]))
    assert client.get(peer)["err"] == "snmp-wrong-digest"
    before = client.count("probes")
    client.user("sha1.aes128", "sha1", "aes128")
    assert_response(client.get(peer))
    assert client.count("probes") == before and client.command("engine", peer)["id"] == engine


def test_stored_engine_needs_no_probe(shared, client):
    first = shared.client
    user = first.user("sha256.aes128", "sha256", "aes128")
    peer = first.peer(user, shared.place())
    assert_response(first.get(peer))
    e = first.command("engine", peer)
    second = client()
    user = second.user("sha256.aes128", "sha256", "aes128")
    peer = second.peer(user, shared.place())
    second.command("pin", peer, e["id"], e["boots"], e["time"], 1)
    got = second.get(peer)
    assert_response(got)
    assert got["tries"] == 1
    assert second.count("sent", "probes", "resyncs", "reports") == (1, 0, 0, 0)


@pytest.mark.parametrize("by_s", [-100000, -200, 200, 100000])
def test_clock_jump_costs_one_resync(shared, by_s):
    """The stored clock differs from the printer's: one resynchronisation."""
    client = shared.client
    user = client.user("sha256.aes128", "sha256", "aes128")
    peer = client.peer(user, shared.place())
    assert_response(client.get(peer))
    e = client.command("engine", peer)
    moved = max(e["time"] - by_s, 0)
    client.command("pin", peer, e["id"], e["boots"] + (1 if moved == 0 else 0), moved, 1)
    before = client.count("probes", "resyncs", "timeouts")
    for _ in range(3):
        assert_response(client.get(peer))
    assert client.count("probes", "resyncs", "timeouts") == (before[0], before[1] + 1, before[2])
    after = client.command("engine", peer)
    assert after["boots"] == e["boots"] and 0 <= after["time"] - e["time"] < 60


def test_lower_engine_boots_are_accepted(agent, client):
    """engineBoots goes down: stock libraries discard every later response as a replay."""
    one = client()
    agent.restart_with_boots(40)
    user = one.user("sha256.aes128", "sha256", "aes128")
    peer = one.peer(user, agent.place())
    assert_response(one.get(peer))
    high = one.command("engine", peer)["boots"]
    assert high >= 40
    agent.restart_with_boots(2)
    for _ in range(3):
        assert_response(one.get(peer))
    assert one.command("engine", peer)["boots"] < 10
    assert one.count("probes", "resyncs", "timeouts") == (1, 1, 0)
    agent.restart_with_boots(high)
    assert_response(one.get(peer))
    assert one.count("probes", "resyncs", "timeouts") == (1, 2, 0)


def test_each_reboot_costs_one_resync(world, client):
    """With boots that go up, stay or begin anew: each reboot costs one resynchronisation at most,
    and no request."""
    printer = make_agent(world, "sim")
    one = client()
    peer = one.peer(one.user("sha256.aes128", "sha256", "aes128"), printer.place())
    assert_response(one.get(peer))
    reboots = conftest.count("V3_REBOOTS")
    for n in range(reboots):
        printer.restart_with_boots((n * 7919) % 1000 + 1)
        assert_response(one.get(peer))
    probes, resyncs, timeouts, responses = one.count("probes", "resyncs", "timeouts", "responses")
    assert probes == 1 and resyncs <= reboots and timeouts == 0 and responses == reboots + 1


@pytest.mark.parametrize("keys", ["same-keys", "other-keys"])
@pytest.mark.parametrize("kind", AGENTS)
def test_two_printers_share_one_engine_id(world, client, kind, keys):
    other = PASS if keys == "same-keys" else ("another-passphrase", "yet-another-one")
    one = client()
    if kind == "snmpd":
        if SNMPD is None:
            pytest.skip("no snmpd")
        agents = [Snmpd(world, "a", "80001f8804616263646566", PASS),
                  Snmpd(world, "b", "80001f8804616263646566", other)]
        agents[1].restart_with_boots(30)
    else:
        users = world.file(world.dir / "users", "".join(
            f"{n} {u}\n" for n, passes in enumerate((PASS, other)) for u in sim_users(passes)))
        sim = world.sim(2, "--v3-users", users, "--duplicate-engine", "0-1", "--job-interval", 0)
        agents = [Printer(sim, 0), Printer(sim, 1)]
        agents[1].restart_with_boots(30)
    peers = []
    for n, passes in enumerate((PASS, other)):
        user = one.user("sha1.aes256", "sha1", "aes256", passes, as_name=n)
        peers.append(one.peer(user, agents[n].place()))
    for _ in range(4):
        for peer in peers:
            assert_response(one.get(peer))
    engines = [one.command("engine", peer) for peer in peers]
    assert engines[0]["id"] == engines[1]["id"] and engines[0]["boots"] != engines[1]["boots"]
    assert one.count("probes", "resyncs", "timeouts", "reports") == (2, 0, 0, 2)


def test_changed_engine_is_reported(agent, client):
    lax, strict = client("--deadline", 1000), client("--deadline", 1000, "--refuse")
    peers = []
    for one in (lax, strict):
        user = one.user("sha256.aes128", "sha256", "aes128")
        peers.append(one.peer(user, agent.place()))
        assert_response(one.get(peers[-1]))
    old = lax.command("engine", peers[0])["id"]
    agent.change_engine()
    assert strict.get(peers[1])["err"] == "snmp-other-engine"
    assert strict.command("engine", peers[1])["id"] == old
    # The new one is found by a probe and pinned by an authentic response, not by the Report.
    assert_response(lax.get(peers[0]))
    assert lax.command("engine", peers[0])["id"] != old
    for one, peer in zip((lax, strict), peers):
        assert one.command("engine", peer)["is_engine_changed"]
        assert one.count("engine_changes") == (1,)
    # Refused until the operator accepts it.
    assert strict.get(peers[1])["err"] == "snmp-other-engine"
    assert strict.command("engine", peers[1])["id"] == old
    strict.command("forget", peers[1])
    assert_response(strict.get(peers[1]))
