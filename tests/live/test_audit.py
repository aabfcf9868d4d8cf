# SPDX-License-Identifier: Apache-2.0
"""The audit of agent and hub (S5): one entry for each sync, failed login, change and action on both sides, and every
change of the ledger is found."""
import json
import os
import pwd
import signal

from conftest import hub_records, state_dir

OK, FAILED, USAGE, CONFIG = 0, 1, 2, 78
LOGINS = 8  # failed ones: after 10 the hub delays the next (429)
SYNCS = 64
RELOADS = 10
ACCOUNTS = 7


def audit(world, program, config, verb, *options, code=OK):
    got = world.run(world.bin(program), "audit", verb, *options, "--config", config, check=False)
    assert got.returncode == code, got
    return got


def entries(world, program, config, *options):
    lines = audit(world, program, config, "show", "--json", *options).stdout.splitlines()
    return [json.loads(line) for line in lines]


def of_kind(all_entries, kind):
    return [e for e in all_entries if e["kind"] == kind]


def words(entry):
    return dict(word.split("=", 1) for word in entry["what"].split(" ") if "=" in word)


def platen(world, *words_, code=OK):
    got = world.run(world.bin("platen"), *words_, check=False)
    assert got.returncode == code, got
    return got


def reload(program, world, text):
    since = len(program.log.read_text())
    program.signal(signal.SIGHUP)
    program.wait_for_log(text, 30, since)


def hundred_actions(world, hub, sim):
    """100 mixed actions of an agent that runs, one with a wrong secret, and an operator; returns the configurations."""
    config = world.agent_config(sim, hub.port, hub.secret, name="good", extra="sync:\n  interval: 7d\n")
    bad = world.agent_config(sim, hub.port, "wrong" * 8, name="bad", extra="sync:\n  interval: 7d\n")
    agents = [world.agent(c) for c in (config, bad)]
    for _ in range(SYNCS):
        platen(world, "sync-now", "--config", config)
    for _ in range(LOGINS):
        platen(world, "sync-now", "--config", bad, code=77)
    for number in range(ACCOUNTS):
        world.add_agent(hub.config, f"another{number}")
    for _ in range(RELOADS):
        reload(agents[0], world, "what=reloaded")
        reload(hub, world, "what=reloaded")
    text = config.read_text()
    config.write_text(text + "nonsense: 1\n")
    reload(agents[0], world, "the old configuration stays")
    config.write_text(text)
    at_hub = hub.config.read_text()
    hub.config.write_text(at_hub + "# in force\n")
    reload(hub, world, "what=reloaded")
    hub.config.write_text(at_hub + "nonsense: 1\n")
    reload(hub, world, "the old configuration stays")
    hub.config.write_text(at_hub)
    for agent in agents:
        assert agent.stop() == 0
    return config, bad


def by_request(found, user):
    """The syncs that the user asked for, and the one that a new agent makes in its first minutes."""
    syncs = of_kind(found, "sync")
    asked = [e for e in syncs if f'sync-now="{user}"' in e["what"]]
    own = [e for e in syncs if e not in asked]
    assert len(own) <= 1, own
    return asked, own


def test_hundred_mixed_actions_have_one_entry_each_on_both_sides(world, hub):
    config, bad = hundred_actions(world, hub, world.sim(3, "--job-interval", "0"))
    good, wrong = entries(world, "platen", config), entries(world, "platen", bad)
    at_hub = entries(world, "platen-hub", hub.config)
    me = f"user {os.getuid()}"
    asked, own = by_request(good, me)
    assert len(asked) == SYNCS and {e["result"] for e in asked + own} == {"ok"}
    refused, own = by_request(wrong, me)
    assert len(refused) == LOGINS and {e["result"] for e in refused + own} == {"authentication-refused"}
    logins = of_kind(at_hub, "login")
    assert len(logins) == LOGINS + len(own) and all(e["who"].startswith("agent1 from 127.") for e in logins)
    # Each receipted batch is an upload, by the same digest and numbers.
    batches, uploads = of_kind(good, "batch"), of_kind(at_hub, "upload")
    assert len(batches) >= 1
    assert [words(e)["batch"] for e in batches] == [words(e)["batch"] for e in uploads]
    assert [words(e)["last"] for e in batches] == [words(e)["last"] for e in uploads]
    assert sum(int(words(e)["records"]) for e in of_kind(good, "sync")) == len(hub_records(hub.config)) >= 1
    # A request has one length: of the batch, of its sync, and as the hub received it.
    lengths = {kind: sum(int(words(e)["bytes"]) for e in found)
               for kind, found in (("batch", batches), ("upload", uploads), ("sync", of_kind(good, "sync")))}
    assert len(set(lengths.values())) == 1, lengths
    # Start, reloads, and the one that was refused.
    assert [e["result"] for e in of_kind(good, "config")] == ["ok"] * (1 + RELOADS) + ["configuration-wrong"]
    assert len(of_kind(wrong, "config")) == 1
    reloads = of_kind(at_hub, "config")
    assert [e["result"] for e in reloads] == ["ok"] * (1 + RELOADS + 1) + ["configuration-wrong"]
    # A refused configuration leaves the one in force, which is not that of the start.
    digests = [words(e)["digest"] for e in reloads]
    assert digests[-1] == digests[-2] != digests[0] and "nonsense" in reloads[-1]["what"]
    accounts = of_kind(at_hub, "account")
    assert [words(e)["name"] for e in accounts][-ACCOUNTS:] == [f"another{n}" for n in range(ACCOUNTS)]
    assert {e["who"] for e in accounts} == {me}
    assert [words(e)["what"] for e in of_kind(good, "key")] == ["hub-key-pinned"]
    assert [words(e)["what"] for e in of_kind(at_hub, "key")] == ["agent-key-pinned"]
    # Nothing else: what is not named above is the head of a segment.
    named = {"sync", "batch", "config", "key", "login", "upload", "account", "segment"}
    assert {e["kind"] for e in good + wrong + at_hub} == named
    check_witnesses(world, hub, config)


