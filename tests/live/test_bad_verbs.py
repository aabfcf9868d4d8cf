# SPDX-License-Identifier: Apache-2.0
"""Each verb of BAD, three bad ways at least: its exit code, one message that names the object and the way out, and no
file that is changed. Each of them has a test of its good way too, in GOOD."""
import collections
import json
import os
import pathlib
import re
import resource
import shutil
import subprocess

import lab
import pytest

from conftest import BUILD, database

OK, FAILED, USAGE, UNAVAILABLE, TEMPORARY, PERMISSION, CONFIG = 0, 1, 2, 69, 75, 77, 78
CRITICAL, UNKNOWN = 2, 3  # of check
OTHER_UID = 65534

GOOD = {
    "init": "test_init.py::test_init_from_options_makes_what_the_agent_needs",
    "preview": "test_privacy.py::test_preview_shows_what_is_sent",
    "sync-now": "test_verbs.py::test_sync_now_sends_what_is_kept",
    "audit show": "test_audit.py::test_hundred_mixed_actions_have_one_entry_each_on_both_sides",
    "audit verify": "test_audit.py::test_hundred_mixed_actions_have_one_entry_each_on_both_sides",
    "audit export": "test_audit.py::test_hundred_mixed_actions_have_one_entry_each_on_both_sides",
    "export": "test_transfer.py::test_files_carry_everything_without_a_hub_url",
    "import-receipts": "test_transfer.py::test_files_carry_everything_without_a_hub_url",
    "doctor": "test_doctor.py::test_doctor_finds_nothing_where_all_is_well",
    "check-net": "test_doctor.py::test_check_net_lists_the_ports_in_use",
    "check": "test_verbs.py::test_check_speaks_the_codes_of_a_monitoring_plugin",
    "purge": "test_purge.py::test_purge_leaves_nothing_of_the_agent",
    "reset-identity": "test_purge.py::test_reset_identity_makes_another_agent",
    "trust-hub": "test_transfer.py::test_agents_follow_a_rotated_key_and_refuse_a_hub_made_anew",
    "hub import": "test_transfer.py::test_files_carry_everything_without_a_hub_url",
    "hub audit show": "test_audit.py::test_hundred_mixed_actions_have_one_entry_each_on_both_sides",
    "hub audit verify": "test_audit.py::test_hundred_mixed_actions_have_one_entry_each_on_both_sides",
    "hub audit export": "test_audit.py::test_hundred_mixed_actions_have_one_entry_each_on_both_sides",
    "hub key show": "test_transfer.py::test_agents_follow_a_rotated_key_and_refuse_a_hub_made_anew",
    "hub key rotate": "test_transfer.py::test_agents_follow_a_rotated_key_and_refuse_a_hub_made_anew",
    "hub devices": "test_hub.py::test_verbs_show_stored_devices",
    "hub agents": "test_heartbeat.py::test_heartbeats_are_shown_at_both_ends",
    "hub sites": "test_privacy.py::test_site_information_is_at_the_hub",
}

# Verbs with bad ways in files of their own.
ELSEWHERE = {
    "poll", "snmp-test", "record", "discover", "read", "models", "run", "once", "status", "devices", "report", "decode",
    "check-config", "sample-config", "completion", "help", "version",
    "hub run", "hub user add", "hub device", "hub events", "hub supplies", "hub report", "hub check-config",
    "hub sample-config", "hub completion", "hub help", "hub version"}


class Box:
    """A copy of the folders of an agent that has read two printers and of its hub, both ended."""

    def __init__(self, base, where):
        self.dir = where
        shutil.copytree(base, where, symlinks=True)
        self.state, self.hub_state = where / "agent-state", where / "hub-state"
        self.config, self.hub_config = where / "agent.yaml", where / "hub.yaml"
        self.medium = where / "medium"
        self.medium.mkdir()
        for config in (self.config, self.hub_config):
            config.write_text(config.read_text().replace(str(base), str(where)))

    def platen(self, *argv):
        got = subprocess.run([BUILD / "bin/platen", *argv, "--config", self.config], capture_output=True, check=False)
        assert got.returncode == OK, got

    def files(self, noted):
        """All that is there. `noted`: an entry of the audit is part of the failure."""
        found = {}
        for path in self.dir.rglob("*"):
            if path.name.endswith(("-shm", "-wal", "store.lock")) or noted and path.name.startswith("audit"):
                continue
            info = path.lstat()
            regular = path.is_file() and not path.is_symlink()
            found[str(path)] = (info.st_mode, info.st_uid, content(path) if regular else None)
        return found


