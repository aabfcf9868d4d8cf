# SPDX-License-Identifier: Apache-2.0
"""First contact with a fleet that speaks SNMPv3 only, some of it silent: all others are read, and a
restart probes none of them again. How long the loop is held up is measured by
tools/gate/first_contact.py in tools/gate/prove, not under sanitizers and in company."""
from conftest import count
from first_contact import poll_twice


def test_each_engine_is_discovered_once(world):
    printers = count("CONTACT_PRINTERS")
    silent = printers // 4
    first, again = poll_twice(world, printers, silent, timeout="1s")
    for summary in (first, again):
        assert (summary["printers"], summary["complete"]) == (printers, printers - silent)
        assert summary["silent"] == silent
    assert first["probes"] >= printers
    assert again["probes"] <= silent