def check_witnesses(world, hub, config):
    """Each side finds in its ledger what the other has witnessed of it; not in a ledger that was made anew."""
    ours, theirs = world.dir / "agent.ledger", world.dir / "hub.ledger"
    ours.write_text(audit(world, "platen", config, "export").stdout)
    theirs.write_text(audit(world, "platen-hub", hub.config, "export").stdout)
    assert "verified" in audit(world, "platen", config, "verify").stdout
    assert "verified" in audit(world, "platen-hub", hub.config, "verify", ours).stdout
    got = json.loads(audit(world, "platen", config, "verify", "--peer", theirs, "--json").stdout)
    assert got["ok"] and got["witnessed"] >= 1 and got["witnessed_missing"] == 0
    got = json.loads(audit(world, "platen-hub", hub.config, "verify", "--peer", ours, "--json").stdout)
    assert got["ok"] and got["witnessed"] >= 1
    # Without its identity the agent cannot tell which digests of the hub's ledger are its own.
    identity = state_dir(config) / "agent.id"
    identity.rename(identity.with_suffix(".away"))
    got = audit(world, "platen", config, "verify", "--peer", theirs, code=FAILED)
    assert "agent.id cannot be read" in got.stderr and "verified" not in got.stdout
    identity.with_suffix(".away").rename(identity)
    # A ledger that was made anew up to the same number, with digests that fit, is known to be another one.
    world.run("/usr/bin/python3", "-c", FORGE, state_dir(config))
    assert "verified" in audit(world, "platen", config, "verify").stdout
    got = audit(world, "platen", config, "verify", "--peer", theirs, code=FAILED)
    assert "the other side has witnessed are not in this ledger" in got.stdout


# Another value in the entry of the start, and every digest after it made anew.
FORGE = """
import hashlib, pathlib, sys
folder = pathlib.Path(sys.argv[1])
before, number = bytes(32), 0
path = folder / "audit-00000001.log"
out = b""
for line in path.read_bytes().splitlines():
    body = line.rsplit(b"\\t", 1)[0].replace(b"start=yes", b"start=no")
    before = hashlib.sha256(before + body).digest()
    number = int(body.split(b"\\t")[0])
    out += body + b"\\t" + before.hex().encode() + b"\\n"
path.write_bytes(out)
(folder / "audit.head").write_text(f"{1:010d} {number:020d} {before.hex()}\\n")
"""


def test_changed_ledger_is_named(world):
    config = world.agent_config(world.sim(1))
    got = audit(world, "platen", config, "show", code=FAILED)
    assert "nothing is in the audit yet" in got.stderr
    for number in range(3):  # a changed configuration each time
        config.write_text(config.read_text() + f"# {number}\n")
        assert world.once(config)[0] == OK
    path = state_dir(config) / "audit-00000001.log"
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert len(of_kind(entries(world, "platen", config), "config")) == 3
    cases = {"missing: entries before it": lines[:1] + lines[2:],
             "changed: its digest": [lines[0], lines[1].replace(b"ok", b"no"), *lines[2:]],
             "reordered": [lines[0], lines[2], lines[1], *lines[3:]],
             "the ledger ends before it": lines[:-1]}
    for cause, changed in cases.items():
        path.write_bytes(b"".join(changed))
        got = audit(world, "platen", config, "verify", code=FAILED)
        assert cause in got.stdout and "segment 1 entry" in got.stdout, (cause, got.stdout)
        assert not json.loads(audit(world, "platen", config, "verify", "--json", code=FAILED).stdout)["ok"]
        path.write_bytes(whole)
    assert "verified" in audit(world, "platen", config, "verify").stdout
    path.unlink()
    assert "segment 1" in audit(world, "platen", config, "verify", code=FAILED).stdout
    path.write_bytes(whole)
    assert entries(world, "platen", config, "--since", "1h") != []
    assert entries(world, "platen", config, "--until", "2026-01-01") == []
    for option in ("soon", "2026-13-01"):
        assert "take 7d" in audit(world, "platen", config, "show", "--since", option, code=USAGE).stderr
    audit(world, "platen", world.dir / "missing.yaml", "show", code=CONFIG)
    audit(world, "platen", config, "verify", world.dir / "missing.ledger", code=FAILED)


def test_refused_sync_now_names_the_user_by_number(world):
    """The exported ledger, which may leave this host, has no login name; the table shows it."""
    config = world.agent_config(world.sim(1))
    agent = world.agent(config)
    platen(world, "sync-now", "--config", config, code=CONFIG)
    assert agent.stop() == 0
    action, = of_kind(entries(world, "platen", config), "action")
    assert action["who"] == f"user {os.getuid()}" and action["result"] == "configuration-wrong"
    assert 'what=sync-now why="no hub is configured' in action["what"]
    login = pwd.getpwuid(os.getuid()).pw_name
    assert f"{action['who']} ({login})" in audit(world, "platen", config, "show").stdout
    assert f"{action['who']}\t" in audit(world, "platen", config, "export").stdout
    assert f"({login})" not in audit(world, "platen", config, "export").stdout