def content(path):
    """The agent's store, which knows a copy of itself by its inode and then draws a new epoch, by its rows."""
    bytes_ = path.read_bytes()
    if path.name != "store.db" or path.parent.name != "agent-state" or not bytes_.startswith(b"SQLite"):
        return bytes_
    with database(path) as db:
        return [db.execute(f"SELECT id, frame FROM {table}").fetchall()
                for table in ("record", "latest", "value", "quarantine")]


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    if not (BUILD / "bin/platen").exists():
        pytest.skip(f"no programs in {BUILD}")
    with lab.Lab(BUILD, prefix="platen-bad-verbs-") as world:
        sim = world.sim(2, "--job-interval", "0")
        hub = world.hub(world.hub_config())
        secret = world.add_agent(hub.config, "agent1")
        config = world.agent_config(sim, hub.port, secret, name="agent")
        assert world.once(config)[0] == OK
        sim.command(cmd="set", printer=1, oid=f"{lab.SUPPLY_LEVEL}.1.1", type="integer", value=11)
        # Not due: its record waits. A printer that does not respond would wait for its timeout.
        assert world.run(world.bin("platen"), "once", "--config", config).returncode == OK
        assert hub.stop() == 0
        config.write_text(config.read_text() + "snmp:\n  timeout: 100ms\n  tries: 1\n")
        sim.stop()
        yield world.dir


# ---- what is done to it: each returns more arguments ----
def replaced(name, by):
    """A file of the state directory is something else."""
    def do(box):
        path = box.dir / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if by == "folder":
            path.mkdir()
        elif by == "pipe":
            os.mkfifo(path, 0o600)
        elif by == "noise":
            path.write_bytes(bytes(range(256)) * 100)
            path.chmod(0o600)
        elif by == "link":
            path.symlink_to("/etc/passwd")
        elif by == "file":
            path.write_text("a file\n")
        return []
    return do


def gone(name):
    return replaced(name, None)


def mode(name, bits):
    def do(box):
        (box.dir / name).chmod(bits)
        return []
    return do


def text(name, content):
    def do(box):
        path = box.dir / name
        path.write_text(content.format(state=box.state, medium=box.medium))
        path.chmod(0o600)
        return []
    return do


def half_written(name):
    """As left by a full disk: cut in the middle of a word."""
    def do(box):
        path = box.dir / name
        path.write_text(path.read_text()[:5])
        return []
    return do


def args(*argv):
    return lambda box: [a.format(state=box.state, medium=box.medium, config=box.config) for a in argv]


def both(*steps):
    return lambda box: [word for step in steps for word in step(box)]


def exported(box):
    box.platen("export", box.medium)
    return []


Case = collections.namedtuple("Case", "verb name do code words how noted")
HUB_GONE = "no hub has run here yet"
FULL = "standard output: No space left on device"


def case(verb, name, do, code, words, how="", noted=False):
    return Case(verb, name, do, code, words, how, noted)


def audit_cases(prefix, state):
    for verb in ("show", "verify", "export"):
        name = f"{prefix}audit {verb}"
        yield case(name, "head-pipe", replaced(f"{state}/audit.head", "pipe"), FAILED, "audit.head is not a regular file")
        yield case(name, "no-state", gone(state), FAILED, "nothing is in the audit yet")
        yield case(name, "state-file", replaced(state, "file"), FAILED, "Not a directory")
        yield case(name, "argument", args("a", "b"), USAGE, "too many arguments")
    for verb in ("show", "export"):
        yield case(f"{prefix}audit {verb}", "full-output", args(), FAILED, FULL, how="full")
    verify = f"{prefix}audit verify"
    for by in ("pipe", "folder", "link"):
        yield case(verify, f"segment-{by}", replaced(f"{state}/audit-00000001.log", by), FAILED,
                   "segment 1 entry 0: changed: it is not a regular file")
    yield case(verify, "empty-file", args("/dev/null"), FAILED, "/dev/null: no ledger of platen")
    yield case(verify, "endless-file", args("/dev/zero"), FAILED, "/dev/zero: no ledger of platen")
    yield case(verify, "folder", args("{medium}"), FAILED, "medium: Is a directory")
    yield case(verify, "peer-folder", args("--peer", "{medium}"), FAILED, "medium: Is a directory")
    yield case(verify, "peer-empty", args("--peer", "/dev/null"), FAILED, "/dev/null: no ledger of platen: verify it")


