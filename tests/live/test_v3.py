# SPDX-License-Identifier: Apache-2.0
"""The conformance table of SNMPv3: the snmp_client (tests/live/v3ask.c) against net-snmp's snmpd and
against platen-sim, which share no line with it. Read the ids as the table's rows."""
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
ASK = conftest.BUILD / "tests" / "v3ask"


class Asker:
    """v3ask, asked and answered line by line."""

    def __init__(self, *options):
        self.child = subprocess.Popen([ASK, *map(str, options)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        self.peers = 0
        self.users = {}

    def tell(self, *words):
        self.child.stdin.write(" ".join(map(str, words)) + "\n")
        self.child.stdin.flush()
        assert select.select([self.child.stdout], [], [], 60)[0], words
        line = self.child.stdout.readline()
        assert line, f"v3ask ended at {words}"
        return json.loads(line)

    def user(self, name, auth="-", priv="-", passes=PASS, as_name=None):
        """A user's number; told again, its passphrases change while it is in use."""
        number = self.users.setdefault(as_name or name, len(self.users))
        got = self.tell("user", number, name, auth, passes[0], priv, passes[1])
        assert got["err"] == "", (name, got)
        return number

    def peer(self, user, place, context=""):
        self.peers = (self.peers + 1) % 64
        self.tell("peer", self.peers, user, *place, context)
        return self.peers

    def get(self, peer, *oids):
        return self.tell("ask", peer, "get", *(oids or (NAME,)))

    def count(self, *names):
        counters = self.tell("counters")
        return tuple(counters[n] for n in names)

    def close(self):
        self.child.stdin.close()
        assert self.child.wait(60) == 0


@pytest.fixture
def asker():
    """Short deadlines: the rows of troubles wait for theirs."""
    made = []

    def make(*options):
        made.append(Asker(*(options or ("--deadline", 20000, "--tries", 3))))
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
        users += [(a, f"{AUTH[a]} {self.passes[0]}") for a in AUTH] + [("nobody", "")]
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
        self.sim.ask(cmd="reboot", printer=self.number, boots=boots)

    def change_engine(self):
        self.sim.ask(cmd="engine", printer=self.number, id="80001f8804" + os.urandom(8).hex())


def sim_users(passes=PASS):
    users = [f"{a}.{p}:{a}:{passes[0]}:{p}:{passes[1]}:noauth" for a, p in PAIRS]
    users += [f"{a}:{a}:{passes[0]}:none::noauth" for a in AUTH] + ["nobody:none::none:"]
    return users


def make_agent(world, kind):
    if not ASK.exists():
        pytest.skip(f"no {ASK}")
    if kind == "snmpd":
        if SNMPD is None:
            pytest.skip("no snmpd")
        return Snmpd(world)
    options = [o for u in sim_users() for o in ("--v3", u)]
    return Printer(world.sim(1, *options, "--job-interval", 0))


@pytest.fixture(scope="module", params=AGENTS)
def shared(request):
    """One agent for all rows that leave it as it is, and one who asks."""
    if not (conftest.BUILD / "bin" / "platen").exists():
        pytest.skip(f"no programs in {conftest.BUILD}")
    with lab.Lab(conftest.BUILD, prefix="platen-v3-") as world:
        agent = make_agent(world, request.param)
        agent.kind = request.param
        agent.asker = Asker("--deadline", 20000)
        agent.hasty = Asker("--deadline", 700, "--tries", 2)
        yield agent
        agent.asker.close()
        agent.hasty.close()


@pytest.fixture(params=AGENTS)
def agent(world, request):
    return make_agent(world, request.param)


def assert_answered(got, count=1):
    assert got["err"] == "" and got["status"] == 0 and len(got["values"]) == count, got


# ---- the table -------------------------------------------------------------------------------

@pytest.mark.parametrize("auth,priv", [*PAIRS, *((a, "-") for a in AUTH), ("-", "-")],
                         ids=lambda word: {"-": "none"}.get(word, word))
def test_protocols(shared, auth, priv):
    asker = shared.asker
    name = "nobody" if auth == "-" else auth if priv == "-" else f"{auth}.{priv}"
    user = asker.user(name, auth, priv)
    peer = asker.peer(user, shared.place())
    before = asker.count("probes", "resyncs")
    for _ in range(3):
        assert_answered(asker.get(peer, NAME, UPTIME), 2)
    assert_answered(asker.tell("ask", peer, "bulk", "1.3.6.1.2.1.1"), 5)
    probes, resyncs = asker.count("probes", "resyncs")
    assert (probes - before[0], resyncs - before[1]) == (1, 0)
    assert asker.tell("engine", peer)["is_time_trusted"] == (auth != "-")


NO_OTHER_SENDER = ("engine_changes", "stray_id", "stray_source")


@pytest.mark.parametrize("user,trouble", [
    (("stranger", "sha256", "aes128", PASS), "snmp-unknown-user"),
    (("stranger", "-", "-", PASS), "snmp-unknown-user"),
    (("sha256.aes128", "sha256", "aes128", ("another-passphrase", PASS[1])), "snmp-wrong-digest"),
    (("sha256.aes128", "sha1", "aes128", PASS), "snmp-wrong-digest"),
    (("sha256.aes128", "sha256", "aes128", (PASS[0], "another-passphrase")), "snmp-wrong-privacy"),
    (("md5.des", "md5", "des", (PASS[0], "another-passphrase")), "snmp-wrong-privacy"),
    (("sha512.aes256", "sha512", "aes128", PASS), "snmp-wrong-privacy"),
    (("sha1", "sha1", "aes128", PASS), "snmp-unsupported-security-level"),
], ids=["wrong-user", "wrong-user-without-authentication", "wrong-auth-passphrase",
        "wrong-auth-protocol", "wrong-priv-passphrase", "wrong-priv-passphrase-des",
        "wrong-priv-protocol", "wrong-level"])
def test_trouble_by_name(shared, user, trouble):
    asker = shared.asker
    peer = asker.peer(asker.user(*user), shared.place())
    before = asker.count("sent", "probes", *NO_OTHER_SENDER)
    assert asker.get(peer)["err"] == trouble
    sent, probes, *others = (n - b for n, b in zip(asker.count("sent", "probes", *NO_OTHER_SENDER),
                                                      before))
    assert (probes, others) == (1, [0, 0, 0]) and sent <= 5
    # The passphrase as it should be is taken.
    if user[0] != "stranger":
        auth, priv = (user[0].split(".") + ["-"])[:2]
        asker.user(user[0], auth, priv)
        assert_answered(asker.get(peer))


def test_silence_is_not_a_wrong_passphrase(shared):
    """The control of the rows above: no listener at that port, though the engine was known."""
    asker = shared.hasty
    user = asker.user("sha256.aes128", "sha256", "aes128")
    peer = asker.peer(user, ("127.0.0.1", 1))
    asker.tell("pin", peer, "80001f8804aabbcc", 1, 1, 1)
    assert asker.get(peer)["err"] == "snmp-timeout"


def test_an_unknown_context(shared):
    """platen-sim says so; snmpd says nothing, to anybody, and what tells is that the same user is
    answered in the context that every agent has."""
    asker = shared.asker
    user = asker.user("sha256.aes128", "sha256", "aes128")
    before, = asker.count("sent")
    got = asker.get(asker.peer(user, shared.place(), "no-such-context"))
    assert got["err"] == "snmp-unknown-context", got
    assert asker.count("sent")[0] - before <= 5
    # Where the privacy is wrong besides, that is named, as nothing else can be known.
    user = asker.user("sha256.aes128", "sha256", "aes128", (PASS[0], "another-passphrase"))
    got = asker.get(asker.peer(user, shared.place(), "no-such-context"))
    assert got["err"] == "snmp-wrong-privacy", got


def test_a_context_is_another_tree(world, asker):
    if not ASK.exists():
        pytest.skip(f"no {ASK}")
    sim = world.sim(1, "--v3", "u:sha1:an-auth-passphrase:des:a-priv-passphrase", "--profile",
                    "hp-jetdirect")
    one = asker()
    user = one.user("u", "sha1", "des")
    supplies = "1.3.6.1.2.1.43.11.1.1.6"
    own = one.tell("ask", one.peer(user, Printer(sim).place()), "next", supplies)
    other = one.tell("ask", one.peer(user, Printer(sim).place(), "Jetdirect"), "next", supplies)
    assert own["err"] == other["err"] == "" and own["values"] != other["values"]
    assert one.count("stray_context", "timeouts") == (0, 0)


def test_a_passphrase_changes_live(shared):
    asker = shared.hasty
    user = asker.user("sha1.aes128", "sha1", "aes128")
    peer = asker.peer(user, shared.place())
    assert_answered(asker.get(peer))
    engine = asker.tell("engine", peer)["id"]
    asker.user("sha1.aes128", "sha1", "aes128", ("not-any-more", PASS[1]))
    assert asker.get(peer)["err"] == "snmp-wrong-digest"
    before = asker.count("probes")
    asker.user("sha1.aes128", "sha1", "aes128")
    assert_answered(asker.get(peer))
    assert asker.count("probes") == before and asker.tell("engine", peer)["id"] == engine


def test_a_restart_of_ours_needs_no_probe(shared, asker):
    first = shared.asker
    user = first.user("sha256.aes128", "sha256", "aes128")
    peer = first.peer(user, shared.place())
    assert_answered(first.get(peer))
    e = first.tell("engine", peer)
    second = asker()
    user = second.user("sha256.aes128", "sha256", "aes128")
    peer = second.peer(user, shared.place())
    second.tell("pin", peer, e["id"], e["boots"], e["time"], 1)
    got = second.get(peer)
    assert_answered(got)
    assert got["tries"] == 1
    assert second.count("sent", "probes", "resyncs", "reports") == (1, 0, 0, 0)


@pytest.mark.parametrize("by_s", [-100000, -200, 200, 100000])
def test_a_clock_that_jumped(shared, by_s):
    """Ours against the printer's, either way: one resynchronisation, then as before."""
    asker = shared.asker
    user = asker.user("sha256.aes128", "sha256", "aes128")
    peer = asker.peer(user, shared.place())
    assert_answered(asker.get(peer))
    e = asker.tell("engine", peer)
    moved = max(e["time"] - by_s, 0)
    asker.tell("pin", peer, e["id"], e["boots"] + (1 if moved == 0 else 0), moved, 1)
    before = asker.count("probes", "resyncs", "timeouts")
    for _ in range(3):
        assert_answered(asker.get(peer))
    assert asker.count("probes", "resyncs", "timeouts") == (before[0], before[1] + 1, before[2])
    after = asker.tell("engine", peer)
    assert after["boots"] == e["boots"] and 0 <= after["time"] - e["time"] < 60


def test_boots_begin_anew(agent, asker):
    """engineBoots goes down: stock libraries take every answer for a recording from then on."""
    one = asker()
    agent.restart_with_boots(40)
    user = one.user("sha256.aes128", "sha256", "aes128")
    peer = one.peer(user, agent.place())
    assert_answered(one.get(peer))
    high = one.tell("engine", peer)["boots"]
    assert high >= 40
    agent.restart_with_boots(2)
    for _ in range(3):
        assert_answered(one.get(peer))
    assert one.tell("engine", peer)["boots"] < 10
    assert one.count("probes", "resyncs", "timeouts") == (1, 1, 0)
    agent.restart_with_boots(high)
    assert_answered(one.get(peer))
    assert one.count("probes", "resyncs", "timeouts") == (1, 2, 0)


def test_a_printer_that_keeps_rebooting(world, asker):
    """With boots that go up, stay or begin anew: each reboot costs one resynchronisation at most,
    and no question."""
    printer = make_agent(world, "sim")
    one = asker()
    peer = one.peer(one.user("sha256.aes128", "sha256", "aes128"), printer.place())
    assert_answered(one.get(peer))
    reboots = conftest.count("V3_REBOOTS")
    for n in range(reboots):
        printer.restart_with_boots((n * 7919) % 1000 + 1)
        assert_answered(one.get(peer))
    probes, resyncs, timeouts, answered = one.count("probes", "resyncs", "timeouts", "answered")
    assert probes == 1 and resyncs <= reboots and timeouts == 0 and answered == reboots + 1


@pytest.mark.parametrize("keys", ["same-keys", "other-keys"])
@pytest.mark.parametrize("kind", AGENTS)
def test_one_engine_id_twice(world, asker, kind, keys):
    other = PASS if keys == "same-keys" else ("another-passphrase", "yet-another-one")
    one = asker()
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
            assert_answered(one.get(peer))
    engines = [one.tell("engine", peer) for peer in peers]
    assert engines[0]["id"] == engines[1]["id"] and engines[0]["boots"] != engines[1]["boots"]
    assert one.count("probes", "resyncs", "timeouts", "reports") == (2, 0, 0, 2)


def test_another_engine_is_flagged(agent, asker):
    lax, strict = asker("--deadline", 1000), asker("--deadline", 1000, "--refuse")
    peers = []
    for one in (lax, strict):
        user = one.user("sha256.aes128", "sha256", "aes128")
        peers.append(one.peer(user, agent.place()))
        assert_answered(one.get(peers[-1]))
    old = lax.tell("engine", peers[0])["id"]
    agent.change_engine()
    assert strict.get(peers[1])["err"] == "snmp-other-engine"
    assert strict.tell("engine", peers[1])["id"] == old
    # The new one is found by a probe and pinned by an authentic response, not by the Report.
    assert_answered(lax.get(peers[0]))
    assert lax.tell("engine", peers[0])["id"] != old
    for one, peer in zip((lax, strict), peers):
        assert one.tell("engine", peer)["is_engine_changed"] and one.count("engine_changes") == (1,)
    # Refused until the operator accepts it.
    assert strict.get(peers[1])["err"] == "snmp-other-engine"
    assert strict.tell("engine", peers[1])["id"] == old
    strict.tell("forget", peers[1])
    assert_answered(strict.get(peers[1]))
