# SPDX-License-Identifier: Apache-2.0
"""First contact with an SNMPv3 fleet, part of it silent: all others are read, and a restart discovers none
of their engines again. tools/gate/first_contact.py measures the loop lag in tools/gate/prove, because
sanitizers and parallel tests distort it."""
from conftest import count
from first_contact import poll_twice


def test_each_engine_is_discovered_once(world):
    printers = count("CONTACT_PRINTERS")
    silent = printers // 4
    first, again = poll_twice(world, printers, silent, timeout="1s")
    for summary in (first, again):
        assert (summary["printers"], summary["complete"]) == (printers - silent, printers - silent)
        assert (summary["silent"], summary["absent"]) == (0, silent)
    assert first["probes"] >= printers
    assert again["probes"] <= silent