INIT = ("--range", "10.1.4.0/24", "--state-dir", "{state}")
HUB = ("--hub", "https://h/", "--user", "u", "--password-file")
NO_STORE = "store.db is not a regular file"
BAD = [
    *audit_cases("", "agent-state"),
    *audit_cases("hub ", "hub-state"),
    case("init", "exists", args(*INIT), FAILED, "exists: --force writes over it"),
    case("init", "device", args(*INIT, "--force"), FAILED, "agent.yaml is not a regular file", how="device"),
    case("init", "folder", both(replaced("agent.yaml", "folder"), args(*INIT, "--force")), FAILED,
         "agent.yaml is not a regular file"),
    case("init", "link", both(replaced("agent.yaml", "link"), args(*INIT, "--force")), FAILED,
         "agent.yaml is not a regular file"),
    case("init", "no-secret", both(gone("agent.yaml"), args(*INIT, *HUB, "-")), FAILED,
         "standard input has ended; nothing was written"),
    case("init", "secret-missing", both(gone("agent.yaml"), args(*INIT, *HUB, "{medium}/none")), CONFIG, "medium/none"),
    case("init", "read-only", both(gone("agent.yaml"), args(*INIT)), PERMISSION, "agent.yaml.try: Permission denied",
         how="other-user"),
    case("init", "full-disk", both(gone("agent.yaml"), args(*INIT)), FAILED, "agent.yaml.try: File too large", how="disk"),
    case("preview", "pipe", replaced("agent-state/store.db", "pipe"), PERMISSION, NO_STORE),
    case("preview", "noise", replaced("agent-state/store.db", "noise"), FAILED, "store.db: store-record-damaged"),
    case("preview", "state-file", replaced("agent-state", "file"), FAILED, "Not a directory"),
    case("preview", "full-output", args(), FAILED, FULL, how="full"),
    case("sync-now", "no-daemon", args(), UNAVAILABLE, "no daemon runs here: start it (platen run)"),
    case("sync-now", "socket-folder", replaced("agent-state/ctl.sock", "folder"), UNAVAILABLE, "no daemon runs here"),
    case("sync-now", "state-file", replaced("agent-state", "file"), FAILED, "Not a directory"),
    case("sync-now", "timeout", args("--timeout", "soon"), USAGE, "--timeout takes a duration"),
    case("export", "pipe", both(replaced("agent-state/store.db", "pipe"), args("{medium}")), PERMISSION,
         NO_STORE, noted=True),
    case("export", "list-pipe", both(replaced("agent-state/exports", "pipe"), args("{medium}")), FAILED,
         "exports is not a regular file", noted=True),
    case("export", "to-file", args("{config}"), FAILED, "agent.yaml: Not a directory"),
    case("export", "to-nowhere", args("{medium}/none"), FAILED, "none: No such file or directory"),
    case("export", "state-file", both(replaced("agent-state", "file"), args("{medium}")), FAILED, "Not a directory"),
    case("export", "no-store", both(gone("agent-state/store.db"), args("{medium}")), FAILED,
         "no printer was read here yet; start with: platen once"),
    case("import-receipts", "no-agent", both(gone("agent-state"), args("{medium}")), FAILED, "no agent has run here yet"),
    case("import-receipts", "pipe", both(replaced("medium/a.receipt", "pipe"), args("{medium}")), FAILED,
         "a.receipt is not a regular file"),
    case("import-receipts", "noise", both(replaced("medium/a.receipt", "noise"), args("{medium}")), FAILED,
         "a.receipt: it is not a receipt of a platen-hub"),
    case("import-receipts", "no-receipt", both(replaced("medium/a.receipt", "file"), args("{medium}")), FAILED,
         "a.receipt: it is not a receipt of a platen-hub"),
    case("import-receipts", "to-file", args("{config}"), FAILED, "agent.yaml: Not a directory"),
    case("import-receipts", "lock-folder", both(replaced("agent-state/store.lock", "folder"), args("{medium}")), PERMISSION,
         "store.lock is not a regular file"),
    case("doctor", "no-configuration", gone("agent.yaml"), FAILED, "agent.yaml: cannot be read: No such file"),
    case("doctor", "bundle-exists", args("--bundle", "{config}"), FAILED, "agent.yaml: File exists"),
    case("doctor", "secret-open", mode("agent.password", 0o644), FAILED, "agent.password has mode 0644"),
    case("doctor", "state-file", replaced("agent-state", "file"), FAILED, "give it to the daemon's user with mode 0700"),
    case("check-net", "no-configuration", gone("agent.yaml"), CONFIG, "agent.yaml: cannot be read: No such file"),
    case("check-net", "half-written", half_written("agent.yaml"), CONFIG, "agent.yaml:1:1: "),
    case("check-net", "secret-open", mode("agent.password", 0o644), CONFIG, "agent.password has mode 0644"),
    case("check-net", "blocked", args(), FAILED, "nothing listens there, or a firewall rejects it"),
    case("check", "no-daemon", gone("agent-state/status.json"), CRITICAL, "no daemon has run in"),
    case("check", "status-pipe", replaced("agent-state/status.json", "pipe"), UNKNOWN, "PLATEN UNKNOWN"),
    case("check", "state-file", replaced("agent-state", "file"), UNKNOWN, "Not a directory"),
    case("check", "thresholds", args("--warning", "queue=lots"), UNKNOWN, "takes a list such as"),
    case("purge", "not-confirmed", args(), USAGE, "agent-state: confirm it with --yes"),
    case("purge", "store-folder", both(replaced("agent-state/store.db", "folder"), args("--yes")), PERMISSION, NO_STORE),
    case("purge", "lock-pipe", both(replaced("agent-state/store.lock", "pipe"), args("--yes")), PERMISSION,
         "store.lock is not a regular file"),
    case("purge", "state-file", both(replaced("agent-state", "file"), args("--yes")), FAILED, "Not a directory"),
    case("purge", "foreign-owner", args("--yes"), PERMISSION, "Permission denied", how="other-user"),
    # None of these may end in the usual directory.
    case("purge", "state-misspelt", both(text("agent.yaml", "state-dir: {state}\n"), args("--yes")), CONFIG,
         'agent.yaml:1:1: unknown key "state-dir"'),
    case("purge", "state-list", both(text("agent.yaml", "state_dir: [{state}]\n"), args("--yes")), CONFIG,
         '"state_dir" takes a single value, not a list'),
    case("purge", "half-written", both(half_written("agent.yaml"), args("--yes")), CONFIG, "agent.yaml:1:1: "),
    case("purge", "configuration-pipe", both(replaced("agent.yaml", "pipe"), args("--yes")), CONFIG,
         "agent.yaml: cannot be read: No data available"),
    case("reset-identity", "not-confirmed", args(), USAGE, "confirm it with --yes"),
    case("reset-identity", "store-pipe", both(replaced("agent-state/store.db", "pipe"), args("--yes")), PERMISSION, NO_STORE),
    case("reset-identity", "key-folder", both(replaced("agent-state/agent.key", "folder"), args("--yes")), FAILED,
         "agent.key: Is a directory"),
    case("reset-identity", "no-agent", both(gone("agent-state"), args("--yes")), FAILED, "no agent has run here"),
    case("reset-identity", "state-misspelt", both(text("agent.yaml", "state-dir: {state}\n"), args("--yes")), CONFIG,
         'agent.yaml:1:1: unknown key "state-dir"'),
    case("trust-hub", "pipe", replaced("agent-state/store.db", "pipe"), PERMISSION, NO_STORE),
    case("trust-hub", "noise", replaced("agent-state/store.db", "noise"), FAILED, "store.db: store-record-damaged"),
    case("trust-hub", "no-agent", gone("agent-state"), FAILED, "no agent has run here yet; start with: platen once"),
    case("trust-hub", "fingerprint", args("--new-key", "12ab"), USAGE, "takes the 64 hexadecimal digits"),
    case("hub import", "pipe", both(replaced("medium/a.batch", "pipe"), args("{medium}")), FAILED,
         "a.batch is not a regular file", noted=True),
    case("hub import", "noise", both(replaced("medium/a.batch", "noise"), args("{medium}")), FAILED, "a.batch: ", noted=True),
    case("hub import", "to-file", args("{config}"), FAILED, "agent.yaml: Not a directory"),
    case("hub import", "key-noise", both(exported, replaced("hub-state/hub.key", "noise"), args("{medium}")), FAILED,
         "hub.key: holds no PEM private key"),
    case("hub import", "no-hub", both(exported, gone("hub-state"), args("{medium}")), FAILED, "start the hub once"),
    case("hub key show", "no-hub", gone("hub-state"), FAILED, HUB_GONE),
    case("hub key show", "noise", replaced("hub-state/hub.key", "noise"), FAILED, "hub.key: holds no PEM private key"),
    case("hub key show", "open-to-others", mode("hub-state/hub.key", 0o644), FAILED, "hub.key has mode 0644"),
    case("hub key show", "full-output", args(), FAILED, FULL, how="full"),
    # Agents could not follow a key that the present one cannot sign.
    case("hub key rotate", "pipe", replaced("hub-state/hub.key", "pipe"), FAILED, "hub.key is not a regular file"),
    case("hub key rotate", "noise", replaced("hub-state/hub.key", "noise"), FAILED, "hub.key: holds no PEM private key"),
    case("hub key rotate", "open-to-others", mode("hub-state/hub.key", 0o644), FAILED, "chmod 0600 it"),
    case("hub key rotate", "no-hub", gone("hub-state"), FAILED, "start the hub once"),
    case("hub key rotate", "full-disk", args(), FAILED, "File too large", how="disk"),
]
for listing in ("hub devices", "hub sites", "hub agents"):
    BAD += [
        case(listing, "pipe", replaced("hub-state/store.db", "pipe"), PERMISSION, NO_STORE),
        case(listing, "noise", replaced("hub-state/store.db", "noise"), FAILED, "store.db: store-record-damaged"),
        case(listing, "no-hub", gone("hub-state"), FAILED, HUB_GONE),
        case(listing, "full-output", args(), FAILED, FULL, how="full"),
        case(listing, "half-written", half_written("hub.yaml"), CONFIG, "hub.yaml:1:1: "),
    ]


