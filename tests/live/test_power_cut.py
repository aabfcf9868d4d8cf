# SPDX-License-Identifier: Apache-2.0
"""Power cuts (R3): the file system below an agent's or a hub's state_dir is shut down without a flush of its log
(FS_IOC_SHUTDOWN), the program is killed, the file system is mounted again. Whatever was confirmed before the cut is
there, and the program starts by itself. Positive control: a program whose fsync and fdatasync do nothing loses.

Needs root, a loop device and mkfs; runs in a mount namespace of its own, so that no other process keeps the dead file
system: this file is the program that runs there, too."""
import contextlib
import fcntl
import http.client
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import threading
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tools/gate")]
import lab  # noqa: E402
from conftest import BUILD, count, hub_records, state_dir, status, until  # noqa: E402
from fault_control import Fault  # noqa: E402
from ledger import balance  # noqa: E402
from test_hub import Agent, Client  # noqa: E402
from test_kill import free_port  # noqa: E402

FS_IOC_SHUTDOWN = 0x8004587d  # _IOR('X', 125, __u32)
NO_LOG_FLUSH = 2
PRINTERS = 20
NEW_STATE_EVERY = 40  # rounds
CONTROL_ROUNDS = 20


class Disk:
    """A file system in a file."""

    def __init__(self, where, kind):
        self.image, self.dir = where / "disk.img", where / "disk"
        self.dir.mkdir()
        with open(self.image, "wb") as image:
            image.truncate(400 << 20)
        subprocess.run([f"mkfs.{kind}", "-q", self.image], check=True, capture_output=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.dir], check=True)

    def cut(self):
        fd = os.open(self.dir, os.O_RDONLY)
        fcntl.ioctl(fd, FS_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
        os.close(fd)

    def unmount(self):
        subprocess.run(["umount", self.dir], check=True)

    def again(self):
        self.unmount()
        self.mount()


def end(world, program):
    program.kill()
    world.programs.remove(program)
    assert not lab.reports(program.log.read_text(errors="replace"))


class AgentCuts:
    """An agent without a hub, whose records stay in its spool."""

    def __init__(self, world, disk):
        self.world, self.disk, self.cuts = world, disk, 0
        self.fault = Fault(world, "agent")
        self.sim = world.sim(PRINTERS, "--job-interval", "1s")
        self.confirmed = self.lost = self.unstarted = 0
        self.new_state()

    def new_state(self):
        self.config = self.world.agent_config(self.sim, state=self.disk.dir / f"agent{self.cuts}",
                                              devices_extra="  interval: 1s\n", name=f"agent{self.cuts}")
        self.sure, self.agent_id = 0, None  # records that were kept over the store's life

    def start(self):
        agent = self.fault.start("platen", "run", "--config", self.config, ready=True,
                                 log=self.world.dir / f"{self.config.stem}.log")
        agent.ready()
        return agent

    def round(self, chance):
        """One life that ends in a cut; then what its disk holds is compared."""
        kept, found = balance(self.config, self.world.dir)
        try:
            agent = self.start()
        except lab.LabError:
            self.unstarted += 1
            return
        said = status(self.world, self.config)
        if kept < self.sure or found != kept or self.agent_id not in (None, said["agent_id"]):
            self.lost += max(self.sure - kept, 1)
        self.agent_id = said["agent_id"]
        # So that the first cut has something to lose.
        until(agent, lambda: self.confirmed or status(self.world, self.config)["spool"]["kept"] > 0)
        assert agent.runs_for(chance.uniform(0, 1.3)), lab.tail(agent.log)
        now = status(self.world, self.config)["spool"]["kept"]  # since its start
        self.sure = kept + now
        self.confirmed += now
        self.disk.cut()
        self.cuts += 1
        end(self.world, agent)
        self.disk.again()


class HubCuts:
    """A hub that gets batches as fast as it stores them."""

    def __init__(self, world, disk):
        self.world, self.disk, self.cuts = world, disk, 0
        self.fault = Fault(world, "hub")
        self.confirmed = self.lost = self.unstarted = 0
        self.new_state()

    def new_state(self):
        text = self.world.hub_config(name=f"hub{self.cuts}", port=free_port())
        self.config = self.world.file(text, text.read_text().replace(
            f"state_dir: {self.world.dir}/", f"state_dir: {self.disk.dir}/"))
        state_dir(self.config).mkdir(mode=0o700)
        self.secret = self.world.add_agent(self.config, "agent1")
        self.agent = Agent(self.world.dir, name=f"agent{self.cuts}", number=self.cuts // NEW_STATE_EVERY % 200 + 1)
        self.receipted = self.next = 1  # below these numbers

    def post(self, hub, stop):
        client = Client(self.world, hub.port, "agent1", self.secret)
        with contextlib.suppress(OSError, http.client.HTTPException):
            while not stop.is_set():
                body = self.agent.batch([self.agent.record(self.next + i, f"serial:x/{i}") for i in range(5)], self.next)
                if client.post(body)[0] != 200:
                    return
                self.next += 5
                self.receipted = self.next

    def round(self, chance):
        try:
            hub = self.fault.start("platen-hub", "run", "--config", self.config, ready=True,
                                   log=self.world.dir / f"{self.config.stem}.log")
            hub.port = hub.ready()["port"]
        except lab.LabError:
            self.unstarted += 1
            return
        stop = threading.Event()
        poster = threading.Thread(target=self.post, args=(hub, stop))
        first = self.receipted
        poster.start()
        until(hub, lambda: self.confirmed or self.receipted > first)
        assert hub.runs_for(chance.uniform(0, 0.4)), lab.tail(hub.log)
        sure = self.receipted
        self.disk.cut()
        self.cuts += 1
        stop.set()
        end(self.world, hub)
        poster.join(120)
        assert not poster.is_alive()
        self.disk.again()
        self.confirmed += sure - first
        stored = sorted(seq for (epoch, seq) in hub_records(self.config))
        self.lost += len(set(range(1, sure)) - set(stored))
        # A receipt that was under way at the cut does not count; the agent sends from there.
        self.next = self.receipted = (stored or [0])[-1] + 1


def cut_power(kind, which, rounds, is_control):
    with lab.Lab(BUILD, prefix=f"platen-cut-{which}-") as world:
        disk = Disk(world.dir, kind)
        cuts = {"agent": AgentCuts, "hub": HubCuts}[which](world, disk)
        cuts.fault.set(no_syncs=int(is_control))
        chance = random.Random(20261130)
        began = time.monotonic()
        try:
            while cuts.cuts < rounds and not cuts.unstarted and not (is_control and cuts.lost):
                if cuts.cuts and cuts.cuts % NEW_STATE_EVERY == 0:
                    shutil.rmtree(state_dir(cuts.config), ignore_errors=True)
                    cuts.new_state()
                cuts.round(chance)
            if not cuts.unstarted:
                cuts.round(chance)  # what the last cut left
        finally:
            for program in list(world.programs):
                program.stop()
            disk.unmount()
        print(json.dumps({"fs": kind, "program": which, "cuts": cuts.cuts, "confirmed": cuts.confirmed,
                          "lost": cuts.lost, "failed_starts": cuts.unstarted,
                          "s": round(time.monotonic() - began)}))


def run(kind, which, rounds, is_control=False):
    if os.geteuid() != 0 or shutil.which(f"mkfs.{kind}") is None:
        pytest.skip(f"needs root and mkfs.{kind}")
    inside = ["unshare", "-m", "--propagation", "private"]
    works = subprocess.run([*inside, "sh", "-c", "test -e /dev/loop-control && losetup -f"], capture_output=True,
                           check=False)
    if works.returncode != 0:
        pytest.skip("no mount namespace or no loop device")
    got = subprocess.run([*inside, sys.executable, "-B", __file__, kind, which, str(rounds), str(int(is_control))],
                         capture_output=True, text=True, check=False, env={**os.environ, "PLATEN_BUILD": str(BUILD)})
    assert got.returncode == 0, got.stdout + got.stderr
    result = json.loads(got.stdout.splitlines()[-1])
    print(("control: " if is_control else "") + json.dumps(result))
    return result


@pytest.mark.parametrize("which", ["agent", "hub"])
@pytest.mark.parametrize("kind", ["xfs", "ext4"])
def test_power_cut_loses_nothing_confirmed(kind, which):
    rounds = count("POWER_CUTS")
    result = run(kind, which, rounds)
    assert (result["lost"], result["failed_starts"]) == (0, 0)
    assert result["cuts"] >= rounds and result["confirmed"] > 0


@pytest.mark.parametrize("which", ["agent", "hub"])
def test_power_cut_is_detected_without_fsync(which):
    result = run("ext4", which, CONTROL_ROUNDS, is_control=True)
    assert result["lost"] + result["failed_starts"] > 0


if __name__ == "__main__":
    cut_power(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "1")
