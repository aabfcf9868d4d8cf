# SPDX-License-Identifier: Apache-2.0
"""The demonstration of deploy/compose.yaml without containers: its setup, its configurations, one cycle."""
import os
import subprocess

from conftest import ROOT

DEMO = ROOT / "deploy/compose"
PRINTERS = 5


def rewritten(world, name, changes):
    """A copy of one of the demonstration's files; each old text must be in it."""
    text = (DEMO / name).read_text()
    for old, new in changes.items():
        assert old in text, (name, old)
        text = text.replace(old, new)
    return world.file(world.dir / name, text)


def test_compose_demonstration_brings_every_printer_to_the_hub(world):
    state = world.dir / "demo"
    state.mkdir(mode=0o700)
    config = rewritten(world, "hub.yaml", {"/var/lib/platen": str(state), "0.0.0.0": "127.0.0.1",
                                           "8443": "0"})
    env = {**os.environ, "PATH": f"{world.build}/bin:{os.environ['PATH']}",
           "PLATEN_DEMO_STATE": str(state), "PLATEN_DEMO_CONFIG": str(config),
           "PLATEN_DEMO_CERTS": str(ROOT / "tools/certs"), "PLATEN_DEMO_HUB": "localhost"}
    for _ in range(2):  # the second run changes nothing
        got = subprocess.run([DEMO / "setup"], env=env, capture_output=True, text=True)
        assert got.returncode == 0, got.stdout + got.stderr
    assert (state / "secret").stat().st_mode & 0o777 == 0o600
    hub = world.hub(config)
    sim = world.sim(PRINTERS)
    assert sim.address(0) == "127.1.0.1"
    agent = rewritten(world, "platen.yaml", {
        "/var/lib/platen": str(state), "https://hub:8443": f"https://localhost:{hub.port}",
        "16100": str(sim.info["port"]), "127.1.0.200": sim.last})
    world.run(world.bin("platen"), "once", "--config", agent)
    assert len(world.devices(config)) == PRINTERS
