# SPDX-License-Identifier: Apache-2.0
"""kill -9 before each call that changes a disk or sends bytes, of the agent and of the hub, from start to end of a
synchronisation (R1-R3): nothing lost, nothing doubled, and each program starts again by itself."""
import re
import subprocess

import lab
from conftest import count, hub_records
from fault_control import Fault, check_report, needs_strace, points
from ledger import DEVICE_KEY, doubled_records, lost_records, record_in, spooled
from test_kill import free_port

PRINTERS = 6


class Sync:
    """Printers, an agent and a hub, of which one is killed and started again."""

    def __init__(self, world):
        self.world = world
        self.hub_config = world.hub_config(port=free_port())
        self.sim = world.sim(PRINTERS, "--job-interval", "1s")
        self.agent_fault, self.hub_fault = Fault(world, "agent"), Fault(world, "hub")
        self.hub = self.start_hub()
        self.secret = world.add_agent(self.hub_config, "agent1")
        self.config = world.agent_config(self.sim, self.hub.port, self.secret)
        self.seen = {}

    def start_hub(self, number=0):
        self.hub_fault.arm(number)
        hub = self.hub_fault.start("platen-hub", "run", "--config", self.hub_config, ready=True,
                                   log=self.world.dir / "hub.log")
        try:
            hub.port = hub.ready()["port"]
        except lab.LabError:
            if hub.code is None or not self.hub_fault.get("faults"):
                raise
        return hub

    def agent(self, number=0):
        self.agent_fault.arm(number)
        code, _ = self.agent_fault.once(self.config)
        self.look()
        return code

    def look(self):
        self.seen.update(spooled(self.config, self.world.dir))

    def end_hub(self):
        """Of a killed hub: forgets it."""
        check_report(self.hub)
        self.world.programs.remove(self.hub)

    def check(self, where):
        records = hub_records(self.hub_config)
        assert lost_records(self.seen, records) == [], where
        assert doubled_records(records) == [], where
        assert spooled(self.config, self.world.dir) == {}, where
        assert len({epoch for epoch, _ in records}) == 1, where

    def end(self):
        assert self.agent() == 0
        self.check("at the end")
        found, wrong, messages = lab.compare_fleet(self.sim, self.world.devices(self.hub_config))
        assert (found, wrong) == (PRINTERS, 0), messages


def test_kill_of_the_agent_at_each_write_loses_nothing(world):
    sync = Sync(world)
    assert sync.agent() == 0
    assert sync.agent() == 0  # counts
    calls, killed = sync.agent_fault.get("count"), 0
    for number in points(calls + 5, count("SYNC_KILL_POINTS")):
        code = sync.agent(number)
        is_killed = sync.agent_fault.get("faults") == 1
        assert code == (-9 if is_killed else 0), (number, lab.tail(world.dir / "agent1.log"))
        killed += is_killed
        assert sync.agent() == 0, (number, lab.tail(world.dir / "agent1.log"))
        sync.check(f"agent killed at call {number}")
    sync.end()
    assert killed > 0 and len(sync.seen) > 0
    print(f"agent: {calls} calls of a sync, killed at {killed}: {len(sync.seen)} records seen, 0 lost, 0 doubled")
    is_control_detected(sync)


def test_kill_of_a_new_agent_at_each_write_loses_nothing(world):
    """From the creation of the identity and of the stores on."""
    sync = Sync(world)
    assert sync.agent() == 0
    sync.check("first agent")
    calls, killed = sync.agent_fault.get("count"), 0
    for number in points(calls, count("SYNC_KILL_POINTS")):
        before = hub_records(sync.hub_config)
        sync.config = world.agent_config(sync.sim, sync.hub.port, sync.secret, name=f"new{number}")
        sync.seen = {}
        code = sync.agent(number)
        assert code == (-9 if sync.agent_fault.get("faults") else 0), lab.tail(world.dir / f"new{number}.log")
        killed += sync.agent_fault.get("faults")
        assert sync.agent() == 0, (number, lab.tail(world.dir / f"new{number}.log"))
        new = {key: body for key, body in hub_records(sync.hub_config).items() if key not in before}
        assert len({epoch for epoch, _ in new}) == 1, number
        assert lost_records(sync.seen, new) == [] and doubled_records(new) == [], number
        assert len({record_in(bytes(24) + body)[DEVICE_KEY] for body in new.values()}) == PRINTERS, number
    assert killed > 0
    print(f"new agent: {calls} calls of its first sync, killed at {killed}: 0 lost, 0 doubled")


