# SPDX-License-Identifier: Apache-2.0
"""Small recordings in tests/readings/cases, written from public bug reports: what a printer returned there,
and the right reading. NAME.snmprec or NAME.ipp is the input, NAME.json the expected values:

about       one sentence: the fault of other programs that the case comes from
stderr      text that `platen read` must write to stderr (default: nothing)
expected    parts of `platen read --json`: an object must have these keys with these values, an empty text
            also fits a missing key; a list must have these items in this order. "meters" is a map of
            names (of a vendor's meter its label) to values; "firmware" is a map of names to versions.
absent      names that "meters" must not have
exact       whole sections: "meters" {name: [value, unit, [objects]]}, several objects of a sum; "supplies" {index:
            [type, colorant, percent or kind, object of the vendor or ""]}; "maintenance" {name: [percent, object]}
made_from   "a report", of a device, or "documentation": only from the vendor's documented objects"""
import json
import subprocess

import pytest

from conftest import BUILD, ROOT

CASES = ROOT / "tests/readings/cases"
pytestmark = pytest.mark.skipif(not (BUILD / "bin/platen").exists(), reason="no programs")


def inputs():
    return sorted(p for p in CASES.iterdir() if p.suffix in (".snmprec", ".snmpwalk", ".ipp"))


def read(path, *more):
    return subprocess.run([BUILD / "bin/platen", "read", "--json", "--recording", path, *more],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def simple(reading):
    """The reading with meters and firmware as maps."""
    reading["meters"] = {m.get("label") or m["name"]: m["value"] for m in reading["meters"]}
    identity = reading["identity"]
    identity["firmware"] = {f["name"]: f["version"] for f in identity["firmware"]}
    return reading


def differences(expected, found, where=""):
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from differences(value, found.get(key, ""), f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            yield f"{where}: {len(expected)} expected, {len(found)} found: {found}"
        for i, (a, b) in enumerate(zip(expected, found)):
            yield from differences(a, b, f"{where}[{i}]")
    elif expected != found:
        yield f"{where}: expected {expected!r}, found {found!r}"


@pytest.mark.parametrize("path", inputs(), ids=lambda p: p.name)
def test_case_is_read_correctly(path):
    case = json.loads(path.with_suffix(".json").read_text())
    got = read(path)
    assert got.returncode == 0, got.stderr
    assert (case["stderr"] in got.stderr) if "stderr" in case else not got.stderr, got.stderr
    found = simple(json.loads(got.stdout))
    wrong = list(differences(case["expected"], found))
    wrong += [f"meters: {m} found" for m in case.get("absent", []) if m in found["meters"]]
    assert not wrong, "\n".join(wrong)


def whole(reading):
    """The sections in the form of "exact"."""
    return {
        "meters": {m["name"]: [m["value"], m["unit"], m.get("sum_of", [m.get("oid", "")])]
                   for m in reading["meters"]},
        "supplies": {s["index"]: [s["type"], s.get("colorant", ""),
                                  s["level"].get("percent", s["level"]["kind"]), s.get("oid", "")]
                     for s in reading["supplies"]},
        "maintenance": {p["name"]: [p.get("percent"), p.get("oid", "")] for p in reading["maintenance"]}}


@pytest.mark.parametrize("path", inputs(), ids=lambda p: p.name)
def test_sections_of_a_case_are_exact(path):
    expected = json.loads(path.with_suffix(".json").read_text()).get("exact", {})
    found = whole(json.loads(read(path).stdout))
    assert {key: found[key] for key in expected} == expected


@pytest.mark.parametrize("path", [p for p in inputs() if p.suffix == ".snmprec"], ids=lambda p: p.name)
def test_sum_is_the_sum_of_its_parts(path):
    """A sum has its parts in place of an object, each once."""
    rows = dict(line.split("|", 2)[::2] for line in path.read_text().splitlines() if line.count("|") > 1)
    for meter in json.loads(read(path).stdout)["meters"]:
        assert ("oid" in meter) != ("sum_of" in meter), meter
        parts = meter.get("sum_of")
        if parts is not None:
            assert len(set(parts)) == len(parts) > 1
            assert meter["value"] == sum(int(rows[oid]) for oid in parts), meter


def test_damaged_line_is_refused_with_strict():
    path = CASES / "oki-damaged-lines.snmprec"
    got = read(path)
    assert got.returncode == 0
    assert [w.split(": ")[3] for w in got.stderr.splitlines()] == ["line 3", "line 5", "line 10"], got.stderr
    got = read(path, "--strict")
    assert got.returncode == 1 and not got.stdout
    assert got.stderr == f"platen: {path}: line 3: the value is not of its type\n"
    got = read(CASES / "ricoh-sp3600-serial-null.snmprec", "--strict")
    assert got.returncode == 0 and not got.stderr


def test_malformed_attribute_is_refused_with_strict():
    got = read(CASES / "brother-ipp-member-outside-collection.ipp", "--strict")
    assert got.returncode == 1 and not got.stdout and got.stderr


def test_long_table_keeps_meters_and_sums_of_scalars(tmp_path):
    """A Canon with more counters than a reading has space for: the group is partial, nothing wrong."""
    column = "1.3.6.1.4.1.1602.1.11.1.3.1"
    rows = dict(line.split("|", 1) for line in
                (CASES / "canon-color-by-size.snmprec").read_text().splitlines())
    for number in range(101, 401):
        rows.setdefault(f"{column}.2.{number}", f"4|Counter {number} of this device")
        rows.setdefault(f"{column}.4.{number}", "65|7")
    for number in (105, 108, 124, 125):  # of colour and black
        rows.pop(f"{column}.4.{number}")
    path = tmp_path / "long.snmprec"
    path.write_text("".join(f"{oid}|{value}\n" for oid, value in sorted(
        rows.items(), key=lambda row: [int(n) for n in row[0].split(".")])))
    reading = json.loads(read(path).stdout)
    meters = {m["name"]: m["value"] for m in reading["meters"]}
    assert {g["name"]: g["status"] for g in reading["groups"]}["meters"] == "partial"
    assert [meters.get(f"{job}impressions_{kind}") for job, kind in (
        ("", "total"), ("", "mono"), ("", "color"), ("print_", "total"))] == [61000, 40000, 21000, 50000]


def test_every_case_has_expected_values():
    names = {p.stem for p in inputs()}
    assert names and names == {p.stem for p in CASES.glob("*.json")}
