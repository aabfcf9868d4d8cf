# SPDX-License-Identifier: Apache-2.0
"""cmake --install puts everything where the Filesystem Hierarchy Standard and systemd look for it, below
DESTDIR, and the systemd units pass systemd's own checks."""
import os
import re
import shutil
import subprocess

import pytest

from conftest import BUILD, ROOT

UNITS = ("platen", "platen-hub")
EXPOSURE_MAX = 2.0  # of `systemd-analyze security`, S29


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The folder below which everything was installed, and the list of files."""
    if not (BUILD / "installed").exists():
        pytest.skip(f"{BUILD} is not built")
    root = tmp_path_factory.mktemp("root")
    got = subprocess.run(["cmake", "--install", BUILD, "--prefix", "/usr"], text=True,
                         capture_output=True, env={**os.environ, "DESTDIR": str(root)})
    assert got.returncode == 0, got.stdout + got.stderr
    return root, {str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()}


def test_install_lists_every_file_in_its_place(installed):
    _, files = installed
    print("\n".join(sorted(files)))
    want = {"usr/bin/platen", "usr/bin/platen-sim", "usr/sbin/platen-hub",
            "usr/share/doc/platen/README.md", "usr/share/doc/platen/examples/platen.yaml",
            "usr/share/doc/platen/examples/hub.yaml", "usr/lib/systemd/system/platen.service",
            "usr/lib/systemd/system/platen-hub.service", "usr/lib/sysusers.d/platen.conf",
            "usr/lib/sysusers.d/platen-hub.conf", "usr/lib/tmpfiles.d/platen.conf"}
    want |= {f"usr/share/man/man{p.suffix[1:]}/{p.name}" for p in (ROOT / "docs/man").glob("*.[1-8]")}
    for program in ("platen", "platen-hub", "platen-sim"):
        want |= {f"usr/share/bash-completion/completions/{program}",
                 f"usr/share/zsh/site-functions/_{program}",
                 f"usr/share/fish/vendor_completions.d/{program}.fish"}
    assert want <= files, want - files
    assert all(f.startswith("usr/") for f in files), files


def test_installed_programs_run(installed):
    root, _ = installed
    for program in ("usr/bin/platen", "usr/sbin/platen-hub"):
        got = subprocess.run([root / program, "version"], capture_output=True, text=True)
        assert got.returncode == 0 and re.search(r"\d+\.\d+\.\d+", got.stdout), got


def test_sample_configurations_are_accepted(installed):
    root, _ = installed
    sample = root / "usr/share/doc/platen/examples/platen.yaml"
    got = subprocess.run([root / "usr/bin/platen", "check-config", "--config", sample],
                         capture_output=True, text=True)
    assert got.returncode == 0, got.stdout + got.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")
@pytest.mark.parametrize("unit", UNITS)
def test_unit_is_correct_and_confined(installed, tmp_path, unit):
    root, _ = installed
    text = (root / f"usr/lib/systemd/system/{unit}.service").read_text()
    # systemd-analyze wants the program to exist: the installed one does.
    text = re.sub(r"^ExecStart=\S+?/(bin|sbin)/", rf"ExecStart={root}/usr/\1/", text, flags=re.M)
    file = tmp_path / f"{unit}.service"

    def analyze(*words):
        got = subprocess.run(["systemd-analyze", *words], capture_output=True, text=True)
        return got.returncode, got.stdout + got.stderr

    file.write_text(text)
    code, said = analyze("verify", "--man=no", "--recursive-errors=no", file)
    assert code == 0 and not said.strip(), said
    code, said = analyze("security", "--offline=true", file)
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", said)
    assert exposure and float(exposure.group(1)) <= EXPOSURE_MAX, said
    # Positive controls: a misspelt key is named, a unit without its sandbox exceeds the bound.
    file.write_text(text.replace("NoNewPrivileges", "NoNewPrivilegs"))
    assert "NoNewPrivilegs" in analyze("verify", "--man=no", "--recursive-errors=no", file)[1]
    file.write_text(re.sub(r"^(Protect|Private|Restrict|SystemCall|Capability)\S*=.*\n", "", text,
                           flags=re.M))
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)",
                         analyze("security", "--offline=true", file)[1])
    assert float(exposure.group(1)) > EXPOSURE_MAX
