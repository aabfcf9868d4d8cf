# SPDX-License-Identifier: Apache-2.0
"""platen-sim's SNMPv3 against net-snmp's client: every protocol that both support, the Reports of
RFC 3414, and changes of a printer's engine."""
import shutil
import subprocess

import pytest

NAME = "1.3.6.1.2.1.1.5.0"
OWNER = "1.3.6.1.2.1.43.5.1.1.4.1"
AUTH = {"md5": "MD5", "sha1": "SHA", "sha224": "SHA-224", "sha256": "SHA-256", "sha384": "SHA-384",
        "sha512": "SHA-512"}
PRIV = {"des": "DES", "aes128": "AES", "aes192": "AES-192", "aes256": "AES-256",
        "aes192c": "AES-192-C", "aes256c": "AES-256-C"}
PASS = ("an auth passphrase", "a priv passphrase")

pytestmark = pytest.mark.skipif(shutil.which("snmpget") is None, reason="no net-snmp tools")


def client(sim, printer, user, auth=None, priv=None, passes=PASS, oids=(NAME,), tool="snmpget",
           more=()):
    """(exit code, stdout, stderr) of one of net-snmp's tools, at the level of the given protocols."""
    level = "noAuthNoPriv" if auth is None else "authNoPriv" if priv is None else "authPriv"
    argv = [tool, "-v3", "-u", user, "-l", level, "-r0", "-t5", "-On", "-Oq", "-m", "", *more]
    if auth is not None:
        argv += ["-a", AUTH[auth], "-A", passes[0]]
    if priv is not None:
        argv += ["-x", PRIV[priv], "-X", passes[1]]
    got = subprocess.run([*argv, f"{sim.address(printer)}:{sim.info['port']}", *oids],
                         capture_output=True, text=True)
    return got.returncode, got.stdout, got.stderr


def line(user, auth="none", priv="none", least="", passes=PASS):
    return f"{user}:{auth}:{passes[0] if auth != 'none' else ''}:" \
           f"{priv}:{passes[1] if priv != 'none' else ''}" + (f":{least}" if least else "")


def name_of(sim, printer):
    return sim.command(cmd="truth", printer=printer, oid=NAME)["value"]


def test_every_v3_protocol(world):
    pairs = [(a, p) for a in AUTH for p in PRIV]
    users = [o for a, p in pairs for o in ("--v3", line(f"{a}.{p}", a, p))]
    users += [o for a in AUTH for o in ("--v3", line(a, a))]
    sim = world.sim(4, *users, "--v3", line("unknown-user"), "--job-interval", 0)
    for n, (auth, priv) in enumerate(pairs):
        printer = n % 4
        code, out, err = client(sim, printer, f"{auth}.{priv}", auth, priv)
        assert code == 0 and name_of(sim, printer) in out, (auth, priv, err)
    for auth in AUTH:
        assert client(sim, 1, auth, auth)[0] == 0, auth
    assert client(sim, 1, "unknown-user")[0] == 0
    stats = sim.command(cmd="stats")
    asked = len(pairs) + len(AUTH) + 1
    assert stats["reports"]["unknown_engines"] == asked and stats["malformed"] == 0
    assert stats["responses"] == stats["v3_messages"] == stats["v3"] + asked


def test_walk_is_equal_in_every_version(world):
    sim = world.sim(2, "--v3", line("u", "sha256", "aes128"), "--profile", "hp-jetdirect,ricoh",
                    "--job-interval", 0)
    for printer in (0, 1):
        where = f"{sim.address(printer)}:{sim.info['port']}"
        plain = subprocess.run(["snmpbulkwalk", "-v2c", "-cpublic", "-On", "-Oq", "-m", "", where,
                                ".1.3.6.1.2.1.43"], capture_output=True, text=True)
        code, out, err = client(sim, printer, "u", "sha256", "aes128", tool="snmpbulkwalk",
                                oids=(".1.3.6.1.2.1.43",))
        assert code == 0 and out == plain.stdout and len(out.splitlines()) > 50, err


def test_v3_contexts(world):
    sim = world.sim(1, "--v3", line("u", "sha1", "des"), "--profile", "hp-jetdirect")
    supplies = "1.3.6.1.2.1.43.11.1.1.6"
    default = client(sim, 0, "u", "sha1", "des", oids=(supplies,), tool="snmpgetnext")[1]
    other = client(sim, 0, "u", "sha1", "des", oids=(supplies,), tool="snmpgetnext",
                   more=("-n", "Jetdirect"))
    assert other[0] == 0 and other[1].startswith(f".{supplies}") and other[1] != default
    code, _, err = client(sim, 0, "u", "sha1", "des", more=("-n", "elsewhere"))
    assert code != 0 and "Bad context" in err
    assert sim.command(cmd="stats")["reports"]["unknown_contexts"] == 1


