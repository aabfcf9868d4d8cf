# SPDX-License-Identifier: Apache-2.0
"""The lab itself: a program that leaks, hangs or logs invalid lines fails its test."""
import signal
import sys

import lab
import logfmt
import pytest

LEAK = "==1==ERROR: LeakSanitizer: detected memory leaks"
IGNORES_SIGTERM = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); " \
                  "print('{}', flush=True); signal.pause()"


def start(world, name, *argv):
    program = lab.Program(name, argv, world.dir / f"{name}.log", ready_on="stdout")
    world.programs.append(program)
    program.ready()
    return program


def test_leak_at_exit_fails_the_lab(tmp_path):
    with pytest.raises(lab.LabError, match="leaky: ERROR: LeakSanitizer"):
        with lab.Lab(tmp_path) as world:
            start(world, "leaky", "/bin/sh", "-c", f"echo '{{}}'; echo '{LEAK}' >&2").wait(60)


def test_leak_of_a_failing_program_fails_the_lab(tmp_path):
    with lab.Lab(tmp_path) as world:
        with pytest.raises(lab.LabError, match="LeakSanitizer"):
            world.run("/bin/sh", "-c", f"echo '{LEAK}' >&2; exit 1", check=False)
        assert world.run("/bin/sh", "-c", "exit 1", check=False).returncode == 1


def test_program_that_ignores_sigterm_is_killed_and_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(lab, "STOP_S", 0.1)
    with pytest.raises(lab.LabError, match="(?s)stubborn did not end.*thread .*comm python3"):
        with lab.Lab(tmp_path) as world:
            stubborn = start(world, "stubborn", sys.executable, "-c", IGNORES_SIGTERM)
            assert stubborn.stop() == -signal.SIGKILL


def test_program_that_ends_normally_passes(tmp_path):
    with lab.Lab(tmp_path) as world:
        start(world, "good", "/bin/sh", "-c", "echo '{}'; exec cat").wait(60)


@pytest.mark.parametrize("line, why", [
    ("level=info mod=a x=1 y=\"b c\" z=\"\\\"\\\\\\n\\x7f\" e=", None),
    ("level=info mod=a what is this", "not key=value"), ("level=info mod=a x=a=b", "not key=value"),
    ("level=info mod=a x=\"b", "not key=value"), ("level=info mod=a x=b\"c\"", "not key=value"),
    ("level=info mod=a x=1 x=2", "x twice"), ("level=info mod=a  x=1", "not key=value"),
    ("level=info x=1", "no mod"), ("level=info mod=a ", "blank"), ("level=info mod=a x=\x01", "not key")])
def test_invalid_log_lines_are_found(line, why):
    pairs, error = logfmt.parse("2026-11-30T14:00:00.000Z " + line)
    assert (error is None) if why is None else (pairs is None and why in error)


def test_books_of_a_hub_that_do_not_balance_are_found():
    head = "2026-11-30T14:00:00.000Z level=info mod=ingest batches=2 received=10 stored=7 duplicates=2 rejected="
    assert logfmt.errors(head + "1\n") == []
    assert "do not balance" in logfmt.errors(head + "0\n")[0]
