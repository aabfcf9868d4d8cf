# SPDX-License-Identifier: Apache-2.0
"""fips: on refuses algorithms that are not approved, by name and line, and reports a missing or broken
provider; readings are then signed with P-256 (S28, R26)."""
import os
import shutil
import subprocess

import pytest

from conftest import ROOT

GOOD = "fips: on\nsnmp:\n  credentials:\n    - {name: lab, version: 3, user: lab, auth: sha256, " \
       "auth_password_file: auth, priv: aes128, priv_password_file: priv}\n"


def prepare(world):
    world.file(world.dir / "auth", "maplesyrup\n")
    world.file(world.dir / "priv", "pancakes1\n")


def check(world, text, env=None):
    config = world.file(world.dir / "platen.yaml", f"state_dir: {world.dir}/state\n{text}")
    return world.run(world.bin("platen"), "check-config", "--config", config, check=False,
                     env=None if env is None else {**os.environ, **env})


@pytest.mark.parametrize("text,line,who", [
    ("fips: on\ndevices:\n  targets:\n    - {range: 127.1.0.1}\n", 5, 'target "127.1.0.1"'),
    ("fips: on\ndevices:\n  targets:\n    - {range: 127.1.0.1, version: 1}\n", 5,
     'target "127.1.0.1"'),
    ("fips: on\nsnmp:\n  credentials:\n    - {name: old, community: x}\n", 5, 'credential "old"'),
    (GOOD + "    - {name: five, version: 3, user: u, auth: md5, auth_password_file: auth}\n", 6,
     'credential "five"'),
    (GOOD + "    - {name: d, version: 3, user: u, auth: sha1, auth_password_file: auth, "
     "priv: des, priv_password_file: priv}\n", 6, 'credential "d"'),
    (GOOD + "    - {name: open, version: 3, user: u}\n", 6, 'credential "open"'),
])
def test_unapproved_algorithm_is_refused_by_name(world, text, line, who):
    prepare(world)
    got = check(world, text)
    assert got.returncode == 78
    assert f"platen.yaml:{line}:7: \"fips: on\" refuses {who}: " in got.stderr
    assert len(got.stderr.splitlines()) == 1
    # The same file is valid without the policy.
    assert check(world, text.replace("fips: on", "fips: off")).returncode == 0


def test_unapproved_csv_row_is_refused_by_line(world):
    prepare(world)
    world.file(world.dir / "printers.csv", "address,credential,community\n127.1.0.1,lab,\n127.1.0.2,,x\n")
    got = check(world, GOOD + "devices:\n  targets:\n    - {csv: printers.csv, credential: lab}\n")
    assert got.returncode == 78
    assert "printers.csv:3: \"fips: on\" refuses this row: SNMPv1 and SNMPv2c" in got.stderr


def test_missing_fips_provider_is_reported(world):
    prepare(world)
    empty = world.dir / "modules"
    empty.mkdir()
    got = check(world, GOOD, env={"OPENSSL_MODULES": str(empty)})
    assert got.returncode == 0, got.stderr
    assert 'warning: credential "lab" has a passphrase of less than 16 bytes' in got.stderr
    assert "no FIPS provider is installed" in got.stdout
    assert "not a validated module" in got.stdout
    assert "FIPS" not in check(world, GOOD.replace("fips: on", "fips: off")).stdout


def test_broken_fips_provider_prevents_start(world):
    """With a provider file that is not a module, check-config and the agent fail."""
    prepare(world)
    dummy = world.dir / "modules"
    dummy.mkdir()
    world.file(dummy / "fips.so", "not a shared object\n", mode=0o755)
    env = {"OPENSSL_MODULES": str(dummy)}
    got = check(world, GOOD, env=env)
    assert got.returncode == 78
    assert f"{dummy}/fips.so" in got.stderr and "does not load" in got.stderr
    config = world.dir / "platen.yaml"
    got = world.run(world.bin("platen"), "once", "--config", config, check=False,
                    env={**os.environ, **env})
    assert got.returncode != 0
    assert "provider=broken" in got.stderr
    assert not (world.dir / "state" / "store.db").exists()


def test_readings_are_signed_with_p256(world, hub):
    prepare(world)
    config = world.agent_config(targets="    - range: 127.1.0.1\n      credential: lab\n"
                                "      ipp: off\n", hub_port=hub.port, secret=hub.secret,
                                extra=GOOD.replace("credentials:", "timeout: 100ms\n  credentials:"))
    code, summary, _ = world.once(config)
    log = (world.dir / f"{config.stem}.log").read_text()
    assert (code, summary["printers"], summary["silent"]) == (0, 1, 1), log
    key = world.dir / f"{config.stem}-state" / "agent.key"
    shown = subprocess.run(["openssl", "pkey", "-in", key, "-noout", "-text"], check=True,
                           capture_output=True, text=True).stdout
    assert "prime256v1" in shown
    assert "mod=fips provider=none" in log
    # An existing key is not replaced, because the hub knows it.
    shutil.copyfile(key, world.dir / "p256.key")
    key.unlink()
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True,
                   capture_output=True)
    key.chmod(0o600)
    assert world.once(config)[0] != 0
    log = (world.dir / f"{config.stem}.log").read_text()
    assert "Ed25519, which fips: on does not take" in log
    # A P-256 key remains in use without the policy.
    shutil.copyfile(world.dir / "p256.key", key)
    key.chmod(0o600)
    config.write_text(config.read_text().replace("fips: on", "fips: off"))
    assert world.once(config)[0] == 0


def test_printer_is_read_with_approved_algorithms(world, hub):
    prepare(world)
    sim = world.sim(3, "--v3", "lab:sha256:maplesyrup:aes128:pancakes1", "--only-v3", "all")
    targets = f"    - range: {sim.info['first']}-{sim.last}\n      port: {sim.info['port']}\n" \
              "      ipp: off\n      credential: lab\n"
    config = world.agent_config(targets=targets, hub_port=hub.port, secret=hub.secret, extra=GOOD)
    code, summary, _ = world.once(config)
    assert (code, summary["complete"]) == (0, 3), (world.dir / f"{config.stem}.log").read_text()
    assert len(world.devices(hub.config)) == 3
    # The verbs apply the policy to their options too.
    where = [sim.address(0), "--port", sim.info["port"], "--config", config]
    got = world.run(world.bin("platen"), "snmp-test", *where, check=False)
    assert got.returncode == 0 and "works: SNMPv3 by credential lab" in got.stdout
    got = world.run(world.bin("platen"), "poll", *where, "--community", "public", check=False)
    assert got.returncode == 78 and '"fips: on" refuses it: SNMPv1 and SNMPv2c' in got.stderr
    got = world.run(world.bin("platen"), "poll", *where, "--user", "lab", check=False)
    assert got.returncode == 78 and "does not authenticate" in got.stderr
    got = world.run(world.bin("platen"), "discover", "127.1.0.1", "--config", config,
                    "--community", "x", check=False)
    assert got.returncode == 2 and "refuses communities" in got.stderr


def test_documentation_claims_no_validation(world):
    text = (ROOT / "docs/configuration.md").read_text()
    assert "approved algorithms only; bring the validated module" in text
    assert "FIPS 140-3 validated" not in text
