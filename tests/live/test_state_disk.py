# SPDX-License-Identifier: Apache-2.0
"""A state disk that is full, read-only or failing while the agent runs: polling pauses, log and status say so,
it recovers by itself, and nothing that was kept is lost (R9, R24)."""
import contextlib
import datetime
import errno
import json
import os
import resource
import signal
import subprocess
import time

import pytest

import lab
from conftest import BUILD, count, database, state_dir, until

SHORT = "  interval: 1s\n"
PRINTERS = 12


def status(world, config):
    got = world.run(world.bin("platen"), "status", "--json", "--config", config, check=False)
    return got.returncode, json.loads(got.stdout)


class Disk:
    """The disk of an agent's state directory, which fails at the test's wish."""

    def __init__(self, world, config):
        self.flag = world.dir / "fail"
        self.world = world
        self.config = config
        self.env = ["/usr/bin/env", f"LD_PRELOAD={BUILD / 'tests/libfail_disk.so'}",
                    f"FAIL_DISK={self.flag}", f"FAIL_DISK_DIR={state_dir(config)}",
                    "ASAN_OPTIONS=verify_asan_link_order=0"]

    def run(self):
        agent = lab.Program("platen", [*self.env, self.world.bin("platen"), "run", "--config",
                                       self.config], self.world.dir / f"{self.config.stem}.log")
        self.world.programs.append(agent)
        agent.ready()
        return agent

    def first_failure(self):
        """When the first call of the agent failed."""
        return self.flag.with_name(f"{self.flag.name}.hit").stat().st_mtime

    def fails_with(self, number):
        new = self.flag.with_suffix(".new")
        new.write_text(str(number))
        new.rename(self.flag)

    def works(self):
        self.flag.unlink()


def kept_numbers(config):
    with database(state_dir(config) / "store.db") as db:
        return [seq for seq, in db.execute("SELECT id FROM record ORDER BY id")]


def pauses(world, sim, agent, config):
    """After the polls under way have ended, no packet reaches a printer while commits fail."""
    def sees_no_packet(commits=2):
        before = sim.command(cmd="stats")["responses"]
        failures = status(world, config)[1]["spool"]["failures"]
        until(agent, lambda: status(world, config)[1]["spool"]["failures"] >= failures + commits, 300)
        return sim.command(cmd="stats")["responses"] == before
    until(agent, sees_no_packet)
    assert count("DISK_COMMITS") == 0 or sees_no_packet(count("DISK_COMMITS"))


def is_told(world, agent, config):
    """The status file may fail before the first commit does."""
    until(agent, lambda: status(world, config)[1]["spool"]["failing_since_ms"] > 0)
    code, said = status(world, config)
    assert code == 74 and said["running"] and said["spool"]["disk_error"]
    assert "cannot be written" in said["error"]["text"]
    page = world.run(world.bin("platen"), "status", "--config", config, check=False).stdout
    assert "state disk     CANNOT be written" in page and "polling pauses" in page
    return said


def nothing_is_missing(numbers, said):
    """Of the numbers between the first and the last record only those of superseded ones may be absent."""
    absent = set(range(1, said["balance"]["kept"] + 1)) - set(numbers)
    assert len(absent) == said["balance"]["superseded"], f"readings are missing: {absent}"
    assert said["spool"]["lost"] == 0


def logged_at(line):
    text = line.split()[0].replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(text).timestamp()


class Outage:
    """When it began, was reported and ended, for the line that it prints. Its times are measured, not judged."""

    def __init__(self, name):
        self.name = name

    def told(self, agent, began):
        """After is_told: `began` is when the first call failed."""
        self.began = began
        self.status_s = time.time() - began
        lines = spool_errors(agent)  # none where the log is a file below the same limit
        self.log = f"in the log {logged_at(lines[0]) - began:.3f} s after the first failure, " if lines else ""

    def ended(self):
        self.end = time.time()

    def over(self, world, agent, config):
        """Waits until log and status say so; returns the line of figures."""
        until(agent, lambda: status(world, config)[0] == 0)
        status_s = time.time() - self.end
        line = agent.wait_for_log("written again: polling goes on", 60)
        return (f"\n{self.name} for {self.end - self.began:.1f} s: {self.log}in status after {self.status_s:.2f} s; no "
                f"poll; written again {logged_at(line) - self.end:.2f} s after its end, in status after {status_s:.2f} s")


def spool_errors(agent):
    return [line for line in agent.log.read_text().splitlines()
            if "level=error" in line and "mod=spool" in line]


def busy_world(world):
    """Printers whose meters change, so that each poll has something to keep."""
    sim = world.sim(PRINTERS, "--job-interval", "1s")
    return sim, world.agent_config(sim, devices_extra=SHORT)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO],
                         ids=lambda n: errno.errorcode[n])
