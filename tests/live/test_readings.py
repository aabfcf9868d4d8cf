# SPDX-License-Identifier: Apache-2.0
"""tools/gate/readings and tools/gate/identify with the recordings beside the repository, if they exist, and with
a test recording, which proves that errors are found."""
import json
import subprocess

import pytest

from conftest import BUILD, ROOT, count

PRINTERS = ROOT.parent / "shared" / "printers"
needs_recordings = pytest.mark.skipif(not (PRINTERS / "INDEX.tsv").exists(),
                                      reason="no recordings")
pytestmark = pytest.mark.skipif(not (BUILD / "bin/platen").exists(), reason="no programs")
INDEX = "file\tvendor\tmodel\n"
UNKNOWN = "recording\tfield\treason\n"
PEERS = "recording\tpeer\tfield\tpeer_says\tplaten_says\twho_is_right\twhy\n"
DEVICES = ("recording\tis_printer\tsysObjectID\tsysDescr\thas_printer_mib\t"
           "has_hrDevicePrinter\n")


def tool(name, *args):
    got = subprocess.run([ROOT / "tools/gate" / name, "--build", BUILD, *args], text=True,
                         stdin=subprocess.DEVNULL, capture_output=True, timeout=800, check=False)
    assert not got.stderr, got.stderr
    return got.returncode, got.stdout


@needs_recordings
def test_every_recording_is_read_correctly():
    code, text = tool("readings")
    assert code == 0, text


@needs_recordings
def test_printers_are_distinguished_from_others():
    code, text = tool("identify", "--max", str(count("NOT_PRINTERS")))
    assert code == 0, text


def test_missing_recordings_are_skipped(tmp_path):
    for name in ("readings", "identify"):
        code, text = tool(name, str(tmp_path))
        assert code == 0 and "skipped" in text


@pytest.fixture
def printer(tmp_path):
    """A test recording, with the values of another program and of the device's page."""
    (tmp_path / "recordings").mkdir()
    (tmp_path / "expected").mkdir()
    (tmp_path / "INDEX.tsv").write_text(INDEX + "own.snmprec\tLexmark\tXC9999\n")
    (tmp_path / "recordings/own.snmprec").write_text(
        "1.3.6.1.2.1.1.1.0|4|Lexmark XC9999 version AB.012.345 kernel 4.0 All-N-1\n"
        "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.641.1.1\n"
        "1.3.6.1.2.1.1.4.0|4|support@example.org\n"
        "1.3.6.1.2.1.43.5.1.1.17.1|4|7000AAA1\n"
        "1.3.6.1.2.1.43.10.2.1.4.1.1|65|1234\n"
        "1.3.6.1.2.1.43.11.1.1.6.1.1|4|Black Toner\n"
        "1.3.6.1.2.1.43.11.1.1.8.1.1|2|2000\n"
        "1.3.6.1.2.1.43.11.1.1.9.1.1|2|500\n")
    said = {"peers": {"other": {"serial": "7000AAA1", "page_counter": 1234, "supplies": [
        {"oid": ".1.3.6.1.2.1.43.11.1.1.9.1.1", "level_percent": 25, "type": "toner"}]}},
        "device_page": {"counters": [{"oid": "1.3.6.1.2.1.43.10.2.1.4.1.1", "value": 1234}],
                        "supplies": [{"prtMarkerSupplies_index": "1.1", "snmp_max": 2000,
                                      "snmp_level": 500, "level_percent_shown": 25}]}}

    def history(change=lambda said: None, unknown="", peers=""):
        change(said)
        (tmp_path / "expected/own.json").write_text(json.dumps(said))
        (tmp_path / "unknown.tsv").write_text(UNKNOWN + unknown)
        (tmp_path / "peers.tsv").write_text(PEERS + peers)
        return tool("readings", "--lists", str(tmp_path), str(tmp_path))

    history.index = tmp_path / "INDEX.tsv"
    return history


def test_correct_reading_has_no_errors(printer):
    code, text = printer()
    assert code == 0, text
    assert text.splitlines()[-1].split()[-1] == "0"


@pytest.mark.parametrize("change,field", [
    (lambda s: s["device_page"]["counters"][0].update(value=1235), "page 1.3.6.1"),
    (lambda s: s["device_page"]["supplies"][0].update(level_percent_shown=26), "page 1.1"),
    (lambda s: s["peers"]["other"].update(serial="7000AAA2"), "\tserial\t7000AAA2\t(serial)"),
    (lambda s: s["peers"]["other"].update(page_counter=9), "\tTOTAL\t9\t1234"),
    (lambda s: s["peers"]["other"]["supplies"][0].update(level_percent=50), "\tsupply 1.1\t50\t25"),
])
def test_difference_is_an_error_until_it_is_listed(printer, change, field):
    code, text = printer(change)
    assert code == 1 and field in text
    wrong = [line for line in text.splitlines() if "\t" in line]
    for line in wrong:
        code, text = printer(peers=line + "\tplaten\tfor the test\n")
        assert code == 0, text


def test_outdated_list_entry_is_an_error(printer):
    code, text = printer(unknown="own\tserial\tnot there\n")
    assert code == 1 and "unknown.tsv: no longer true: own serial" in text
    code, text = printer(peers="own\tother\tserial\tA\tB\tplaten\tfor the test\n")
    assert code == 1 and "peers.tsv: no longer true: own | other | serial" in text


@pytest.mark.parametrize("vendor,model,field", [
    ("Dell", "XC9999", "vendor"), ("Lexmark", "XC9998", "model")])
def test_other_vendor_or_model_is_an_error(printer, vendor, model, field):
    printer.index.write_text(INDEX + f"own.snmprec\t{vendor}\t{model}\n")
    code, text = printer()
    assert code == 1 and f"own: {field}: expected" in text


@pytest.mark.parametrize("row,reasons,code,words", [
    ("host.x\tn\t1.3.6.1.4.1.8072.3.2.10\tLinux host\t0\t1", "", 0, "wrong"),
    ("laser.x\ty\t1.3.6.1.4.1.641.1.1\tLexmark T640\t0\t0", "", 0, "wrong"),
    ("laser.x\tn\t1.3.6.1.4.1.641.1.1\tLexmark T640\t0\t0", "", 1, "laser: another device"),
    ("box.x\ty\t1.3.6.1.4.1.99999\tA box\t0\t0", "", 1, "box: a printer, not recognised"),
    ("box.x\ty\t1.3.6.1.4.1.99999\tA box\t1\t0", "box\tfor the test\n", 1, "no longer true: box"),
])
def test_wrong_identification_is_found(tmp_path, row, reasons, code, words):
    (tmp_path / "librenms_sysdescr_dev.tsv").write_text(DEVICES + row + "\n")
    (tmp_path / "identify.tsv").write_text("recording\treason\n" + reasons)
    got, text = tool("identify", "--lists", str(tmp_path), str(tmp_path))
    assert got == code and words in text, text
