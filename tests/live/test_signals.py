# SPDX-License-Identifier: Apache-2.0
"""Every signal in every state (start, run, reload, stop) of agent and hub: none of them crashes the
program, each is logged with the state that it met, and the exit code is 0 (S88, R22).

States are held by events, not by time: signals are blocked when the program is started, so that all
of them meet its start; a pipe in the place of the configuration file holds the worker of a reload,
and with it the reload, or the stop that follows."""
import contextlib
import itertools
import os
import pathlib
import random
import resource
import signal
import subprocess
import sys
import time

import lab
import pytest

from conftest import BUILD, count, status, until

# Not SIGCONT: it removes the SIGSTOP by which LeakSanitizer stops threads at the end, and hangs it.
IGNORED = (signal.SIGPIPE, signal.SIGUSR2, signal.SIGXFSZ, signal.SIGWINCH)
WATCHED = (signal.SIGHUP, signal.SIGUSR1)
ENDING = (signal.SIGTERM, signal.SIGINT)
STATES = ("start", "run", "reload", "stop")
END_S = 120  # a hanging program is ended after this time; how long the stop takes is printed

V3 = "    - {{name: v{0}, version: 3, user: u{0}, auth: sha512, auth_password_file: auth{0}}}\n"


class Daemon:
    """One program, whose configuration may be a pipe."""

    def __init__(self, world, kind, binary=None):
        self.world = world
        self.kind = kind
        if kind == "hub":
            self.config = world.hub_config(world.number("hub"))
        else:
            self.config = self._agent_config()
        self.binary = binary or world.bin("platen-hub" if kind == "hub" else "platen")
        self.program = None
        self.pipe = None

    def _agent_config(self):
        """Short intervals, so that timers run in each state; and keys that take some time, so that
        the start does."""
        if not hasattr(self.world, "printers"):
            self.world.printers = self.world.sim(4)
            for i in range(24):
                self.world.file(self.world.dir / f"auth{i}", f"passphrase-{i}\n")
        users = "".join(V3.format(i) for i in range(24))
        return self.world.agent_config(
            self.world.printers, 1, "secret", devices_extra="  interval: 1s\n",
            extra=f"snmp:\n  credentials:\n{users}sync:\n  interval: 1m\n")

    def start(self, number_of_signals=0):
        log = self.world.dir / f"{self.config.stem}.log"
        self.program = lab.Program(self.kind, [self.binary, "run", "--config", self.config], log)
        self.world.programs.append(self.program)
        if not number_of_signals:
            self.program.ready()
        return self

    def hold(self):
        """From now on a read of the configuration waits for the release."""
        self.text = self.config.read_text()
        self.config.unlink()
        os.mkfifo(self.config, 0o600)
        self.pipe = os.open(self.config, os.O_RDWR | os.O_NONBLOCK)

    def release(self):
        os.write(self.pipe, self.text.encode())
        os.close(self.pipe)
        self.pipe = None

    def is_reading(self):
        """The worker has opened the pipe; before that, what is written could be lost."""
        for fd in pathlib.Path(f"/proc/{self.program.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if fd.readlink() == self.config:
                    return True
        return False

    def send(self, number):
        self.program.signal(number)

    def meets(self, number, state):
        """Sends it, and waits until the log says that it met this state."""
        since = self.program.log.stat().st_size
        self.send(number)
        name = signal.Signals(number).name[3:]
        line = self.program.wait_for_log(f"signal={name} ", END_S, since)
        assert f" state={state} " in line, line
        return line

    def reload(self):
        self.hold()
        self.meets(signal.SIGHUP, "run")
        until(self.program, self.is_reading)

    def ends(self, since):
        code = self.program.wait(END_S)
        assert code == 0, f"{code}\n" + self.program.log.read_text()[-6000:]
        assert not self.program.failure(), self.program.failure()
        print(f"{self.kind}: stopped after {time.monotonic() - since:.2f} s")


def started(daemon):
    """All signals, sent before the program can have read a line of its configuration."""
    numbers = {*WATCHED, *IGNORED, *ENDING}
    old = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        daemon.start(len(numbers))
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)


