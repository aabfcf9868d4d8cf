# SPDX-License-Identifier: Apache-2.0
"""Each call of the programs fails once (R9): writes, syncs, files, maps, sockets and allocations, in 12 scenarios. No
program crashes, leaks or hangs, nothing that was kept or receipted is lost, and the next start works.

Of a build with AddressSanitizer a sample of the calls fails. Of another build, whose runs are shorter, so many calls
fail as FAILING_EACH says; and as some 60,000 allocations a run are too many, the first one of so many paths as
FAILING_PATHS says: of the eight innermost calls that lead to it."""
import errno
import os
import signal

import pytest

import lab
from conftest import BUILD, count, hub_records, status
from fault_control import ALLOC, FILE, KILL, MAP, OPEN, SEND, SHORT, SOCKET, SYNC, WRITE, Fault, check_report, points
from ledger import doubled_records, lost_records, spooled
from test_kill import free_port

PRINTERS = 4
# What fails, and how: each class of calls with what the kernel may say.
FAULTS = [(WRITE, errno.EIO), (WRITE, errno.ENOSPC), (WRITE, SHORT), (WRITE, errno.EINTR), (SYNC, errno.EIO),
          (FILE, errno.ENOSPC), (FILE, errno.EMFILE), (OPEN, errno.EMFILE), (MAP, errno.ENOMEM),
          (SOCKET, errno.EMFILE), (SEND, errno.ENOBUFS), (SEND, errno.EINTR), (ALLOC, errno.ENOMEM)]
NAMES = {WRITE: "write", SYNC: "sync", FILE: "file", OPEN: "open", MAP: "map", SOCKET: "socket", SEND: "send",
         ALLOC: "malloc"}
END_S = 60
tried_paths = set()  # to allocations, in all scenarios


class Scene:
    """Printers, a hub and an agent, of which one program runs under a fault."""

    def __init__(self, world):
        self.world = world
        self.fault = Fault(world, "program")
        self.hub_config = world.hub_config(port=free_port())
        self.hub = world.hub(self.hub_config)
        self.secret = world.add_agent(self.hub_config, "agent1")
        self.sim = world.sim(PRINTERS, "--job-interval", "1s")
        self.config = world.agent_config(self.sim, self.hub.port, self.secret)
        self.alone = world.agent_config(self.sim, name="alone", state=world.dir / "alone-state")
        self.seen = {}
        # Each repetition of a scenario makes the same calls: the first run of a state directory makes more.
        for config in (self.config, self.alone):
            assert world.once(config)[0] == 0

    def end(self, program):
        """Its exit code; a program that hangs or crashes fails the test."""
        code = program.wait(END_S)
        self.world.programs.remove(program)
        check_report(program)
        assert code >= 0, f"ended by signal {-code}: {lab.tail(program.log)}"
        return code

    def verb(self, program, *words, config=None):
        with open(os.devnull, "wb") as out:
            started = self.fault.start(program, *words, "--config", config or self.config, stdout=out,
                                       log=self.world.dir / "verb.log")
        self.end(started)

    def daemon(self, program, config, act=lambda daemon: None):
        """Runs to ready, acts, stops; it may end at any time because of the fault."""
        daemon = self.fault.start(program, "run", "--config", config, ready=True,
                                  log=self.world.dir / f"{config.stem}.log")
        try:
            daemon.ready(END_S)
            act(daemon)
        except lab.LabError:
            if daemon.is_running():
                raise
        daemon.signal(signal.SIGTERM)
        self.end(daemon)

    def is_consistent(self):
        """Without a fault all goes over, and the books are right."""
        self.fault.arm(0)
        self.seen.update(spooled(self.config, self.world.dir))
        assert self.world.once(self.config)[0] == 0, lab.tail(self.world.dir / f"{self.config.stem}.log")
        records = hub_records(self.hub_config)
        assert (lost_records(self.seen, records), doubled_records(records)) == ([], [])
        assert status(self.world, self.config)["spool"]["pending"] == 0


def agent_once(scene):
    scene.verb("platen", "once", config=scene.alone)


def agent_once_with_hub(scene):
    scene.verb("platen", "once", "--sync")
    scene.is_consistent()


def new_agent_once(scene):
    state = scene.world.dir / "new-state"
    config = scene.world.agent_config(scene.sim, name="new", state=state)
    scene.verb("platen", "once", "--sync", config=config)
    scene.fault.arm(0)
    assert scene.world.once(config)[0] == 0, lab.tail(scene.world.dir / "new.log")
    for path in state.iterdir():
        path.unlink()


def agent_run(scene):
    scene.daemon("platen", scene.config)
    scene.is_consistent()


def agent_reload(scene):
    def reload(agent):
        agent.signal(signal.SIGHUP)
        agent.wait_for_log("reload", END_S)
    scene.daemon("platen", scene.alone, reload)


def agent_status(scene):
    scene.verb("platen", "status")


def agent_report(scene):
    scene.verb("platen", "report", "--format", "csv")


def agent_check_config(scene):
    scene.verb("platen", "check-config")


