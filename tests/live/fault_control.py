# SPDX-License-Identifier: Apache-2.0
"""The test's side of fault_at.c: a program that is killed, or whose call fails, at a chosen call."""
import json
import mmap
import os
import struct
import subprocess

import pytest

import lab
from conftest import BUILD

WRITE, SYNC, FILE, OPEN, MAP, SOCKET, SEND, ALLOC, WAKE = (1 << n for n in range(9))
DISK = WRITE | SYNC | FILE | WAKE
KILL, SHORT = -1, -2
PATHS = 1 << 20  # of fault_at.c
FIELDS = ("classes", "count", "at", "what", "faults", "no_syncs")


class Fault:
    """struct control of fault_at.c in a file, and programs that run under it."""

    def __init__(self, world, name):
        self.world = world
        self.path = world.dir / f"{name}.fault"
        self.path.write_bytes(bytes(8 * len(FIELDS)))
        with open(self.path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8 * len(FIELDS))
        self.set(classes=DISK)
        self.paths_file, self.notes_paths = world.dir / f"{name}.paths", False

    def note_paths(self):
        """From the next start on, the paths to allocations are noted."""
        self.paths_file.write_bytes(b"")
        os.truncate(self.paths_file, 8 * PATHS)
        self.notes_paths = True

    def paths(self, number):
        """Hashes of the calls that led to the first `number` allocations; notes no more."""
        self.notes_paths = False
        with open(self.paths_file, "rb") as file:
            return struct.unpack(f"<{PATHS}Q", file.read())[:number]

    def set(self, **values):
        for name, value in values.items():
            struct.pack_into("<q", self.map, 8 * FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("<q", self.map, 8 * FIELDS.index(name))[0]

    def arm(self, number, what=KILL, classes=DISK):
        """The `number`-th call from now; 0: none, the calls are counted only."""
        self.set(at=0, classes=classes, count=0, what=what, faults=0)
        self.set(at=number)

    def prefix(self):
        notes = self.notes_paths
        return [*(["/usr/bin/setarch", "-R"] if notes else []), "/usr/bin/env",
                f"LD_PRELOAD={BUILD / 'tests/libfault_at.so'}", f"FAULT_AT={self.path}",
                *([f"FAULT_PATHS={self.paths_file}"] if notes else []), f"ASAN_OPTIONS=verify_asan_link_order=0:{os.environ.get('ASAN_OPTIONS', '')}"]

    def start(self, program, *words, log, ready=False, stdout=None):
        """lab.Program under the fault."""
        argv = [*self.prefix(), self.world.bin(program), *words]
        started = lab.Program(program, argv, log, ready_on="fd" if ready else None, stdout=stdout)
        self.world.programs.append(started)
        return started

    def once(self, config, deadline_s=120):
        """`platen once`: (code, summary or None)."""
        out = self.world.dir / f"{config.stem}.once.json"
        with open(out, "wb") as stdout:
            program = self.start("platen", "once", "--sync", "--json", "--config", config,
                                 log=self.world.dir / f"{config.stem}.log", stdout=stdout)
        code = program.wait(deadline_s)
        self.world.programs.remove(program)
        check_report(program)
        lines = out.read_text().splitlines()
        try:
            return code, json.loads(lines[-1]) if lines else None
        except json.JSONDecodeError:
            return code, None


def check_report(program):
    report = lab.reports(program.log.read_text(errors="replace"))
    assert not report, report


def points(number, most):
    """At most `most` of 1..number, spread evenly."""
    if most >= number:
        return range(1, number + 1)
    return sorted({1 + i * (number - 1) // max(most - 1, 1) for i in range(most)})


def needs_strace():
    try:
        got = subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=none", "true"], check=False,
                             capture_output=True)
    except FileNotFoundError:
        got = None
    if got is None or got.returncode != 0:
        pytest.skip("strace is not there or may not trace")