def nothing_happens(daemon, state):
    for number in IGNORED:
        daemon.send(number)
    line = daemon.meets(signal.SIGUSR1, state)
    assert f"next={state}" in line
    daemon.program.wait_for_log(f"dump=state state={state} ", END_S)


def verb(daemon, is_served):
    """A verb over the control socket; the agent has none."""
    if daemon.kind != "hub":
        return
    got = daemon.world.run(daemon.world.bin("platen-hub"), "user", "add", "agent1", "--role",
                           "agent", "--config", daemon.good, check=False)
    assert (got.returncode == 0) == is_served, got.stderr


def timers_run(daemon):
    """Printers are polled on."""
    if daemon.kind == "hub":
        return
    sim = daemon.world.printers
    before = sim.command(cmd="stats")["responses"]
    until(daemon.program, lambda: sim.command(cmd="stats")["responses"] > before)


def table_row(world, kind, state, ender, binary=None):
    """All signals in one state, the one that ends it last."""
    daemon = Daemon(world, kind, binary)
    daemon.good = world.file(world.dir / f"{daemon.config.stem}-copy.yaml",
                             daemon.config.read_text())
    if state == "start":
        started(daemon)
        for number in (*WATCHED, *IGNORED, ender):
            daemon.send(number)
        since = time.monotonic()
        daemon.ends(since)
        log = daemon.program.log.read_text()
        for number in (*WATCHED, ender):
            assert f"signal={signal.Signals(number).name[3:]} " in log, log
        assert kind == "hub" or "signal=HUP state=start next=start" in log, log
        return
    daemon.start()
    # Until the first status or poll the agent may still make keys: this is its first reload.
    while "state=run" not in daemon.meets_any(signal.SIGUSR1):
        pass
    if state == "run":
        nothing_happens(daemon, state)
        timers_run(daemon)
        verb(daemon, True)
        at = daemon.program.log.stat().st_size
        daemon.meets(signal.SIGHUP, state)
        daemon.program.wait_for_log("what=reloaded", END_S, at)
        since = time.monotonic()
        daemon.meets(ender, state)
        daemon.ends(since)
        return
    daemon.reload()
    if state == "reload":
        nothing_happens(daemon, state)
        timers_run(daemon)
        verb(daemon, True)
        daemon.meets(signal.SIGHUP, state)
        daemon.meets(ender, state)
    else:
        daemon.meets(ender, "reload")
        for number in (signal.SIGHUP, *ENDING, signal.SIGHUP):
            daemon.meets(number, state)
        nothing_happens(daemon, state)
        verb(daemon, False)
    since = time.monotonic()
    daemon.release()
    daemon.ends(since)
    assert "what=reloaded" not in daemon.program.log.read_text()


def meets_any(daemon, number):
    since = daemon.program.log.stat().st_size
    daemon.send(number)
    return daemon.program.wait_for_log("dump=state", END_S, since)


Daemon.meets_any = meets_any


@pytest.mark.parametrize("kind", ["agent", "hub"])
@pytest.mark.parametrize("ender", ENDING, ids=lambda s: s.name)
@pytest.mark.parametrize("state", STATES)
def test_signal_table(world, kind, state, ender):
    table_row(world, kind, state, ender)


def storm(daemon, numbers):
    """HUP and TERM at once, then one signal after the other until the program has ended."""
    daemon.start()
    daemon.send(signal.SIGHUP)
    daemon.send(signal.SIGTERM)
    since = time.monotonic()
    while daemon.program.is_running() and time.monotonic() < since + END_S:
        daemon.send(next(numbers))
    daemon.ends(since)


@pytest.mark.parametrize("kind", ["agent", "hub"])
def test_reload_while_stopping_keeps_the_heap(world, kind):
    """`systemctl reload` and `stop` at once."""
    for _ in range(count("SIGNAL_STORMS")):
        storm(Daemon(world, kind), itertools.repeat(signal.SIGHUP))


