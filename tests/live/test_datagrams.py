# SPDX-License-Identifier: Apache-2.0
"""Datagrams per poll of a printer: the bounds of tools/gate/prove for bench/sweep, with few printers. Counts are
the same on any machine."""
import json
import subprocess

from conftest import BUILD

FIRST, LATER = 40, 25  # of a large colour printer, read for the first time and after


def test_poll_sends_no_more_requests_than_promised():
    ran = subprocess.run([BUILD / "bench/sweep", "--printers", "100", "--rounds", "1", "--latency", "1"],
                         capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(ran.stdout.strip().splitlines()[-1])
    assert (told["complete"], told["resent"]) == (100, 0)
    assert 0 < told["first_poll_datagrams"] <= FIRST
    assert 0 < told["learned_poll_datagrams"] <= LATER
