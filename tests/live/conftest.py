# SPDX-License-Identifier: Apache-2.0
"""Fixtures and helpers of the live tests. PLATEN_BUILD names the build of the programs (build/dev by
default); a test without its programs is skipped, except in tools/check, which builds them all."""
import contextlib
import json
import os
import pathlib
import select
import socket
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools/gate"))
import lab  # noqa: E402
import logfmt  # noqa: E402

lab.Lab.log_errors = logfmt.errors
BUILD = pathlib.Path(os.environ.get("PLATEN_BUILD", ROOT / "build/dev"))


# Files that take longest, longest first: they start first, so that no worker is left with one at the end.
LONGEST = ("test_failing_calls", "test_power_cut", "test_kill_points", "test_completion", "test_events",
           "test_readings", "test_recordings", "test_neighbours", "test_cases", "test_reload", "test_models",
           "test_signals", "test_ipp", "test_hub", "test_discover", "test_end_to_end", "test_discover_run",
           "test_v3", "test_polite", "test_schedule", "test_small_world", "test_agent_ends", "test_v3_agent",
           "test_hostile", "test_vendors", "test_access", "test_mdns")


def pytest_collection_modifyitems(items):
    order = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONGEST)))


def count(name):
    """Repetitions of a test: PLATEN_COUNT_<name>, else the `check` column of tests/counts.conf."""
    given = os.environ.get(f"PLATEN_COUNT_{name}")
    if given:
        return int(given)
    for line in (ROOT / "tests/counts.conf").read_text().splitlines():
        words = line.split()
        if words and words[0] == name:
            return int(words[1])
    raise KeyError(name)


@pytest.fixture
def world(request):
    """A lab, whose programs end with the test."""
    if not (BUILD / "bin" / "platen").exists():
        pytest.skip(f"no programs in {BUILD}")
    with lab.Lab(BUILD, prefix=f"platen-{request.node.name[:20].replace('/', '-')}-") as made:
        yield made
        for path in made.dir.glob("*/status.json"):
            check_balance(path.read_text())


@pytest.fixture
def hub(world):
    """A running hub with the account agent1, whose secret is hub.secret."""
    started = world.hub(world.hub_config())
    started.secret = world.add_agent(started.config, "agent1")
    return started


@pytest.fixture(scope="session")
def bad_certs(tmp_path_factory):
    """The certificates of tools/certs --bad, made once."""
    where = tmp_path_factory.mktemp("certs")
    subprocess.run([ROOT / "tools/certs", where, "--bad"], check=True, stdin=subprocess.DEVNULL)
    return where


class Relay:
    """A TCP relay that keeps the bytes of both directions in `seen`."""

    def __init__(self, port):
        self.target = ("127.0.0.1", port)
        self.seen = bytearray()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.server.accept()
                threading.Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near):
        with near, socket.create_connection(self.target) as far, contextlib.suppress(OSError):
            other = {near: far, far: near}
            while True:
                for end in select.select([near, far], [], [])[0]:
                    got = end.recv(65536)
                    if not got:
                        return
                    self.seen += got
                    other[end].sendall(got)

    def close(self):
        self.server.close()


@pytest.fixture
def relay():
    made = []

    def make(port):
        made.append(Relay(port))
        return made[-1]

    yield make
    for one in made:
        one.close()


def check_balance(text):
    """The books of an agent's status balance (R28)."""
    try:
        b = json.loads(text)["balance"]
    except (ValueError, KeyError, TypeError):
        return  # of another version, or damaged by the test
    if not b or b["kept"] == b["readings"] == 0:
        return  # of a release without a balance
    dropped = sum(b[f"dropped_{name}"] for name in ("diagnostics", "supplies", "meters"))
    assert b["kept"] == b["receipted"] + b["pending"] + b["superseded"] + b["quarantined"] + dropped, b
    assert b["readings"] == b["unchanged"] + b["stored"] + b["refused"] + b["lost"] + b["under_way"], b


def status(world, config):
    """`platen status --json`."""
    got = world.run(world.bin("platen"), "status", "--json", "--config", config, check=False)
    assert got.stdout, got.stderr
    check_balance(got.stdout)
    return json.loads(got.stdout)


def until(agent, is_true, deadline_s=60, what=""):
    """Waits until is_true(). The state of other processes has no event to wait for: polls it, and
    fails at once when the agent ends."""
    end = time.monotonic() + deadline_s
    while True:
        began = time.monotonic()
        if is_true():
            return
        assert agent.is_running() and time.monotonic() < end, what + agent.log.read_text()[-4000:]
        # A check that starts a program uses at most a quarter of a core.
        agent.runs_for(min(max(0.02, 3 * (time.monotonic() - began)), 0.5))


def state_dir(config):
    """state_dir of a configuration made by the lab."""
    first = pathlib.Path(config).read_text().split("\n", 1)[0]
    return pathlib.Path(first.split(": ", 1)[1])


@contextlib.contextmanager
def database(path, is_writing=False):
    """Opens the store of a program, which must not run if the test writes."""
    mode = "rw" if is_writing else "ro"
    db = sqlite3.connect(f"file:{path}?mode={mode}", uri=True, isolation_level=None)
    try:
        yield db
    finally:
        db.close()


def hub_records(config):
    """The records stored by the hub: {(epoch, seq): bytes}."""
    with database(state_dir(config) / "store.db") as db:
        return {(epoch, seq): bytes(body)
                for epoch, seq, body in db.execute("SELECT epoch, seq, bytes FROM records")}


def size_of(pid):
    """Resident KiB, and descriptors."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]), len(os.listdir(f"/proc/{pid}/fd"))
    raise AssertionError("no VmRSS")


def keep_no_freed_memory(monkeypatch):
    """ASan keeps freed memory, which would look like a leak."""
    given = os.environ.get("ASAN_OPTIONS")
    monkeypatch.setenv("ASAN_OPTIONS", ":".join(filter(None, [
        given, "quarantine_size_mb=1:thread_local_quarantine_size_kb=64:detect_stack_use_after_return=0"])))


def flat(sizes):
    """Of sizes of a process, one after the other: the memory of the second half, in which caches are warm, does not
    grow. Returns its counts of descriptors, and the KiB half way and at the end."""
    half = len(sizes) // 2
    first, last = max(kib for kib, _ in sizes[half:half + half // 2]), sizes[-1][0]
    assert last - first <= 2048, sizes
    return {n for _, n in sizes[half:]}, first, last
