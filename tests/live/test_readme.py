# SPDX-License-Identifier: Apache-2.0
"""The programs accept the commands and the configuration of README.md (S100 in short)."""
import json
import re

import pytest

from conftest import ROOT

README = (ROOT / "README.md").read_text()


def test_readme_verbs_exist(world):
    said = set(re.findall(r"^(?:build/release/bin/|sudo -u \S+ )(platen(?:-hub)?) ((?:user add)|[a-z-]+)",
                          README, re.M))
    assert len(said) >= 12
    for program, verb in sorted(said):
        got = world.run(world.bin(program), "help", *verb.split())
        assert got.stdout.startswith(f"Usage: {program} {verb}"), got.stdout


def test_readme_reads_the_hub_as_its_user():
    """Its state directory has mode 0700: another user's verbs are refused."""
    lines = [line for line in README.splitlines() if "--config /etc/platen/hub.yaml" in line]
    assert len(lines) >= 4
    assert [line for line in lines if not line.startswith("sudo -u platen-hub platen-hub ")] == []


def test_readme_configuration_is_valid(world):
    text = re.search(r"```yaml\n(# platen.yaml\n.*?)```", README, re.S).group(1)
    world.file(world.dir / "secret", "a-secret\n")
    ca = world.certs() / "ca.pem"
    text = text.replace("/etc/platen/secret", str(world.dir / "secret"))
    for name in ("auth", "priv"):
        world.file(world.dir / name, "a long passphrase\n")
        text = text.replace(f"/etc/platen/{name}", str(world.dir / name))
    text = text.replace("/etc/platen/ca.pem", str(ca))
    config = world.file(world.dir / "platen.yaml", text)
    got = world.run(world.bin("platen"), "check-config", "--config", config, check=False)
    assert got.returncode == 0, got.stdout + got.stderr
    # Positive control: a misspelt key is reported with its line.
    config.write_text(text.replace("interval:", "intervall:"))
    got = world.run(world.bin("platen"), "check-config", "--config", config, check=False)
    assert got.returncode != 0
    assert re.search(r"platen\.yaml:\d+:\d+: ", got.stdout + got.stderr)


def test_readme_hub_receives_readings(world):
    """The two configurations as they stand, with the files that tools/certs makes; only the folder, the
    host, the port and the printers are those of this machine."""
    command = re.search(r"^tools/certs (\S+) hub\.example\.net +# (.*)$", README, re.M)
    etc = world.dir / command.group(1)
    world.run(ROOT / "tools/certs", etc, "localhost")
    for name in command.group(2).split(", "):
        assert (world.dir / name).exists(), name
    hub_yaml, yaml = re.findall(r"```yaml\n(# (?:hub|platen)\.yaml\n.*?)```", README, re.S)
    for text in hub_yaml, yaml:
        for name in re.findall(r"/etc/platen/([\w.]+\.(?:pem|key))", text):
            assert (etc / name).exists(), name
    assert "address: 0.0.0.0" in hub_yaml  # a collector on another host can reach it
    hub_yaml = hub_yaml.replace("/etc/platen", str(etc)).replace("0.0.0.0", "127.0.0.1")
    hub_yaml = hub_yaml.replace("/var/lib/platen-hub", str(world.dir / "hub-state"))
    config = world.file(world.dir / "hub.yaml", hub_yaml.replace("8443", "0"))
    world.run(world.bin("platen-hub"), "check-config", "--config", config)
    hub, sim = world.hub(config), world.sim(3)
    world.file(etc / "secret", world.add_agent(config, "site-lyon") + "\n")
    for name in ("auth", "priv"):
        world.file(etc / name, "a long passphrase\n")
    yaml = yaml.replace("/etc/platen", str(etc)).replace("/var/lib/platen", str(world.dir / "state"))
    yaml = yaml.replace("hub.example.net:8443", f"localhost:{hub.port}")
    targets = f"  targets:\n    - range: {sim.address(0)}-{sim.last}\n      port: {sim.info['port']}\n"
    yaml = re.sub(r"  targets:\n(?:    .*\n)+", targets, yaml)
    world.run(world.bin("platen"), "once", "--config", world.file(world.dir / "platen.yaml", yaml))
    got = world.run(world.bin("platen-hub"), "report", "--config", config)
    for number in range(3):
        assert sim.command(cmd="info", printer=number)["serial"] in got.stdout


@pytest.mark.parametrize("options", [[], ["--json"], ["--version", "1"]])
def test_readme_first_commands_work(world, options):
    sim = world.sim(3)
    got = world.run(world.bin("platen"), "poll", "--port", sim.info["port"], *options,
                    sim.address(1))
    serial = sim.command(cmd="info", printer=1)["serial"]
    assert serial in got.stdout
    if "--json" in options:
        assert json.loads(got.stdout)["identity"]["serial"] == serial
    stats = sim.command(cmd="stats")
    assert stats["set"] == 0 and stats["get"] > 0
