# SPDX-License-Identifier: Apache-2.0
"""The lab itself: a program that leaks or does not end must not go unseen, even if no test looks."""
import signal
import sys

import lab
import pytest

LEAK = "==1==ERROR: LeakSanitizer: detected memory leaks"
IGNORES_SIGTERM = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); " \
                  "print('{}', flush=True); signal.pause()"


def start(world, name, *argv):
    program = lab.Program(name, argv, world.dir / f"{name}.log", says_on="stdout")
    world.programs.append(program)
    program.ready()
    return program


def test_a_leak_at_the_end_is_seen(tmp_path):
    with pytest.raises(lab.LabError, match="leaky: ERROR: LeakSanitizer"):
        with lab.Lab(tmp_path) as world:
            start(world, "leaky", "/bin/sh", "-c", f"echo '{{}}'; echo '{LEAK}' >&2").wait(60)


def test_a_leak_of_what_was_to_fail_is_seen(tmp_path):
    with lab.Lab(tmp_path) as world:
        with pytest.raises(lab.LabError, match="LeakSanitizer"):
            world.run("/bin/sh", "-c", f"echo '{LEAK}' >&2; exit 1", check=False)
        assert world.run("/bin/sh", "-c", "exit 1", check=False).returncode == 1


def test_who_does_not_end_is_killed_and_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "STOP_S", 0.1)
    with pytest.raises(lab.LabError, match="(?s)stubborn did not end.*thread .*comm python3"):
        with lab.Lab(tmp_path) as world:
            stubborn = start(world, "stubborn", sys.executable, "-c", IGNORES_SIGTERM)
            assert stubborn.stop() == -signal.SIGKILL


def test_control_who_ends_in_peace_is_not_complained_of(tmp_path):
    with lab.Lab(tmp_path) as world:
        start(world, "good", "/bin/sh", "-c", "echo '{}'; exec cat").wait(60)
