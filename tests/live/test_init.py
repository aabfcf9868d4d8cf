# SPDX-License-Identifier: Apache-2.0
"""`platen init` writes a configuration that check-config accepts, from options and on a terminal (S83)."""
import os
import pty
import select
import subprocess
import time

from conftest import status

OK, FAILED, USAGE, CONFIG = 0, 1, 2, 78


def init(world, config, *options, stdin=None):
    return world.run(world.bin("platen"), "init", "--config", config, "--state-dir", world.dir / "state",
                     *options, check=False, stdin=stdin)


def mode(path):
    return path.stat().st_mode & 0o777


def test_init_from_options_makes_what_the_agent_needs(world, hub):
    sim = world.sim(2)
    config = world.dir / "made" / "platen.yaml"
    config.parent.mkdir()
    options = ("--site", 'Lyon "Part-Dieu"', "--range",
               f"{sim.address(0)}:{sim.info['port']}", "--range", f"{sim.address(1)}:{sim.info['port']}",
               "--hub", f"https://127.0.0.1:{hub.port}/", "--user", "agent1", "--password-file", "-",
               "--ca-file", world.certs() / "ca.pem", "--at", "13:30", "--timezone", "Europe/Paris")
    got = init(world, config, *options, stdin=hub.secret + "\n")
    assert got.returncode == OK and "syncs: 13:30 (Europe/Paris)" in got.stdout, got
    secret = config.parent / "hub.secret"
    assert secret.read_text() == hub.secret + "\n" and mode(secret) in (0o600, 0o640)
    assert mode(config) in (0o600, 0o640) and hub.secret not in config.read_text() + got.stdout
    assert sorted(f.name for f in config.parent.iterdir()) == ["hub.secret", "platen.yaml"]
    assert world.run(world.bin("platen"), "check-config", "--config", config).returncode == OK
    code, summary, _ = world.once(config)
    assert (code, summary["sent"]) == (OK, 2)
    assert status(world, config)["site"] == 'Lyon "Part-Dieu"'
    assert status(world, config)["hub"]["schedule"] == "13:30 (Europe/Paris)"
    # Nothing is written over.
    before = config.read_text()
    got = init(world, config, *options, stdin="other\n")
    assert got.returncode == FAILED and "--force writes over it" in got.stderr, got
    assert (config.read_text(), secret.read_text()) == (before, hub.secret + "\n")
    got = init(world, config, *options, "--force", stdin="other\n")
    assert got.returncode == OK and secret.read_text() == "other\n"


def test_init_takes_relative_paths_from_the_working_directory(world):
    """The configuration's own relative paths begin in its folder, those of a command line do not."""
    (world.dir / "made").mkdir()
    (world.dir / "ca.pem").write_bytes((world.certs() / "ca.pem").read_bytes())
    community = world.dir / "community"
    community.write_text("secret\n")
    community.chmod(0o600)
    got = subprocess.run([world.bin("platen"), "init", "--config", "made/platen.yaml", "--state-dir", "state",
                          "--range", "10.1.4.7", "--hub", "https://hub.example.net/", "--user", "u",
                          "--password-file", "-", "--ca-file", "ca.pem", "--community-file", community.name],
                         cwd=world.dir, input="secret\n", capture_output=True, text=True, timeout=60, check=False)
    assert got.returncode == OK, got
    text = (world.dir / "made" / "platen.yaml").read_text()
    for path in ("made/hub.secret", "ca.pem", "community", "state"):
        assert f': "{world.dir / path}"\n' in text, (path, text)


def test_init_writes_nothing_that_check_config_refuses(world):
    config = world.dir / "platen.yaml"
    refused = (
        (CONFIG, "https", ("--range", "10.1.4.0/24", "--hub", "http://hub/", "--user", "u",
                           "--password-file", "-")),
        (CONFIG, "time zone", ("--range", "10.1.4.0/24", "--at", "13:30", "--timezone", "Mars/Olympus")),
        (CONFIG, "range", ("--range", "10.1.4.0/99")),
        (USAGE, "--range is needed", ()),
        (USAGE, "--hub needs --user", ("--range", "10.1.4.0/24", "--hub", "https://hub/")),
        (USAGE, "--hub needs --password-file", ("--range", "10.1.4.0/24", "--hub", "https://hub/",
                                                "--user", "u")),
        (USAGE, "need --hub", ("--range", "10.1.4.0/24", "--user", "u")),
        (USAGE, "need --hub", ("--range", "10.1.4.0/24", "--password-file", "-")),
        (USAGE, "need --hub", ("--range", "10.1.4.0/24", "--ca-file", "ca.pem")),
        (USAGE, "control character", ("--range", "10.1.4.0/24", "--site", "a\nhub: x")),
    )
    for code, word, options in refused:
        got = init(world, config, *options, stdin="secret\n")
        assert got.returncode == code and word in got.stderr, (options, got)
        assert [f.name for f in world.dir.iterdir() if "platen.yaml" in f.name or "hub." in f.name] == []


def test_init_asks_on_a_terminal(world):
    """The secret is not shown; empty answers leave out what may be left out."""
    config = world.dir / "platen.yaml"
    near, far = pty.openpty()
    child = subprocess.Popen([world.bin("platen"), "init", "--config", config, "--state-dir",
                              world.dir / "state"], stdin=far, stdout=far, stderr=far)
    os.close(far)
    seen = b""
    end = time.monotonic() + 60
    for question, answer in ((b"site: ", b"Lyon"), (b"10.1.5.20: ", b"10.1.4.0/24, 10.1.5.7"),
                             (b"nothing is sent): ", b"https://hub.example.net/"),
                             (b"Account at the hub: ", b"site-lyon"), (b"system's): ", b""),
                             (b"own): ", b"22:00-05:00"), (b"machine's): ", b"UTC"),
                             (b"(not shown): ", b"top-secret-word")):
        while not seen.endswith(question):
            assert select.select([near], [], [], end - time.monotonic())[0], seen
            seen += os.read(near, 4096)
        os.write(near, answer + b"\n")
    assert child.wait(60) == OK
    while select.select([near], [], [], 0)[0]:
        try:
            seen += os.read(near, 4096)
        except OSError:  # the other end is closed
            break
    os.close(near)
    assert b"top-secret-word" not in seen and b"22:00-05:00 (UTC)" in seen, seen
    assert (world.dir / "hub.secret").read_text() == "top-secret-word\n"
    text = config.read_text()
    assert '- range: "10.1.4.0/24"\n    - range: "10.1.5.7"\n' in text and "ca_file" not in text
