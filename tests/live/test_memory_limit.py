# SPDX-License-Identifier: Apache-2.0
"""An agent with very many pending records under a memory limit of the kernel (R8): it starts, says how many there are,
sends them, and ends."""
import os
import pathlib
import subprocess
import uuid

import pytest

import lab
from conftest import BUILD, count, hub_records, state_dir, status, until

LIMIT = 64 << 20
BATCHES = 3   # that the agent must send under the limit
BATCH = 2048  # records of the largest one
NO_PRINTER = "    - range: 127.0.0.1-127.0.0.1\n      port: 9\n"
V1, V2 = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")


@pytest.fixture
def limited():
    """The words before a command that runs it in a control group with LIMIT; empty: such a group cannot be made."""
    is_v1 = V1.is_dir()
    group = (V1 if is_v1 else V2) / f"platen-test-{uuid.uuid4().hex[:8]}"
    try:
        group.mkdir()
        (group / ("memory.limit_in_bytes" if is_v1 else "memory.max")).write_text(str(LIMIT))
    except OSError:
        if group.is_dir():
            group.rmdir()
        yield []
        return
    yield ["/bin/sh", "-c", f'echo $$ >{group}/cgroup.procs && exec "$@"', "sh"]
    group.rmdir()


def has_sanitizer():
    return "libasan" in subprocess.run(["ldd", BUILD / "bin/platen"], capture_output=True, text=True, check=False).stdout


def peak_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def test_many_pending_records_fit_into_the_limit(world, hub, limited):
    records = count("PENDING_RECORDS")
    config = world.agent_config(None, hub.port, hub.secret, targets=NO_PRINTER, extra="sync:\n  interval: 1s\n")
    state_dir(config).mkdir(mode=0o700)
    made = world.run(BUILD / "tests/spool_fill", state_dir(config), records, deadline_s=1800)
    assert int(made.stdout) == records
    # AddressSanitizer needs more than the limit for itself.
    is_limited = bool(limited) and not has_sanitizer()
    agent = lab.Program("platen", [*(limited if is_limited else []), world.bin("platen"), "run", "--config", config],
                        world.dir / "agent.log")
    world.programs.append(agent)
    agent.ready(600)
    until(agent, lambda: count_stored(hub) >= min(BATCHES * BATCH, records), 600)
    said = status(world, config)["spool"]
    peak = peak_bytes(agent.pid)
    assert agent.stop() == 0, lab.tail(agent.log)
    stored = len(hub_records(hub.config))
    after = status(world, config)["spool"]
    assert stored > 0 and after["quarantined"] == 0
    # The receipt of the last batch may have come too late.
    assert records - stored <= after["pending"] <= min(said["pending"], records - stored + BATCH)
    if not has_sanitizer():
        assert peak <= LIMIT, f"{peak} bytes resident"
    print(f"{records} records pending, {stored} sent; peak {peak / 1048576:.1f} MiB"
          + (", under a limit of 64 MiB" if is_limited else ", no limit"))


def count_stored(hub):
    return len(hub_records(hub.config)) if os.path.exists(state_dir(hub.config) / "store.db") else 0
