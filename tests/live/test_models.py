# SPDX-License-Identifier: Apache-2.0
"""Device knowledge is data: what `platen models` lists, and model files of a folder that are read at
start, without a rebuild, by every verb that reads printers (S94)."""
import json
import subprocess

import pytest

from conftest import BUILD, ROOT

ACME = "1.3.6.1.4.1.99999"
PRT = "1.3.6.1.2.1.43"
# A vendor that no built-in file knows, with counters and a list of users in its own sub-tree.
ROWS = [
    ("1.3.6.1.2.1.1.1.0", "4", "Acme Jet 5; firmware 1"),
    ("1.3.6.1.2.1.1.2.0", "6", f"{ACME}.1"),
    ("1.3.6.1.2.1.25.3.2.1.2.1", "6", "1.3.6.1.2.1.25.3.1.5"),
    ("1.3.6.1.2.1.25.3.2.1.3.1", "4", "Acme Jet 5"),
    (f"{PRT}.5.1.1.17.1", "4", "TST000777"),
    (f"{PRT}.10.2.1.3.1.1", "2", "7"),
    (f"{PRT}.10.2.1.4.1.1", "65", "4711"),
    (f"{ACME}.4.1.0", "65", "4700"),
    (f"{ACME}.4.2.1.2.1", "4", "Colour sides"),
    (f"{ACME}.4.2.1.2.2", "4", "Blank sides"),
    (f"{ACME}.4.2.1.3.1", "65", "1200"),
    (f"{ACME}.4.2.1.3.2", "65", "17"),
    (f"{ACME}.9.1.0", "4", "jane.roe: payroll.pdf"),
    (f"{ACME}.10.1.0", "4", "Finisher 2"),
]
MODEL = f"""
family: acme
root: {ACME}
vendors:
  - {{vendor: Acme, words: [acme], objects: [.1]}}
never: [.9]
get:
  - {{oid: .4.1.0, to: meter, meter: impressions_total, unit: impressions}}
tables:
  - rows: meters
    entry: .4.2.1
    columns: {{label: 2, value: 3}}
    unknown: keep
    targets:
      - {{match: colour sides, to: meter, meter: impressions_color, unit: impressions}}
lines:
  - {{name: Jet 5, evidence: none, note: a printer of this test}}
"""


@pytest.fixture
def folder(world):
    path = world.dir / "models"
    path.mkdir(mode=0o755)
    (path / "acme.yaml").write_text(MODEL)
    return path


@pytest.fixture
def recording(world):
    file = world.dir / "acme.snmprec"
    rows = sorted(ROWS, key=lambda row: [int(n) for n in row[0].split(".")])
    file.write_text("".join("|".join(row) + "\n" for row in rows))
    return file


def platen(world, *argv):
    return world.run(world.bin("platen"), *argv, check=False)


def families(world, *argv):
    got = platen(world, "models", "--json", *argv)
    assert got.returncode == 0, got.stderr
    return {one["family"]: one for one in json.loads(got.stdout)["families"]}


def own_meters(device):
    return {meter["name"]: meter["value"] for meter in device["meters"]
            if meter["oid"].startswith(ACME)}


def test_text_and_json_list_the_same_models(world):
    known = families(world)
    assert {"xerox", "hp", "lexmark", "ricoh", "canon", "brother", "kyocera", "konica", "epson",
            "sharp", "oki", "samsung", "toshiba", "zebra", "dell", "fuji", "pantum"} <= set(known)
    assert "TSC" in known["others"]["vendors"]
    words = platen(world, "models")
    assert words.returncode == 0 and words.stderr == ""
    for name, one in known.items():
        assert f"{name}: {', '.join(one['vendors'])}\n" in words.stdout
        assert one["models"], name
        counts = [f"{n} {what}{'' if n == 1 else 's'}" for n, what in (
            (one["evidence"]["recordings"], "recording"), (one["evidence"]["cases"], "case"),
            (one["evidence"]["documents"], "vendor document")) if n > 0]
        assert f"{name}: {', '.join(one['vendors'])}\n  evidence: {', '.join(counts) or 'none'}\n" \
            in words.stdout
        for model in one["models"]:
            assert model["evidence"] in ("recording", "case", "mib", "none")
            row = [line for line in words.stdout.splitlines()
                   if line.split(None, 1)[0] == model["evidence"] and model["name"] in line]
            assert row and all(model["note"] in line for line in row[:1]), model