def test_polling_pauses_while_the_disk_fails(world, number):
    sim, config = busy_world(world)
    disk = Disk(world, config)
    agent = disk.run()
    until(agent, lambda: status(world, config)[1]["spool"]["kept"] >= PRINTERS)
    outage = Outage(errno.errorcode[number])
    disk.fails_with(number)
    is_told(world, agent, config)
    outage.told(agent, disk.first_failure())
    pauses(world, sim, agent, config)
    assert len(spool_errors(agent)) == 1, spool_errors(agent)
    stopped_at = sim.command(cmd="stats")["responses"]

    disk.works()
    outage.ended()
    figures = outage.over(world, agent, config)
    until(agent, lambda: sim.command(cmd="stats")["responses"] > stopped_at)
    assert len(spool_errors(agent)) == 1, spool_errors(agent)
    agent.signal(signal.SIGTERM)
    assert agent.wait(60) == 0, agent.log.read_text()[-4000:]
    said, numbers = status(world, config)[1], kept_numbers(config)
    assert said["spool"]["failures"] >= 2 and len(numbers) == said["spool"]["pending"]
    nothing_is_missing(numbers, said)
    print(f"{figures}; {said['balance']['kept']} records kept, 0 lost")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
def test_agent_that_ends_on_a_full_disk_keeps_what_it_kept(world, end):
    sim, config = busy_world(world)
    disk = Disk(world, config)
    agent = disk.run()
    until(agent, lambda: status(world, config)[1]["spool"]["kept"] >= PRINTERS)
    disk.fails_with(errno.ENOSPC)
    is_told(world, agent, config)
    kept = kept_numbers(config)
    assert len(kept) == status(world, config)[1]["spool"]["pending"]
    agent.signal(end)
    code = agent.wait(60)
    assert code == (0 if end == signal.SIGTERM else -end), agent.log.read_text()[-4000:]
    if end == signal.SIGTERM:
        assert any(" lost=" in line for line in spool_errors(agent)), agent.log.read_text()[-4000:]
    world.programs.remove(agent)
    disk.works()
    assert kept_numbers(config) == kept
    agent = disk.run()
    until(agent, lambda: status(world, config)[1]["spool"]["pending"] > len(kept))
    agent.stop()
    gone = set(kept) - set(kept_numbers(config))
    assert len(gone) <= status(world, config)[1]["balance"]["superseded"], gone


@contextlib.contextmanager
def small_disk(path, size):
    path.mkdir(mode=0o700)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", path],
                          capture_output=True, check=False) if os.geteuid() == 0 else None
    if made is None or made.returncode != 0:
        pytest.skip("this user cannot mount a tmpfs")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", path], check=True)


def test_polling_pauses_on_a_full_tmpfs(world):
    """The same with a file system that is full, not with a fault in its place."""
    sim, config = busy_world(world)
    with small_disk(state_dir(config), "8m") as where:
        agent = world.agent(config)
        until(agent, lambda: status(world, config)[1]["spool"]["kept"] >= PRINTERS)
        with contextlib.suppress(OSError), open(where / "ballast", "wb", buffering=0) as ballast:
            while True:
                ballast.write(bytes(4096))
        outage, full_at = Outage("A tmpfs without space"), time.time()
        is_told(world, agent, config)
        outage.told(agent, full_at)
        pauses(world, sim, agent, config)
        (where / "ballast").unlink()
        outage.ended()
        figures = outage.over(world, agent, config)
        agent.stop()
        said = status(world, config)[1]
        nothing_is_missing(kept_numbers(config), said)
        print(f"{figures}; {said['balance']['kept']} records kept, 0 lost")


def test_limit_of_the_file_size_is_a_full_disk(world):
    """RLIMIT_FSIZE (LimitFSIZE= of systemd): the agent is not ended by SIGXFSZ."""
    sim, config = busy_world(world)
    agent = world.agent(config)
    until(agent, lambda: status(world, config)[1]["spool"]["kept"] >= PRINTERS)
    _, hard = resource.prlimit(agent.pid, resource.RLIMIT_FSIZE)
    outage, began = Outage("A limit of the file size"), time.time()
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (1, hard))
    is_told(world, agent, config)
    outage.told(agent, began)
    pauses(world, sim, agent, config)
    resource.prlimit(agent.pid, resource.RLIMIT_FSIZE, (hard, hard))
    outage.ended()
    figures = outage.over(world, agent, config)
    agent.stop()
    said = status(world, config)[1]
    nothing_is_missing(kept_numbers(config), said)
    print(f"{figures}; {said['balance']['kept']} records kept, 0 lost")