def test_reports_of_rejected_messages(world):
    sim = world.sim(2, "--v3", line("secret", "sha256", "aes128"), "--v3",
                    line("lax", "sha256", "aes128", "noauth"), "--v3", line("plain"))
    for args, word, cause in (
            (("other", "sha256", "aes128"), "Unknown user name", "unknown_users"),
            (("secret", "sha256", "aes128", ("not the passphrase", PASS[1])),
             "Authentication failure", "wrong_digests"),
            (("secret", "sha1", "aes128"), "Authentication failure", "wrong_digests"),
            (("secret", "sha256", "aes128", (PASS[0], "not the passphrase")),
             "Decryption error", "decryption_errors"),
            (("plain", "md5"), "Unsupported security level", "unsupported_levels")):
        before = sim.command(cmd="stats")["reports"][cause]
        code, _, err = client(sim, 0, *args)
        assert code != 0 and word in err, (args, err)
        assert sim.command(cmd="stats")["reports"][cause] == before + 1
    # A request below the user's minimum level gets an error response, not a Report.
    code, _, err = client(sim, 0, "secret", "sha256")
    assert "authorizationError" in err and sim.command(cmd="stats")["not_authorized"] == 1
    assert client(sim, 0, "lax")[0] == 0
    assert client(sim, 0, "lax", "sha256")[0] == 0


def test_engine_id_boots_and_time(world, tmp_path):
    users = tmp_path / "users"
    users.write_text(f"# who may ask whom\n{line('u', 'sha1', 'aes128')}\n"
                     f"2-3 {line('u', 'sha1', 'aes128', passes=('another auth', 'another priv'))}\n")
    sim = world.sim(6, "--v3-users", users, "--duplicate-engine", "1-2,4", "--only-v3", "5",
                    "--no-v3", "0", "--profile", "kyocera")
    ids = [sim.command(cmd="engine", printer=i)["id"] for i in range(6)]
    assert len(set(ids)) == 4 and ids[1] == ids[2] == ids[4]
    assert ids[0][:8] == "80000543" and ids[0][8:10] == "03" and ids[5][8:10] == "05"
    other = ("another auth", "another priv")
    for printer, passes in ((1, PASS), (2, other), (3, other), (4, PASS), (5, PASS)):
        assert client(sim, printer, "u", "sha1", "aes128", passes)[0] == 0
        assert client(sim, printer, "u", "sha1", "aes128", other if passes == PASS else PASS)[0] != 0
    assert "Timeout" in client(sim, 0, "u", "sha1", more=("-t1",))[2]
    where = f"{sim.address(5)}:{sim.info['port']}"
    plain = subprocess.run(["snmpget", "-v2c", "-cpublic", "-r0", "-t0.2", where, NAME],
                           capture_output=True, text=True)
    assert plain.returncode != 0 and sim.command(cmd="stats")["other_version"] >= 2
    # Boots and time of the engine, and changes by command.
    held = sim.command(cmd="engine", printer=1, boots=7, jump_s=1000)
    assert held["boots"] == 7
    sim.command(cmd="reboot", printer=1)
    after = sim.command(cmd="engine", printer=1)
    assert after["boots"] == 8 and 1000 <= after["time"] < 1060
    sim.command(cmd="reboot", printer=1, boots=1)
    assert sim.command(cmd="engine", printer=1)["boots"] == 1
    assert client(sim, 1, "u", "sha1", "aes128")[0] == 0
    # A stale time is corrected by one authenticated Report.
    before = sim.command(cmd="stats")["reports"]["not_in_windows"]
    assert client(sim, 1, "u", "sha1", "aes128", more=("-r1", "-t1", "-e", ids[1], "-Z",
                                                           "77,77"))[0] == 0
    assert sim.command(cmd="stats")["reports"]["not_in_windows"] == before + 1
    # Another passphrase, another engineID, responses of a lower level.
    sim.command(cmd="user", printers=[4, 5], user="u", auth="sha512", auth_password="third auth")
    assert client(sim, 5, "u", "sha512", passes=("third auth", ""))[0] == 0
    sim.command(cmd="engine", printer=5, id="8000054305aabbccdd")
    assert client(sim, 5, "u", "sha512", passes=("third auth", ""))[0] == 0
    sim.command(cmd="engine", printer=5, response_level="noauth")
    assert client(sim, 5, "u", "sha512", passes=("third auth", ""), more=("-t1",))[0] != 0