def limited():
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def run(box, verb, more, how):
    hub = verb.startswith("hub ")
    config = box.hub_config if hub else box.config
    if how == "device":
        config.unlink()
        os.mknod(config, 0o666 | 0o020000, os.makedev(1, 7))
    argv = [BUILD / ("bin/platen-hub" if hub else "bin/platen"), *verb.removeprefix("hub ").split(), *more,
            "--config", config]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, "timeout": 60}
    if how == "disk":
        # Python ignores SIGXFSZ, and the program inherits that.
        options |= {"preexec_fn": limited, "restore_signals": False}
    if how == "other-user":
        options |= {"user": OTHER_UID, "group": OTHER_UID, "extra_groups": []}
    if how == "full":
        with open("/dev/full", "wb") as full:
            got = subprocess.run(argv, check=False, **{**options, "stdout": full})
    else:
        got = subprocess.run(argv, check=False, **options)
    said = (got.stdout or b"").decode(errors="replace") + got.stderr.decode(errors="replace")
    return got.returncode, said


@pytest.mark.parametrize("bad", BAD, ids=lambda c: f"{c.verb.replace(' ', '-')}-{c.name}")
def test_bad_way_is_named_and_changes_nothing(base, tmp_path, bad):
    if bad.how in ("device", "other-user") and os.geteuid() != 0:
        pytest.skip("only root")
    box = Box(base, tmp_path / "box")
    more = bad.do(box)
    if bad.how == "other-user":
        for folder in (box.dir, *list(box.dir.parents)[:-2]):
            folder.chmod(folder.stat().st_mode | 0o055)
        for path in (box.config, box.dir / "agent.password"):
            if path.exists():
                path.chmod(0o644)
        reached = subprocess.run([BUILD / "bin/platen", "version"], check=False, capture_output=True, user=OTHER_UID,
                                 group=OTHER_UID, extra_groups=[])
        if reached.returncode != OK:
            pytest.skip("another user cannot run the programs")
    before = box.files(bad.noted)
    code, said = run(box, bad.verb, more, bad.how)
    assert not lab.reports(said), said
    assert (code, bad.words in said) == (bad.code, True), (code, said)
    if bad.how != "device":
        assert box.files(bad.noted) == before
    else:
        assert box.config.is_char_device()


def verbs_of(program):
    got = subprocess.run([BUILD / "bin" / program, "help", "--json"], capture_output=True, check=True)
    return {verb["name"] for verb in json.loads(got.stdout)["verbs"]}


def test_each_verb_has_a_good_and_three_bad_ways(base):
    bad = collections.Counter(one.verb for one in BAD)
    assert not {verb: count for verb, count in bad.items() if count < 3} and set(bad) == set(GOOD)
    verbs = verbs_of("platen") | {f"hub {name}" for name in verbs_of("platen-hub")}
    assert verbs == set(GOOD) | ELSEWHERE and not set(GOOD) & ELSEWHERE
    here = pathlib.Path(__file__).parent
    for name in GOOD.values():
        file, test = name.split("::")
        assert re.search(rf"^def {test}\(", (here / file).read_text(), re.M), name
