# SPDX-License-Identifier: Apache-2.0
"""platen-sim's truth blocks, its counts of requests for sub-trees that must not be read, and SNMP
contexts."""
import subprocess

import pytest
from test_sim import BIN, pytestmark, sim  # noqa: F401

ROOT = "1.3.6.1.4.1.9"
PROFILE = f"""profile mine
serial "S###"
oui 020304
rate print_mono 1.00
let total = print_mono + 5
event jam every 2
{ROOT}.4.0 counter =total
when jam {ROOT}.4.1 integer 1
{ROOT}.5.1.0 string "Planted"
{ROOT}.5.2.0 integer =total
{ROOT}.6.0 integer 2
never {ROOT}.5
context Jet
{ROOT}.7.0 string "in a context"
{ROOT}.8.0 counter =total
context
{ROOT}.9.0 integer 3
truth meters name, unit, value, oid
total | sheets | =total | "{ROOT}.4.0"
"a | b" | "" | 7 | -
end
truth alerts index, code, text
when jam | "1.1" | pick 8 if jam / 3 | "{{serial}} is jammed"
end
truth state word
pick "jammed" if jam / "at rest"
end
"""


@pytest.fixture
def mine(sim, tmp_path):  # noqa: F811
    path = tmp_path / "mine.profile"
    path.write_text(PROFILE)

    def make(*options):
        return sim("--printers", 3, "--profile-file", path, *options)

    return make


def test_facts_follow_the_printers_state(mine):
    start = 1700000000000
    s = mine("--epoch-ms", start, "--job-interval", "1s")
    window = [start, start + 10000]
    got = s("facts", printer=2, windows={"meters": window, "alerts": window, "state": window,
                                         "others": window})
    assert got["known"] and got["profile"] == "mine" and got["has"] == ["meters", "alerts", "state"]
    spans = got["sections"]
    assert [len(v) for v in spans.values()] == [len(spans["meters"])] * 4
    assert spans["meters"][0]["from_ms"] == start
    assert spans["meters"][-1]["until_ms"] == start + 10000
    totals = []
    for meters, alerts, state in zip(spans["meters"], spans["alerts"], spans["state"]):
        total, other = meters["facts"]
        assert total == {"name": "total", "unit": "sheets", "value": total["value"],
                         "oid": f"{ROOT}.4.0"}
        assert other == {"name": "a | b", "unit": "", "value": 7}
        at = (meters["from_ms"] + meters["until_ms"]) // 2
        assert s("truth", printer=2, oid=f"{ROOT}.4.0", at_ms=at)["value"] == total["value"]
        jam = s("truth", printer=2, oid=f"{ROOT}.4.1", at_ms=at)["type"] != "absent"
        assert alerts["facts"] == ([{"index": "1.1", "code": 8, "text": "S002 is jammed"}]
                                   if jam else [])
        assert state["facts"] == [{"word": "jammed" if jam else "at rest"}]
        totals.append(total["value"])
    assert totals == sorted(totals) and len(set(totals)) > 5
    assert 3 <= sum(bool(a["facts"]) for a in spans["alerts"]) <= 7
    assert all(v["facts"] == [] for v in spans["others"])
    # Once a value was set, the truth blocks no longer apply.
    now = s("set", printer=2, oid=f"{ROOT}.6.0", type="integer", value=9)["at_ms"]
    assert s("facts", printer=2, windows={"meters": window})["known"]
    assert not s("facts", printer=2, windows={"meters": [now, now]})["known"]
    for bad in ({}, {"windows": {"meters": [2, 1]}}, {"windows": {"meters": [0, now]}}):
        assert "window" in s.try_("facts", printer=2, **bad)["error"]


def test_requests_for_never_subtrees_are_counted(mine):
    s = mine("--job-interval", 0)

    def counts(tool, *oids, more=()):
        before = s("stats")
        assert s.tool(tool, 0, *oids, more=more).returncode == 0
        after = s("stats")
        return tuple(after[k] - before[k] for k in ("never_requested", "never_overrun"))

    for _ in range(2):  # the second time from the cached plan
        assert counts("snmpget", f"{ROOT}.4.0", f"{ROOT}.6.0") == (0, 0)
        assert counts("snmpgetnext", f"{ROOT}.4.0") == (0, 1)
        assert counts("snmpbulkget", f"{ROOT}.4", more=("-Cr10",)) == (0, 2)
        assert counts("snmpget", f"{ROOT}.5.1.0") == (1, 0)
        assert counts("snmpget", f"{ROOT}.5.1.0", f"{ROOT}.5.2.0", f"{ROOT}.6.0") == (2, 0)
        assert counts("snmpgetnext", f"{ROOT}.5") == (1, 0)
        assert counts("snmpgetnext", f"{ROOT}.50") == (0, 0)
        # A walk enters the sub-tree with one response and continues from there.
        assert counts("snmpwalk", ROOT) == (2, 1)
    assert s.end()["never_requested"] == 12


def test_context_has_its_own_rows(mine):
    s = mine("--job-interval", 0)
    name = f"{ROOT}.7.0"
    assert s.truth(1, name) == "in a context"
    for version in ("1", "2c"):
        out = s.tool("snmpget", 1, name, community="public@Jet", version=version, more=("-Oqv",))
        assert out.stdout.strip() == '"in a context"'
        out = s.tool("snmpwalk", 1, ROOT, community="public@Jet", version=version, more=("-Oqn",))
        # net-snmp ends with the last name again and "no more variables".
        assert {line.split()[0] for line in out.stdout.splitlines()
                if line.startswith(f".{ROOT}.")} == {f".{ROOT}.7.0", f".{ROOT}.8.0"}
        out = s.tool("snmpwalk", 1, ROOT, version=version, more=("-Oqn",)).stdout
        assert ".7.0" not in out and f"{ROOT}.9.0" in out
    before = s("stats")
    for community in ("public@", "public@Je", "public@Jett", "publicJet", "publi@Jet"):
        assert s.tool("snmpget", 1, name, community=community, more=("-t0.2",)).returncode != 0
    after = s.end()
    assert after["wrong_community"] - before["wrong_community"] == 5
    assert before["in_context"] >= 6


@pytest.mark.parametrize("lines, word", [
    ("truth meters", "column"), ("truth meters a\n1 | 2\nend", "too many cells"),
    ("truth meters a, b\n1\nend", "2 cells"), ("truth meters a\n=undefined\nend", "undefined"),
    ("truth meters a\nwhen never | 1\nend", "never"), ("truth a b\n\"open\nend", "quotes"),
    ("truth meters a\n" + "x" * 40 + "\nend", "quotes"), ("never x", "not an object identifier"),
    ("never 1.3.6.1.9\n" * 40, "too many"), ("context a\ncontext\ncontext b", "one context"),
    ("truth m " + ", ".join("abcdefghijklmnopqrstuvwxyz"), "too many columns"),
    ("truth m a\nend\n" * 40, "too many truth")])
def test_invalid_profile_lines_are_named(tmp_path, lines, word):
    path = tmp_path / "x.profile"
    path.write_text(f"profile x\n1.3.6.1.1.0 integer 1\n{lines}\n")
    out = subprocess.run([BIN / "platen-sim", "--profile-file", path], capture_output=True,
                         text=True, timeout=30)
    assert out.returncode == 1 and word in out.stderr and "line " in out.stderr, out.stderr
