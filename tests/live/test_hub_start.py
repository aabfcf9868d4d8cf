# SPDX-License-Identifier: Apache-2.0
"""How platen-hub starts and what its verbs do beside it: odd state directories, root's hands, and
check-config."""
import json
import os

import pytest

from conftest import ROOT, database, state_dir

OTHER_UID = 65534


def hub(world, *argv):
    return world.run(world.bin("platen-hub"), *argv, check=False)


def user_add(world, config, name):
    return hub(world, "user", "add", name, "--role", "agent", "--config", config)


def test_check_config(world):
    good = world.hub_config()
    got = hub(world, "check-config", "--config", good)
    assert (got.returncode, got.stdout, got.stderr) == (0, f"{good}: ok\n", "")
    got = hub(world, "check-config", "-c", good, "--json")
    assert (got.returncode, json.loads(got.stdout)) == (0, {"ok": True, "messages": []})
    bad = world.file(world.dir / "bad.yaml", "max_connections: 0\nlisten: {prt: 1}\n")
    want = hub(world, "run", "--config", bad)
    assert want.returncode == 78
    want = want.stderr.splitlines()
    assert want[0] == f'{bad}:1:18: "max_connections" takes 1 to 10000, not "0"'
    assert len(want) == 2
    got = hub(world, "check-config", "-c", bad)
    assert (got.returncode, got.stdout, got.stderr.splitlines()) == (78, "", want)
    got = hub(world, "check-config", "-c", bad, "--json")
    assert got.returncode == 78
    assert json.loads(got.stdout) == {"ok": False, "messages": want}
    # What check-config lets pass, run takes; and the other way round.
    key = world.certs() / "server.key"
    for mode, code, start in ((0o644, 78, 78), (0o660, 78, 78)):
        key.chmod(mode)
        got = hub(world, "check-config", "-c", good)
        assert got.returncode == code and f"{key} has mode {mode:04o}" in got.stderr
        assert hub(world, "run", "-c", good).returncode == start
    key.chmod(0o640)
    assert hub(world, "check-config", "-c", good).returncode == 0
    assert world.hub(good).stop() == 0


def test_check_config_opens_the_certificate_and_its_key(world):
    certs = world.certs()
    other = world.dir / "other"
    world.run("bash", ROOT / "tools/certs", other)
    late = world.dir / "late"
    world.run("bash", ROOT / "tools/certs", late, "--bad")
    noise = world.file(world.dir / "noise.pem", "not a pem\n")

    def check(cert, key):
        config = world.file(world.dir / "t.yaml", f"state_dir: {world.dir}/t\n"
                            f"tls: {{cert_file: {cert}, key_file: {key}}}\n")
        return hub(world, "check-config", "-c", config)

    assert check(certs / "server.pem", certs / "server.key").returncode == 0
    got = check(certs / "server.pem", other / "server.key")
    assert got.returncode == 78 and "key values mismatch" in got.stderr
    got = check(noise, certs / "server.key")
    assert got.returncode == 78 and f"cannot use the certificate in {noise}" in got.stderr
    got = check(late / "bad-expired.pem", late / "bad-expired.key")
    assert got.returncode == 0 and "days ago: agents refuse it" in got.stderr
    soon = world.dir / "soon.pem"
    world.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "20",
              "-subj", "/CN=localhost", "-keyout", soon.with_suffix(".key"), "-out", soon)
    soon.with_suffix(".key").chmod(0o600)
    got = check(soon, soon.with_suffix(".key"))
    assert got.returncode == 0 and "expires in 19 days" in got.stderr, got


def test_long_state_dir_disables_only_the_control_socket(world):
    config = world.hub_config("n" * 120)
    assert len(str(state_dir(config) / "ctl.sock")) > 107
    running = world.hub(config)
    lines = [line for line in running.log.read_text().splitlines() if "control-socket" in line]
    assert len(lines) == 1 and "level=warn" in lines[0] and "shorter state_dir" in lines[0]
    got = user_add(world, config, "agent1")
    assert got.returncode != 0 and got.stdout == ""
    assert "stop the hub" in got.stderr and "too long" in got.stderr
    assert running.stop() == 0
    assert user_add(world, config, "agent1").stdout.startswith("platen-")


def test_user_add_says_that_a_secret_was_replaced(world):
    """A mistyped name takes the access of another site away: that is not "added"."""
    running = world.hub(world.hub_config())
    for name in ("agent1", "agent2"):
        got = user_add(world, running.config, name)
        assert got.returncode == 0 and f"{name}: added as agent; this is its secret" in got.stderr, got
    for _ in range(2):  # through the daemon, then directly
        got = user_add(world, running.config, "agent1")
        assert got.returncode == 0 and got.stdout.startswith("platen-"), got
        assert "agent1: was there, its old secret is refused from now on; role agent;" in got.stderr, got
        assert running.stop() == 0
    assert "agent3: added as agent" in user_add(world, running.config, "agent3").stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="is about root")
def test_files_made_by_root_belong_to_the_hub_user(world):
    config = world.hub_config()
    where = state_dir(config)
    got = user_add(world, config, "agent1")
    assert got.returncode == 1 and got.stdout == "" and not where.exists()
    assert f"install -d -m 700 -o USER {where}" in got.stderr
    world.dir.chmod(0o711)
    where.mkdir(0o700)
    os.chown(where, OTHER_UID, OTHER_UID)
    for _ in range(2):
        assert user_add(world, config, "agent1").stdout.startswith("platen-")
        assert {p.name for p in where.iterdir()} == {"store.db", "store.lock", "audit-00000001.log",
                                                     "audit.head"}
        for path in where.iterdir():
            assert (path.stat().st_uid, path.stat().st_gid) == (OTHER_UID, OTHER_UID), path
            assert path.stat().st_mode & 0o777 == 0o600


def test_second_rotation_says_that_the_first_key_is_forgotten(world):
    running = world.hub(world.hub_config())
    assert running.stop() == 0
    said = [hub(world, "key", "rotate", "--config", running.config) for _ in range(3)]
    assert [got.returncode for got in said] == [0, 0, 0]
    forgotten = "agents that have not synchronised since then need platen trust-hub"
    assert [forgotten in got.stderr for got in said] == [False, True, True], said


def test_world_writable_state_dir_is_refused(world):
    config = world.hub_config()
    where = state_dir(config)
    where.mkdir()
    where.chmod(0o777)
    got = hub(world, "run", "--config", config)
    assert got.returncode == 77 and f"others can write into {where}" in got.stderr
    assert list(where.iterdir()) == []


def test_new_key_for_existing_store_is_reported(world):
    config = world.hub_config()
    running = world.hub(config)
    assert "hub.key" not in running.log.read_text()
    assert running.stop() == 0
    with database(state_dir(config) / "store.db", is_writing=True) as db:
        db.execute("INSERT INTO agents(agent_id, public_key, account, site, software, first_seen_ms, last_seen_ms) "
                   "VALUES(x'aa', x'bb', 'a', '', '', 1, 1)")
    again = world.hub(config)
    assert "hub.key" not in again.log.read_text()
    assert again.stop() == 0
    (state_dir(config) / "hub.key").unlink()
    last = world.hub(config)
    assert last.log.read_text().count("hub.key is missing and is made anew") == 1