def test_kill_of_the_hub_at_each_write_loses_nothing(world):
    sync = Sync(world)
    assert sync.agent() == 0
    assert sync.hub.stop() == 0
    sync.end_hub()
    sync.hub = sync.start_hub()
    assert sync.agent() == 0
    assert sync.hub.stop() == 0
    sync.end_hub()
    calls, killed = sync.hub_fault.get("count"), 0
    for number in points(calls, count("SYNC_KILL_POINTS")):
        sync.hub = sync.start_hub(number)
        if sync.hub_fault.get("faults") == 0:
            assert sync.agent() in (0, 69, 75), (number, lab.tail(world.dir / "agent1.log"))
        if sync.hub_fault.get("faults") == 0:
            sync.hub.stop()
        is_killed = sync.hub_fault.get("faults") == 1
        assert sync.hub.wait(60) == (-9 if is_killed else 0), (number, lab.tail(sync.hub.log))
        killed += is_killed
        sync.end_hub()
        sync.hub = sync.start_hub()
        assert sync.agent() == 0, (number, lab.tail(world.dir / "agent1.log"))
        sync.check(f"hub killed at call {number}")
        assert sync.hub.stop() == 0
        sync.end_hub()
    sync.hub = sync.start_hub()
    sync.end()
    assert killed > 0 and len(sync.seen) > 0
    print(f"hub: {calls} calls from start to stop, killed at {killed}: {len(sync.seen)} records seen, "
          "0 lost, 0 doubled")
    is_control_detected(sync)


def is_control_detected(sync):
    """Positive control: a record that is gone is found lost, one that came twice is found doubled."""
    records = hub_records(sync.hub_config)
    last = max(records)
    seen = {**sync.seen, last[1]: bytes(24) + records[last]}
    assert record_in(seen[last[1]]) is not None
    assert last[1] in lost_records(seen, {k: v for k, v in records.items() if k != last})
    assert doubled_records({**records, (last[0], last[1] + 1): records[last]}) == [last[1] + 1]


def test_each_write_of_the_kernel_is_counted(world):
    """strace sees as many calls as fault_at.c does, but for stdout, which the C library writes by itself: no call is
    left out above."""
    needs_strace()
    sync = Sync(world)
    assert sync.agent() == 0
    sync.agent_fault.arm(0)
    trace = world.dir / "trace"
    calls = "write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,ftruncate,unlink,unlinkat," \
            "rename,renameat,renameat2,openat,open,fallocate,linkat,mkdirat,mkdir"
    traced = subprocess.run(["strace", "-f", "-o", trace, "-e", f"trace={calls}", "-E", "LD_PRELOAD=" +
                             sync.agent_fault.prefix()[1].split("=", 1)[1], "-E",
                             f"FAULT_AT={sync.agent_fault.path}", "-E",
                             "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0", world.bin("platen"), "once", "--sync",
                             "--config", sync.config], capture_output=True, check=False)
    assert traced.returncode == 0, traced.stderr[-2000:]
    kernel = 0
    for line in trace.read_text(errors="replace").splitlines():
        call = re.match(r"\d+ +(\w+)\((\d*)", line)
        if call and (not call[1].startswith("open") or "O_CREAT" in line):
            kernel += call.groups() != ("write", "1")
    print(f"{kernel} calls in the kernel, {sync.agent_fault.get('count')} counted")
    assert kernel == sync.agent_fault.get("count")