def agent_discover(scene):
    scene.verb("platen", "discover", f"{scene.sim.info['first']}-{scene.sim.last}", "--port",
               str(scene.sim.info["port"]))


def hub_run(scene):
    scene.hub.stop()
    scene.world.programs.remove(scene.hub)

    def sync(hub):
        scene.seen.update(spooled(scene.config, scene.world.dir))
        scene.world.once(scene.config)
    scene.daemon("platen-hub", scene.hub_config, sync)
    scene.fault.arm(0)
    scene.hub = scene.world.hub(scene.hub_config)
    scene.is_consistent()


def hub_user_add(scene):
    scene.verb("platen-hub", "user", "add", "other", "--role", "agent", config=scene.hub_config)


def hub_devices(scene):
    scene.verb("platen-hub", "devices", "--jsonl", config=scene.hub_config)


SCENARIOS = (agent_once, agent_once_with_hub, new_agent_once, agent_run, agent_reload, agent_status, agent_report,
             agent_check_config, agent_discover, hub_run, hub_user_add, hub_devices)


def of_all(number, most):
    """`most` of the calls 1..number, spread evenly; one in the middle, if only a few faults are tried."""
    return points(number, most) if most >= len(FAULTS) else [(number + 1) // 2][:number]


def is_sanitized():
    return b"__asan_init" in (BUILD / "bin/platen").read_bytes()


def by_path(scene, scenario):
    """Runs it; (number of allocations, the first one of each path that was not tried yet, the figures)."""
    scene.fault.arm(0, classes=ALLOC)
    scene.fault.note_paths()
    number, _ = run_noting(scene, scenario)
    first = {}
    for at, path in enumerate(scene.fault.paths(number), 1):
        first.setdefault(path, at)
    new = [(at, path) for path, at in first.items() if path not in tried_paths]
    each = [new[i - 1] for i in points(len(new), count("FAILING_PATHS"))]
    tried_paths.update(path for _, path in each)
    return number, [at for at, _ in each], f"{number} by {len(first)} paths, {len(first) - len(new)} of them tried before"


def choose(scene, scenario, classes, most):
    """Runs it without a fault; (number of calls, those that fail, the figures)."""
    if classes == ALLOC and not is_sanitized():
        return by_path(scene, scenario)
    scene.fault.arm(0, classes=classes)
    number, _ = run_noting(scene, scenario)
    return number, of_all(number, most), str(number)


def look_for_leaks(monkeypatch, is_on):
    """OpenSSL leaks a few bytes when its own allocations fail."""
    monkeypatch.setenv("ASAN_OPTIONS", f"{os.environ.get('ASAN_OPTIONS', '')}:detect_leaks={int(is_on)}")


def run_noting(scene, scenario):
    """Runs the scenario; returns (calls, faults) until it looks at the result."""
    arm, seen = scene.fault.arm, []

    def note(*args, **more):
        seen.append((scene.fault.get("count"), scene.fault.get("faults")))
        arm(*args, **more)
    scene.fault.arm = note
    try:
        scenario(scene)
    finally:
        scene.fault.arm = arm
    return [*seen, (scene.fault.get("count"), scene.fault.get("faults"))][0]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.__name__)
def test_failing_call_is_survived(world, scenario, monkeypatch):
    scene = Scene(world)
    most = count("FAILING_CALLS" if is_sanitized() else "FAILING_EACH")
    first = SCENARIOS.index(scenario)
    # If only a few are tried, each scenario has other faults.
    faults = FAULTS if most >= len(FAULTS) else [FAULTS[(first * 5 + i * 4) % len(FAULTS)] for i in range(most)]
    figures = []
    for classes, what in faults:
        look_for_leaks(monkeypatch, classes != ALLOC)
        number, each, of = choose(scene, scenario, classes, most)
        faults_seen = 0
        for at in each:
            scene.fault.arm(at, what, classes)
            try:
                faults_seen += run_noting(scene, scenario)[1]
            except (AssertionError, lab.LabError) as err:
                raise AssertionError(f"{NAMES[classes]} {at} of {number} fails with {what}: {err}") from err
        assert faults_seen > 0 or len(each) == 0, f"no {NAMES[classes]} failed"
        figures.append(f"{NAMES[classes]} {'short' if what == SHORT else errno.errorcode[what]} {len(each)} of {of}")
    print(f"{scenario.__name__}: {', '.join(figures)}: 0 crashes")


@pytest.mark.parametrize("program", ["platen", "platen-hub"])
def test_start_without_memory_is_survived(world, program, monkeypatch):
    """OpenSSL crashes if it is used after its first allocations have failed."""
    scene = Scene(world)
    look_for_leaks(monkeypatch, False)
    config = {"platen": scene.alone, "platen-hub": scene.hub_config}[program]
    for at in range(1, 60, 5):
        scene.fault.arm(at, errno.ENOMEM, ALLOC)
        scene.verb(program, "check-config", config=config)


def test_control_crash_is_detected(world):
    scene = Scene(world)
    scene.fault.arm(5, KILL, WRITE)
    with pytest.raises(AssertionError, match="ended by signal 9"):
        agent_once(scene)