@pytest.mark.parametrize("kind", ["agent", "hub"])
def test_random_signals_end_with_exit_code_0(world, kind):
    chance = random.Random(7)
    for _ in range(count("SIGNAL_STORMS")):
        storm(Daemon(world, kind),
              iter(lambda: chance.choice((*WATCHED, *IGNORED, *ENDING)), None))


def test_planted_fault_is_found(world):
    """Positive control: an agent that reloads on each SIGHUP, whatever its state, as it once did."""
    binary = BUILD / "tests/platen_planted"
    if not binary.exists():
        pytest.skip(f"no {binary}")
    with pytest.raises((AssertionError, lab.LabError)):
        table_row(world, "agent", "stop", signal.SIGTERM, binary)
    world.programs[-1].kill()
    world.programs.pop()


def ends_with_a_core(pid):
    """After SIGABRT with the limit of cores as high as it may be."""
    _, hard = resource.prlimit(pid, resource.RLIMIT_CORE)
    resource.prlimit(pid, resource.RLIMIT_CORE, (hard, hard))
    os.kill(pid, signal.SIGABRT)
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT).si_code == os.CLD_DUMPED


SECRETS = ("plantedcommunity", "plantedpassphrase", "plantedprivacy")


def cores(folder):
    """The contents of the core files that the kernel has left in a working directory."""
    return [path.read_bytes() for path in folder.glob("core*") if path.is_file()]


def test_no_core_of_a_daemon_is_written_even_if_its_limit_is_raised(world):
    """Of an agent with secrets of each kind in use, and of a hub that has checked its password; the control is a process
    with the same secrets in its memory, whose core holds them."""
    hub = world.hub(world.hub_config())
    secret = world.add_agent(hub.config, "agent1")
    files = [world.file(world.dir / f"{number}.secret", f"{word}\n") for number, word in enumerate(SECRETS)]
    sim = world.sim(2, "--v3", f"reader:sha256:{SECRETS[1]}:aes128:{SECRETS[2]}", "--only-v3", "1",
                    "--community", SECRETS[0])
    targets = "".join(f"    - range: {sim.address(number)}\n      port: {sim.info['port']}\n      credential: {name}\n"
                      for number, name in enumerate(("plain", "v3")))
    config = world.agent_config(
        hub_port=hub.port, secret=secret, targets=targets, devices_extra="  interval: 1s\n",
        extra=f"""\
snmp:
  credentials:
    - {{name: plain, version: 2c, community_file: {files[0]}}}
    - {{name: v3, version: 3, user: reader, auth: sha256, auth_password_file: {files[1]}, priv: aes128,
       priv_password_file: {files[2]}}}
""")
    agent = world.agent(config)
    until(agent, lambda: status(world, config)["devices"]["complete"] == 2)
    world.run(world.bin("platen"), "sync-now", "--config", config)
    searched = (*SECRETS, secret)
    for daemon in (agent, hub):
        folder = pathlib.Path(os.readlink(f"/proc/{daemon.pid}/cwd"))
        before = len(cores(folder))
        assert not ends_with_a_core(daemon.pid), daemon.name
        daemon.wait(30)
        world.programs.remove(daemon)
        assert len(cores(folder)) == before, daemon.name
    folder = world.dir / "control"
    folder.mkdir()
    hold = "import sys; held = sys.stdin.read(); print(flush=True); import time; time.sleep(1000)"
    other = subprocess.Popen([sys.executable, "-c", hold], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    other.stdin.write("\n".join(searched).encode())
    other.stdin.close()
    other.stdout.readline()
    has_core = ends_with_a_core(other.pid)
    other.wait()
    if not has_core:
        pytest.skip("this system writes no cores: the control shows nothing")
    found = cores(folder)
    if found:  # else the system has another place for cores
        assert all(word.encode() in found[0] for word in searched)