def test_evidence_counts_what_the_folders_hold():
    """tools/gate/evidence: every family has a recording or a case, and the counts are true."""
    got = subprocess.run([ROOT / "tools/gate/evidence", "--check", "--build", BUILD],
                         capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    assert got.returncode == 0, got.stdout + got.stderr


def test_folder_adds_and_replaces_a_family(world, folder):
    before = families(world)
    (folder / "ours.yaml").write_text(
        "family: lexmark\nvendors: [{vendor: Lexmark, words: [lexmark]}]\n"
        "lines: [{name: Everything, evidence: none}]\n")
    (folder / ".hidden.yaml").write_text("no: model\n")
    (folder / "README.txt").write_text("no model\n")
    after = families(world, "--models", folder)
    # Its engines under the names of others came of the same file, and are gone with it.
    gone = {name for name in before if name.startswith("lexmark@")}
    assert gone and set(after) == set(before) - gone | {"acme"}
    assert after["acme"] == {"family": "acme", "file": "acme.yaml", "vendors": ["Acme"],
                             "evidence": {"recordings": 0, "cases": 0, "documents": 0},
                             "models": [{"name": "Jet 5", "evidence": "none",
                                         "note": "a printer of this test"}]}
    assert after["lexmark"]["file"] == "ours.yaml"
    assert [m["name"] for m in after["lexmark"]["models"]] == ["Everything"]


def test_new_vendor_is_read_without_a_rebuild(world, folder, recording):
    plain = json.loads(platen(world, "read", "-r", recording, "--json").stdout)
    assert plain["identity"]["vendor"] == "" and own_meters(plain) == {}
    got = platen(world, "read", "-r", recording, "--json", "--models", folder)
    assert got.returncode == 0, got.stderr
    read = json.loads(got.stdout)
    assert read["identity"]["vendor"] == "Acme" and read["identity"]["model"] == "Jet 5"
    expected = {"impressions_total": 4700, "impressions_color": 1200, "vendor:Blank sides": 17}
    assert own_meters(read) == expected

    # Live: poll by the option, once by the option and by the configuration.
    sim = world.sim(1, "--recording", recording, "--job-interval", "0")
    at = ("--port", sim.info["port"], sim.info["first"])
    polled = json.loads(platen(world, "poll", "--json", "--models", folder, *at).stdout)
    assert own_meters(polled) == expected
    assert own_meters(json.loads(platen(world, "poll", "--json", *at).stdout)) == {}
    for extra, options, meters in [("", (), {}), ("", ("--models", folder), expected),
                                   ("  models: models\n", (), expected)]:
        config = world.agent_config(sim, devices_extra=extra)
        got = platen(world, "once", "--config", config, *options)
        assert got.returncode == 0 and "1 complete" in got.stdout, got.stderr
        kept = platen(world, "report", "--format", "json", "--config", config)
        assert own_meters(json.loads(kept.stdout)["devices"][0]) == meters


def test_record_follows_the_model_file(world, folder, recording):
    # This family also asks for everything under .10, where .10.5 is closed.
    (folder / "more.yaml").write_text(
        f"family: more\nroot: {ACME}\nnever: [.10.5]\n"
        "tables: [{rows: options, entry: .10, columns: {label: 1}}]\n"
        "get: [{oid: .10.6.0, to: option, label: b}, {oid: .10.4.0, to: option, label: a}]\n")
    with recording.open("a") as file:
        file.write(f"{ACME}.10.4.0|4|before\n{ACME}.10.5.0|4|list of users\n"
                   f"{ACME}.10.6.0|4|behind\n{ACME}.10.7.0|4|never asked\n")
    sim = world.sim(1, "--recording", recording, "--job-interval", "0")
    at = ("--port", sim.info["port"], sim.info["first"])
    names = []
    for number, options in enumerate([(), ("--models", folder)]):
        file = world.dir / f"again{number}.snmprec"
        got = platen(world, "record", *options, "--output", file, *at)
        assert got.returncode == 0, got.stderr
        names.append([line.split("|")[0] for line in file.read_text().splitlines()])
    own = {oid for oid, _, _ in ROWS if oid.startswith(ACME)} - {f"{ACME}.9.1.0"}
    # Without the files, no object of this vendor is requested.
    assert not any(name.startswith(ACME) for name in names[0])
    assert set(names[1]) - set(names[0]) == own | {f"{ACME}.10.4.0", f"{ACME}.10.6.0"}
    assert names[1] == sorted(set(names[1]), key=lambda oid: [int(n) for n in oid.split(".")])
    # And so it reads the same from the recording.
    polled, read = (json.loads(platen(world, *verb, "--json", "--models", folder).stdout)
                    for verb in (("poll", *at), ("read", "-r", world.dir / "again1.snmprec")))
    assert polled["meters"] == read["meters"] and len(own_meters(read)) == 3
    assert polled["identity"]["vendor"] == read["identity"]["vendor"] == "Acme"


MISTAKES = [
    ("family: bad\nroots: 1.3\n", ':2:1: unknown key "roots"; did you mean "root"?'),
    ("family: bad\nget:\n  - {oid: 1.3.6.1.4.1.99999.9.7.0, to: model}\n", None),
    ("", ": is empty"),
]


@pytest.mark.parametrize("text, said", MISTAKES)
def test_mistake_is_one_line_and_prevents_the_start(world, folder, recording, text, said):
    (folder / "bad.yaml").write_text(text)
    whole = f"{folder}/bad.yaml{said}\n" if said is not None else \
        f"{folder}: bad.yaml: family bad requests {ACME}.9.7.0 in an excluded sub-tree\n"
    out = world.dir / "out.snmprec"
    for verb in (("models",), ("read", "-r", recording), ("poll", "127.0.0.1"),
                 ("record", "-o", out, "127.0.0.1")):
        got = platen(world, *verb, "--models", folder)
        assert (got.returncode, got.stdout, got.stderr) == (78, "", "platen: " + whole), verb
    assert not out.exists()
    config = world.agent_config(targets="    - range: 127.0.0.1\n",
                                devices_extra=f"  models: {folder}\n")
    checked = platen(world, "check-config", "--config", config)
    assert (checked.returncode, checked.stdout, checked.stderr) == (78, "", whole)
    for verb in ("once", "run"):
        got = platen(world, verb, "--config", config)
        assert got.returncode == 78
        assert whole.strip() in got.stderr.replace('\\"', '"'), got.stderr


def test_folder_writable_by_others_is_refused(world, folder):
    def refused(*said):
        got = platen(world, "models", "--models", folder)
        assert got.returncode == 78 and got.stdout == ""
        assert all(word in got.stderr for word in said), got.stderr
        assert got.stderr.count("\n") == 1

    (folder / "acme.yaml").chmod(0o664)
    refused(f"{folder}/acme.yaml", "has mode 0664", "chmod go-w")
    (folder / "acme.yaml").chmod(0o444)
    assert "acme" in families(world, "--models", folder)
    folder.chmod(0o777)
    refused(str(folder), "has mode 0777", "chmod go-w")
    folder.chmod(0o755)
    (folder / "sub.yaml").mkdir()
    refused("sub.yaml is not a regular file")
    (folder / "sub.yaml").rmdir()
    folder = folder / "acme.yaml"
    refused("acme.yaml is not a folder")
    folder = folder.parent / "nowhere"
    refused("nowhere cannot be read: No such file")


def test_number_of_files_is_limited(world, folder):
    (folder / "large.yaml").write_bytes(b"#" * (256 << 10) + b"\n")
    got = platen(world, "models", "--models", folder)
    assert got.returncode == 78
    assert got.stderr == f"platen: {folder}/large.yaml: larger than a model file may be (256 KiB)\n"
    (folder / "large.yaml").unlink()
    for number in range(64):
        (folder / f"n{number}.yaml").write_text("family: many\n")
    got = platen(world, "models", "--models", folder)
    assert got.returncode == 78
    assert got.stderr == f"platen: {folder}: holds more than 64 files\n"


def test_ipp_uses_the_same_vendor_files(world, folder):
    def attribute(tag, name, value):
        return bytes([tag]) + len(name).to_bytes(2, "big") + name + \
            len(value).to_bytes(2, "big") + value

    answer = world.dir / "acme.ipp"
    answer.write_bytes(b"\x02\x00\x00\x00\x00\x00\x00\x01\x01"
                       + attribute(0x47, b"attributes-charset", b"utf-8")
                       + attribute(0x48, b"attributes-natural-language", b"en") + b"\x04"
                       + attribute(0x41, b"printer-make-and-model", b"ACME Jet 5") + b"\x03")

    def named(*options):
        got = platen(world, "read", "-r", answer, "--json", *options)
        assert got.returncode == 0, got.stderr
        identity = json.loads(got.stdout)["identity"]
        return identity["vendor"], identity["model"]

    assert named() == ("", "ACME Jet 5")
    assert named("--models", folder) == ("Acme", "Jet 5")
